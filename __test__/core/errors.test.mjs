// AuthError: what each code means to HTTP, what it shows, and which have a stack.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import test from 'ava'
import { AuthError, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { parseChallenge } from '../helpers/challenge.mjs'
import { optionsFor } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { CODES, authError } = require('../../lib/core/errors.js')

const SERVER_ERROR = { error: 'server_error', error_description: 'internal error' }

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  const verifier = createVerifier({ ...options, requiredRoles: ['Task.Read'] })
  await verifier.preload()
  t.context = { authority, options, verifier }
})
test.after.always((t) => t.context.authority.close())

const make = (code, more) => authError({ code, message: 'what happened', hint: 'what to do', ...more })

/** Status, body and headers of the answer to each code, by RFC 6750. */
const invalidToken = [401, { error: 'invalid_token', error_description: 'what happened' }]
const ANSWERS = {
  ERR_CONFIG: [500, SERVER_ERROR],
  ERR_TOKEN_MISSING: [401, { error: 'unauthorized' }],
  ERR_TOKEN_MALFORMED: invalidToken,
  ERR_TOKEN_ALGORITHM: invalidToken,
  ERR_TOKEN_KEY_UNKNOWN: invalidToken,
  ERR_TOKEN_SIGNATURE: invalidToken,
  ERR_TOKEN_EXPIRED: invalidToken,
  ERR_TOKEN_NOT_ACTIVE: invalidToken,
  ERR_TOKEN_AUDIENCE: invalidToken,
  ERR_TOKEN_ISSUER: invalidToken,
  ERR_TOKEN_TENANT: invalidToken,
  ERR_TOKEN_CLAIM: invalidToken,
  ERR_TOKEN_USE: invalidToken,
  ERR_TOKEN_GRAPH: invalidToken,
  ERR_TOKEN_POLICY: [403, { error: 'insufficient_scope', error_description: 'what happened' }],
  ERR_KEYS_UNAVAILABLE: [503, { error: 'server_error', error_description: 'the signing keys are unavailable' }],
  ERR_INTERNAL: [500, SERVER_ERROR]
}

test('each code has an answer here', (t) => t.deepEqual(Object.keys(ANSWERS), Object.keys(CODES)))

for (const [code, [status, body]] of Object.entries(ANSWERS)) {
  test(`${code}: toResponse has status, challenge and body of RFC 6750`, async (t) => {
    // With a time to come again, an unknown key is a 503: see responses.test.mjs.
    const retryAfter = code === 'ERR_TOKEN_KEY_UNKNOWN' ? undefined : 7
    const error = make(code, { scope: 'Task.Read', retryAfter })
    t.like(error, {
      code,
      status,
      statusCode: status,
      expose: status < 500,
      name: 'AuthError',
      message: 'what happened'
    })
    const response = error.toResponse()
    t.true(response instanceof Response)
    t.is(response.status, status)
    t.is(response.headers.get('content-type'), 'application/json')
    t.deepEqual(await response.json(), body)
    const challenge = response.headers.get('www-authenticate')
    if (status >= 500) t.is(challenge, null)
    else if (code === 'ERR_TOKEN_MISSING') t.is(challenge, 'Bearer')
    else t.deepEqual(parseChallenge(challenge), { ...body, scope: 'Task.Read' })
    t.is(response.headers.get('retry-after'), status === 503 ? '7' : null)
  })

  test(`${code}: toJSON has neither hint nor stack nor cause`, (t) => {
    const error = make(code, { claim: 'aud', reason: 'missing', cause: new Error('hunter2') })
    const expected = { name: 'AuthError', code, status, message: 'what happened', claim: 'aud', reason: 'missing' }
    t.deepEqual(error.toJSON(), expected)
    const text = JSON.stringify({ error })
    t.deepEqual(JSON.parse(text), { error: expected })
    for (const secret of ['what to do', 'hunter2', '.js']) t.false(text.includes(secret))
    t.deepEqual(JSON.parse(JSON.stringify(make(code))), { name: 'AuthError', code, status, message: 'what happened' })
  })

  test(`${code}: a stack shows where a defect is, not where a token is rejected`, (t) => {
    const error = make(code)
    const hasStack = code === 'ERR_CONFIG' || status >= 500
    if (hasStack) t.regex(error.stack, /^AuthError: what happened\n {4}at .*\n/)
    else t.is(error.stack, 'AuthError: what happened')
    t.regex(inspect(error), hasStack ? /errors\.test\.mjs/ : /^\[AuthError: what happened\]/)
  })
}

test('a code of the core that is unknown here is a defect', (t) => {
  for (const code of ['ERR_NEW', 'toString', '__proto__', '']) t.like(make(code), { status: 500, expose: false })
})

test('a bad request and a claims challenge have their own answers', async (t) => {
  const bad = make('ERR_TOKEN_MISSING', { badRequest: true })
  t.is(bad.toResponse().status, 400)
  t.like(await bad.toResponse().json(), { error: 'invalid_request' })
  const challenge = make('ERR_TOKEN_POLICY', { insufficientClaims: { realm: '', claims: 'e30=' } })
  t.is(challenge.toResponse().status, 401)
  t.like(await challenge.toResponse().json(), { error: 'insufficient_claims' })
  const header = challenge.toResponse().headers.get('www-authenticate')
  t.deepEqual(parseChallenge(header), { realm: '', claims: 'e30=', error: 'insufficient_claims' })
})

test('toResponse makes an answer each time', async (t) => {
  const error = make('ERR_TOKEN_EXPIRED')
  const [one, other] = [error.toResponse(), error.toResponse()]
  t.is(await one.text(), await other.text())
})

/** Real rejections, by code. */
async function rejections({ authority, options, verifier }) {
  const rejected = [
    'x',
    authority.issueToken({ expiresIn: -1 }),
    authority.issueToken({ audience: 'api://another' }),
    authority.issueToken({ algorithm: 'PS256' }),
    authority.issueToken().replace(/.{40}$/, 'A'.repeat(40)),
    authority.issueToken({ header: { kid: 'unknown' } }),
    authority.issueToken()
  ].map((token) => verifier.verify(token))
  rejected.push(verifier.authenticate({ headers: {} }))
  const nobody = createVerifier({ ...options, authorityHost: 'http://127.0.0.1:9', proxy: false })
  rejected.push(nobody.verify(authority.issueToken()))
  rejected.push(verifier.authenticate({}))
  rejected.push(createVerifier({ ...options, getToken: () => 5 }).authenticate({}))
  const outcomes = await Promise.allSettled(rejected)
  return outcomes.map(({ reason }) => reason)
}

test.serial('Error.stackTraceLimit is afterwards what it was', async (t) => {
  const { stackTraceLimit } = Error
  t.teardown(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
  for (const limit of [0, 1, 10, Number.POSITIVE_INFINITY, 'many', undefined]) {
    if (limit === undefined) Reflect.deleteProperty(Error, 'stackTraceLimit')
    else Error.stackTraceLimit = limit
    const errors = await rejections(t.context)
    t.true(errors.every((error) => error instanceof AuthError))
    t.is(Error.stackTraceLimit, limit)
    t.is(Object.hasOwn(Error, 'stackTraceLimit'), limit !== undefined)
  }
})

test.serial('errors of bad tokens have no stack, those of configuration, outage and defect have one', async (t) => {
  const errors = await rejections(t.context)
  t.is(errors.filter(({ status }) => status >= 500).length, 3)
  for (const error of errors) {
    const { code, status, message, stack } = error
    if (status < 500) t.is(stack, `AuthError: ${message}`, code)
    else t.regex(stack, /\n {4}at /, code)
  }
})

test('with --frozen-intrinsics, too, and the limit stays as it is', (t) => {
  const code = `
    const { createVerifier } = require(${JSON.stringify(require.resolve('../../index.js'))})
    const before = Error.stackTraceLimit
    const of = (action) => { try { action() } catch (error) { return [error.code, error.stack.includes(' at ')] } }
    const options = { tenantId: ${JSON.stringify(t.context.authority.tenantId)}, audience: 'api://tasks' }
    const bad = of(() => createVerifier(options).verifySync('x'))
    const config = of(() => createVerifier({ tenantId: 5 }))
    console.log(JSON.stringify([bad, config, Error.stackTraceLimit === before]))`
  const child = spawnSync(process.execPath, ['--frozen-intrinsics', '-e', code], { encoding: 'utf8', timeout: 20_000 })
  t.deepEqual(JSON.parse(child.stdout), [['ERR_TOKEN_MALFORMED', false], ['ERR_CONFIG', true], true], child.stderr)
})
