// A verified token is proof: only a verifier makes one, nothing passes for one, and what is not one says so.
import { inspect } from 'node:util'
import vm from 'node:vm'
import test from 'ava'
import {
  AuthError,
  claimsChallenge,
  createVerifier,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole,
  VerifiedToken,
  Verifier
} from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const verifier = createVerifier(optionsFor(authority))
  const roles = ['Task.Read']
  // A caller whom each guard below lets pass, if the proof is there.
  const app = await verifier.verify(authority.issueToken({ roles }))
  const user = await verifier.verify(authority.issueToken({ scopes: roles }))
  const clientId = app.clientId
  t.context = { authority, verifier, app, user, issue: (overrides) => verifier.verify(authority.issueToken(overrides)) }
  t.context.guards = [
    [requireRole(...roles), app],
    [requireScope(...roles), user],
    [requireScopeOrRole({ scopes: roles, roles }), app],
    [requireScopeOrRole({ scopes: roles, roles }), user],
    [requireClient(clientId), app],
    [requireAppOnly(), app],
    [requireDelegated(), user]
  ]
})
test.after.always((t) => t.context.authority.close())

/** What is made of a token, or of its class, without a verifier. A way that throws makes nothing, which is as good. */
const ways = {
  'new, without arguments': () => new VerifiedToken(),
  'new, with the token': (auth) => new VerifiedToken(auth.token),
  'new, with everything': (auth, verifier) =>
    new VerifiedToken(Symbol('internal'), auth.token, verifier, new Map(), undefined),
  'new, with a registered symbol': (auth) => new VerifiedToken(Symbol.for('internal'), auth.token),
  'new, with itself': (auth) => new VerifiedToken(auth, auth.token),
  'Reflect.construct': (auth) => Reflect.construct(VerifiedToken, [undefined, auth.token]),
  'Reflect.construct as another class': (auth) =>
    Reflect.construct(VerifiedToken, [undefined, auth.token], class extends VerifiedToken {}),
  'Reflect.construct of Object': () => Reflect.construct(Object, [], VerifiedToken),
  'its constructor': (auth) => new auth.constructor(undefined, auth.token),
  subclass: (auth) => new (class extends VerifiedToken {})(undefined, auth.token),
  'a subclass that returns its own object': () =>
    new (class extends VerifiedToken {
      // biome-ignore lint/correctness/noUnreachableSuper: that is the case.
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: that is the case.
        return Object.create(VerifiedToken.prototype)
      }
    })(),
  'Object.create of the prototype': () => Object.create(VerifiedToken.prototype),
  'Object.create of the token': (auth) => Object.create(auth),
  'Object.setPrototypeOf the prototype': (auth) => Object.setPrototypeOf({ ...auth }, VerifiedToken.prototype),
  'Object.setPrototypeOf the token': (auth) => Object.setPrototypeOf({ hasRole: () => true }, auth),
  'a transparent proxy': (auth) => new Proxy(auth, {}),
  'a proxy whose members work': (auth) =>
    new Proxy(auth, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      }
    }),
  structuredClone: (auth) => structuredClone(auth),
  'a spread copy': (auth) => ({ ...auth }),
  'Object.assign': (auth) => Object.assign(Object.create(VerifiedToken.prototype), auth),
  'its descriptors': (auth) => Object.create(VerifiedToken.prototype, Object.getOwnPropertyDescriptors(auth)),
  'its JSON': (auth) => JSON.parse(JSON.stringify(auth)),
  'what it shows': ({ tenantId, clientId, roles, scopes, token, claims }) => ({
    tenantId,
    clientId,
    roles,
    scopes,
    token,
    claims,
    isAppOnly: true,
    hasRole: () => true,
    hasScope: () => true
  }),
  'its token': ({ token }) => token,
  'its claims': ({ claims }) => claims,
  'a promise of it': (auth) => Promise.resolve(auth),
  'a function that returns it': (auth) => () => auth,
  'an array of it': (auth) => [auth],
  'an object of another realm': () => vm.runInNewContext('({ hasRole: () => true, isAppOnly: true })'),
  'an object with its tag': (auth) => ({ ...auth, [Symbol.toStringTag]: 'VerifiedToken' }),
  'an object with its symbols': () =>
    Object.fromEntries(Reflect.ownKeys(VerifiedToken.prototype).map((key) => [key, () => true])),
  'the prototype itself': () => VerifiedToken.prototype,
  'the class itself': () => VerifiedToken,
  'the verifier': (_auth, verifier) => verifier
}

for (const [name, make] of Object.entries(ways)) {
  test(`neither guards nor claimsChallenge take it for a verified token: ${name}`, (t) => {
    const challenge = claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
    for (const [guard, auth] of t.context.guards) {
      t.is(callNow(guard, { auth }).passed.length, 1, 'the token itself passes')
      let made
      try {
        made = make(auth, t.context.verifier)
      } catch {
        t.pass('it cannot even be made')
        continue
      }
      const { status, body, headers, passed } = callNow(guard, { auth: made })
      t.deepEqual([passed, status, body], [[], 401, 'Unauthorized'])
      t.is(headers['WWW-Authenticate'], 'Bearer')
      const challenged = callNow(challenge, { auth: made })
      t.deepEqual(
        [challenged.passed, challenged.body, challenged.headers['WWW-Authenticate']],
        [[], 'Unauthorized', 'Bearer']
      )
    }
  })
}

test('a constructor that is called from outside says that it is not for that', (t) => {
  const { app, verifier } = t.context
  for (const construct of [
    () => new VerifiedToken(),
    () => new VerifiedToken(Symbol('internal'), app.token, verifier),
    () => new (class extends VerifiedToken {})(),
    () => Reflect.construct(VerifiedToken, [], Object)
  ]) {
    t.throws(construct, { instanceOf: TypeError, message: /only a verifier makes a VerifiedToken/ })
  }
  for (const construct of [
    () => new AuthError(),
    () => new AuthError('message'),
    () => new AuthError(Symbol('internal'), { code: 'ERR_CONFIG', message: 'm', hint: 'h' }),
    () => new (class extends AuthError {})()
  ]) {
    t.throws(construct, { instanceOf: TypeError, message: /errors of this class are made by entra-jwt-verify/ })
  }
  for (const construct of [
    () => new Verifier(),
    () => new Verifier(Symbol('internal'), {}),
    () => new verifier.constructor(),
    () => new (class extends Verifier {})(),
    () => Reflect.construct(Object.getPrototypeOf(Verifier), [Symbol('internal'), {}])
  ]) {
    t.throws(construct, { instanceOf: AuthError, code: 'ERR_CONFIG', message: /createVerifier/ })
  }
})

test('nothing on the exported classes makes or opens a token', (t) => {
  const ordinary = ['length', 'name', 'prototype']
  for (const exported of [VerifiedToken, AuthError, Verifier, Object.getPrototypeOf(Verifier)]) {
    t.deepEqual(Reflect.ownKeys(exported).sort(), ordinary, exported.name)
  }
  t.deepEqual(
    Reflect.ownKeys(VerifiedToken.prototype)
      .filter((key) => typeof key === 'symbol')
      .map(String)
      .sort(),
    ['Symbol(entra-jwt-verify.VerifiedToken)', 'Symbol(nodejs.util.inspect.custom)']
  )
  t.deepEqual(Reflect.ownKeys(t.context.app), [])
  for (const key of Reflect.ownKeys(t.context.verifier)) t.fail(String(key))
})

test('a member that was taken off its token says how it is called', (t) => {
  const { app } = t.context
  const { hasRole, hasScope, toJSON } = app
  for (const call of [
    () => hasRole('Task.Read'),
    () => hasScope('Task.Read'),
    () => toJSON(),
    () => ['Task.Read'].some(app.hasRole),
    () => hasRole.call({}, 'Task.Read'),
    () => hasRole.call(null, 'Task.Read')
  ]) {
    t.throws(call, { instanceOf: TypeError, message: /expected a VerifiedToken as `this`.*req\.auth\.hasRole/ })
  }
  t.true(['Task.Read'].some((role) => app.hasRole(role)))
  const { roles, clientId, isAppOnly } = app
  t.deepEqual([roles, clientId, isAppOnly], [['Task.Read'], app.clientId, true])
})

test('a getter of a proxy or a pretender says what is wrong', (t) => {
  const { app } = t.context
  const getters = Object.entries(Object.getOwnPropertyDescriptors(VerifiedToken.prototype)).filter(([, { get }]) => get)
  t.true(getters.length > 10)
  for (const auth of [new Proxy(app, {}), Object.create(VerifiedToken.prototype), Object.create(app)]) {
    for (const [name] of getters) {
      t.throws(() => auth[name], { instanceOf: TypeError, message: /a proxy or a copy of a token is not one/ }, name)
    }
  }
})

const INSPECTIONS = [true, false].flatMap((colors) =>
  [true, false].flatMap((showHidden) =>
    [0, 1, 5, null].flatMap((depth) =>
      [true, false, 3].map((compact) => ({ colors, showHidden, depth, compact, getters: true, showProxy: true }))
    )
  )
)

test('JSON and printed text show who calls and with which permissions, never the token', async (t) => {
  for (const auth of [
    await t.context.issue({ roles: ['Task.Read', 'Task.Write'] }),
    await t.context.issue({ scopes: ['Task.Read'], claims: { name: 'Ann Example', upn: 'ann@example.com' } })
  ]) {
    const { tenantId, clientId, roles, scopes, expiresAt, token } = auth
    const shown = { tenantId, clientId, roles, scopes, expiresAt }
    t.deepEqual(JSON.parse(JSON.stringify({ auth })), { auth: shown })
    t.is(expiresAt, auth.claims.exp)
    const texts = [JSON.stringify(auth), `${inspect(auth)}`]
    const holders = [auth, { req: { auth } }, [auth], new Map([['auth', auth]]), Object.create(auth)]
    for (const options of INSPECTIONS) texts.push(...holders.map((value) => inspect(value, options)))
    const [, payload, signature] = token.split('.')
    for (const text of texts) {
      for (const secret of [token, payload, signature, 'Ann Example', 'ann@example.com']) t.false(text.includes(secret))
    }
    const printed = inspect(auth)
    t.true(printed.startsWith('VerifiedToken {'))
    for (const text of [tenantId, clientId, ...roles, ...scopes, String(expiresAt)])
      t.true(printed.includes(text), text)
    t.true(inspect({ auth }).includes(clientId))
  }
})

test('what only looks like a token can be printed, too', (t) => {
  for (const auth of [VerifiedToken.prototype, Object.create(VerifiedToken.prototype), new Proxy(t.context.app, {})]) {
    t.notThrows(() => inspect(auth))
    t.false(inspect(auth, { showProxy: false }).includes(t.context.app.token))
  }
})

test('claims.hasOwnProperty works, and nothing else is inherited', async (t) => {
  const { claims } = await t.context.issue({ claims: { nested: { a: 1 } } })
  // What programs call, Microsoft's samples among them.
  // biome-ignore-start lint/suspicious/noPrototypeBuiltins: that is the case.
  t.true(claims.hasOwnProperty('aud'))
  t.false(claims.hasOwnProperty('scp'))
  t.false(claims.hasOwnProperty('hasOwnProperty'))
  t.true(claims.nested.hasOwnProperty('a'))
  // biome-ignore-end lint/suspicious/noPrototypeBuiltins: that is the case.
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    if (name !== 'hasOwnProperty') t.is(claims[name], undefined, name)
  }
  t.deepEqual(Object.keys(claims).includes('hasOwnProperty'), false)
})
