// Verified tokens for unit tests, without a server, and what guards say to stubs in their place.
import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import {
  createVerifier,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  VerifiedToken
} from 'entra-jwt-verify'
import { verifiedToken } from 'entra-jwt-verify/testing'
import { runConfigured } from '../helpers/environment.mjs'

/** What a guard does with a request whose `auth` is this: `passed`, or the status and the body of its answer. */
function guarded(guard, auth) {
  let outcome
  const headers = new Map()
  const res = {
    setHeader: (name, value) => headers.set(name, value),
    getHeader: (name) => headers.get(name),
    end(body) {
      outcome = [this.statusCode, body]
    }
  }
  guard({ auth }, res, () => {
    outcome = 'passed'
  })
  return outcome
}

test('guards accept it, and by nothing but what it says', (t) => {
  const app = verifiedToken({ roles: ['Task.Read'] })
  const user = verifiedToken({ scopes: ['Task.Read'], user: { roles: ['Task.Approver'] }, claims: { groups: ['g'] } })
  t.true(app instanceof VerifiedToken)
  for (const [guard, auth] of [
    [requireRole('Task.Read'), app],
    [requireAppOnly(), app],
    [requireClient(app.clientId), app],
    [requireScope('Task.Read'), user],
    [requireRole('Task.Approver'), user],
    [requireDelegated(), user],
    [requireGroup('g'), user],
    [requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Write'] }), user]
  ]) {
    t.is(guarded(guard, auth), 'passed')
  }
  for (const [guard, auth] of [
    [requireRole('Task.Write'), app],
    [requireScope('Task.Read'), app],
    [requireDelegated(), app],
    [requireAppOnly(), user],
    [requireClient(user.clientId.replace(/./, 'x')), user],
    [requireScopeOrRole({ scopes: ['Task.Write'], roles: ['Task.Approver'] }), user]
  ]) {
    t.deepEqual(guarded(guard, auth), [403, 'Forbidden'])
  }
})

test('it says what the test wants it to say, and the same of what the test leaves open', (t) => {
  const tenantId = '11111111-2222-4333-8444-555555555555'
  const client = '11111111-2222-4333-8444-555555555556'
  const audience = '11111111-2222-4333-8444-555555555557'
  const user = { name: 'Megan Bowen', userName: 'megan@tenant.example' }
  const auth = verifiedToken({
    tenantId,
    client,
    audience,
    version: 2,
    scopes: ['A', 'B'],
    user,
    claims: { ipaddr: '::1' }
  })
  t.like(auth.toJSON(), { tenantId, clientId: client, roles: [], scopes: ['A', 'B'] })
  t.like(auth.claims, {
    aud: audience,
    iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    name: 'Megan Bowen',
    preferred_username: 'megan@tenant.example',
    ipaddr: '::1'
  })
  const [one, other] = [verifiedToken(), verifiedToken({ roles: ['X'] })]
  t.is(one.tenantId, other.tenantId)
  t.is(one.clientId, other.clientId)
  t.is(one.claims.aud, other.claims.aud)
  t.is(verifiedToken({ audience: 'https://api.example/tasks' }).claims.aud, 'https://api.example/tasks')
})

test('it is judged like any other token', (t) => {
  t.throws(() => verifiedToken({ expiresIn: -1 }), { code: 'ERR_TOKEN_EXPIRED' })
  t.throws(() => verifiedToken({ claims: { aud: 'api://another' } }), { code: 'ERR_TOKEN_AUDIENCE' })
  t.throws(() => verifiedToken({ claims: { tid: undefined } }), { code: 'ERR_TOKEN_TENANT' })
  const currentDate = new Date('2020-01-01T00:00:00Z')
  t.is(verifiedToken({ currentDate }).expiresAt, currentDate.getTime() / 1000 + 3600)
  for (const mistake of [{ role: 'x' }, { client: 'x' }, { idToken: true }, { user: { email: 'x' } }]) {
    t.throws(() => verifiedToken(mistake), { code: 'ERR_TESTING_OPTION' }, JSON.stringify(mistake))
  }
  t.throws(() => verifiedToken({}, { clockTolerance: 1 }), { code: 'ERR_TESTING_OPTION' })
  for (const [given, message] of [
    [Promise.resolve({ roles: ['Admin'] }), 'verifiedToken: expected a plain object, got a Promise'],
    [new Map(), 'verifiedToken: expected a plain object, got a Map'],
    [[], 'verifiedToken: expected an object, got an array'],
    [{ user: 'Megan' }, "user: expected an object, got 'Megan'"],
    [
      { user: { name: 'Megan' } },
      'user: expected scopes, or delegated: true, beside it: without them the token is app-only'
    ],
    [{ user: {}, delegated: false }, /^user: expected scopes/],
    [
      { delegated: false, scopes: ['a'] },
      'scopes: expected none with delegated: false, because an app-only token has no scp'
    ],
    [{ delegated: 'yes' }, "delegated: expected true or false, got 'yes'"],
    [{ user: { name: 5 }, delegated: true }, 'user: name: expected a non-empty string, got 5'],
    [{ tenantId: 'contoso' }, "tenantId: expected a GUID, got 'contoso'"],
    [{ client: 'spa' }, "client: expected a GUID, got 'spa'"],
    [{ audience: 5 }, 'audience: expected a non-empty string, got 5'],
    [{ role: ['a'] }, /^verifiedToken: unknown option 'role'; did you mean roles\? \(docs\/testing\.md\)$/],
    [{ scp: 'a' }, /did you mean scopes\?/],
    [{ aud: 'a' }, /did you mean audience\?/],
    [{ groups: ['g'] }, /it is a claim: write claims: \{ groups: … \}/],
    [{ nonsense: 1 }, /known are tenantId, /],
    [{ version: '2' }, "version: expected 1 or 2, got '2'"],
    [{ version: 3 }, 'version: expected 1 or 2, got 3'],
    [{ expiresIn: '1h' }, "expiresIn: expected seconds as a number, got '1h'"],
    [{ currentDate: '2020' }, "currentDate: expected a valid Date, got '2020'"],
    [{ currentDate: new Date(Number.NaN) }, /^currentDate: expected a valid Date/],
    [
      { scopes: ['.default'] },
      "scopes: expected a scope such as Task.Read, the form in scp, got '.default', the form that clients request"
    ],
    [{ scopes: ['a b'] }, "scopes: expected scopes without spaces, each on its own, got 'a b'"]
  ]) {
    t.throws(() => verifiedToken(given), { code: 'ERR_TESTING_OPTION', message })
  }
})

test('the environment of the test has no say in it', (t) => {
  const nonsense = ['ENTRA_TENANT_ID', 'ENTRA_CLIENT_ID', 'ENTRA_AUDIENCE', 'ENTRA_AUTHORITY_HOST', 'HTTPS_PROXY']
  const { stdout, stderr } = runConfigured(
    `console.log(entra.verifiedToken({ roles: ['A'] }).roles.join())`,
    Object.fromEntries(nonsense.map((name) => [name, 'socks5://nonsense'])),
    'testing/index.js'
  )
  t.deepEqual([stdout, stderr], ['A', ''])
})

test('no other verifier trusts the key that it is signed with, whatever tenant and audience it names', (t) => {
  const { token, tenantId, claims } = verifiedToken({ roles: ['Task.Read'] })
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'another', use: 'sig' }
  const options = { tenantId, audience: claims.aud, algorithms: ['RS256', 'ES256'], jwks: { keys: [jwk] } }
  t.throws(() => createVerifier(options).verifySync(token), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
})

test('guards answer as the middleware would behind which the token was verified', (t) => {
  const lines = []
  const logger = { error: (...parts) => lines.push(parts), warn: (...parts) => lines.push(parts) }
  const auth = verifiedToken({}, { responses: 'rfc6750', logger })
  const [status, body] = guarded(requireRole('Task.Write'), auth)
  t.is(status, 403)
  t.like(JSON.parse(body), { error: 'insufficient_scope' })
  t.regex(lines[0][0], /^checkAuthToken refused 403 ERR_TOKEN_POLICY/)
})

/** Answers requests with each of these in `req.auth` by a guard, in a process of its own. */
const answerEach = (auths, variables) =>
  runConfigured(
    `const stub = { roles: ['Task.Read'], hasRole: () => true }
    for (const auth of [${auths}]) {
      const res = { setHeader() {}, getHeader() {}, end(body) { console.log(this.statusCode, body) } }
      entra.requireRole('Task.Read')({ auth }, res, () => console.log('passed'))
    }`,
    variables
  )

test('a stub is rejected, and one warning says what to use instead', (t) => {
  const { stdout, stderr } = answerEach("stub, { ...stub }, 'a string', 1, Object.create(stub)")
  t.deepEqual(stdout.split('\n'), Array(5).fill('401 Unauthorized'))
  t.is(stderr.match(/ENTRA_JWT_VERIFY_UNVERIFIED/g)?.length, 1, stderr)
  t.true(stderr.includes("set req.auth to verifiedToken({ roles: ['Task.Read'] }) of entra-jwt-verify/testing"))
})

/** By entry: where applications find the verified token, and a call of a guard where a stub is in its place. */
const PLACES = {
  'index.js': ['req.auth', '{ auth: stub }, { setHeader() {}, getHeader() {}, end() {} }'],
  'koa.js': ['ctx.state.auth', '{ state: { auth: stub }, response: { get() {} }, set() {} }'],
  'hono.js': ['c.var.auth', '{ get: () => stub, res: { headers: new Headers() }, newResponse() {} }'],
  'fastify.js': [
    'request.auth',
    '{ auth: stub }, { raw: {}, getHeader() {}, code() { return this }, headers() { return this }, send() {} }'
  ]
}

for (const [entry, [place, given]] of Object.entries(PLACES)) {
  test(`${entry}: the warning and the hint name ${place}`, (t) => {
    const code = `const stub = { roles: [] }; entra.requireRole('Task.Read')(${given}, () => console.log('passed'))`
    const { stdout, stderr } = runConfigured(code, { NODE_DEBUG: 'entra-jwt-verify' }, entry)
    t.is(stdout, '')
    t.true(
      stderr.includes(
        `${place} is not a verified token but a copy of one or another object, so a guard rejects the request: leave it as checkAuthToken set it; in`
      ),
      stderr
    )
    t.true(stderr.includes(`Leave ${place} as checkAuthToken set it`), stderr)
    t.true(stderr.includes(`set ${place} to verifiedToken(`), stderr)
  })
}

/** By entry: a call of a guard for a request with a token, without a middleware in front of it. */
const UNPROTECTED = {
  'index.js': '{ headers: { authorization } }, { setHeader() {}, getHeader() {}, end() {} }',
  'koa.js': '{ state: {}, req: { headers: { authorization } }, response: { get() {} }, set() {} }',
  'hono.js':
    "{ get() {}, req: { raw: new Request('http://a', { headers: { authorization } }) }, res: { headers: new Headers() }, newResponse() {} }",
  'fastify.js':
    '{ headers: { authorization } }, { raw: {}, getHeader() {}, code() { return this }, headers() { return this }, send() {} }'
}

for (const [entry, given] of Object.entries(UNPROTECTED)) {
  test(`${entry}: one warning says that no middleware is in front of a guard`, (t) => {
    const code = `const authorization = 'Bearer token'
      for (let i = 0; i < 2; i++) entra.requireRole('Task.Read')(${given}, () => console.log('passed'))`
    const { stdout, stderr } = runConfigured(code, {}, entry)
    t.is(stdout, '')
    t.is(stderr.match(/ENTRA_JWT_VERIFY_UNPROTECTED/g)?.length, 1, stderr)
    const mount = entry === 'fastify.js' ? 'fastify.register(checkAuthToken)' : 'app.use(checkAuthToken)'
    t.true(stderr.includes(`checkAuthToken does not run in front of it: mount it first, such as ${mount}, `), stderr)
  })
}

test('nothing is warned of where there is nothing: that is a request without a token', (t) => {
  t.deepEqual(answerEach('undefined, null'), {
    status: 0,
    signal: null,
    stdout: '401 Unauthorized\n401 Unauthorized',
    stderr: ''
  })
})

test('the hint says it too, for handlers of the application and for NODE_DEBUG', (t) => {
  const { stderr } = answerEach('stub', { NODE_DEBUG: 'entra-jwt-verify' })
  t.regex(stderr, /rejected 401 ERR_TOKEN_MISSING: no bearer token\. Leave req\.auth as checkAuthToken set it/)
})
