// updateKeys: keys that the application fetched by means of its own, beside those that are fetched or in their place.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { fetches, namingUnknownKey, optionsFor, start } from '../helpers/keys-setup.mjs'

const given = (authority, more) => createVerifier(optionsFor(authority, { jwksUri: false, ...more }))

async function published(authority, path = 'discovery/keys') {
  return (await fetch(`${authority.url}/${authority.tenantId}/${path}`)).json()
}

const code = (promise) =>
  promise.then(
    () => 'verified',
    (error) => `${error.code} ${error.reason ?? ''}`.trim()
  )

test('with jwksUri: false nothing is fetched, ever', async (t) => {
  const authority = await start(t)
  const keys = await published(authority)
  const token = authority.issueToken()
  const before = authority.requests.length
  const verifier = given(authority)
  t.is(await code(verifier.verify(token)), 'ERR_KEYS_UNAVAILABLE not-given')
  t.is(await code(verifier.preload()), 'ERR_KEYS_UNAVAILABLE not-given')
  t.throws(() => verifier.verifySync(token), { code: 'ERR_KEYS_UNAVAILABLE', message: /no key set was given/ })

  verifier.updateKeys(keys)
  t.is(verifier.verifySync(token).token, token)
  await t.notThrowsAsync(verifier.preload())
  t.is(await code(verifier.verify(namingUnknownKey(token))), 'ERR_TOKEN_KEY_UNKNOWN unknown-key')
  t.is(verifier.stats().keys.length, 2)
  t.is(verifier.stats().fetches, 0)
  t.is(authority.requests.length, before)
})

test('keys are merged, as an answer is', async (t) => {
  const authority = await start(t)
  const verifier = given(authority)
  const old = authority.issueToken()
  verifier.updateKeys(await published(authority))
  authority.withdrawKey(authority.keys.find(({ signing }) => signing).kid)
  await authority.rotateKeys()
  verifier.updateKeys(await published(authority))
  t.is(verifier.verifySync(old).token, old)
  const young = authority.issueToken()
  t.is(verifier.verifySync(young).token, young)
})

test('a set that an answer could not be is refused, and changes nothing', async (t) => {
  const authority = await start(t)
  const verifier = given(authority)
  const keys = await published(authority)
  verifier.updateKeys(keys)
  for (const wrong of [
    undefined,
    null,
    'keys',
    [],
    {},
    { keys: [] },
    { keys: [{ kty: 'oct', k: 'AA', kid: 'a' }] },
    { keys: Array(101).fill(keys.keys[0]) },
    { keys: [{ ...keys.keys[0], pad: 'x'.repeat(300_000) }] },
    { keys: [{ ...keys.keys[0], big: 1n }] },
    { toJSON: () => undefined }
  ]) {
    t.throws(() => verifier.updateKeys(wrong), { code: 'ERR_CONFIG', message: /updateKeys/ }, String(wrong))
  }
  t.is(await code(verifier.verify(authority.issueToken())), 'verified')
})

test('beside fetched keys it saves a fetch, and ends the wait for one', async (t) => {
  const authority = await start(t)
  const verifier = createVerifier(optionsFor(authority))
  const keys = await published(authority)
  const before = fetches(authority)
  authority.fail('hang')
  const waiting = verifier.verify(authority.issueToken())
  verifier.updateKeys(keys)
  t.is(await code(waiting), 'verified')
  authority.recover()
  t.true(fetches(authority) <= before + 1)
})

test('several tenants: entries with an issuer are for v2 tokens, the others for v1 tokens', async (t) => {
  const authority = await start(t)
  const several = { tenantId: 'common', allowedTenants: [authority.tenantId] }
  const tokens = [1, 2].map((version) => authority.issueToken({ version }))
  const outcomes = (verifier) => Promise.all(tokens.map((token) => code(verifier.verify(token))))

  const v2 = given(authority, several)
  v2.updateKeys(await published(authority, 'discovery/v2.0/keys'))
  t.deepEqual(await outcomes(v2), ['ERR_KEYS_UNAVAILABLE not-given', 'verified'])

  // Another option: verifiers with the same ones are one.
  const v1 = given(authority, { ...several, clockTolerance: 1 })
  v1.updateKeys(await published(authority))
  t.deepEqual(await outcomes(v1), ['verified', 'ERR_KEYS_UNAVAILABLE not-given'])
  v1.updateKeys(await published(authority, 'discovery/v2.0/keys'))
  t.deepEqual(await outcomes(v1), ['verified', 'verified'])
})

test('several tenants: of the keys to start with, too, only those with an issuer are for v2 tokens', async (t) => {
  const authority = await start(t)
  const several = { tenantId: 'common', allowedTenants: [authority.tenantId] }
  const tokens = [1, 2].map((version) => authority.issueToken({ version }))
  const outcomes = (verifier) => Promise.all(tokens.map((token) => code(verifier.verify(token))))
  const [v1, v2] = await Promise.all([published(authority), published(authority, 'discovery/v2.0/keys')])
  t.false(v1.keys.some((key) => 'issuer' in key))
  const v1Alone = given(authority, { ...several, initialKeys: v1 })
  t.deepEqual(await outcomes(v1Alone), ['verified', 'ERR_KEYS_UNAVAILABLE not-given'])
  const both = given(authority, { ...several, initialKeys: { keys: [...v1.keys, ...v2.keys] } })
  t.deepEqual(await outcomes(both), ['verified', 'verified'])
})

test('keys to start with need no network either, and updateKeys adds to them', async (t) => {
  const authority = await start(t)
  const first = given(authority)
  first.updateKeys(await published(authority))
  const before = authority.requests.length
  const second = given(authority, { initialKeys: first.exportKeys() })
  t.is(await code(second.verify(authority.issueToken())), 'verified')
  await t.notThrowsAsync(second.preload())
  t.is(authority.requests.length, before)
  await authority.rotateKeys()
  const young = authority.issueToken()
  t.is(await code(second.verify(young)), 'ERR_TOKEN_KEY_UNKNOWN unknown-key')
  second.updateKeys(await published(authority))
  t.is(await code(second.verify(young)), 'verified')
})

test('keys are refused where the issuer is not known, and beside static keys', async (t) => {
  const authority = await start(t)
  const jwks = await published(authority)
  const refused = (options) => t.throws(() => createVerifier(options).updateKeys(jwks), { code: 'ERR_CONFIG' }).message
  t.regex(refused(optionsFor(authority, { jwks })), /the option jwks are fixed/)
  t.regex(refused(optionsFor(authority, { tenantId: 'contoso.example' })), /metadata/)
  t.regex(refused(optionsFor(authority, { tenantId: 'contoso.example', jwksUri: false })), /jwksUri/)
})

test('keys that were given to one verifier are not those of another tenant, with the same settings', async (t) => {
  const [one, other] = [await start(t), await start(t)]
  const [first, second] = [given(one), given(other)]
  first.updateKeys(await published(one))
  t.is(await code(first.verify(one.issueToken())), 'verified')
  t.deepEqual(second.stats().keys, [])
})
