import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { startTestAuthority, verifiedToken } from 'entra-jwt-verify/testing'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { claimsOf, headerOf } from '../helpers/testing-http.mjs'

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555'

let authority
let keysV1
let keysV2
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
  keysV1 = createRemoteJWKSet(new URL(`${authority.url}/${authority.tenantId}/discovery/keys`))
  keysV2 = createRemoteJWKSet(new URL(`${authority.url}/${authority.tenantId}/discovery/v2.0/keys`))
})
test.after.always(() => authority?.close())

function issue(t, overrides) {
  const token = authority.issueToken(overrides)
  t.is(token.split('.').length, 3)
  return { token, claims: claimsOf(token), header: headerOf(token) }
}

function verifiesWith(overrides, key, options) {
  return jwtVerify(authority.issueToken(overrides), key, options)
}

test('a v1 token verifies against the served keys and looks like a recorded one', async (t) => {
  const { tenantId, api, client } = authority
  const { payload, protectedHeader } = await verifiesWith(undefined, keysV1, {
    issuer: `https://sts.windows.net/${tenantId}/`,
    audience: api.appIdUri,
    algorithms: ['RS256']
  })
  t.deepEqual(Object.keys(protectedHeader), ['typ', 'alg', 'x5t', 'kid'])
  t.is(protectedHeader.x5t, protectedHeader.kid)
  t.deepEqual(Object.keys(payload), [
    'aud',
    'iss',
    'iat',
    'nbf',
    'exp',
    'aio',
    'appid',
    'appidacr',
    'idp',
    'oid',
    'rh',
    'sub',
    'tid',
    'uti',
    'ver'
  ])
  t.like(payload, {
    appid: client.clientId,
    appidacr: '1',
    idp: `https://sts.windows.net/${tenantId}/`,
    sub: payload.oid,
    tid: tenantId,
    ver: '1.0'
  })
  t.is(payload.exp - payload.iat, 3900)
  t.is(payload.nbf, payload.iat)
})

test('a v2 token verifies against the served keys and looks like a recorded one', async (t) => {
  const { tenantId, api, client, url } = authority
  const { payload, protectedHeader } = await verifiesWith({ version: 2, roles: ['Reader'] }, keysV2, {
    issuer: `${url}/${tenantId}/v2.0`,
    audience: api.clientId,
    algorithms: ['RS256']
  })
  t.deepEqual(Object.keys(protectedHeader), ['typ', 'alg', 'kid'])
  t.deepEqual(Object.keys(payload), [
    'aud',
    'iss',
    'iat',
    'nbf',
    'exp',
    'aio',
    'azp',
    'azpacr',
    'oid',
    'rh',
    'roles',
    'sub',
    'tid',
    'uti',
    'ver'
  ])
  t.like(payload, { azp: client.clientId, azpacr: '1', roles: ['Reader'], sub: payload.oid, ver: '2.0' })
})

test('a delegated token has a user, a pairwise subject and scopes', (t) => {
  const v1 = issue(t, { delegated: true }).claims
  t.like(v1, { scp: 'user_impersonation', acr: '1', amr: ['pwd'], upn: 'testuser@test-authority.example' })
  const v2 = issue(t, { version: 2, scopes: ['Orders.Read', 'Orders.Write'] }).claims
  t.like(v2, { scp: 'Orders.Read Orders.Write', preferred_username: 'testuser@test-authority.example' })
  for (const claims of [v1, v2]) {
    t.not(claims.sub, claims.oid)
    t.is(claims.idp, undefined)
  }
  t.is(v1.oid, v2.oid, 'the same user')
  t.not(v1.sub, issue(t, { delegated: true, client: authority.api.clientId }).claims.sub)
})

test('an id token names no client and is for the client', (t) => {
  for (const version of [1, 2]) {
    const { claims } = issue(t, { version, idToken: true })
    t.like(claims, { aud: authority.client.clientId, appid: undefined, azp: undefined, ver: `${version}.0` })
  }
  t.is(issue(t, { idToken: true }).claims.ver, '2.0')
  t.is(issue(t, { idToken: true, audience: authority.api.clientId }).claims.aud, authority.api.clientId)
})

test('an application has the same object id in every token of one tenant and another in another tenant', (t) => {
  const { oid } = issue(t).claims
  t.is(issue(t, { version: 2 }).claims.oid, oid)
  t.not(issue(t, { tenantId: OTHER_TENANT }).claims.oid, oid)
  t.regex(oid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('tokens of another tenant name it in tid and iss', (t) => {
  t.like(issue(t, { tenantId: OTHER_TENANT }).claims, {
    tid: OTHER_TENANT,
    iss: `https://sts.windows.net/${OTHER_TENANT}/`
  })
  t.like(issue(t, { tenantId: OTHER_TENANT, version: 2 }).claims, { iss: `${authority.url}/${OTHER_TENANT}/v2.0` })
})

test('an audience without a registration stands as it is given', (t) => {
  t.is(issue(t, { audience: 'api://elsewhere' }).claims.aud, 'api://elsewhere')
  t.is(issue(t, { version: 2, audience: 'api://elsewhere' }).claims.aud, 'api://elsewhere')
})

test('expired tokens are expired and nothing else', async (t) => {
  for (const expiresIn of [-1, -86_400]) {
    await t.throwsAsync(verifiesWith({ expiresIn }, keysV1), { code: 'ERR_JWT_EXPIRED' })
    const { iat, nbf, exp } = issue(t, { expiresIn }).claims
    t.true(nbf < exp)
    t.is(iat, nbf)
  }
})

test('a token can be issued for another instant, or not be valid yet', async (t) => {
  const currentDate = new Date('2030-01-01T00:00:00Z')
  const token = { currentDate, expiresIn: 60 }
  t.like(issue(t, token).claims, { iat: 1_893_455_700, nbf: 1_893_455_700, exp: 1_893_456_060 })
  await t.notThrowsAsync(verifiesWith(token, keysV1, { currentDate }))
  const nbf = Math.floor(Date.now() / 1000) + 600
  await t.throwsAsync(verifiesWith({ claims: { nbf } }, keysV1), {
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    message: /nbf/
  })
})

test('claims and header members are set last, and undefined removes them', (t) => {
  const { claims, header } = issue(t, {
    claims: { aud: ['a', 'b'], idtyp: 'app', exp: undefined, appid: undefined },
    header: { typ: 'at+jwt', x5t: undefined, crit: ['b64'] }
  })
  t.like(claims, { aud: ['a', 'b'], idtyp: 'app' })
  t.false('exp' in claims || 'appid' in claims)
  t.like(header, { typ: 'at+jwt', crit: ['b64'], alg: 'RS256' })
  t.false('x5t' in header)
})

test('every RSA algorithm signs with the key of the authority', async (t) => {
  for (const algorithm of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) {
    const { protectedHeader } = await verifiesWith({ algorithm }, keysV1, { algorithms: [algorithm] })
    t.is(protectedHeader.alg, algorithm)
  }
})

test('a foreign key makes a forgery under the name of the current key', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const current = authority.keys.find(({ signing }) => signing).kid
  t.is(issue(t, { key: privateKey }).header.kid, current)
  await t.throwsAsync(verifiesWith({ key: privateKey }, keysV1), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
  await t.notThrowsAsync(verifiesWith({ key: privateKey }, publicKey))
  t.is(issue(t, { key: privateKey, kid: 'another' }).header.kid, 'another')
})

test('elliptic curve keys sign with the algorithm of their curve', async (t) => {
  const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
  for (const [algorithm, namedCurve] of Object.entries(curves)) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    const { protectedHeader } = await verifiesWith({ key: privateKey }, publicKey)
    t.is(protectedHeader.alg, algorithm)
  }
})

test('the two classic attacks can be made: no signature, and the public key as an HMAC secret', async (t) => {
  const unsigned = issue(t, { algorithm: 'none' })
  t.is(unsigned.header.alg, 'none')
  t.is(unsigned.token.split('.')[2], '')

  const [{ jwk }] = authority.keys
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const secret = createSecretKey(Buffer.from(pem))
  t.is((await verifiesWith({ key: secret }, secret)).protectedHeader.alg, 'HS256')
})

test('a header may lie about the algorithm', async (t) => {
  const { header } = issue(t, { header: { alg: 'PS256' } })
  t.is(header.alg, 'PS256')
  await t.throwsAsync(verifiesWith({ header: { alg: 'PS256' } }, keysV1), {
    code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'
  })
})

test('what cannot be issued is refused, not guessed', (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const mistakes = [
    { expiresin: 5 },
    { version: 3 },
    { kid: 'nobody' },
    { client: OTHER_TENANT },
    { algorithm: 'RS257' },
    { algorithm: 'HS256' },
    { key: privateKey, algorithm: 'RS256' },
    { key: 'pem' }
  ]
  for (const overrides of mistakes) {
    t.throws(() => authority.issueToken(overrides), { code: 'ERR_TESTING_OPTION' }, JSON.stringify(overrides))
  }
})

test('roles and scopes are arrays of strings, and scopes have the form in scp', (t) => {
  for (const [overrides, message] of [
    [{ scopes: 'a b' }, /^scopes: expected an array of strings, got 'a b'$/],
    [{ roles: 'x' }, /^roles: expected an array of strings, got 'x'$/],
    [{ roles: ['x', undefined] }, /^roles: expected an array of non-empty strings, got undefined at index 1$/],
    [{ scopes: ['api://tasks/Task.Read'] }, /^scopes: expected 'Task\.Read', the form in scp, got 'api:/],
    [{ scopes: ['4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e/Task.Read'] }, /^scopes: expected 'Task\.Read', the form in scp/],
    [{ scopes: ['api://tasks/.default'] }, /^scopes: expected a scope such as Task\.Read, the form in scp, got 'api:/]
  ]) {
    for (const make of [(given) => authority.issueToken(given), verifiedToken]) {
      t.throws(() => make(overrides), { code: 'ERR_TESTING_OPTION', message })
    }
  }
  // Other forms are for tests of what no issuer writes.
  t.is(issue(t, { claims: { roles: 'x' } }).claims.roles, 'x')
})

test('what is wrong with an override is said in its words', (t) => {
  for (const [overrides, message] of [
    [{ client: 'x' }, /^client: no app registration has the client id 'x'$/],
    [{ client: 5 }, /^client: expected a string, got 5$/],
    [{ audience: 5 }, /^audience: expected a string, got 5$/],
    [{ tenantId: {} }, /^tenantId: expected a string, got an object$/],
    [{ delegated: false, scopes: ['a'] }, /^scopes: expected none with delegated: false/],
    [{ expires: 5 }, /^issueToken: unknown option 'expires'; did you mean expiresIn\?/],
    [
      { user: { name: 'Megan Bowen' } },
      /^issueToken: unknown option 'user'; the user is set once, with startTestAuthority\(\{ user: … \}\); for single claims, write claims: /
    ],
    [{ key: 'PEM' }, /^key: expected a KeyObject, got a string$/],
    [{ groups: ['g'] }, /write claims: \{ groups: … \}/]
  ]) {
    t.throws(() => authority.issueToken(overrides), { code: 'ERR_TESTING_OPTION', message })
  }
  t.throws(() => authority.bearer({ user: {} }), { message: /^bearer: unknown option 'user'; / })
})

test('options of the authority that cannot be used are refused, and leave nothing running', async (t) => {
  for (const [options, message] of [
    ...['x', -1, 70_000, 1.5, true, '8080', Number.NaN].map((port) => [
      { port },
      /^port: expected a whole number from 0 to 65535, got /
    ]),
    [{ tenantId: 'x' }, /^tenantId: expected a GUID, got 'x'$/],
    [{ tenantId: 5 }, /^tenantId: expected a GUID, got 5$/],
    [{ otherTenants: ['x'] }, /^otherTenants: at index 0: expected a GUID, got 'x'$/],
    [{ otherTenants: OTHER_TENANT }, /^otherTenants: expected an array/],
    [{ domain: 5 }, /^domain: expected a non-empty string, got 5$/],
    [{ quiet: 'yes' }, /^quiet: expected true or false, got 'yes'$/],
    [{ tls: 'yes' }, /^tls: expected true, false or /],
    [{ apps: [{ appIdUri: 5 }] }, /^apps: appIdUri: expected a non-empty string, got 5$/],
    [{ apps: [{ clientId: 'x' }] }, /^apps: clientId: expected a GUID, got 'x'$/],
    [{ user: { objectId: 'x' } }, /^user: objectId: expected a GUID, got 'x'$/],
    [{ tenant: 'x' }, /^startTestAuthority: unknown option 'tenant'; did you mean tenantId\? \(docs\/testing\.md\)$/]
  ]) {
    await t.throwsAsync(startTestAuthority({ quiet: true, ...options }), { code: 'ERR_TESTING_OPTION', message })
  }
})

test('a single application may ask for a token for itself', async (t) => {
  const alone = await startTestAuthority({ quiet: true, apps: [{ clientSecret: 'x', roles: ['Self'] }] })
  t.teardown(() => alone.close())
  const [app] = alone.apps
  t.is(alone.api, app)
  t.is(alone.client, app)
  t.like(claimsOf(alone.issueToken({ version: 2 })), { aud: app.clientId, azp: app.clientId, roles: ['Self'] })
})
