// Keys through a real forward proxy, a process of its own: from the environment, from the option, and past it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { createServerCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import { outcomeOf } from '../helpers/keys-outcome.mjs'
import {
  apisOf,
  assertDiscreet,
  cleanEnvironment,
  fetches,
  manyApis,
  optionsFor,
  runClient,
  start
} from '../helpers/keys-setup.mjs'

const PROXY = fileURLToPath(new URL('../helpers/keys-forward-proxy.mjs', import.meta.url))
const PASSWORD = 'p@ss/word:%41'
const CREDENTIALS = `user:${encodeURIComponent(PASSWORD)}`

/** A proxy until the test ends. `asked()` resolves to what it was asked for. */
async function startProxy(t, { scheme = 'http', ...env } = {}) {
  const proxy = fork(PROXY, { env: { ...cleanEnvironment(), ...env }, execArgv: [] })
  t.teardown(() => proxy.kill())
  const [port] = await once(proxy, 'message')
  const asked = async () => {
    proxy.send('?')
    const [requests] = await once(proxy, 'message')
    return requests
  }
  const url = (credentials) => `${scheme}://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`
  return { url, asked }
}

// One for all, over HTTPS. Each test has an API of its own there, hence a cache of its own.
let authority
let apis
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true, apps: manyApis(20) })
  apis = apisOf(authority)
})
test.after.always(() => authority?.close())

/** A client's options, which leave the proxy to the environment, and a token. */
function client() {
  const api = apis.pop()
  return {
    api,
    options: optionsFor(authority, { api, proxy: undefined }),
    token: authority.issueToken({ audience: api.appIdUri })
  }
}

/** What the proxy is asked for. */
const tunnel = () => ({ target: new URL(authority.url).host, tunnel: true, accepted: true })

const CLOSED = { PROXY_USER: 'user', PROXY_PASSWORD: PASSWORD }

test('HTTPS_PROXY and https_proxy name the proxy', async (t) => {
  const proxy = await startProxy(t)
  for (const [index, name] of ['HTTPS_PROXY', 'https_proxy'].entries()) {
    const { api, ...request } = client()
    t.deepEqual(await runClient(request, { env: { [name]: proxy.url() } }), { outcome: 'verified' })
    t.deepEqual(await proxy.asked(), new Array(index + 1).fill(tunnel()))
    t.is(fetches(authority, api), 1)
  }
})

test('without a scheme the proxy is http; in lower case the variable wins', async (t) => {
  const proxy = await startProxy(t)
  const bare = new URL(proxy.url()).host
  for (const env of [{ HTTPS_PROXY: bare }, { https_proxy: bare, HTTPS_PROXY: 'http://127.0.0.1:9' }]) {
    t.deepEqual(await runClient(client(), { env }), { outcome: 'verified' })
  }
  t.deepEqual(await proxy.asked(), [tunnel(), tunnel()])
})

test('the environment may hold credentials, and so may the option', async (t) => {
  const proxy = await startProxy(t, CLOSED)
  const env = { HTTPS_PROXY: proxy.url(CREDENTIALS) }
  t.deepEqual(await runClient(client(), { env }), { outcome: 'verified' })
  t.deepEqual(await proxy.asked(), [tunnel()])
  const { options, token } = client()
  await createVerifier({ ...options, proxy: proxy.url(CREDENTIALS) }).verify(token)
  t.deepEqual(await proxy.asked(), [tunnel(), tunnel()])
})

test('the option is stronger than the environment, NO_PROXY included', async (t) => {
  const proxy = await startProxy(t)
  const { options, token } = client()
  // Nobody is at the one that the environment names.
  const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' }
  const request = { options: { ...options, proxy: proxy.url() }, token }
  t.deepEqual(await runClient(request, { env }), { outcome: 'verified' })
  t.deepEqual(await proxy.asked(), [tunnel()])
})

test('the proxy may speak TLS, with a certificate that is trusted as the authority’s has to be', async (t) => {
  const { key, cert, ca } = await createServerCertificate()
  const proxy = await startProxy(t, { ...CLOSED, scheme: 'https', PROXY_KEY: key, PROXY_CERT: cert })
  const { options, token } = client()
  const through = (more) => createVerifier({ ...options, proxy: proxy.url(CREDENTIALS), ...more }).verify(token)
  await through({ ca: [authority.ca, ca] })
  t.deepEqual(await proxy.asked(), [tunnel()])
  const wrong = proxy.url('somebody:wrong-password')
  const unwelcome = await t.throwsAsync(through({ ca: [authority.ca, ca], proxy: wrong }), {
    code: 'ERR_KEYS_UNAVAILABLE'
  })
  t.regex(unwelcome.message, /the proxy did not connect/)
  assertDiscreet(t, unwelcome, 'wrong-password')
  const error = await t.throwsAsync(through(), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.regex(error.message, /certificate.*issuer/i)
  assertDiscreet(t, error, PASSWORD)
})

test('with wrong credentials, or none, there are no keys, and the error tells no password', async (t) => {
  const proxy = await startProxy(t, CLOSED)
  for (const credentials of ['somebody:wrong-password', undefined]) {
    const { api, ...request } = client()
    const { outcome, ...error } = await runClient(request, { env: { HTTPS_PROXY: proxy.url(credentials) } })
    t.is(outcome, 'ERR_KEYS_UNAVAILABLE')
    t.regex(error.message, /proxy/)
    assertDiscreet(t, error, 'wrong-password', 'somebody', new URL(proxy.url()).port)
    t.is(fetches(authority, api), 0)
  }
  const asked = await proxy.asked()
  t.true(asked.length > 0)
  t.true(asked.every(({ accepted }) => !accepted))
})

test('a proxy that is not there, or whose name does not exist, is the cause; the error tells no password', async (t) => {
  const { api, options, token } = client()
  const causes = {
    'http://user:hunter2@127.0.0.1:9': /the proxy refused the connection/,
    'http://user:hunter2@proxy.invalid:3128': /the name of the proxy cannot be resolved|within/
  }
  for (const [proxy, cause] of Object.entries(causes)) {
    const verifier = createVerifier({ ...options, proxy })
    const error = await t.throwsAsync(verifier.verify(token), { code: 'ERR_KEYS_UNAVAILABLE' })
    t.regex(error.message, cause)
    assertDiscreet(t, error, 'hunter2', 'user')
  }
  t.is(fetches(authority, api), 0)
})

test('`proxy: false` goes past HTTPS_PROXY', async (t) => {
  const proxy = await startProxy(t)
  const { options, token } = client()
  const env = { HTTPS_PROXY: proxy.url(), https_proxy: proxy.url(), ALL_PROXY: proxy.url() }
  t.deepEqual(await runClient({ options: { ...options, proxy: false }, token }, { env }), { outcome: 'verified' })
  t.deepEqual(await proxy.asked(), [])
})

test('plain HTTP, which is spoken to this machine alone, goes past the proxy', async (t) => {
  const [proxy, insecure] = await Promise.all([startProxy(t), start(t)])
  const options = optionsFor(insecure, { proxy: undefined })
  const env = { HTTPS_PROXY: proxy.url(), HTTP_PROXY: proxy.url(), http_proxy: proxy.url() }
  t.deepEqual(await runClient({ options, token: insecure.issueToken() }, { env }), { outcome: 'verified' })
  t.deepEqual(await proxy.asked(), [])
})

test('NO_PROXY and no_proxy name hosts that the proxy is not for', async (t) => {
  const proxy = await startProxy(t)
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const env = { HTTPS_PROXY: proxy.url(), [name]: 'login.other.example, 127.0.0.1' }
    t.deepEqual(await runClient(client(), { env }), { outcome: 'verified' })
  }
  t.deepEqual(await proxy.asked(), [])
})

test('NO_PROXY: hosts, suffixes, addresses, networks and all', async (t) => {
  const proxy = await startProxy(t)
  const { options, token } = client()
  const { port } = new URL(authority.url)
  const keys = `/${authority.tenantId}/discovery/keys`
  // Whoever resolves it, there is no such host: with the proxy, the proxy finds out.
  const far = 'login.test-authority.example'
  const cases = [
    { host: 'localhost', list: 'localhost', past: true },
    { host: 'localhost', list: 'LOCALHOST', past: true },
    { host: 'localhost', list: '*', past: true },
    { host: 'localhost', list: 'host', past: false },
    { host: 'localhost', list: '127.0.0.1', past: false },
    { host: '127.0.0.1', list: '127.0.0.1', past: true },
    { host: '127.0.0.1', list: '10.0.0.0/8,127.0.0.0/8', past: true },
    { host: '127.0.0.1', list: '*', past: true },
    { host: '127.0.0.1', list: 'localhost', past: false },
    { host: '127.0.0.1', list: '127.0.0.2', past: false },
    { host: far, list: far, past: true },
    { host: far, list: 'test-authority.example', past: true },
    { host: far, list: '.test-authority.example', past: true },
    { host: far, list: '.example', past: true },
    { host: far, list: '*.test-authority.example', past: true },
    { host: far, list: 'a.example test-authority.example', past: true },
    { host: 'localhost', list: `localhost:${port}`, past: true },
    { host: 'localhost', list: 'localhost:1', past: false },
    { host: far, list: 'est-authority.example', past: false },
    { host: far, list: 'other.login.test-authority.example', past: false }
  ]
  for (const { host, list, past } of cases) {
    const before = (await proxy.asked()).length
    const verifier = withEnvironment({ HTTPS_PROXY: proxy.url(), NO_PROXY: list }, () =>
      createVerifier({ ...options, jwksUri: `https://${host}:${port}${keys}`, keys: { timeout: 20 } })
    )
    const what = `${host}, NO_PROXY=${list}`
    t.is(await outcomeOf(verifier.verify(token)), host === far ? 'ERR_KEYS_UNAVAILABLE' : 'verified', what)
    const asked = (await proxy.asked()).slice(before).map(({ target }) => target)
    t.deepEqual(new Set(asked), new Set(past ? [] : [`${host}:${port}`]), what)
  }
})

/** Reads the environment as if it were that. */
function withEnvironment(changed, read) {
  const before = process.env
  process.env = { ...cleanEnvironment(), ...changed }
  try {
    return read()
  } finally {
    process.env = before
  }
}
