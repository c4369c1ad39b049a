// verifier.authenticate: the token of anything that has headers, and an AuthError with the right code where there is none.
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test from 'ava'
import { AuthError, createVerifier, VerifiedToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  t.context = { authority, options, verifier: createVerifier(options), token: authority.issueToken() }
})
test.after.always((t) => t.context.authority.close())

/** `passes`, or code and status of the error. */
async function outcome(t, verifier, request) {
  try {
    const auth = await verifier.authenticate(request)
    t.true(auth instanceof VerifiedToken)
    return 'passes'
  } catch (error) {
    t.true(error instanceof AuthError, String(error))
    return `${error.code} ${error.status}`
  }
}

const MISSING = 'ERR_TOKEN_MISSING 401'
const NO_REQUEST = 'ERR_CONFIG 500'

test('the header is found in whatever has headers', async (t) => {
  const { verifier, token } = t.context
  const value = `Bearer ${token}`
  const requests = {
    'a fetch Request': new Request('https://api.example', { headers: { Authorization: value } }),
    'fetch Headers': { headers: new Headers({ AUTHORIZATION: value }) },
    'an object of node:http': { headers: { host: 'api.example', authorization: value } },
    'names in another case': { headers: { Host: 'api.example', Authorization: value } },
    'names in capitals': { headers: { AUTHORIZATION: value } },
    'a null prototype': { headers: Object.assign(Object.create(null), { Authorization: value }) },
    'an array of one value': { headers: { authorization: [value] } },
    'a Map': { headers: new Map([['Authorization', value]]) },
    'a Map in lower case': { headers: new Map([['authorization', value]]) },
    'something with get': { headers: { get: (name) => (name.toLowerCase() === 'authorization' ? value : null) } },
    'a class with a getter': new (class {
      get headers() {
        return { authorization: value }
      }
    })(),
    'AWS API Gateway, version 1': {
      httpMethod: 'GET',
      headers: { Host: 'api.example', Authorization: value },
      multiValueHeaders: { Host: ['api.example'], Authorization: [value] }
    },
    'AWS API Gateway, version 2': {
      version: '2.0',
      rawPath: '/',
      headers: { host: 'api.example', authorization: value }
    },
    'an AWS load balancer with multi-value headers': {
      httpMethod: 'GET',
      multiValueHeaders: { authorization: [value] }
    },
    'Azure Functions, model 3': { method: 'GET', headers: { authorization: value }, query: {} },
    frozen: Object.freeze({ headers: Object.freeze({ authorization: value }) })
  }
  for (const [name, request] of Object.entries(requests)) t.is(await outcome(t, verifier, request), 'passes', name)
})

test('a request of node:http', async (t) => {
  const { verifier, token } = t.context
  const server = createServer(async (req, res) => res.end(await outcome(t, verifier, req)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const send = async (headers) =>
    (await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { ...headers, connection: 'close' } })).text()
  t.is(await send({ Authorization: `Bearer ${token}` }), 'passes')
  t.is(await send({}), MISSING)
  t.is(await send({ Authorization: 'Basic dXNlcjpwYXNz' }), MISSING)
  t.is(await send({ Authorization: 'Bearer' }), 'ERR_TOKEN_MISSING 400')
  t.is(await send({ Authorization: 'Bearer x' }), 'ERR_TOKEN_MALFORMED 401')
})

test('a request without a token is rejected with ERR_TOKEN_MISSING', async (t) => {
  const { verifier, token } = t.context
  const headers = {
    none: {},
    'no prototype': Object.create(null),
    null: null,
    'fetch Headers': new Headers(),
    'an empty Map': new Map(),
    'another scheme': { authorization: 'Basic dXNlcjpwYXNz' },
    'no scheme': { authorization: token },
    'a scheme that begins alike': { authorization: `BearerX ${token}` },
    'an empty value': { authorization: '' },
    undefined: { authorization: undefined },
    'a null value': { authorization: null },
    'a number': { authorization: 5 },
    'an object': { authorization: { token } },
    'a function': { authorization: () => `Bearer ${token}` },
    'no values': { authorization: [] },
    'another name': { 'x-authorization': `Bearer ${token}`, 'proxy-authorization': `Bearer ${token}` },
    'an inherited header': Object.create({ authorization: `Bearer ${token}` }),
    'get that finds nothing': { get: () => null },
    'get that finds a number': { get: () => 5 }
  }
  for (const [name, given] of Object.entries(headers)) {
    t.is(await outcome(t, verifier, { headers: given }), MISSING, name)
  }
  t.is(await outcome(t, verifier, new Request('https://api.example')), MISSING)
  // A test invocation of API Gateway.
  t.is(await outcome(t, verifier, { headers: null, multiValueHeaders: null }), MISSING)
})

test('a scheme without a token is a bad request', async (t) => {
  for (const authorization of ['Bearer', 'Bearer ', 'bearer    ', ['BEARER']]) {
    t.is(await outcome(t, t.context.verifier, { headers: { authorization } }), 'ERR_TOKEN_MISSING 400')
  }
})

test('two values are ambiguous, also if the first would do', async (t) => {
  const { verifier, token } = t.context
  const value = `Bearer ${token}`
  for (const headers of [
    { Authorization: value, authorization: value },
    { authorization: value, AUTHORIZATION: 'Bearer x' },
    { authorization: [value, value] },
    { authorization: [value], Authorization: [value] },
    new Map([
      ['authorization', value],
      ['Authorization', value]
    ])
  ]) {
    t.is(await outcome(t, verifier, { headers }), 'ERR_TOKEN_MISSING 400')
  }
  const joined = new Headers([
    ['authorization', value],
    ['authorization', value]
  ])
  t.is(await outcome(t, verifier, { headers: joined }), 'ERR_TOKEN_MALFORMED 401')
})

test('a bad token is rejected with its code', async (t) => {
  const { authority, verifier } = t.context
  for (const [token, code] of [
    ['x', 'ERR_TOKEN_MALFORMED 401'],
    [authority.issueToken({ expiresIn: -1 }), 'ERR_TOKEN_EXPIRED 401'],
    [authority.issueToken({ audience: 'api://another' }), 'ERR_TOKEN_AUDIENCE 401'],
    [authority.issueToken().replace(/.{40}$/, 'A'.repeat(40)), 'ERR_TOKEN_SIGNATURE 401']
  ]) {
    t.is(await outcome(t, verifier, { headers: { authorization: `Bearer ${token}` } }), code)
  }
})

test('what has no headers is a mistake of the caller', async (t) => {
  const { verifier, token } = t.context
  for (const request of [
    undefined,
    null,
    5,
    'Bearer x',
    token,
    Symbol('request'),
    () => ({ headers: {} }),
    {},
    [],
    new Headers({ authorization: `Bearer ${token}` }),
    { header: {} },
    { headers: undefined },
    { headers: 5 },
    { headers: `Authorization: Bearer ${token}` },
    { headers: () => ({}) }
  ]) {
    t.is(await outcome(t, verifier, request), NO_REQUEST)
  }
  const error = await t.throwsAsync(verifier.authenticate({ headers: 5 }))
  t.regex(error.message, /authenticate.*headers that are a number/)
})

test('headers that throw when they are read are no token and no exception of another kind', async (t) => {
  const { verifier } = t.context
  const cause = new TypeError('of the application')
  const thrower = () => {
    throw cause
  }
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const request of [
    Object.defineProperty({}, 'headers', { get: thrower }),
    { headers: Object.defineProperty({}, 'authorization', { get: thrower, enumerable: true }) },
    { headers: new Proxy({}, { ownKeys: thrower }) },
    { headers: new Proxy({}, { get: thrower }) },
    { headers: { get: thrower } }
  ]) {
    const error = await t.throwsAsync(verifier.authenticate(request), { instanceOf: AuthError, code: 'ERR_INTERNAL' })
    t.is(error.cause, cause)
    t.regex(error.hint, /reading the headers/)
  }
  for (const request of [proxy, { headers: proxy }]) t.is(await outcome(t, verifier, request), 'ERR_INTERNAL 500')
})

test('the option getToken takes the place of the header', async (t) => {
  const { authority, options, token } = t.context
  const verifier = createVerifier({ ...options, getToken: (request) => request.cookies?.token })
  const headers = { authorization: `Bearer ${token}` }
  t.is(await outcome(t, verifier, { cookies: { token } }), 'passes')
  t.is(await outcome(t, verifier, { headers, cookies: {} }), MISSING)
  t.is(await outcome(t, verifier, { headers, cookies: { token: '' } }), MISSING)
  t.is(await outcome(t, verifier, { headers, cookies: { token: null } }), MISSING)
  t.is(await outcome(t, verifier, { headers, cookies: { token: `Bearer ${token}` } }), 'ERR_TOKEN_MALFORMED 401')
  t.is(await outcome(t, verifier, { headers, cookies: { token: 5 } }), 'ERR_INTERNAL 500')
  t.is(await outcome(t, verifier, { headers, cookies: { token: [token] } }), 'ERR_INTERNAL 500')
  t.is(await outcome(t, verifier, null), 'ERR_INTERNAL 500')
  const expired = authority.issueToken({ expiresIn: -1 })
  t.is(await outcome(t, verifier, { headers, cookies: { token: expired } }), 'ERR_TOKEN_EXPIRED 401')
})

test.serial('each outcome is a verdict for the diagnostics channel, once', async (t) => {
  const { options, token } = t.context
  const messages = []
  const listen = (message) => messages.push([message.verified, message.code])
  const verdicts = channel('entra-jwt-verify:verify')
  verdicts.subscribe(listen)
  t.teardown(() => verdicts.unsubscribe(listen))
  const verifier = createVerifier(options)
  for (const authorization of [`Bearer ${token}`, undefined, 'Bearer', 'Bearer x']) {
    await outcome(t, verifier, { headers: { authorization } })
  }
  await outcome(t, createVerifier({ ...options, getToken: () => undefined }), {})
  await outcome(t, createVerifier({ ...options, getToken: () => 5 }), {})
  t.deepEqual(messages, [
    [true, undefined],
    [false, 'ERR_TOKEN_MISSING'],
    [false, 'ERR_TOKEN_MISSING'],
    [false, 'ERR_TOKEN_MALFORMED'],
    [false, 'ERR_TOKEN_MISSING'],
    [false, 'ERR_INTERNAL']
  ])
})
