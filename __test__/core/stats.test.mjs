// What a verifier tells of itself: keys, fetches, failures.
import { inspect } from 'node:util'
import test from 'ava'
import { seconds, start, until, verdict } from '../helpers/start.mjs'

const NOTHING = { entries: 0, hits: 0, misses: 0 }

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
