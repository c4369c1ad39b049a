// The instant at which a token is judged: JavaScript's Date.now(), which fake timers move, or `currentDate`. What is no
// instant lets nothing pass.
import vm from 'node:vm'
import test from 'ava'
import { AuthError, createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import sinon from 'sinon'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const HOUR = 3_600_000

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  const verifier = createVerifier(options)
  await verifier.preload()
  t.context = { authority, options, verifier }
})
test.after.always((t) => t.context.authority.close())

/** Replaces the clock for a synchronous `action`: the whole process sees it meanwhile. */
function withClock(now, action) {
  const { now: real } = Date
  Date.now = now
  try {
    return action()
  } finally {
    Date.now = real
  }
}

/** Fakes the time for a synchronous `action`. */
function at(now, action) {
  const clock = sinon.useFakeTimers({ now, toFake: ['Date', 'performance'] })
  try {
    return action(clock)
  } finally {
    clock.restore()
  }
}

function codeOf(action) {
  try {
    action()
    return 'passes'
  } catch (error) {
    return error instanceof AuthError ? error.code : error
  }
}

test.serial('fake timers move the time, for tokens that are seen first and for those that are cached', (t) => {
  const { authority, options } = t.context
  for (const tokenCache of [1000, false]) {
    const verifier = createVerifier({ ...options, tokenCache })
    const middleware = createCheckAuthToken({ ...options, tokenCache, logger: false })
    const token = authority.issueToken()
    const authorization = `Bearer ${token}`
    const codes = () => [
      codeOf(() => verifier.verifySync(token)),
      callNow(middleware, { authorization }).status ?? 'passes'
    ]
    const { exp, nbf } = verifier.verifySync(token).claims
    for (const [now, code, status] of [
      [Date.now(), 'passes', 'passes'],
      [exp * 1000 - 1, 'passes', 'passes'],
      [exp * 1000, 'ERR_TOKEN_EXPIRED', 401],
      [exp * 1000 + HOUR, 'ERR_TOKEN_EXPIRED', 401],
      [nbf * 1000 - 1, 'ERR_TOKEN_NOT_ACTIVE', 500],
      [nbf * 1000, 'passes', 'passes'],
      [0, 'ERR_TOKEN_NOT_ACTIVE', 500],
      [1, 'ERR_TOKEN_NOT_ACTIVE', 500]
    ]) {
      t.deepEqual(at(now, codes), [code, status], `${new Date(now).toISOString()}, cache ${tokenCache}`)
    }
    t.deepEqual(codes(), ['passes', 'passes'])
  }
})

test.serial('a faked clock that ticks makes a token expire', (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  at(Date.now(), (clock) => {
    t.is(
      codeOf(() => verifier.verifySync(token)),
      'passes'
    )
    clock.tick(2 * HOUR)
    t.is(
      codeOf(() => verifier.verifySync(token)),
      'ERR_TOKEN_EXPIRED'
    )
  })
})

test.serial('fake timers move the time of explain, too', async (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  const explained = at(Date.now() + 2 * HOUR, () => verifier.explain(token))
  t.is((await explained).code, 'ERR_TOKEN_EXPIRED')
  t.is((await verifier.explain(token)).verdict, 'valid')
})

/** What a clock must not say. */
const NO_CLOCKS = {
  NaN: () => Number.NaN,
  undefined: () => undefined,
  null: () => null,
  Infinity: () => Number.POSITIVE_INFINITY,
  '-Infinity': () => Number.NEGATIVE_INFINITY,
  'before 1970': () => -1,
  'long before 1970': () => -8.64e15,
  'a string': () => 'now',
  'a string of digits': () => String(performance.timeOrigin + performance.now()),
  'an object': () => ({}),
  'an object that is a number if need be': () => ({ valueOf: () => performance.timeOrigin + performance.now() }),
  'a Date': () => new Date(performance.timeOrigin + performance.now()),
  'an array': () => [performance.timeOrigin + performance.now()],
  true: () => true,
  'a BigInt': () => BigInt(Math.floor(performance.timeOrigin + performance.now())),
  'a symbol': () => Symbol('now'),
  'an exception': () => {
    throw new Error('no clock')
  },
  'an exception that is none': () => {
    // biome-ignore lint/style/useThrowOnlyError: that is the case.
    throw undefined
  }
}

for (const [name, now] of Object.entries(NO_CLOCKS)) {
  test.serial(`a clock that says ${name}: nothing passes, and the code says why`, (t) => {
    const { authority, options } = t.context
    const token = authority.issueToken()
    // Without nbf and with exp in the far future: any instant at all would do.
    const undemanding = authority.issueToken({ claims: { nbf: undefined, exp: 8_000_000_000_000 } })
    for (const tokenCache of [1000, false]) {
      const verifier = createVerifier({ ...options, tokenCache })
      const middleware = createCheckAuthToken({ ...options, tokenCache, logger: false })
      for (const presented of [token, undemanding]) {
        // Once it is cached, and before.
        if (tokenCache) verifier.verifySync(token)
        const error = t.throws(() => withClock(now, () => verifier.verifySync(presented)), { instanceOf: AuthError })
        t.like(error, { code: 'ERR_INTERNAL', reason: 'clock', status: 500 }, `cache ${tokenCache}`)
        const { passed, req, status } = withClock(now, () =>
          callNow(middleware, { authorization: `Bearer ${presented}` })
        )
        t.deepEqual([passed, req.auth, status], [[], undefined, 500], `cache ${tokenCache}`)
      }
      t.is(
        codeOf(() => verifier.verifySync(token)),
        'passes'
      )
    }
  })

  test.serial(`a clock that says ${name} while keys are fetched: nothing passes`, async (t) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    const verifier = createVerifier(optionsFor(authority))
    const verdict = verifier.verify(authority.issueToken({ claims: { nbf: undefined } }))
    const { now: real } = Date
    // The authority runs in this process, and has to go on meanwhile.
    Date.now = () => (new Error('caller').stack.includes('verifier.js') ? now() : real())
    t.teardown(() => {
      Date.now = real
    })
    const error = await t.throwsAsync(verdict, { instanceOf: AuthError })
    t.like(error, { code: 'ERR_INTERNAL', reason: 'clock' })
    Date.now = real
  })
}

test.serial('a clock that says the largest number is one: everything has expired', (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken({ claims: { nbf: undefined } })
  for (const presented of [token, authority.issueToken()]) {
    const code = withClock(
      () => Number.MAX_VALUE,
      () => codeOf(() => verifier.verifySync(presented))
    )
    t.true(['ERR_TOKEN_EXPIRED', 'ERR_INTERNAL'].includes(code), String(code))
  }
})

test('currentDate is an instant of whatever realm or class', (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  const later = Date.now() + 2 * HOUR
  class Lying extends Date {
    getTime() {
      return Date.now()
    }
    valueOf() {
      return Date.now()
    }
    [Symbol.toPrimitive]() {
      return Date.now()
    }
  }
  const lying = new Date(later)
  lying.getTime = () => Date.now()
  for (const [name, currentDate] of Object.entries({
    'of this realm': new Date(later),
    'of another realm': vm.runInNewContext(`new Date(${later})`),
    'of a subclass that lies': new Lying(later),
    'that lies itself': lying,
    'without a prototype': Object.setPrototypeOf(new Date(later), null)
  })) {
    t.is(
      codeOf(() => verifier.verifySync(token, { currentDate })),
      'ERR_TOKEN_EXPIRED',
      name
    )
  }
  for (const currentDate of [new Date(), vm.runInNewContext('new Date()'), new Lying()]) {
    t.is(
      codeOf(() => verifier.verifySync(token, { currentDate })),
      'passes'
    )
  }
})

test.serial('currentDate is that of fake timers, too', (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  at(Date.now() + 2 * HOUR, () => {
    t.is(
      codeOf(() => verifier.verifySync(token, { currentDate: new Date() })),
      'ERR_TOKEN_EXPIRED'
    )
    t.is(
      codeOf(() => verifier.verifySync(token, { currentDate: new Date(Date.now() - 2 * HOUR) })),
      'passes'
    )
  })
})

test('options of a verifier are refused where only the time is one, with the place for them', async (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  const expected = {
    code: 'ERR_CONFIG',
    message: 'option clockTolerance: expected only { currentDate }; set other options in createVerifier()'
  }
  await t.throwsAsync(verifier.verify(token, { clockTolerance: 5 }), expected)
  t.throws(() => verifier.verifySync(token, { clockTolerance: 5 }), expected)
})

test('what is no instant is a mistake, and lets nothing pass', async (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  for (const currentDate of [
    new Date(Number.NaN),
    vm.runInNewContext('new Date(NaN)'),
    new Date(-1),
    new Date('1969-12-31T23:59:59.999Z'),
    new Date(-8.64e15),
    Date.now(),
    Date.now() / 1000,
    String(new Date()),
    new Date().toISOString(),
    BigInt(Date.now()),
    null,
    Number.NaN,
    {},
    [],
    true,
    Symbol('now'),
    () => new Date(),
    Object.create(Date.prototype),
    { getTime: () => Date.now(), valueOf: () => Date.now() },
    new Proxy(new Date(), {})
  ]) {
    t.throws(() => verifier.verifySync(token, { currentDate }), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    await t.throwsAsync(verifier.verify(token, { currentDate }), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    await t.throwsAsync(verifier.explain(token, { currentDate }), { instanceOf: AuthError, code: 'ERR_CONFIG' })
  }
  t.is(
    codeOf(() => verifier.verifySync(token, { currentDate: new Date(0) })),
    'ERR_TOKEN_NOT_ACTIVE'
  )
})
