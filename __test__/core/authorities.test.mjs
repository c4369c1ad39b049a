// The option authority: what its metadata says is checked before it is believed, and decides whose tokens pass.
import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { AuthError, createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { start, verdict } from '../helpers/start.mjs'

const GUID = '775527ff-9a37-4307-8b3d-cc311f58d925'

/** A verifier that trusts a provider. */
const trusting = (authority, more) => createVerifier({ authority: authority.url, audience: AUDIENCE, ...more })

test('the tokens of an authority pass, and it is asked once: metadata, then keys', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority)
  const tokens = await Promise.all(Array.from({ length: 20 }, () => authority.issueToken()))
  t.deepEqual([...new Set(await Promise.all(tokens.map((token) => verdict(verifier, token))))], ['passes'])
  t.deepEqual(authority.requests, ['/.well-known/openid-configuration', '/keys'])
})

test('only its issuer passes, compared whole', async (t) => {
  const authority = await startForeignAuthority(t, { path: '/oauth2/default' })
  const verifier = trusting(authority)
  for (const iss of [
    authority.origin,
    `${authority.url}/`,
    `${authority.url}/v2.0`,
    authority.url.toUpperCase(),
    'https://accounts.example.com',
    `https://login.microsoftonline.com/${GUID}/v2.0`,
    '',
    undefined
  ]) {
    t.is(await verdict(verifier, await authority.issueToken({ iss })), 'ERR_TOKEN_ISSUER', String(iss))
  }
  t.is(await verdict(verifier, await authority.issueToken()), 'passes')
})

test('time, audience and signature are judged for any authority', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority)
  const now = Math.floor(Date.now() / 1000)
  for (const [claims, expected] of [
    [{ exp: now - 1 }, 'ERR_TOKEN_EXPIRED'],
    [{ exp: undefined }, 'ERR_TOKEN_EXPIRED'],
    [{ nbf: now + 60 }, 'ERR_TOKEN_NOT_ACTIVE'],
    [{ aud: 'https://other.example' }, 'ERR_TOKEN_AUDIENCE'],
    [{ aud: undefined }, 'ERR_TOKEN_AUDIENCE'],
    [{ aud: `spn:${GUID}`, ver: '1.0' }, 'ERR_TOKEN_AUDIENCE'],
    [{ iat: 'now' }, 'ERR_TOKEN_CLAIM']
  ]) {
    t.is(await verdict(verifier, await authority.issueToken(claims)), expected, JSON.stringify(claims))
  }
  const stranger = await newKey(authority.key.kid)
  t.is(await verdict(verifier, await authority.issueToken({}, { key: stranger })), 'ERR_TOKEN_SIGNATURE')
  const unknown = await newKey('unknown')
  t.is(await verdict(verifier, await authority.issueToken({}, { key: unknown })), 'ERR_TOKEN_KEY_UNKNOWN')
})

test("the rules of Entra's own tokens are not asked of others", async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority)
  for (const claims of [
    {},
    { ver: '3.0', tid: 'common' },
    { tid: GUID, TID: 'other' },
    { scp: ['a', 'b'], roles: 'one' },
    { idtyp: 'app', scp: 'a' }
  ]) {
    t.is(await verdict(verifier, await authority.issueToken(claims)), 'passes', JSON.stringify(claims))
  }
})

test('B2C: the policy in the path, another path and a slash in the issuer, keys without certificates', async (t) => {
  const path = '/contoso.onmicrosoft.com/B2C_1_susi/v2.0'
  const authority = await startForeignAuthority(t, { path })
  authority.metadata.issuer = `${authority.origin}/${GUID}/v2.0/`
  for (const url of [authority.url, `${authority.url}/`]) {
    const verifier = trusting(authority, { authority: url })
    t.is(await verdict(verifier, await authority.issueToken()), 'passes')
    const withoutSlash = await authority.issueToken({ iss: `${authority.origin}/${GUID}/v2.0` })
    t.is(await verdict(verifier, withoutSlash), 'ERR_TOKEN_ISSUER')
    t.is(await verdict(verifier, await authority.issueToken({ iss: authority.url })), 'ERR_TOKEN_ISSUER')
  }
  t.is(authority.requests[0], `${path}/.well-known/openid-configuration`)
  t.false('x5c' in authority.keys[0] || 'x5t' in authority.keys[0])
})

test('B2C: the client is azp although ver is 1.0, and a user is no application', async (t) => {
  const authority = await startForeignAuthority(t, { path: '/contoso.onmicrosoft.com/B2C_1_susi/v2.0' })
  const token = await authority.issueToken({ ver: '1.0', azp: GUID, oid: 'user', sub: 'user', tfp: 'B2C_1_susi' })
  const auth = await trusting(authority).verify(token)
  t.is(auth.clientId, GUID)
  t.false(auth.isAppOnly)
  t.is(await verdict(trusting(authority, { allowedClients: [GUID.toUpperCase()] }), token), 'passes')
  t.is(await verdict(trusting(authority, { allowedClients: ['other'] }), token), 'ERR_TOKEN_POLICY')
})

test('RFC 9068: client_id and scope, by the rule that allowedClients and requiredScopes ask', async (t) => {
  const authority = await startForeignAuthority(t)
  const token = await authority.issueToken({ client_id: 'web', scope: 'read write' })
  const auth = await trusting(authority).verify(token)
  t.deepEqual([auth.clientId, auth.scopes, auth.hasScope('write')], ['web', ['read', 'write'], true])
  for (const [options, expected] of [
    [{ allowedClients: ['web'], requiredScopes: ['write'] }, 'passes'],
    [{ allowedClients: ['Web'] }, 'ERR_TOKEN_POLICY'],
    [{ requiredScopes: ['writ'] }, 'ERR_TOKEN_POLICY']
  ]) {
    t.is(await verdict(trusting(authority, options), token), expected)
  }
  const service = await authority.issueToken({ client_id: 'web', azpacr: '1', oid: 'a', sub: 'a' })
  t.true((await trusting(authority).verify(service)).isAppOnly)
})

test("the API's own id goes to authorities that look like Entra's, and only if it is a GUID", async (t) => {
  for (const [path, clientId, asked] of [
    [`/${GUID}/v2.0`, GUID, `/keys?appid=${GUID}`],
    [`/${GUID}/v2.0`, 'my-secret-by-mistake', '/keys'],
    ['/realms/x', GUID, '/keys']
  ]) {
    const authority = await startForeignAuthority(t, { path })
    const verifier = trusting(authority, { clientId })
    t.is(await verdict(verifier, await authority.issueToken()), 'passes')
    t.deepEqual(authority.requests, [`${path}/.well-known/openid-configuration`, asked])
  }
  const error = t.throws(() => createVerifier({ tenantId: GUID, clientId: 'hunter2-hunter2', jwks: { keys: [] } }), {
    code: 'ERR_CONFIG',
    message: /clientId.*15 characters.*GUID/
  })
  t.notRegex(error.message + error.hint, /hunter2/)
})

test('an authority may be given as the URL of its metadata', async (t) => {
  const authority = await startForeignAuthority(t, { path: '/tenant/v2.0' })
  const url = `${authority.url}/.well-known/openid-configuration`
  t.is(await verdict(trusting(authority, { authority: url }), await authority.issueToken()), 'passes')
})

test('an issuer that is given beside an authority is believed', async (t) => {
  const authority = await startForeignAuthority(t)
  authority.metadata.issuer = 'https://issuer.example/a'
  const token = await authority.issueToken()
  t.is(await verdict(trusting(authority, { keys: { timeout: 4.1 } }), token), 'ERR_KEYS_UNAVAILABLE')
  t.is(await verdict(trusting(authority, { issuer: 'https://issuer.example/a' }), token), 'passes')
  t.is(await verdict(trusting(authority, { issuer: 'https://issuer.example/b' }), token), 'ERR_KEYS_UNAVAILABLE')
})

test('External ID behind a domain of its own: its issuer is believed for its tenant, and its tokens judged as Entra’s', async (t) => {
  const authority = await startForeignAuthority(t, { path: `/${GUID}/v2.0` })
  authority.metadata.issuer = `https://${GUID}.ciamlogin.com/${GUID}/v2.0`
  const claims = { ver: '2.0', tid: GUID, azp: 'client', oid: 'app', sub: 'app' }
  const verifier = trusting(authority)
  const auth = await verifier.verify(await authority.issueToken(claims))
  t.deepEqual([auth.clientId, auth.isAppOnly, auth.tenantId], ['client', true, GUID])
  for (const [more, expected] of [
    [{ azp: undefined }, 'ERR_TOKEN_USE'],
    [{ tid: undefined }, 'ERR_TOKEN_TENANT'],
    [{ ver: '1.0' }, 'ERR_TOKEN_ISSUER'],
    [{ iss: `https://contoso.ciamlogin.com/${GUID}/v2.0` }, 'ERR_TOKEN_ISSUER']
  ]) {
    t.is(await verdict(verifier, await authority.issueToken({ ...claims, ...more })), expected, JSON.stringify(more))
  }
})

test('one of the two key endpoints of Entra is enough', async (t) => {
  for (const [keysPath, issuer] of [
    [`/${GUID}/discovery/keys`, (origin) => `${origin}/${GUID}/v2.0`],
    [`/${GUID}/discovery/v2.0/keys`, () => undefined]
  ]) {
    const authority = await startForeignAuthority(t, { keysPath })
    const options = { tenantId: GUID, authorityHost: authority.origin, audience: AUDIENCE }
    const iss = `${authority.origin}/${GUID}/v2.0`
    const token = await authority.issueToken({ iss, ver: '2.0', tid: GUID, azp: 'client' })
    t.is(await verdict(createVerifier({ ...options, issuer: issuer(authority.origin) }), token), 'passes', keysPath)
    t.is(authority.requests.length, 2)
    t.is(authority.requests[1], keysPath)
  }
})

test('metadata that speaks for somebody else is not believed', async (t) => {
  const authority = await startForeignAuthority(t)
  const { origin } = authority
  const { port } = new URL(origin)
  for (const issuer of [
    'https://accounts.example.com',
    `https://login.microsoftonline.com/${GUID}/v2.0`,
    `http://127.0.0.1:${Number(port) + 1}`,
    `http://localhost:${port}`,
    origin.replace('http:', 'https:'),
    `${origin}/{tenantid}/v2.0`,
    `${origin}?tenant=a`,
    `${origin}#a`,
    origin.replace('//', '//user@'),
    `${origin}.evil.example`,
    'my-issuer',
    '',
    5,
    [origin],
    undefined
  ]) {
    authority.metadata = { issuer, jwks_uri: authority.jwksUri }
    authority.requests.length = 0
    // A timeout of its own makes a source of its own, which has not failed yet.
    const verifier = trusting(authority, { keys: { timeout: 5 + Math.random() } })
    const token = await authority.issueToken({ iss: typeof issuer === 'string' ? issuer : origin })
    const error = await t.throwsAsync(verifier.verify(token), { instanceOf: AuthError, code: 'ERR_KEYS_UNAVAILABLE' })
    t.regex(
      error.message,
      /the metadata('s issuer is not the authority's| is not an object with issuer)/,
      String(issuer)
    )
    t.deepEqual(authority.requests, ['/.well-known/openid-configuration'], String(issuer))
  }
})

test('keys are fetched over https, or from this machine', async (t) => {
  const authority = await startForeignAuthority(t)
  for (const jwksUri of [
    'http://accounts.example.com/keys',
    'http://127.0.0.1.evil.example/keys',
    'https://user:secret@accounts.example.com/keys',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    '/keys',
    'keys',
    '',
    5,
    undefined
  ]) {
    authority.metadata = { issuer: authority.url, jwks_uri: jwksUri }
    const verifier = trusting(authority, { keys: { timeout: 5 + Math.random() } })
    const error = await t.throwsAsync(verifier.verify(await authority.issueToken()), { code: 'ERR_KEYS_UNAVAILABLE' })
    t.regex(
      error.message,
      /the metadata('s jwks_uri is not an https URL| is not an object with issuer)/,
      String(jwksUri)
    )
    t.notRegex(error.message, /secret|passwd|evil/)
  }
})

test('what is no metadata is not believed, and a redirect is not followed', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = () => trusting(authority, { keys: { timeout: 5 + Math.random() } })
  for (const metadata of [[], 'text', null, 5, {}, { issuer: authority.url }, { jwks_uri: authority.jwksUri }]) {
    authority.metadata = metadata
    const error = await t.throwsAsync(verifier().preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
    t.regex(error.message, /the metadata is not an object with issuer and jwks_uri/, JSON.stringify(metadata))
  }
  authority.status = 302
  t.regex((await t.throwsAsync(verifier().preload())).message, /the authority answered 302/)
})

test('an authority that speaks for another issuer from now on is believed, and its former tokens are forgotten', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority)
  const former = await authority.issueToken()
  t.is(await verdict(verifier, former), 'passes')
  t.is(await verdict(verifier, former), 'passes')

  authority.metadata = { issuer: `${authority.url}/v2`, jwks_uri: authority.jwksUri }
  // Not known yet: nothing is fetched for a token that needs no new key.
  t.is(await verdict(verifier, former), 'passes')
  await verifier.preload()
  t.is(await verdict(verifier, former), 'ERR_TOKEN_ISSUER')
  t.is(await verdict(verifier, await authority.issueToken()), 'passes')
})

test('with another issuer the keys of the former one go, whatever their retention', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority, { keys: { retention: 86_400 } })
  await verifier.preload()
  const former = authority.key
  authority.key = await newKey('key-2')
  authority.keys = [authority.key.jwk]
  authority.metadata = { issuer: `${authority.url}/v2`, jwks_uri: authority.jwksUri }
  await verifier.preload()
  t.is(await verdict(verifier, await authority.issueToken()), 'passes')
  t.is(await verdict(verifier, await authority.issueToken({}, { key: former })), 'ERR_TOKEN_KEY_UNKNOWN')
})

test('metadata is refreshed with the keys, in the background, and a failure changes nothing', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority, { keys: { refreshInterval: 1 } })
  t.is(await verdict(verifier, await authority.issueToken()), 'passes')
  const { metadata } = authority
  // microsoft-cases, section 2: the last metadata that was good stays.
  authority.metadata = { issuer: 'hxxp://brokenissuer/{tenantid}', jwks_uri: 'hxxp://brokenissuer/keys' }
  const deadline = Date.now() + 20_000
  while (verifier.stats().failures === 0 && Date.now() < deadline) {
    t.is(await verdict(verifier, await authority.issueToken({ iss: metadata.issuer })), 'passes')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  t.true(verifier.stats().failures > 0)
  t.regex(verifier.stats().lastFailure.cause, /issuer is not the authority's/)
  t.is(await verdict(verifier, await authority.issueToken({ iss: metadata.issuer })), 'passes')
  t.is(await verdict(verifier, await authority.issueToken({ iss: 'hxxp://brokenissuer/a' })), 'ERR_TOKEN_ISSUER')
})

test('jwksUri replaces where the keys are, not whose tokens pass', async (t) => {
  const [authority, elsewhere] = [await startForeignAuthority(t), await startForeignAuthority(t)]
  const verifier = trusting(authority, { jwksUri: elsewhere.jwksUri })
  const iss = authority.url
  t.is(await verdict(verifier, await elsewhere.issueToken({ iss })), 'passes')
  t.is(await verdict(verifier, await elsewhere.issueToken()), 'ERR_TOKEN_ISSUER')
  t.deepEqual(authority.requests, ['/.well-known/openid-configuration'])
  t.deepEqual(elsewhere.requests, ['/keys'])
})

test('issuer replaces the issuer of the metadata', async (t) => {
  const authority = await startForeignAuthority(t)
  const verifier = trusting(authority, { issuer: 'https://issuer.example' })
  t.is(await verdict(verifier, await authority.issueToken({ iss: 'https://issuer.example' })), 'passes')
  t.is(await verdict(verifier, await authority.issueToken()), 'ERR_TOKEN_ISSUER')
})

test('an authority of Entra is tenant and host, with all the rules of Entra', async (t) => {
  const { authority: entra } = await start(t)
  const [{ jwk }] = entra.keys
  const jwks = { keys: [{ ...jwk, cloud_instance_name: 'microsoftonline.com' }] }
  const host = 'https://login.microsoftonline.com'
  const issue = (overrides, iss = `${host}/${entra.tenantId}/v2.0`) =>
    entra.issueToken({ version: 2, ...overrides, claims: { iss, ...overrides?.claims } })
  for (const path of ['', '/', '/v2.0', '/v2.0/']) {
    const verifier = createVerifier({
      authority: `${host}/${entra.tenantId}${path}`,
      clientId: entra.api.clientId,
      jwks
    })
    t.is(await verdict(verifier, issue()), 'passes', path)
    t.is(await verdict(verifier, entra.issueToken({ version: 1 })), 'passes', path)
    t.is(await verdict(verifier, issue({ tenantId: GUID }, `${host}/${GUID}/v2.0`)), 'ERR_TOKEN_TENANT', path)
    t.is(await verdict(verifier, issue({ claims: { azp: undefined } })), 'ERR_TOKEN_USE', path)
    t.is(await verdict(verifier, issue({ header: { nonce: 'n' } })), 'ERR_TOKEN_GRAPH', path)
  }
  const several = { authority: `${host}/organizations`, clientId: entra.api.clientId, jwks }
  t.throws(() => createVerifier(several), { code: 'ERR_CONFIG', message: /allowedTenants/ })
  const verifier = createVerifier({ ...several, allowedTenants: [GUID] })
  t.is(await verdict(verifier, issue({ tenantId: GUID }, `${host}/${GUID}/v2.0`)), 'passes')
  t.is(await verdict(verifier, issue()), 'ERR_TOKEN_TENANT')
})

test('an Entra look-alike as authority is read through its v2 metadata', async (t) => {
  const { authority: entra } = await start(t)
  const verifier = createVerifier({ authority: `${entra.url}/${entra.tenantId}/v2.0`, audience: entra.api.clientId })
  t.is(await verdict(verifier, entra.issueToken({ version: 2 })), 'passes')
  t.is(await verdict(verifier, entra.issueToken({ version: 1, audience: entra.api.clientId })), 'ERR_TOKEN_ISSUER')
  t.is(await verdict(verifier, entra.issueToken({ version: 2, tenantId: GUID })), 'ERR_TOKEN_ISSUER')
  t.is(entra.requestsTo('metadata').length, 1)
})

test('an authority that cannot be one is refused at construction', (t) => {
  for (const options of [
    { authority: '' },
    { authority: 5 },
    { authority: 'accounts.example.com' },
    { authority: 'http://accounts.example.com' },
    { authority: 'https://user:hunter2@accounts.example.com' },
    { authority: 'https://accounts.example.com/?a=b' },
    { authority: 'https://accounts.example.com/#a' },
    { authority: 'https://accounts.example.com', tenantId: GUID },
    { authority: 'https://accounts.example.com', authorityHost: 'https://login.microsoftonline.us' },
    { authority: 'https://login.microsoftonline.com' },
    { authority: 'https://login.microsoftonline.com/contoso' },
    { authority: `https://login.microsoftonline.com/${GUID}/oauth2` }
  ]) {
    const error = t.throws(() => createVerifier({ audience: AUDIENCE, ...options }), { code: 'ERR_CONFIG' })
    t.regex(error.message, /authority/, JSON.stringify(options))
    t.notRegex(error.message, /hunter2/)
  }
  // Static keys leave nobody to ask for the issuer.
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'known' }] }
  const problem = { code: 'ERR_CONFIG', message: /jwks.*issuer/ }
  t.throws(() => createVerifier({ audience: AUDIENCE, authority: 'https://accounts.example.com', jwks }), problem)
})
