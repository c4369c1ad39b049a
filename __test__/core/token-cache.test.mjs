// The memory of verified tokens: what is remembered, and what ends it.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { seconds, start, until, verdict } from '../helpers/start.mjs'

const NOTHING = { entries: 0, hits: 0, misses: 0 }
const minutes = (n) => ({ currentDate: new Date(Date.now() + n * 60_000) })

test('a token is a miss at first and a hit from then on; one that is refused is not kept', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const token = authority.issueToken()
  const steps = [
    [token, { entries: 1, hits: 0, misses: 1 }],
    [token, { entries: 1, hits: 1, misses: 1 }],
    [token, { entries: 1, hits: 2, misses: 1 }],
    [authority.issueToken({ audience: 'api://another' }), { entries: 1, hits: 2, misses: 2 }],
    [authority.issueToken({ expiresIn: -1 }), { entries: 1, hits: 2, misses: 3 }],
    ['broken', { entries: 1, hits: 2, misses: 4 }],
    [`${token}A`, { entries: 1, hits: 2, misses: 5 }],
    [authority.issueToken(), { entries: 2, hits: 2, misses: 6 }]
  ]
  for (const [text, expected] of steps) {
    await verdict(one, text)
    t.deepEqual(one.stats().tokenCache, expected)
  }
})

test('a token that waits for its key is one miss', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  authority.delay(200)
  const token = authority.issueToken()
  await Promise.all([one.verify(token), one.verify(token), one.verify(authority.issueToken())])
  t.deepEqual(one.stats().tokenCache, { entries: 2, hits: 0, misses: 3 })
  await one.verify(token)
  t.deepEqual(one.stats().tokenCache, { entries: 2, hits: 1, misses: 3 })
})

test('a token that passed before is another when a byte differs', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const token = authority.issueToken()
  await one.verify(token)
  const [header, payload, signature] = token.split('.')
  // The tail of the signature is what finds a token again: here it is the same.
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['Admin'] })).toString('base64url')
  t.is(await verdict(one, `${header}.${forged}.${signature}`), 'ERR_TOKEN_SIGNATURE')
  for (const place of [0, 10, header.length + 5, token.length - 100, token.length - 1]) {
    const other = token[place] === 'A' ? 'B' : 'A'
    t.not(await verdict(one, token.slice(0, place) + other + token.slice(place + 1)), 'passes', String(place))
  }
  t.is(await verdict(one, token), 'passes')
})

test('tokenCache: false remembers nothing, a number bounds what is remembered', async (t) => {
  const { authority, verifier } = await start(t)
  const tokens = Array.from({ length: 40 }, () => authority.issueToken())
  const fill = async (tokenCache) => {
    const one = verifier({ tokenCache })
    await one.preload()
    for (const token of [...tokens, ...tokens]) t.is(await verdict(one, token), 'passes', String(tokenCache))
    return one.stats().tokenCache
  }
  t.deepEqual(await fill(false), NOTHING)
  t.deepEqual(await fill(undefined), { entries: 40, hits: 40, misses: 40 })
  t.deepEqual(await fill(1000), { entries: 40, hits: 40, misses: 40 })
  for (const bound of [2, 5, 10]) {
    const { entries, hits, misses } = await fill(bound)
    t.true(entries > 0 && entries <= bound, `${entries} of ${bound}`)
    t.is(hits + misses, 80)
  }
  for (const wrong of [0, -1, 1.5e6, '1000', true, {}, [], Number.NaN]) {
    t.throws(() => verifier({ tokenCache: wrong }), { code: 'ERR_CONFIG', message: /tokenCache/ }, String(wrong))
  }
})

test('a cache of one token holds one token', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tokenCache: 1 })
  await one.preload()
  const token = authority.issueToken()
  for (let i = 0; i < 3; i++) one.verifySync(token)
  t.like(one.stats().tokenCache, { entries: 1, hits: 2 })
})

test('a long token counts for several', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tokenCache: 20, maxTokenLength: 1_048_576 })
  const long = (n) => authority.issueToken({ claims: { pad: 'x'.repeat(n) } })
  t.is(await verdict(one, long(150_000)), 'passes')
  t.is(one.stats().tokenCache.entries, 0)
  t.is(await verdict(one, long(10)), 'passes')
  t.is(one.stats().tokenCache.entries, 1)
})

test('expiry and nbf are judged again at each hit', async (t) => {
  const { authority, verifier } = await start(t)
  const [strict, tolerant] = [verifier(), verifier({ clockTolerance: 120 })]
  const token = authority.issueToken({ expiresIn: 600 })
  for (const one of [strict, tolerant]) t.is(await verdict(one, token), 'passes')
  const rows = [
    [0, 'passes', 'passes'],
    [9, 'passes', 'passes'],
    [11, 'ERR_TOKEN_EXPIRED', 'passes'],
    [13, 'ERR_TOKEN_EXPIRED', 'ERR_TOKEN_EXPIRED'],
    // nbf is five minutes back
    [-4, 'passes', 'passes'],
    [-6, 'ERR_TOKEN_NOT_ACTIVE', 'passes'],
    [-8, 'ERR_TOKEN_NOT_ACTIVE', 'ERR_TOKEN_NOT_ACTIVE'],
    // A token that was refused at one instant still passes at another.
    [1, 'passes', 'passes']
  ]
  for (const [at, ofStrict, ofTolerant] of rows) {
    t.is(await verdict(strict, token, minutes(at)), ofStrict, `${at} min`)
    t.is(await verdict(tolerant, token, minutes(at)), ofTolerant, `${at} min, tolerant`)
  }
  for (const one of [strict, tolerant]) t.is(one.stats().tokenCache.hits, rows.length)
})

test('a token that expires while it is remembered is refused from that second on', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const token = authority.issueToken({ expiresIn: 2 })
  t.is(await verdict(one, token), 'passes')
  await until(() => Math.floor(Date.now() / 1000) >= JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp)
  t.is(await verdict(one, token), 'ERR_TOKEN_EXPIRED')
})

/** A provider whose keys the test exchanges, and a verifier that has seen one of its tokens. */
async function remembered(t, keys) {
  const authority = await startForeignAuthority(t)
  const options = { issuer: authority.url, jwksUri: authority.jwksUri, audience: AUDIENCE, keys }
  const verifier = createVerifier(options)
  const token = await authority.issueToken()
  t.is(await verdict(verifier, token), 'passes')
  t.is(await verdict(verifier, token), 'passes')
  t.like(verifier.stats().tokenCache, { entries: 1, hits: 1 })
  return { authority, verifier, token }
}

test('a key that is published again as it was leaves remembered tokens remembered', async (t) => {
  const { authority, verifier, token } = await remembered(t)
  authority.keys = [{ ...authority.key.jwk, x5c: undefined }]
  await verifier.preload()
  t.is(await verdict(verifier, token), 'passes')
  t.is(verifier.stats().tokenCache.hits, 2)
})

test('another key under the same kid kills the tokens that the former one signed', async (t) => {
  const { authority, verifier, token } = await remembered(t)
  const other = await newKey(authority.key.kid)
  authority.keys = [other.jwk]
  await verifier.preload()
  t.is(await verdict(verifier, token), 'ERR_TOKEN_SIGNATURE')
  t.is(await verdict(verifier, await authority.issueToken({}, { key: other })), 'passes')
})

test('a key that is for another issuer or algorithm from now on kills them too', async (t) => {
  for (const [change, expected] of [
    [{ issuer: 'https://issuer.example' }, 'ERR_TOKEN_ISSUER'],
    [{ alg: 'RS512' }, 'ERR_TOKEN_KEY_UNKNOWN']
  ]) {
    const { authority, verifier, token } = await remembered(t, { cooldown: 20 + Math.random(), retention: 0 })
    authority.keys = [{ ...authority.key.jwk, ...change }]
    await verifier.preload()
    t.is(await verdict(verifier, token), expected)
  }
})

test('retention 0: a key that is gone takes its tokens with it', async (t) => {
  const { authority, verifier, token } = await remembered(t, { retention: 0 })
  const next = await newKey('key-2')
  authority.keys = [next.jwk]
  await verifier.preload()
  t.is(await verdict(verifier, token), 'ERR_TOKEN_KEY_UNKNOWN')
  t.is(await verdict(verifier, await authority.issueToken({}, { key: next })), 'passes')
})

test('with retention, a key that is gone for a moment takes nothing with it', async (t) => {
  const { authority, verifier, token } = await remembered(t)
  authority.keys = [(await newKey('key-2')).jwk]
  await verifier.preload()
  t.is(await verdict(verifier, token), 'passes')
  t.is(verifier.stats().tokenCache.hits, 2)
})

test('a remembered token does not outlive the retention of its key, not even once', async (t) => {
  const next = await newKey('key-2')
  const { authority, verifier, token } = await remembered(t, { retention: 2 })
  authority.keys = [next.jwk]
  await verifier.preload()
  await seconds(2.2)
  t.is(await verdict(verifier, token), 'ERR_TOKEN_KEY_UNKNOWN')
})

test('a fetch that fails kills nothing', async (t) => {
  const { authority, verifier, token } = await remembered(t, { retention: 0 })
  authority.status = 500
  await t.throwsAsync(verifier.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  authority.status = 200
  t.is(await verdict(verifier, token), 'passes')
})
