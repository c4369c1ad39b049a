// Several tenants, personal accounts, and a domain in place of the tenant's id: whose tokens pass, and which keys sign them.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { MICROSOFT_ACCOUNTS, seconds, start, verdict } from '../helpers/start.mjs'

const OTHER = '8d1e6c2f-405b-4c1f-8b64-203070100b22'
const STRANGER = 'c1a2b3d4-0000-4000-8000-00000000beef'

const paths = (authority, endpoint) => authority.requestsTo(endpoint).map(({ path }) => path)

/** The verdicts on a v1 and a v2 token of a tenant. */
const verdicts = (verifier, authority, tenantId) =>
  Promise.all([1, 2].map((version) => verdict(verifier, authority.issueToken({ version, tenantId }))))

const BOTH = ['passes', 'passes']
const NEITHER = ['ERR_TOKEN_TENANT', 'ERR_TOKEN_TENANT']

test('the tenants of allowedTenants pass, in either version, and no others', async (t) => {
  const { authority, verifier } = await start(t)
  const own = authority.tenantId
  for (const [options, allowed, refused] of [
    [{ tenantId: 'organizations', allowedTenants: [own] }, [own], [OTHER, MICROSOFT_ACCOUNTS]],
    [{ tenantId: 'organizations', allowedTenants: [own, OTHER] }, [own, OTHER], [STRANGER]],
    [{ tenantId: 'common', allowedTenants: own.toUpperCase() }, [own], [OTHER]],
    [{ tenantId: 'common', allowedTenants: [MICROSOFT_ACCOUNTS] }, [MICROSOFT_ACCOUNTS], [own]],
    [{ tenantId: own, allowedTenants: [OTHER] }, [OTHER], [own]],
    [{ tenantId: own }, [own], [OTHER, MICROSOFT_ACCOUNTS]]
  ]) {
    const one = verifier(options)
    for (const tenant of allowed) t.deepEqual(await verdicts(one, authority, tenant), BOTH, JSON.stringify(options))
    for (const tenant of refused) t.deepEqual(await verdicts(one, authority, tenant), NEITHER, JSON.stringify(options))
  }
})

test("'*' is every organization; personal accounts are among it where the name says so", async (t) => {
  const { authority, verifier } = await start(t)
  for (const [tenantId, organizations, personal] of [
    ['organizations', BOTH, NEITHER],
    ['common', BOTH, BOTH],
    ['consumers', NEITHER, BOTH],
    [authority.tenantId, BOTH, NEITHER]
  ]) {
    for (const allowedTenants of ['*', ['*']]) {
      const one = verifier({ tenantId, allowedTenants })
      for (const tenant of [authority.tenantId, OTHER, STRANGER]) {
        t.deepEqual(await verdicts(one, authority, tenant), organizations, `${tenantId} ${tenant}`)
      }
      t.deepEqual(await verdicts(one, authority, MICROSOFT_ACCOUNTS), personal, tenantId)
    }
  }
})

test('a token says one thing about its tenant, also where every tenant is allowed', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tenantId: 'common', allowedTenants: '*' })
  for (const [claims, expected] of [
    [{ tid: OTHER }, 'ERR_TOKEN_TENANT'],
    [{ iss: `${authority.url}/${OTHER}/v2.0` }, 'ERR_TOKEN_TENANT'],
    [{ iss: `${authority.url}/{tenantid}/v2.0` }, 'ERR_TOKEN_TENANT'],
    [{ iss: `${authority.url}/common/v2.0`, tid: 'common' }, 'ERR_TOKEN_TENANT'],
    [{ tid: undefined }, 'ERR_TOKEN_TENANT'],
    [{ TID: OTHER }, 'ERR_TOKEN_TENANT'],
    [{ iss: `https://sts.windows.net/${authority.tenantId}/` }, 'ERR_TOKEN_ISSUER'],
    [{ ver: '1.0' }, 'ERR_TOKEN_ISSUER'],
    [{ ver: undefined }, 'ERR_TOKEN_ISSUER'],
    [{}, 'passes']
  ]) {
    t.is(await verdict(one, authority.issueToken({ version: 2, claims })), expected, JSON.stringify(claims))
  }
})

test('several tenants without allowedTenants, or with a list that cannot be, are refused at construction', async (t) => {
  const { verifier } = await start(t)
  for (const tenantId of ['common', 'organizations', 'consumers']) {
    for (const allowedTenants of [undefined, null, [], '', ['*', OTHER], ['**'], ['contoso.com'], [5], 5, true, {}]) {
      const error = t.throws(() => verifier({ tenantId, allowedTenants }), { code: 'ERR_CONFIG' })
      t.regex(error.message, /allowedTenants/)
    }
  }
  for (const tenantId of ['Common', 'common/', 'consumer', '*', '{tenantid}', 'common,organizations']) {
    t.throws(() => verifier({ tenantId, allowedTenants: '*' }), { code: 'ERR_CONFIG' }, tenantId)
  }
})

test('allowedTenants beside an issuer or an authority that asks for no tenant is refused at construction', (t) => {
  // Nothing would heed the list: the token of any tenant passes.
  const common = { audience: 'a', allowedTenants: [OTHER] }
  for (const options of [
    { issuer: 'https://issuer.example/', jwksUri: 'https://issuer.example/keys' },
    { tenantId: STRANGER, issuer: `https://login.microsoftonline.com/${STRANGER}/v2.0` },
    { authority: 'https://accounts.example.com' }
  ]) {
    const error = t.throws(() => createVerifier({ ...common, ...options }), { code: 'ERR_CONFIG' })
    t.regex(error.message, /allowedTenants/)
  }
})

test('several tenants: v2 tokens take their keys from the v2 set, v1 tokens from the other', async (t) => {
  const { authority, verifier } = await start(t)
  for (const tenantId of ['common', 'organizations', 'consumers']) {
    authority.requests.length = 0
    const one = verifier({ tenantId, allowedTenants: '*' })
    await verdict(one, authority.issueToken({ version: 2 }))
    t.deepEqual(paths(authority, 'keys'), [`/${tenantId}/discovery/v2.0/keys`])
    await verdict(one, authority.issueToken({ version: 1 }))
    t.deepEqual(paths(authority, 'keys'), [`/${tenantId}/discovery/v2.0/keys`, `/${tenantId}/discovery/keys`])
    await verdicts(one, authority)
    t.is(paths(authority, 'keys').length, 2)
    for (const { query } of authority.requestsTo('keys')) t.is(query.appid, authority.api.clientId)
  }
})

test('a verifier with another list of tenants shares the keys: nothing is fetched again', async (t) => {
  const { authority, verifier } = await start(t)
  const of = (...allowedTenants) => verifier({ tenantId: 'organizations', allowedTenants })
  t.deepEqual(await verdicts(of(authority.tenantId), authority, OTHER), NEITHER)
  const fetched = authority.requests.length
  t.is(fetched, 2)
  t.deepEqual(await verdicts(of(authority.tenantId, OTHER), authority, OTHER), BOTH)
  t.deepEqual(await verdicts(of(authority.tenantId), authority, OTHER), NEITHER)
  t.is(authority.requests.length, fetched)
})

test('one tenant: one set for both versions', async (t) => {
  const { authority, verifier } = await start(t)
  t.deepEqual(await verdicts(verifier(), authority), BOTH)
  t.deepEqual(paths(authority, 'keys'), [`/${authority.tenantId}/discovery/keys`])
})

test('a tenant with further allowed ones is several', async (t) => {
  const { authority, verifier } = await start(t)
  const kid = await authority.addKey({ issuer: `${authority.url}/${authority.tenantId}/v2.0` })
  const one = verifier({ allowedTenants: [authority.tenantId, OTHER] })
  t.is(await verdict(one, authority.issueToken({ version: 2, kid })), 'passes')
  t.is(await verdict(one, authority.issueToken({ version: 2, kid, tenantId: OTHER })), 'ERR_TOKEN_ISSUER')
})

test('preload fetches both sets', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tenantId: 'common', allowedTenants: '*' })
  await one.preload()
  t.is(authority.requestsTo('keys').length, 2)
  for (const version of [1, 2]) t.notThrows(() => one.verifySync(authority.issueToken({ version })))
})

test('preload fails when one of the two sets cannot be had', async (t) => {
  const { authority, verifier } = await start(t)
  authority.fail(403, 1)
  await t.throwsAsync(verifier({ tenantId: 'common', allowedTenants: '*' }).preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
})

test('a key that is published for another issuer verifies no token but those of that issuer', async (t) => {
  const { authority, verifier } = await start(t)
  const issuer = (tenant) => `${authority.url}/${tenant}/v2.0`
  const kids = {
    personal: await authority.addKey({ issuer: issuer(MICROSOFT_ACCOUNTS) }),
    ofOther: await authority.addKey({ issuer: issuer(OTHER) }),
    template: await authority.addKey(),
    blank: await authority.addKey({ issuer: ' ' }),
    otherCloud: await authority.addKey({ issuer: 'https://login.microsoftonline.us/{tenantid}/v2.0' }),
    withSlash: await authority.addKey({ issuer: `${issuer('{tenantid}')}/` })
  }
  const one = verifier({ tenantId: 'common', allowedTenants: '*' })
  for (const [key, tenantId, expected] of [
    ['personal', MICROSOFT_ACCOUNTS, 'passes'],
    ['personal', authority.tenantId, 'ERR_TOKEN_ISSUER'],
    ['ofOther', OTHER, 'passes'],
    ['ofOther', authority.tenantId, 'ERR_TOKEN_ISSUER'],
    ['template', authority.tenantId, 'passes'],
    ['template', OTHER, 'passes'],
    ['blank', authority.tenantId, 'passes'],
    ['otherCloud', authority.tenantId, 'ERR_TOKEN_ISSUER'],
    ['withSlash', authority.tenantId, 'ERR_TOKEN_ISSUER']
  ]) {
    const token = authority.issueToken({ version: 2, tenantId, kid: kids[key] })
    t.is(await verdict(one, token), expected, `${key} ${tenantId}`)
    // Not remembered as verified.
    t.is(await verdict(one, token), expected, `${key} ${tenantId}, again`)
  }
})

test('a token of one version is not verified with a key of the other set', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tenantId: 'organizations', allowedTenants: '*' })
  await one.preload()
  // From now on only the v2 set is fetched, and only it has this key.
  const kid = await authority.addKey()
  t.is(await verdict(one, authority.issueToken({ version: 2, kid })), 'passes')
  authority.withdrawKey(kid)
  t.is(await verdict(one, authority.issueToken({ version: 1, kid })), 'ERR_TOKEN_KEY_UNKNOWN')
  // What says that it is of a version is held to it.
  const lie = authority.issueToken({ version: 1, kid, claims: { ver: '2.0' } })
  t.is(await verdict(one, lie), 'ERR_TOKEN_ISSUER')
})

test('a domain is resolved through metadata: one request for it, one for the keys', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  for (const tenantId of ['contoso.example', 'Contoso.Example']) {
    const one = verifier({ tenantId })
    const tokens = Array.from({ length: 20 }, (_, i) => authority.issueToken({ version: 1 + (i % 2) }))
    const all = await Promise.all(tokens.map((token) => verdict(one, token)))
    t.deepEqual([...new Set(all)], ['passes'])
    t.deepEqual(await verdicts(one, authority, OTHER), NEITHER)
    t.deepEqual(await verdicts(one, authority, MICROSOFT_ACCOUNTS), NEITHER)
  }
  t.deepEqual(paths(authority, 'metadata'), ['/contoso.example/v2.0/.well-known/openid-configuration'])
  t.is(paths(authority, 'keys').length, 1)
  for (const endpoint of ['metadata', 'keys']) {
    t.is(authority.requestsTo(endpoint)[0].query.appid, authority.api.clientId, endpoint)
  }
})

test('a domain whose tenant is given besides needs no metadata', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  const one = verifier({ tenantId: 'contoso.example', allowedTenants: [authority.tenantId] })
  t.deepEqual(await verdicts(one, authority), BOTH)
  t.deepEqual(await verdicts(one, authority, OTHER), NEITHER)
  t.deepEqual(paths(authority, 'metadata'), [])
})

test('a domain that nobody has is no tenant', async (t) => {
  const { authority, verifier } = await start(t)
  const error = await t.throwsAsync(verifier({ tenantId: 'nobody.example' }).verify(authority.issueToken()), {
    code: 'ERR_KEYS_UNAVAILABLE'
  })
  t.regex(error.message, /the authority answered 400/)
})

/** An Entra of which the test says whose a domain is. */
async function ownerOfDomain(t) {
  const path = '/contoso.example/v2.0'
  const entra = await startForeignAuthority(t, { path, keysPath: '/contoso.example/discovery/keys' })
  const issuerOf = (tenant) => `${entra.origin}/${tenant}/v2.0`
  return {
    verifier: (keys) =>
      createVerifier({ tenantId: 'contoso.example', audience: AUDIENCE, authorityHost: entra.origin, keys }),
    belongsTo: (tenant) => {
      entra.metadata = { issuer: issuerOf(tenant), jwks_uri: entra.jwksUri }
    },
    issuer: (issuer) => {
      entra.metadata = { issuer, jwks_uri: entra.jwksUri }
    },
    origin: entra.origin,
    tokenOf: (tid) => entra.issueToken({ ver: '2.0', tid, iss: issuerOf(tid), azp: 'client' })
  }
}

test('the first tenant of a domain counts for the life of the process, and a change is told', async (t) => {
  const { verifier, belongsTo, tokenOf } = await ownerOfDomain(t)
  const [ofOther, ofStranger] = [await tokenOf(OTHER), await tokenOf(STRANGER)]
  const one = verifier()
  belongsTo(OTHER)
  t.is(await verdict(one, ofOther), 'passes')
  t.is(await verdict(one, ofOther), 'passes')
  t.is(await verdict(one, ofStranger), 'ERR_TOKEN_TENANT')
  belongsTo(STRANGER)
  const error = await t.throwsAsync(one.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.regex(error.message, new RegExp(`domain belongs to tenant ${STRANGER}, but belonged to tenant ${OTHER}`))
  t.regex(one.stats().lastFailure.cause, /domain belongs to tenant/)
  t.is(await verdict(one, ofOther), 'passes', 'its keys stay')
  t.is(await verdict(one, ofStranger), 'ERR_TOKEN_TENANT')
  // Also for a verifier that is made later.
  const later = verifier({ timeout: 4.3 })
  t.is(await verdict(later, ofStranger), 'ERR_KEYS_UNAVAILABLE')
  t.is(await verdict(later, ofOther), 'ERR_KEYS_UNAVAILABLE')
  belongsTo(OTHER)
  t.is(await verdict(verifier({ timeout: 4.4 }), ofOther), 'passes')
})

test('metadata that names no tenant of this Entra resolves no domain', async (t) => {
  const { verifier, issuer, tokenOf, origin } = await ownerOfDomain(t)
  for (const [i, wrong] of [
    `${origin}/{tenantid}/v2.0`,
    `${origin}/contoso.example/v2.0`,
    `${origin}/common/v2.0`,
    `${origin}/${OTHER}/v2.0/`,
    `${origin}/${OTHER}`,
    `https://sts.windows.net/${OTHER}/`,
    `https://login.microsoftonline.com/${OTHER}/v2.0`,
    `${origin}.evil.example/${OTHER}/v2.0`,
    `${origin}/${OTHER}/${STRANGER}/v2.0`
  ].entries()) {
    issuer(wrong)
    // A source of its own, which has not failed yet.
    const error = await t.throwsAsync(verifier({ timeout: 5 + i }).verify(await tokenOf(OTHER)), {
      code: 'ERR_KEYS_UNAVAILABLE'
    })
    t.regex(error.message, /the metadata's issuer is not the authority's/, wrong)
  }
})

test('metadata is fetched with the care that keys are fetched with', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  for (const [i, [fault, cause]] of [
    [404, /the authority answered 404/],
    [302, /the authority answered 302/],
    ['hang', /no answer within 1\.\d+ s/],
    ['slow-body', /no answer within 1\.\d+ s/],
    ['oversized', /larger than 262144 bytes/],
    ['html', /an HTML page \("Sign in to the network"\)/],
    ['empty', /not an object with issuer and jwks_uri/],
    ['truncated', /not an object with issuer and jwks_uri/],
    ['no-keys', /not an object with issuer and jwks_uri/],
    ['reset', /failed/],
    ['cut-body', /failed/]
  ].entries()) {
    authority.recover()
    authority.fail(fault, undefined, { on: ['metadata'] })
    authority.requests.length = 0
    const one = verifier({ tenantId: 'contoso.example', keys: { timeout: 1 + (i + 1) / 100 } })
    const error = await t.throwsAsync(one.verify(authority.issueToken()), { code: 'ERR_KEYS_UNAVAILABLE' })
    t.regex(error.message, cause, String(fault))
    t.is(authority.requestsTo('keys').length, 0, String(fault))
    t.false(authority.requests.some(({ query }) => 'redirected' in query))
  }
})

test('metadata that cannot be had refuses tokens for now, and no longer', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  const one = verifier({ tenantId: 'contoso.example' })
  authority.fail(503, undefined, { on: ['metadata'] })
  const error = await t.throwsAsync(one.verify(authority.issueToken()), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.is(error.status, 503)
  t.regex(error.message, /the authority answered 503/)
  t.is(authority.requestsTo('keys').length, 0)
  authority.recover()
  // At once, without a request, while the pause lasts.
  const asked = authority.requests.length
  t.is(await verdict(one, authority.issueToken()), 'ERR_KEYS_UNAVAILABLE')
  t.is(authority.requests.length, asked)
  await seconds(Number(error.headers['Retry-After']) + 0.1)
  t.is(await verdict(one, authority.issueToken()), 'passes')
})

test('metadata that fails later leaves the tenant and the keys as they are', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  const one = verifier({ tenantId: 'contoso.example' })
  await one.preload()
  for (const fault of [500, 'html', 'truncated', 'reset']) {
    authority.fail(fault, undefined, { on: ['metadata'] })
    await t.throwsAsync(one.preload(), { code: 'ERR_KEYS_UNAVAILABLE' }, String(fault))
    t.deepEqual(await verdicts(one, authority), BOTH)
    t.deepEqual(await verdicts(one, authority, OTHER), NEITHER)
  }
})

test('keys that cannot be had are not made up for by metadata', async (t) => {
  const { authority, verifier } = await start(t, { domain: 'contoso.example' })
  authority.fail('no-keys', undefined, { on: ['keys'] })
  const error = await t.throwsAsync(verifier({ tenantId: 'contoso.example' }).verify(authority.issueToken()), {
    code: 'ERR_KEYS_UNAVAILABLE'
  })
  t.regex(error.message, /none of the 0 keys/)
})
