// Several authorities in one verifier: the keys that come from an earlier process or from the application stay those of their
// own authority, and an authority without any keeps no verifier from starting.
import { randomUUID } from 'node:crypto'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, signToken, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { start, verdict } from '../helpers/start.mjs'

const [ONE, TWO] = [randomUUID(), randomUUID()]
const [first, second] = await Promise.all([newKey('first'), newKey('second')])

/** A v2 token of a tenant of the public cloud. */
function tokenOf(key, tid) {
  const iss = `https://login.microsoftonline.com/${tid}/v2.0`
  return signToken(key, { ver: '2.0', iss, tid, aud: AUDIENCE, azp: ONE, sub: 's', oid: 'o' })
}

/** Two authorities of one URL: some tenants of `common`, and others. */
const common = (more = [{}, {}]) =>
  [ONE, TWO].map((tenant, at) => ({ tenantId: 'common', allowedTenants: [tenant], audience: AUDIENCE, ...more[at] }))

test('keys are exported of the authorities that have some, and come back beside those that have none', async (t) => {
  const { authority: entra, options } = await start(t)
  const foreign = await startForeignAuthority(t)
  const fixed = { issuer: 'https://fixed.example', audience: AUDIENCE, jwks: { keys: [first.jwk] } }
  const authorities = [options, { authority: foreign.url, audience: AUDIENCE }, fixed]
  const before = createVerifier({ authorities })
  const good = entra.issueToken()
  t.is(await verdict(before, good), 'passes')
  const initialKeys = before.exportKeys()
  t.deepEqual(Object.keys(initialKeys.authorities).sort(), [`${entra.url}/${entra.tenantId}/v2.0`, fixed.issuer].sort())
  entra.fail(503)
  const after = createVerifier({ authorities, initialKeys, keys: { timeout: 4.1 } })
  t.is(await verdict(after, good), 'passes', 'by the exported keys')
  t.is(await verdict(after, await foreign.issueToken()), 'passes', 'by those that are fetched')
  t.is(
    await verdict(after, await signToken(first, { iss: fixed.issuer, aud: AUDIENCE })),
    'passes',
    'by the fixed ones'
  )
  const own = { ...fixed, initialKeys: { keys: [first.jwk] } }
  t.throws(() => createVerifier({ authorities: [own] }), { code: 'ERR_CONFIG', message: /initialKeys/ })
})

test('keys of two authorities with one URL and other places of keys are not mixed up', async (t) => {
  const server = await startForeignAuthority(t)
  server.documents = { '/first': { keys: [first.jwk] }, '/second': { keys: [second.jwk] } }
  const authorities = common(['first', 'second'].map((name) => ({ jwksUri: `${server.origin}/${name}` })))
  const before = createVerifier({ authorities })
  await before.preload()
  const { authority } = before.stats().authorities[0]
  t.is(authority, before.stats().authorities[1].authority)
  t.deepEqual(before.exportKeys(), { keys: [], authorities: {} })
  t.throws(() => before.updateKeys({ keys: [second.jwk] }, { authority }), {
    code: 'ERR_CONFIG',
    message: /one|several/
  })
  server.status = 503
  // Of a process with one such authority, or by hand.
  const initialKeys = { keys: [], authorities: { [authority]: { keys: [first.jwk, second.jwk] } } }
  const after = createVerifier({ authorities, initialKeys, keys: { timeout: 4.2 } })
  for (const verifier of [before, after]) {
    t.not(await verdict(verifier, await tokenOf(second, ONE)), 'passes')
    t.not(await verdict(verifier, await tokenOf(first, TWO)), 'passes')
  }
  t.is(await verdict(before, await tokenOf(first, ONE)), 'passes')
  t.is(await verdict(before, await tokenOf(second, TWO)), 'passes')
})

test('keys of two authorities with one URL and one place of keys are those of both', async (t) => {
  const server = await startForeignAuthority(t)
  server.documents = { '/keys-of-both': { keys: [first.jwk] } }
  const authorities = common().map((one) => ({ ...one, jwksUri: `${server.origin}/keys-of-both` }))
  const before = createVerifier({ authorities })
  await before.preload()
  const [{ authority }] = before.stats().authorities
  before.updateKeys({ keys: [second.jwk] }, { authority })
  server.status = 503
  const initialKeys = before.exportKeys()
  const after = createVerifier({ authorities, initialKeys, keys: { timeout: 4.3 } })
  for (const verifier of [before, after]) {
    for (const key of [first, second]) {
      for (const tenant of [ONE, TWO]) t.is(await verdict(verifier, await tokenOf(key, tenant)), 'passes')
    }
  }
})

test('keys from the application need a URL for each authority', (t) => {
  const given = { authorities: common(), jwksUri: false }
  t.throws(() => createVerifier(given), { code: 'ERR_CONFIG', message: /updateKeys/ })
  const apart = [ONE, TWO].map((tenantId) => ({ tenantId, audience: AUDIENCE }))
  t.notThrows(() => createVerifier({ authorities: apart, jwksUri: false }))
})

test('the first token may be a v1 token of a domain', async (t) => {
  const { authority: entra, options } = await start(t, { domain: 'contoso.example' })
  const foreign = await startForeignAuthority(t)
  const domain = { ...options, tenantId: 'contoso.example' }
  const verifier = createVerifier({ authorities: [domain, { authority: foreign.url, audience: AUDIENCE }] })
  t.is(await verdict(verifier, entra.issueToken({ version: 1 })), 'passes')
  t.is(await verdict(verifier, entra.issueToken({ version: 1, tenantId: ONE })), 'ERR_TOKEN_TENANT')
})
