// The option authorities: a token is judged by the authority that its issuer names, whole and by that one alone.
import test from 'ava'
import { createCheckAuthToken, createVerifier, requireScope } from 'entra-jwt-verify'
import { frameworks, serve } from '../helpers/app.mjs'
import { AUDIENCE, newKey, signToken, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { optionsFor, seconds, start, verdict } from '../helpers/start.mjs'

const GUID = '775527ff-9a37-4307-8b3d-cc311f58d925'

/** Entra and a provider that is not, in one verifier. */
async function entraAndForeign(t, more) {
  const { authority: entra, options } = await start(t)
  const foreign = await startForeignAuthority(t)
  const authorities = [options, { authority: foreign.url, audience: AUDIENCE, requiredRoles: ['Foreign'] }]
  const given = { authorities, ...more }
  return { entra, foreign, given, verifier: createVerifier(given) }
}

test('each token is judged by the rules of its own authority', async (t) => {
  const { entra, foreign, verifier } = await entraAndForeign(t)
  const role = { roles: ['Foreign'] }
  t.is(await verdict(verifier, entra.issueToken()), 'passes')
  t.is(await verdict(verifier, entra.issueToken({ version: 1 })), 'passes')
  t.is(await verdict(verifier, await foreign.issueToken(role)), 'passes')
  t.is(await verdict(verifier, await foreign.issueToken()), 'ERR_TOKEN_POLICY', 'its own required role')
  t.is(await verdict(verifier, await foreign.issueToken({ ...role, aud: entra.api.clientId })), 'ERR_TOKEN_AUDIENCE')
  t.is(await verdict(verifier, entra.issueToken({ audience: AUDIENCE })), 'ERR_TOKEN_AUDIENCE')
  t.is(
    await verdict(verifier, entra.issueToken({ idToken: true })),
    'ERR_TOKEN_USE',
    "Entra's rules for Entra's tokens"
  )
  t.is(await verdict(verifier, entra.issueToken({ tenantId: GUID })), 'ERR_TOKEN_TENANT')
  t.is(await verdict(verifier, await foreign.issueToken({ ...role, iss: 'https://other.example' })), 'ERR_TOKEN_ISSUER')
  t.is(await verdict(verifier, await foreign.issueToken({ ...role, iss: undefined })), 'ERR_TOKEN_ISSUER')
})

test('naming another authority gains nothing', async (t) => {
  const { entra, foreign, verifier } = await entraAndForeign(t)
  await verifier.preload()
  const now = Math.floor(Date.now() / 1000)
  const ofEntra = {
    iss: `${entra.url}/${entra.tenantId}/v2.0`,
    tid: entra.tenantId,
    ver: '2.0',
    azp: GUID,
    aud: entra.api.clientId,
    exp: now + 60
  }
  t.is(await verdict(verifier, await signToken(foreign.key, ofEntra)), 'ERR_TOKEN_KEY_UNKNOWN', 'its key, not ours')
  const [entraKey] = (await (await fetch(`${entra.url}/${entra.tenantId}/discovery/v2.0/keys`)).json()).keys
  const named = { ...foreign.key, kid: entraKey.kid }
  t.is(await verdict(verifier, await signToken(named, ofEntra)), 'ERR_TOKEN_SIGNATURE', 'the name of its key')
  // What Entra signed for another issuer: as with a template in a v2 key set.
  const byEntra = entra.issueToken({ claims: { iss: foreign.url, roles: ['Foreign'], aud: AUDIENCE } })
  t.is(await verdict(verifier, byEntra), 'ERR_TOKEN_KEY_UNKNOWN')
})

test('a token that is none of theirs causes no fetch and costs no signature', async (t) => {
  const { entra, foreign, verifier } = await entraAndForeign(t)
  const stranger = await newKey('unknown')
  for (let i = 0; i < 5; i++) {
    const token = await signToken(stranger, { iss: `https://${i}.example`, aud: AUDIENCE })
    t.is(await verdict(verifier, token), 'ERR_TOKEN_ISSUER')
  }
  t.deepEqual([entra.requests.length, foreign.requests.length], [0, 0])
  t.is(await verdict(verifier, 'broken'), 'ERR_TOKEN_MALFORMED')
  t.is(await verdict(verifier, `e30.${Buffer.from('[]').toString('base64url')}.e30`), 'ERR_TOKEN_MALFORMED')
})

test('a cached token remembers who judged it', async (t) => {
  const { entra, foreign, verifier, given } = await entraAndForeign(t)
  const delegated = entra.issueToken({ delegated: true, scopes: ['Task.Read'] })
  // scope and client_id mean something in RFC 9068, and nothing in Entra's tokens.
  const ofOther = await foreign.issueToken({ scope: 'a b', client_id: 'app', roles: ['Foreign'] })
  for (const one of [verifier, createVerifier({ ...given, tokenCache: false })]) {
    for (let sight = 0; sight < 3; sight++) {
      const [first, second] = [await one.verify(delegated), await one.verify(ofOther)]
      t.deepEqual([first.clientId, first.scopes], [entra.client.clientId, ['Task.Read']])
      t.deepEqual([second.clientId, second.scopes], ['app', ['a', 'b']])
    }
  }
  t.like(verifier.stats().tokenCache, { entries: 2, hits: 4, misses: 2 })
})

test('two user flows of one issuer are told apart by tfp or acr, and by key', async (t) => {
  const path = (flow) => `/contoso.onmicrosoft.com/${flow}/v2.0`
  const b2c = await startForeignAuthority(t, { path: path('B2C_1_a') })
  const issuer = `${b2c.origin}/${GUID}/v2.0/`
  b2c.metadata.issuer = issuer
  const ofB = await newKey('key-b')
  b2c.documents = {
    [`${path('B2C_1_b')}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${b2c.origin}/keys-b` },
    '/keys-b': { keys: [ofB.jwk] }
  }
  const flow = (name) => ({ authority: `${b2c.origin}${path(name)}`, audience: `https://${name}` })
  const verifier = createVerifier({ authorities: [flow('B2C_1_a'), flow('B2C_1_b')] })
  const token = (key, audience, more) => b2c.issueToken({ iss: issuer, aud: `https://${audience}`, ...more }, { key })
  for (const [key, name] of [
    [b2c.key, 'B2C_1_a'],
    [ofB, 'B2C_1_b']
  ]) {
    t.is(await verdict(verifier, await token(key, name, { tfp: name })), 'passes', `${name} by tfp`)
    t.is(await verdict(verifier, await token(key, name, { tfp: name.toLowerCase() })), 'passes', `${name} without case`)
    t.is(await verdict(verifier, await token(key, name, { acr: name.toLowerCase() })), 'passes', `${name} by acr`)
    t.is(await verdict(verifier, await token(key, name)), 'passes', `${name} by key`)
    const other = name === 'B2C_1_a' ? 'B2C_1_b' : 'B2C_1_a'
    t.is(await verdict(verifier, await token(key, other, { tfp: name })), 'ERR_TOKEN_AUDIENCE', 'judged whole')
    t.is(await verdict(verifier, await token(key, name, { tfp: other })), 'ERR_TOKEN_KEY_UNKNOWN', 'the key of another')
  }
  t.is(await verdict(verifier, await token(b2c.key, 'B2C_1_a', { tfp: 'B2C_1_c' })), 'ERR_TOKEN_ISSUER', 'neither')
  t.is(await verdict(verifier, await token(b2c.key, 'B2C_1_a', { acr: '1' })), 'passes', 'acr of another meaning')
  const stranger = await newKey('key-c')
  t.is(await verdict(verifier, await token(stranger, 'B2C_1_a')), 'ERR_TOKEN_KEY_UNKNOWN')
})

test('one unknown key causes one fetch of each authority that it may be of', async (t) => {
  const path = (flow) => `/contoso.onmicrosoft.com/${flow}/v2.0`
  const b2c = await startForeignAuthority(t, { path: path('B2C_1_a') })
  b2c.metadata.issuer = `${b2c.origin}/${GUID}/v2.0/`
  b2c.documents = { [`${path('B2C_1_b')}/.well-known/openid-configuration`]: b2c.metadata }
  const flow = (name) => ({ authority: `${b2c.origin}${path(name)}`, audience: AUDIENCE })
  const verifier = createVerifier({ authorities: [flow('B2C_1_a'), flow('B2C_1_b')], keys: { timeout: 4.3 } })
  await verifier.preload()
  b2c.requests.length = 0
  const token = await b2c.issueToken({}, { key: await newKey('unknown') })
  t.is(await verdict(verifier, token), 'ERR_TOKEN_KEY_UNKNOWN')
  t.is(b2c.requests.filter((url) => url.startsWith('/keys')).length, 2)
})

test('an outage of one authority leaves the tokens of the other alone', async (t) => {
  const { entra, foreign, verifier } = await entraAndForeign(t)
  foreign.status = 503
  t.is(await verdict(verifier, entra.issueToken()), 'passes')
  t.is(await verdict(verifier, await foreign.issueToken({ roles: ['Foreign'] })), 'ERR_KEYS_UNAVAILABLE')
  t.is(await verdict(verifier, entra.issueToken()), 'passes')
  const { authorities } = verifier.stats()
  t.deepEqual(
    authorities.map(({ authority, failures, keys }) => [authority, failures > 0, keys.length > 0]),
    [
      [`${entra.url}/${entra.tenantId}/v2.0`, false, true],
      [foreign.url, true, false]
    ]
  )
  t.is(createVerifier(optionsFor(entra)).stats().authorities, undefined)
})

test('two tenants of one Entra, and several tenants beside another cloud', async (t) => {
  const { authority, options } = await start(t)
  const second = await start(t)
  const { clientId } = second.options
  const verifier = createVerifier({
    clientId: options.clientId,
    authorities: [
      { tenantId: options.tenantId, authorityHost: authority.url, requiredRoles: ['Old'] },
      { tenantId: GUID, authorityHost: authority.url, jwksUri: `${authority.url}/common/discovery/v2.0/keys` },
      { tenantId: 'common', allowedTenants: '*', authorityHost: second.authority.url, clientId }
    ]
  })
  t.is(await verdict(verifier, authority.issueToken({ roles: ['Old'] })), 'passes')
  t.is(await verdict(verifier, authority.issueToken({ roles: ['New'] })), 'ERR_TOKEN_POLICY')
  t.is(await verdict(verifier, authority.issueToken({ tenantId: GUID, roles: ['New'] })), 'passes')
  for (const version of [1, 2]) {
    // v1 tokens of both have issuers of one form: the tenant tells whose they are, and else the key.
    for (const tenantId of [crypto.randomUUID(), GUID]) {
      t.is(
        await verdict(verifier, second.authority.issueToken({ version, tenantId })),
        'passes',
        `v${version} ${tenantId}`
      )
    }
  }
})

test('authorities that nothing could tell apart are refused, and so is what would be for all', async (t) => {
  const tenant = { tenantId: GUID, audience: 'a' }
  const refused = (given, option = 'authorities') => {
    const error = t.throws(() => createVerifier(given), { code: 'ERR_CONFIG' })
    t.true(error.message.includes(`option ${option}:`), `${option}: ${error.message}`)
  }
  const issuer = 'https://issuer.example'
  const keys = { keys: [(await newKey('a')).jwk] }
  for (const pair of [
    [tenant, { ...tenant, audience: 'b' }],
    [tenant, { tenantId: 'common', allowedTenants: '*', audience: 'a' }],
    [tenant, { ...tenant, issuer: `https://sts.windows.net/${GUID}/` }],
    [
      { issuer, jwks: keys, audience: 'a' },
      { issuer, jwks: keys, audience: 'b' }
    ],
    [
      { authority: issuer, audience: 'a' },
      { authority: issuer, audience: 'b' }
    ]
  ]) {
    refused({ authorities: pair })
  }
  const versions = [`https://sts.windows.net/${GUID}/`, `https://login.microsoftonline.com/${GUID}/v2.0`]
  t.notThrows(() => createVerifier({ authorities: versions.map((one) => ({ ...tenant, issuer: one })) }))
  t.notThrows(() => createVerifier({ authorities: [tenant] }))
  for (const authorities of [[], {}, 'a', [1], [null], Array.from({ length: 9 }, () => tenant)])
    refused({ authorities })
  refused({ authorities: [{ ...tenant, clockTolerance: 1 }] })
  refused({ authorities: [{ ...tenant, tenentId: 'x' }] })
  refused({ authorities: [tenant], jwks: keys }, 'jwks')
  refused({ authorities: [tenant], jwksUri: 'https://keys.example' }, 'jwksUri')
  refused({ authorities: [tenant], initialKeys: keys }, 'initialKeys')
  const error = t.throws(() => createVerifier({ authorities: [tenant, { tenantId: 'contoso', audience: 'a' }] }))
  t.regex(error.message, /option tenantId: .*authorities\[1\]/)
})

test('exported keys come back as those of their own authority', async (t) => {
  const { entra, foreign, given, verifier } = await entraAndForeign(t)
  await verifier.preload()
  const initialKeys = verifier.exportKeys()
  t.deepEqual(initialKeys.keys, [])
  t.is(Object.keys(initialKeys.authorities).length, 2)
  const good = entra.issueToken()
  const ofOther = await foreign.issueToken({ roles: ['Foreign'] })
  entra.fail(503)
  foreign.status = 503
  // In another order: they are found by name.
  const authorities = [...given.authorities].reverse()
  const later = createVerifier({ authorities, initialKeys, keys: { timeout: 4.4 } })
  t.is(await verdict(later, good), 'passes')
  t.is(await verdict(later, ofOther), 'passes')
  const alone = createVerifier({ ...given.authorities[0], initialKeys, keys: { timeout: 4.5 } })
  t.is(await verdict(alone, good), 'passes')
  const renamed = Object.fromEntries(Object.entries(initialKeys.authorities).map(([, set]) => ['https://other', set]))
  const without = createVerifier({
    authorities,
    initialKeys: { keys: [], authorities: renamed },
    keys: { timeout: 4.6 }
  })
  t.is(await verdict(without, good), 'ERR_KEYS_UNAVAILABLE')
})

test('updateKeys wants to know whose keys they are', async (t) => {
  const [one, other] = [await newKey('one'), await newKey('other')]
  const issuers = ['https://one.example', 'https://other.example']
  const authorities = issuers.map((issuer) => ({ issuer, audience: AUDIENCE }))
  const verifier = createVerifier({ authorities, jwksUri: false })
  const token = (key, iss) => signToken(key, { iss, aud: AUDIENCE })
  t.throws(() => verifier.updateKeys({ keys: [one.jwk] }), { code: 'ERR_CONFIG', message: /one\.example/ })
  t.throws(() => verifier.updateKeys({ keys: [one.jwk] }, { authority: 'https://third.example' }), {
    code: 'ERR_CONFIG'
  })
  t.throws(() => verifier.updateKeys({ keys: [one.jwk] }, { issuer: issuers[0] }), { code: 'ERR_CONFIG' })
  verifier.updateKeys({ keys: [one.jwk] }, { authority: issuers[0] })
  verifier.updateKeys({ keys: [other.jwk] }, { authority: issuers[1] })
  t.is(await verdict(verifier, await token(one, issuers[0])), 'passes')
  t.is(await verdict(verifier, await token(other, issuers[1])), 'passes')
  t.is(await verdict(verifier, await token(one, issuers[1])), 'ERR_TOKEN_KEY_UNKNOWN')
  t.is(await verdict(verifier, await token(other, issuers[0])), 'ERR_TOKEN_KEY_UNKNOWN')
})

test('explain says which authority judged a token, or that it is none of theirs', async (t) => {
  const { entra, foreign, verifier } = await entraAndForeign(t)
  const good = await verifier.explain(await foreign.issueToken({ roles: ['Foreign'] }))
  t.like(good, { verdict: 'valid', authority: foreign.url })
  t.like(await verifier.explain(entra.issueToken()), { authority: `${entra.url}/${entra.tenantId}/v2.0` })
  const neither = await verifier.explain(await foreign.issueToken({ iss: 'https://accounts.google.com' }))
  t.like(neither, { verdict: 'refused', code: 'ERR_TOKEN_ISSUER', authority: undefined })
  const failed = neither.checks.filter(({ status }) => status === 'failed')
  t.is(failed.length, 1)
  t.like(failed[0], { name: 'issuer', code: 'ERR_TOKEN_ISSUER' })
  t.true(failed[0].expected.includes(`${entra.url}/${entra.tenantId}/v2.0`))
  t.true(failed[0].found.includes('accounts.google.com'))
  t.false(neither.checks.some(({ name, status }) => name === 'audience' && status !== 'not-reached'))
  const broken = await verifier.explain('broken')
  t.like(broken, { verdict: 'refused', code: 'ERR_TOKEN_MALFORMED' })
  t.is(createVerifier({ tenantId: GUID, audience: 'a' }) && (await verifier.explain('')).code, 'ERR_TOKEN_MISSING')
})

test('challenges and metadata name the authorities, each guard that of its token', async (t) => {
  const { entra, options } = await start(t).then(({ authority, options }) => ({ entra: authority, options }))
  const foreign = await startForeignAuthority(t)
  const middleware = createCheckAuthToken({
    authorities: [options, { authority: foreign.url, audience: AUDIENCE }],
    resourceMetadata: { resource: 'https://api.example/', scopes: ['Task.Read'] },
    responses: 'rfc6750',
    logger: false
  })
  const document = await serve(t, (req, res) => middleware.resourceMetadata(req, res, () => {}))
  const { authorization_servers, scopes_supported } = JSON.parse((await document()).body)
  t.deepEqual(authorization_servers, [`${entra.url}/${entra.tenantId}/v2.0`, foreign.url])
  t.deepEqual(scopes_supported, [`api://${options.clientId}/Task.Read`, 'Task.Read'])
  const guard = requireScope('Task.Write')
  const send = await serve(
    t,
    frameworks['Express 5']((req, res, next) => middleware(req, res, () => guard(req, res, next)))
  )
  for (const [token, scope] of [
    [entra.issueToken({ delegated: true }), `api://${options.clientId}/Task.Write`],
    [await foreign.issueToken({ scope: 'Task.Read' }), 'Task.Write']
  ]) {
    const answer = await send(`Bearer ${token}`)
    t.is(answer.status, 403)
    t.true(answer.headers.get('www-authenticate').includes(`scope="${scope}"`), answer.headers.get('www-authenticate'))
  }
})

test('environment variables say nothing about authorities that are written out', async (t) => {
  const { entra, given } = await entraAndForeign(t)
  const before = process.env.ENTRA_TENANT_ID
  process.env.ENTRA_TENANT_ID = GUID
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, 'ENTRA_TENANT_ID')
    else process.env.ENTRA_TENANT_ID = before
  })
  t.is(await verdict(createVerifier({ ...given, keys: { timeout: 4.7 } }), entra.issueToken()), 'passes')
  await seconds(0)
})

test('realms of one host: each has the issuer that it is addressed by, whatever the metadata of another is or says', async (t) => {
  const server = await startForeignAuthority(t, { path: '/a' })
  const issuer = `${server.origin}/b`
  const ofB = await newKey('key-1')
  server.documents = {
    '/b/.well-known/openid-configuration': { issuer, jwks_uri: `${server.origin}/keys-b` },
    '/keys-b': { keys: [ofB.jwk] }
  }
  const authorities = ['a', 'b'].map((realm) => ({ authority: `${server.origin}/${realm}`, audience: AUDIENCE }))
  const token = await server.issueToken({ iss: issuer }, { key: ofB })
  const verifier = createVerifier({ authorities })
  t.is(await verdict(verifier, token), 'passes')
  t.false(
    server.requests.some((url) => url.startsWith('/a/')),
    'the other is not asked'
  )
  t.is(await verdict(verifier, await server.issueToken()), 'passes')
  // The other claims the issuer, and has a key of the same name.
  server.metadata.issuer = issuer
  const later = createVerifier({ authorities, keys: { timeout: 4.8 } })
  await later.preload()
  t.is(await verdict(later, token), 'passes')
  t.is(await verdict(later, await server.issueToken({ iss: issuer })), 'ERR_TOKEN_SIGNATURE')
})
