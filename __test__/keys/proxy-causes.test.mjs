// A proxy that does not connect: the core and doctor name the cause in the same words, and neither shows a password.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { cli, environmentOf, temporaryFile } from '../helpers/cli.mjs'
import { startForwardProxy } from '../helpers/forward-proxy.mjs'
import { apisOf, assertDiscreet, manyApis, optionsFor } from '../helpers/keys-setup.mjs'

let authority
let apis
let ca
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true, apps: manyApis(20) })
  apis = apisOf(authority)
  ca = temporaryFile('ca.pem', authority.ca)
})
test.after.always(() => authority?.close())

/** What the core says through a proxy. */
async function byCore(t, proxy, timeout) {
  const options = optionsFor(authority, { api: apis.pop(), proxy, keys: { timeout } })
  const error = await t.throwsAsync(createVerifier(options).preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  assertDiscreet(t, error, 'hunter2')
  return error
}

/** What doctor says of its step `proxy`, and of `keys`, which is the core's. */
async function byDoctor(t, proxy, timeout) {
  const env = { ...environmentOf(authority), NODE_EXTRA_CA_CERTS: ca, HTTPS_PROXY: proxy }
  const { status, stdout } = await cli(['doctor', '--json', '--timeout', String(timeout)], { env })
  t.is(status, 1)
  t.false(stdout.includes('hunter2'))
  const { steps } = JSON.parse(stdout)
  return { step: steps.find(({ name }) => name === 'proxy'), keys: steps.at(-1) }
}

const NEGOTIATE = { refuse: 407, challenges: ['Negotiate', 'NTLM'] }

for (const [what, settings, reason, said, hint, credentials = ''] of [
  [
    '407 without credentials',
    { credentials: 'a:b' },
    'proxy-credentials-missing',
    /wants a user name and a password \(407\)/,
    /add the credentials to HTTPS_PROXY/
  ],
  [
    '407 with wrong ones',
    { credentials: 'a:b' },
    'proxy-credentials-rejected',
    /does not accept the user name or the password \(407\)/,
    /correct the credentials in HTTPS_PROXY/,
    'u:hunter2@'
  ],
  [
    '407, NTLM or Negotiate',
    NEGOTIATE,
    'proxy-unsupported-scheme',
    /credentials by NTLM or Negotiate \(407\), which is not supported/,
    /helper/
  ],
  [
    '407, with credentials all the same',
    NEGOTIATE,
    'proxy-unsupported-scheme',
    /by NTLM or Negotiate \(407\)/,
    /helper/,
    'u:hunter2@'
  ],
  [
    '403',
    { refuse: 403 },
    'proxy-refused',
    /the proxy refuses the authority's host \(403\)/,
    /allow the host in the proxy/
  ],
  [
    '502',
    { refuse: 502 },
    'proxy-cannot-connect',
    /the proxy could not connect to the authority's host \(502\)/,
    /outbound connection/
  ],
  [
    'another status',
    { refuse: 418 },
    'proxy-status',
    /the proxy answered 418 in place of a tunnel/,
    /check HTTPS_PROXY/
  ]
]) {
  test(`${what} is the cause, in the core as in doctor`, async (t) => {
    const proxy = await startForwardProxy(t, settings)
    const url = `http://${credentials}${proxy.host}`
    const error = await byCore(t, url, 5)
    t.is(error.reason, reason)
    t.regex(error.message, said)
    t.regex(error.hint, hint)
    const { step, keys } = await byDoctor(t, url, 5)
    t.regex(step.message, said)
    t.regex(step.hint, hint)
    t.regex(keys.message, said)
    t.true(proxy.asked.every((target) => target === new URL(authority.url).host))
  })
}

test('a proxy that hangs, closes the connection or does not speak HTTP is the cause', async (t) => {
  for (const [misbehave, reason, core, doctor] of [
    ['hang', 'proxy-timeout', /the proxy gave no connection within 0\.4 s/, /no answer within 1 s/],
    ['close', 'proxy-closed', /the proxy closed the connection without an answer/, /socket hang up|ECONNRESET/],
    ['babble', 'proxy-not-http', /the proxy does not speak HTTP/, /HPE_INVALID/]
  ]) {
    const { url } = await startForwardProxy(t, { misbehave })
    const error = await byCore(t, url, 1)
    t.is(error.reason, reason)
    t.regex(error.message, core, misbehave)
    const { step, keys } = await byDoctor(t, url, 1)
    t.regex(step.message, doctor, misbehave)
    t.regex(keys.message, core, misbehave)
  }
})

test('a proxy that says no is not asked over and over: passwords are locked by that', async (t) => {
  const proxy = await startForwardProxy(t, { credentials: 'a:b' })
  await byCore(t, `http://u:hunter2@${proxy.host}`, 5)
  // Once by the client, and once to find out why.
  t.is(proxy.asked.length, 2)
})
