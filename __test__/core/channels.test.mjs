// What the diagnostics channels tell of verdicts and fetches over the network, and what they never do.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import test from 'ava'
import { seconds, start, until, verdict } from '../helpers/start.mjs'

const isRecent = (date) => date instanceof Date && Math.abs(Date.now() - date.getTime()) < 10_000

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
