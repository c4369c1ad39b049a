// Keys to start with: a deployment survives an outage of the authority at its start.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { seconds, start, verdict } from '../helpers/start.mjs'

test('exported keys verify tokens while the authority is down, and are refreshed like any others', async (t) => {
  const { authority, verifier } = await start(t)
  const first = verifier()
  t.deepEqual(first.exportKeys(), { keys: [] })
  await first.preload()
  const initialKeys = JSON.parse(JSON.stringify(first.exportKeys()))
  t.true(initialKeys.keys.length > 0)
  t.false(JSON.stringify(initialKeys).includes('"d"'))

  authority.fail(503)
  t.is(await verdict(verifier({ keys: { timeout: 4.1 } }), authority.issueToken()), 'ERR_KEYS_UNAVAILABLE')
  const second = verifier({ initialKeys })
  t.is(await verdict(second, authority.issueToken()), 'passes')
  t.is(await verdict(second, authority.issueToken({ version: 1 })), 'passes')

  // The first request began a refresh; a key that is new since then is fetched.
  authority.recover()
  authority.requests.length = 0
  authority.rotateKeys()
  const third = verifier({ initialKeys, keys: { timeout: 4.2 } })
  t.is(await verdict(third, authority.issueToken()), 'passes')
  for (let i = 0; i < 50 && authority.requestsTo('keys').length === 0; i++) await seconds(0.05)
  t.true(authority.requestsTo('keys').length > 0)
})

test('what was exported is read again as the same keys', async (t) => {
  const { verifier } = await start(t)
  const one = verifier({ tenantId: 'common', allowedTenants: '*' })
  await one.preload()
  const initialKeys = one.exportKeys()
  const other = verifier({ tenantId: 'common', allowedTenants: '*', initialKeys })
  const sorted = ({ keys }) => [...new Set(keys.map((key) => JSON.stringify(key)))].sort()
  t.deepEqual(sorted(other.exportKeys()), sorted(initialKeys))
  t.true(
    initialKeys.keys.some(({ issuer }) => issuer?.includes('{tenantid}')),
    'whose a key is stays known'
  )
})

test('where the issuer is only known from metadata, it is exported with the keys', async (t) => {
  const authority = await startForeignAuthority(t)
  const options = { authority: authority.url, audience: AUDIENCE }
  const first = createVerifier(options)
  await first.preload()
  const initialKeys = first.exportKeys()
  t.is(initialKeys.issuer, authority.url)
  authority.status = 503
  t.is(await verdict(createVerifier({ ...options, initialKeys }), await authority.issueToken()), 'passes')
  for (const wrong of [
    { keys: initialKeys.keys },
    { ...initialKeys, issuer: 'https://attacker.example' },
    { ...initialKeys, issuer: 1 },
    { keys: [] },
    { keys: [{ kty: 'oct', kid: 'a', k: 'hunter2' }] }
  ]) {
    const error = t.throws(() => createVerifier({ ...options, initialKeys: wrong }), { code: 'ERR_CONFIG' })
    t.regex(error.message, /initialKeys/)
    t.false(error.message.includes('hunter2'))
  }
})

test('static keys are not refreshed, so there is nothing to start with', async (t) => {
  const { verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const keys = one.exportKeys()
  t.deepEqual(verifier({ jwks: keys }).exportKeys().keys.length, keys.keys.length)
  t.throws(() => verifier({ jwks: keys, initialKeys: keys }), { code: 'ERR_CONFIG', message: /initialKeys/ })
})
