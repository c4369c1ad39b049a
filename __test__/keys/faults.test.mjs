// Each fault twice: when the first keys are fetched, and when keys are at hand.
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { AuthError, createVerifier } from 'entra-jwt-verify'
import { FAST, faults, instead, SLOW } from '../helpers/keys-faults.mjs'
import { assertDiscreet, fetches, namingUnknownKey, optionsFor, Pool, until } from '../helpers/keys-setup.mjs'

/** Milliseconds within which a fetch has ended: the time-out and a wide margin. */
const ENDED = SLOW * 1000 + 5000

const plain = new Pool()
const secure = new Pool()
test.before(async () => {
  const tests = (tls) => 2 * faults.filter((fault) => Boolean(fault.tls) === tls).length
  await Promise.all([plain.fill(10, { uses: tests(false) + 4 }), secure.fill(4, { uses: tests(true), tls: true })])
})
test.after.always(() => Promise.all([plain.close(), secure.close()]))

/** An authority on loan, an API of it, a token for that API, and its verifiers. */
async function setUp(t, fault) {
  const prepared = await fault.prepare?.()
  const { authority, api, giveBack } = await (fault.tls ? secure : plain).borrow()
  t.teardown(giveBack)
  const ca = [authority.ca, prepared?.ca].filter(Boolean)
  const token = () => authority.issueToken({ audience: api.appIdUri })
  const verifier = (keys) =>
    createVerifier(
      optionsFor(authority, {
        api,
        ca: ca.length > 0 ? ca : undefined,
        keys: { timeout: fault.slow ? SLOW : FAST, ...keys }
      })
    )
  const begin = async () => {
    const begun = await fault.begin(authority, prepared)
    // Twice does no harm; a test that fails leaves its fault to the next one otherwise.
    t.teardown(begun.end)
    return begun
  }
  return { authority, api, token, verifier, begin }
}

/** Waits until a token is verified; nothing but a lack of keys may be in the way. */
function onceVerified(verifier, token) {
  const isVerified = () =>
    verifier.verify(token).then(
      () => true,
      (error) => {
        if (error.code !== 'ERR_KEYS_UNAVAILABLE') throw error
      }
    )
  return until(isVerified, 'keys are there and the token is verified')
}

function assertCause(t, error, { cause, reason }, authority) {
  t.true(error instanceof AuthError)
  t.is(error.code, 'ERR_KEYS_UNAVAILABLE')
  t.is(error.status, 503)
  t.regex(error.message, cause)
  if (reason) t.is(error.reason, reason)
  // Only what is in the way is looked for on the way.
  const isOnTheWay = /^(name|connection-|unreachable|connect-timeout)/.test(error.reason)
  if (!isOnTheWay) t.notRegex(error.hint, /firewall|can reach|let this process connect/)
  t.regex(error.headers['Retry-After'], /^[1-9]\d*$/)
  assertDiscreet(t, error, new URL(authority.url).port, authority.tenantId)
}

for (const fault of faults) {
  test(`first fetch: ${fault.name}`, async (t) => {
    const { authority, api, token, verifier, begin } = await setUp(t, fault)
    const { end, sent } = await begin()
    const one = verifier()
    const before = performance.now()
    const error = await one.verify(token()).catch((reason) => reason)
    t.true(performance.now() - before < ENDED)

    if (fault.cause) assertCause(t, error, fault, authority)
    else t.is(error.tenantId, authority.tenantId)
    if (fault.requests) t.is(fetches(authority, api), fault.requests)
    t.false(authority.requests.some(({ query }) => query.redirected === 'true'))
    if (fault.most) t.true(sent() < fault.most, `${sent()} bytes`)

    if (fault.retryAfter) {
      t.is(error.headers['Retry-After'], String(fault.retryAfter))
      await t.throwsAsync(one.verify(token()), { code: 'ERR_KEYS_UNAVAILABLE' })
    }
    await end()
    await onceVerified(one, token())
    if (fault.retryAfter) {
      const [first, second] = authority.requestsTo('keys').filter(({ query }) => query.appid === api.clientId)
      t.true(
        second.at - first.at >= fault.retryAfter * 1000 - 10,
        'no request before the time that the server asked for'
      )
    }
  })

  test(`keys at hand: ${fault.name}`, async (t) => {
    const { authority, api, token, verifier, begin } = await setUp(t, fault)
    // By an unknown key, and by age.
    const [asked, aged] = [verifier(), verifier({ refreshInterval: 1 })]
    const [known, other] = [token(), token()]
    await Promise.all([asked, aged].map((one) => onceVerified(one, known)))
    const goOn = () => {
      for (const one of [asked, aged]) {
        t.is(one.verifySync(known).token, known)
        t.is(one.verifySync(other).token, other)
      }
    }

    const { end } = await begin()
    const before = performance.now()
    const refused = asked.verify(namingUnknownKey(known)).catch((reason) => reason)
    goOn()
    const error = await refused
    t.true(performance.now() - before < ENDED)
    if (fault.cause) assertCause(t, error, fault, authority)
    else t.is(error.code, 'ERR_TOKEN_KEY_UNKNOWN')
    goOn()

    // The refresh is due 0.9 to 1.1 s after the keys came; whoever notices does not wait for it.
    const over = performance.now() + 1200 + (fault.slow ? SLOW * 1000 : 0)
    while (performance.now() < over) {
      goOn()
      await sleep(50)
    }
    await end()
    const count = fetches(authority, api)
    await until(() => {
      goOn()
      return fetches(authority, api) > count
    }, 'a refresh once the fault is over: none is still under way')
    goOn()
    t.false(authority.requests.some(({ query }) => query.redirected === 'true'))
  })
}

test('first fetch: a host name that does not exist', async (t) => {
  const { authority, token } = await setUp(t, {})
  const one = createVerifier({
    ...optionsFor(authority),
    authorityHost: 'https://something.invalid',
    keys: { timeout: SLOW }
  })
  const before = performance.now()
  const error = await one.verify(token()).catch((reason) => reason)
  t.true(performance.now() - before < ENDED)
  // A resolver may also not answer at all.
  assertCause(t, error, { cause: /resolve|no (connection|answer) within/ }, authority)
})

test('a connection that does not come about is tried a second time', async (t) => {
  let connections = 0
  // TCP answers, TLS never does; that belongs to connecting.
  const server = net.createServer((socket) => {
    connections++
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const one = createVerifier({
    tenantId: crypto.randomUUID(),
    clientId: crypto.randomUUID(),
    authorityHost: `https://127.0.0.1:${server.address().port}`,
    keys: { timeout: 3 }
  })
  const error = await t.throwsAsync(one.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.regex(error.message, /no connection within 1\.2 s/)
  t.is(connections, 2)
})

test('the second try of a first fetch has what the first left of the time', async (t) => {
  const { authority, api, token } = await setUp(t, {})
  const one = createVerifier(optionsFor(authority, { api, keys: { timeout: 4 } }))
  authority.fail(500)
  authority.delay(3500)
  const before = performance.now()
  const error = await one.verify(token()).catch((reason) => reason)
  // Two whole tries would take 7 s.
  t.true(performance.now() - before < 6500)
  assertCause(t, error, { cause: /answered 500/ }, authority)
})

test('a key that changes under its kid: the old one counts no longer, the new one does', async (t) => {
  const { authority, api, verifier } = await setUp(t, {})
  const [old, replacement] = authority.keys
  const one = verifier()
  const byOld = authority.issueToken({ audience: api.appIdUri })
  const byNew = authority.issueToken({ audience: api.appIdUri, key: replacement.privateKey, kid: old.kid })
  await one.verify(byOld)
  // Again: one that is remembered as verified is forgotten with its key.
  t.is(one.verifySync(byOld).token, byOld)
  t.throws(() => one.verifySync(byNew), { code: 'ERR_TOKEN_SIGNATURE' })

  const body = JSON.stringify({ keys: [{ ...replacement.jwk, kid: old.kid, x5t: old.kid }] })
  const { end } = await instead(
    authority,
    http.createServer((_request, response) => response.end(body))
  )
  t.teardown(end)
  await t.throwsAsync(one.verify(namingUnknownKey(byOld)), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
  t.throws(() => one.verifySync(byOld), { code: 'ERR_TOKEN_SIGNATURE' })
  t.is(one.verifySync(byNew).token, byNew)
})

test('of two places for keys, one that hangs holds nobody up who needs the other', async (t) => {
  const { authority, api } = await setUp(t, {})
  const one = createVerifier(
    optionsFor(authority, {
      api,
      tenantId: 'organizations',
      allowedTenants: [authority.tenantId],
      keys: { timeout: SLOW }
    })
  )
  const verify = (version) =>
    one.verify(authority.issueToken({ audience: api.appIdUri, version })).then(
      () => `v${version}: verified`,
      ({ code }) => `v${version}: ${code}`
    )
  authority.fail('hang', 1)
  const first = verify(1)
  await until(() => fetches(authority, api) === 1, 'the keys of v1 tokens are asked for')
  const second = verify(2)
  t.is(await Promise.race([first, second]), 'v2: verified')
  t.is(await first, 'v1: ERR_KEYS_UNAVAILABLE')
  t.is(await second, 'v2: verified')
})

test('preload waits for both places for keys, and rejects when one has none', async (t) => {
  const { authority, api } = await setUp(t, {})
  const several = { tenantId: 'organizations', allowedTenants: [authority.tenantId] }
  const preload = (keys) => createVerifier(optionsFor(authority, { api, ...several, keys })).preload()
  await preload({ timeout: FAST })
  t.is(fetches(authority, api), 2)
  authority.fail('hang', 1)
  await t.throwsAsync(preload({ timeout: SLOW }), { code: 'ERR_KEYS_UNAVAILABLE' })
})
