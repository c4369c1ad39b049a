// The proxy of a configuration, and which hosts it is not for: read in JavaScript, compared in the core.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { configure } from '../../lib/core/options.js'
import proxies from '../../lib/core/proxies.js'
import native from '../../lib/native.js'

const PROXY = 'http://proxy.example:8080'
const ids = { tenantId: crypto.randomUUID(), clientId: crypto.randomUUID() }

/** Whether the core fetches a URL directly, with this NO_PROXY. */
function isDirect(list, url) {
  const { url: proxy, noProxy } = proxies.proxySettings(undefined, { HTTPS_PROXY: PROXY, NO_PROXY: list })
  return !native.usesProxy(JSON.stringify({ ...ids, proxy }), noProxy, url)
}

test('NO_PROXY: domains, addresses, networks, ports and all', (t) => {
  for (const [list, url, direct] of [
    ['', 'https://corp.example', false],
    ['*', 'https://corp.example', true],
    ['*', 'https://10.0.0.1', true],
    ['other.example, *', 'https://[::1]', true],
    ['corp.example', 'https://corp.example', true],
    ['CORP.example', 'https://corp.EXAMPLE', true],
    ['corp.example', 'https://keys.corp.example', true],
    ['.corp.example', 'https://keys.corp.example', true],
    ['.corp.example', 'https://corp.example', true],
    ['*.corp.example', 'https://keys.corp.example', true],
    ['*.corp.example', 'https://a.keys.corp.example', true],
    ['*.corp.example', 'https://corp.example', false],
    ['*.corp.example', 'https://notcorp.example', false],
    ['corp.example.', 'https://keys.corp.example', true],
    ['corp.example', 'https://keys.corp.example.', true],
    ['corp.example', 'https://notcorp.example', false],
    ['keys.corp.example', 'https://corp.example', false],
    ['a.example, corp.example', 'https://corp.example', true],
    ['a.example corp.example', 'https://corp.example', true],
    [' a.example\t,\ncorp.example ,', 'https://corp.example', true],
    ['corp.example:443', 'https://corp.example', true],
    ['corp.example:443', 'https://corp.example:8443', false],
    ['*.corp.example:8443', 'https://keys.corp.example:8443', true],
    ['127.0.0.1', 'https://127.0.0.1', true],
    ['127.0.0.1:8443', 'https://127.0.0.1:8443', true],
    ['127.0.0.1:8443', 'https://127.0.0.1', false],
    ['127.0.0.2', 'https://127.0.0.1', false],
    ['127.0.0.1', 'https://localhost', false],
    ['localhost', 'https://127.0.0.1', false],
    ['10.0.0.0/8', 'https://10.255.0.1', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.1.2.3/32', 'https://10.1.2.3', true],
    ['10.0.0.5-10.0.0.9', 'https://10.0.0.9', true],
    ['10.0.0.5-10.0.0.9', 'https://10.0.0.10', false],
    ['::1', 'https://[::1]', true],
    ['[::1]', 'https://[::1]', true],
    ['[::1]:8443', 'https://[::1]:8443', true],
    ['[::1]:8443', 'https://[::1]', false],
    ['fe80::/10', 'https://[fe80::1]', true],
    ['fe80::/10', 'https://[::1]', false],
    ['bücher.example', 'https://xn--bcher-kva.example', true],
    // Plain HTTP is spoken to this machine alone, whatever the list.
    ['', 'http://127.0.0.1', true]
  ]) {
    t.is(isDirect(list, url), direct, `NO_PROXY=${list} ${url}`)
  }
})

test('an entry of NO_PROXY that can match no host is reported as such, and matches none', (t) => {
  for (const entry of [
    'https://corp.example',
    'corp.example;keys.example',
    '*corp.example',
    'keys.*.example',
    'corp.example:https',
    'corp.example:0',
    'corp.example:70000',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0',
    '10.*',
    '10.0.0.1-10.0.0',
    'fe80::1%eth0',
    'user@corp.example'
  ]) {
    t.deepEqual(proxies.readNoProxy(entry), { isForNone: false, exceptions: [], unmatched: [entry] }, entry)
  }
  t.is(proxies.readNoProxy('a.example, 10.0.0.0/8 *').unmatched.length, 0)
  t.is(proxies.readNoProxy(undefined).exceptions.length, 0)
})

const from = (environment, option) => proxies.proxySettings(option, environment).url

test('lower case wins, as for curl and Node.js; empty counts as not set', (t) => {
  t.is(from({ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }), 'http://lower')
  t.is(from({ HTTPS_PROXY: 'http://upper', https_proxy: '' }), 'http://upper')
  t.is(from({ https_proxy: PROXY, NO_PROXY: '*', no_proxy: 'a.example' }), PROXY)
  t.is(from({ https_proxy: PROXY, NO_PROXY: 'a.example', no_proxy: '*' }), undefined)
  t.is(from({ HTTP_PROXY: PROXY, http_proxy: PROXY, ALL_PROXY: PROXY, all_proxy: PROXY }), undefined)
  t.is(from(Object.create({ HTTPS_PROXY: PROXY })), undefined)
})

test('a proxy without a scheme is http in the environment, and an error in the option', (t) => {
  for (const [given, url] of [
    ['proxy.example:8080', 'http://proxy.example:8080'],
    ['proxy.example', 'http://proxy.example'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128'],
    ['user:password@proxy.example:8080', 'http://user:password@proxy.example:8080'],
    [' http://proxy.example:8080\r\n', 'http://proxy.example:8080'],
    ['HTTPS://proxy.example', 'HTTPS://proxy.example']
  ]) {
    t.is(from({ HTTPS_PROXY: given }), url, given)
    if (given.includes('://')) {
      t.is(from({}, given), url, given)
      t.notThrows(() => createVerifier({ ...ids, proxy: given }), given)
    } else {
      t.throws(() => from({}, given), { code: 'ERR_CONFIG', message: /^option proxy: .*not a URL/ }, given)
    }
  }
})

test('a proxy that cannot be used is an error that names where it comes from, and never repeats it', (t) => {
  for (const [given, said] of [
    ['socks5://user:hunter2@127.0.0.1:9', /SOCKS/],
    ['socks5h://hunter2', /SOCKS/],
    ['SOCKS4://hunter2', /SOCKS/],
    ['ftp://hunter2', /another scheme/],
    ['http://wpad.example/hunter2.pac', /PAC/],
    ['http://wpad/hunter2/wpad.dat', /PAC/],
    ['file:///etc/hunter2.pac', /another scheme/],
    ['/etc/hunter2.pac', /PAC|not a URL/],
    ['C:\\hunter2.pac', /PAC|not a URL/],
    ['http:/hunter2', /not a URL/],
    ['http://user:hunter2@', /not a URL/],
    ['http://user:hunter2@a b', /not a URL/],
    ['http://hunter2:port', /not a URL/],
    ['http://user:80/hunter2@proxy.example', /percent-encoded/],
    ['http://user?hunter2@proxy.example', /percent-encoded/],
    ['"http://user:hunter2@proxy.example"', /quotes around it: remove them$/],
    ["'http://hunter2'", /quotes around it/]
  ]) {
    for (const [options, environment, name] of [
      [given, {}, /^option proxy: expected/],
      [undefined, { HTTPS_PROXY: given }, /^option proxy: from HTTPS_PROXY: expected/],
      [undefined, { https_proxy: given }, /^option proxy: from https_proxy: expected/]
    ]) {
      const error = t.throws(
        () => proxies.proxySettings(options, environment),
        { code: 'ERR_CONFIG', message: name },
        given
      )
      t.regex(error.message, said, given)
      t.regex(error.hint, /; see docs\/proxies-and-certificates\.md$/)
      t.false(/hunter2/.test(error.message + error.hint), error.message)
    }
  }
  for (const option of [true, 1, {}, ''])
    t.throws(() => from({}, option), { code: 'ERR_CONFIG', message: /^option proxy/ })
  // It is not used at all.
  t.is(from({ HTTPS_PROXY: 'socks5://proxy', NO_PROXY: '*' }), undefined)
  t.is(from({ HTTPS_PROXY: 'socks5://proxy' }, false), undefined)
})

test('where nothing is fetched, the environment may name any proxy', (t) => {
  const environment = { HTTPS_PROXY: 'socks5://proxy' }
  const proxyOf = (options) => JSON.parse(configure({ ...ids, ...options }, environment).core).proxy
  t.throws(() => proxyOf({}), { code: 'ERR_CONFIG', message: /SOCKS/ })
  t.is(proxyOf({ jwks: { keys: [] } }), undefined)
  t.is(proxyOf({ jwksUri: false }), undefined)
})
