// What a verifier tells of itself, the channels it publishes on, and the memory of verified tokens behind the numbers.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { seconds, start, verdict } from '../helpers/start.mjs'

const NOTHING = { entries: 0, hits: 0, misses: 0 }
const minutes = (n) => ({ currentDate: new Date(Date.now() + n * 60_000) })

/** Calls until something is so. */
async function until(condition, meanwhile = () => undefined) {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come about')
    await meanwhile()
    await seconds(0.05)
  }
}

const isRecent = (date) => date instanceof Date && Math.abs(Date.now() - date.getTime()) < 10_000

test('before the first request nothing is known and nothing was done', async (t) => {
  const { authority, verifier } = await start(t)
  t.deepEqual(verifier().stats(), {
    keys: [],
    lastSuccess: undefined,
    lastFailure: undefined,
    fetches: 0,
    failures: 0,
    staleServes: 0,
    secondsAheadOfAuthority: undefined,
    tokenCache: NOTHING
  })
  t.deepEqual(authority.requests, [])
})

test('a fetch brings keys, each with the time it was last seen', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const { keys, lastSuccess, lastFailure, fetches, failures } = one.stats()
  t.deepEqual(keys.map(({ kid }) => kid).sort(), authority.keys.map(({ kid }) => kid).sort())
  for (const { lastSeen } of keys) t.true(isRecent(lastSeen))
  t.true(isRecent(lastSuccess))
  t.is(lastFailure, undefined)
  t.deepEqual([fetches, failures], [1, 0])
})

test('a key that is not published any more stays, and its age shows', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const [gone] = authority.keys
  authority.withdrawKey(gone.kid)
  await seconds(1)
  await one.preload()
  const [older, newer, ...others] = one.stats().keys.sort((a, b) => a.lastSeen - b.lastSeen)
  t.deepEqual(others, [])
  t.is(older.kid, gone.kid)
  t.true(newer.lastSeen - older.lastSeen >= 900)
})

test('a failure says when and why, never where, and takes no keys away', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const before = one.stats()
  authority.fail(500)
  await t.throwsAsync(one.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  const after = one.stats()
  t.deepEqual(
    after.keys.map(({ kid }) => kid),
    before.keys.map(({ kid }) => kid)
  )
  t.true(isRecent(after.lastFailure.at))
  t.is(after.lastFailure.cause, 'the authority answered 500')
  t.is(after.lastFailure.reason, 'server-error')
  t.deepEqual([after.fetches, after.failures], [2, 1])
  // A success later does not hide that it failed.
  authority.recover()
  await until(
    () => one.stats().fetches === 3,
    () => one.preload().catch(() => undefined)
  )
  t.is(one.stats().lastFailure.cause, 'the authority answered 500')
  t.is(one.stats().failures, 1)
})

test('a cause holds no address', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await authority.stop()
  await t.throwsAsync(one.preload())
  t.notRegex(inspect(one.stats().lastFailure), /http|127\.0\.0\.1/)
})

test('requests that get a key while its set is due are counted, and one of them refreshes it', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ keys: { refreshInterval: 1 } })
  await one.preload()
  t.is(one.stats().staleServes, 0)
  await seconds(1.2)
  t.is(await verdict(one, authority.issueToken()), 'passes')
  t.is(one.stats().staleServes, 1)
  await until(() => authority.requestsTo('keys').length === 2)
  t.is(one.stats().fetches, 2)
})

test('a token that was seen before refreshes the keys like any other', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ keys: { refreshInterval: 1 } })
  const token = authority.issueToken()
  await one.verify(token)
  await seconds(1.2)
  t.is(await verdict(one, token), 'passes')
  t.is(one.stats().tokenCache.hits, 1)
  await until(() => authority.requestsTo('keys').length === 2)
})

test('verifiers of the same options share what they know', async (t) => {
  const { authority, verifier } = await start(t)
  const [one, other] = [verifier(), verifier()]
  const token = authority.issueToken()
  await one.verify(token)
  await other.verify(token)
  for (const { fetches, keys, tokenCache } of [one.stats(), other.stats()]) {
    t.deepEqual([fetches, keys.length, tokenCache.entries, tokenCache.hits], [1, 2, 1, 1])
  }
})

test('static keys are never fetched, and not counted', async (t) => {
  const { authority, verifier } = await start(t)
  const jwks = { keys: authority.keys.map(({ jwk }) => jwk) }
  const one = verifier({ jwks })
  await one.preload()
  t.is(await verdict(one, authority.issueToken()), 'passes')
  const { keys, fetches, lastSuccess } = one.stats()
  t.deepEqual([keys, fetches, lastSuccess], [[], 0, undefined])
})

test('several tenants: the keys of both sets', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ tenantId: 'common', allowedTenants: '*' })
  await verdict(one, authority.issueToken({ version: 2 }))
  t.deepEqual([one.stats().fetches, one.stats().keys.length], [1, 2])
  await seconds(1)
  await verdict(one, authority.issueToken({ version: 1 }))
  const { fetches, keys, lastSuccess } = one.stats()
  t.deepEqual([fetches, keys.length], [2, 4])
  // That of the set that was fetched last.
  const newest = Math.max(...keys.map(({ lastSeen }) => lastSeen.getTime()))
  t.true(Math.abs(lastSuccess - newest) < 500)
})

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

/** What is published while something is done. */
async function published(channels, action) {
  const messages = []
  const listeners = channels.map((name) => [
    `entra-jwt-verify:${name}`,
    (message) => messages.push({ name, ...message })
  ])
  for (const [channel, listener] of listeners) subscribe(channel, listener)
  try {
    await action()
  } finally {
    for (const [channel, listener] of listeners) unsubscribe(channel, listener)
  }
  return messages
}

// Channels are the process's: a test that listens must be alone.
test.serial('verdicts are published, without the token, with what was waited for', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const good = authority.issueToken()
  const messages = await published(['verify'], async () => {
    for (const token of [good, good, authority.issueToken({ expiresIn: -1 }), 'broken', 7]) await verdict(one, token)
    one.verifySync(good)
    t.throws(() => one.verifySync(authority.issueToken({ audience: 'api://another' })))
  })
  t.deepEqual(
    messages.map(({ verified, code, claim, waited }) => [verified, code, claim, waited]),
    [
      [true, undefined, undefined, true],
      [true, undefined, undefined, false],
      [false, 'ERR_TOKEN_EXPIRED', 'exp', false],
      [false, 'ERR_TOKEN_MALFORMED', undefined, false],
      [false, 'ERR_TOKEN_MALFORMED', undefined, false],
      [true, undefined, undefined, false],
      [false, 'ERR_TOKEN_AUDIENCE', 'aud', false]
    ]
  )
  for (const { verified, hint } of messages) t.is(typeof hint, verified ? 'undefined' : 'string')
})

test.serial('the verdicts of the middleware are published too', async (t) => {
  const { authority, middleware } = await start(t)
  const handler = middleware()
  await handler.verifier.preload()
  const response = { setHeader() {}, getHeader() {}, end() {} }
  const messages = await published(['verify'], () => {
    for (const headers of [{ authorization: `Bearer ${authority.issueToken()}` }, {}])
      handler({ headers }, response, () => undefined)
  })
  t.deepEqual(
    messages.map(({ verified, code, waited }) => [verified, code, waited]),
    [
      [true, undefined, false],
      [false, 'ERR_TOKEN_MISSING', false]
    ]
  )
})

test.serial('a subscriber that asks the verifier something does not change what preload says', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  authority.fail(500)
  const ask = () => t.throws(() => one.verifySync('broken'), { code: 'ERR_TOKEN_MALFORMED' })
  subscribe('entra-jwt-verify:keys', ask)
  t.teardown(() => unsubscribe('entra-jwt-verify:keys', ask))
  await t.throwsAsync(one.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
})

test.serial('ends of fetches are published: what came, or why nothing did', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const messages = await published(['keys'], async () => {
    await one.verify(authority.issueToken())
    await one.verify(authority.issueToken())
    authority.fail(500)
    await t.throwsAsync(one.preload())
  })
  t.is(messages.length, 2)
  t.like(messages[0], { succeeded: true, keys: 2, cause: undefined })
  t.like(messages[1], {
    succeeded: false,
    keys: undefined,
    cause: 'the authority answered 500',
    reason: 'server-error'
  })
  for (const { at } of messages) t.true(isRecent(at))
})

test.serial('a refresh in the background is told with the next verdict', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ keys: { refreshInterval: 1 } })
  const messages = await published(['keys'], async () => {
    await one.verify(authority.issueToken())
    await seconds(1.2)
    await one.verify(authority.issueToken())
    await until(() => authority.requestsTo('keys').length === 2 && one.stats().keys.length === 2)
    await seconds(0.2)
    await one.verify(authority.issueToken())
  })
  t.deepEqual(
    messages.map(({ succeeded, keys }) => [succeeded, keys]),
    [
      [true, 2],
      [true, 2]
    ]
  )
})

test.serial('nobody listens: nothing is published, and nothing is kept for later listeners of verdicts', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.verify(authority.issueToken())
  await verdict(one, 'broken')
  t.deepEqual(await published(['verify'], () => undefined), [])
  const messages = await published(['verify'], () => one.verify(authority.issueToken()))
  t.is(messages.length, 1)
})

test.serial('each channel has its own messages only', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const verdicts = await published(['verify'], () => one.verify(authority.issueToken()))
  t.deepEqual(Object.keys(verdicts[0]), ['name', 'verified', 'code', 'claim', 'reason', 'hint', 'waited'])
  const both = await published(['keys', 'verify'], () => verifier({ clockTolerance: 1 }).verify(authority.issueToken()))
  t.deepEqual(both.map(({ name }) => name).sort(), ['keys', 'verify'])
})

test.serial('messages hold no token, no claim and no address', async (t) => {
  const { authority, verifier } = await start(t)
  const token = authority.issueToken()
  const messages = await published(['keys', 'verify'], async () => {
    const one = verifier()
    await one.verify(token)
    await verdict(one, authority.issueToken({ tenantId: crypto.randomUUID() }))
    await authority.stop()
    await t.throwsAsync(one.preload())
  })
  const text = inspect(messages, { depth: 10 })
  t.true(messages.length >= 4)
  t.notRegex(text, new RegExp(`${token.slice(-20)}|${authority.client.clientId}|http|127\\.0\\.0\\.1`))
})

test.serial('preload is no verdict', async (t) => {
  const { authority, verifier } = await start(t)
  t.deepEqual(await published(['verify'], () => verifier().preload()), [])
  await authority.stop()
  const failing = verifier({ clockTolerance: 1, keys: { timeout: 4 } })
  t.deepEqual(await published(['verify'], () => t.throwsAsync(failing.preload())), [])
})

test.serial('verifySync publishes the verdict that it gave', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const messages = await published(['verify'], async () => {
    t.throws(() => one.verifySync(authority.issueToken()), { code: 'ERR_KEYS_UNAVAILABLE' })
    await until(() => one.stats().keys.length === 2)
    await seconds(0.1)
  })
  t.like(messages, [{ verified: false, code: 'ERR_KEYS_UNAVAILABLE' }])
  t.is(messages.length, 1)
})
