// Guards on routes behind the middleware: who passes, who does not, and how that is answered.
import test from 'ava'
import * as express from 'entra-jwt-verify'
import {
  AuthError,
  createCheckAuthToken,
  createVerifier,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole,
  VerifiedToken
} from 'entra-jwt-verify'
import * as fetchEntry from 'entra-jwt-verify/fetch'
import * as koa from 'entra-jwt-verify/koa'
import { startTestAuthority, verifiedToken } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { optionsFor } from '../helpers/start.mjs'

const expressVersions = { 'Express 5': express5, 'Express 4': express4 }

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** An application whose one route stands behind these handlers. */
function route(express, ...handlers) {
  const app = express()
  app.disable('x-powered-by')
  app.get('/', ...handlers, (_req, res) => res.send('passed'))
  return app
}

const classic = (authority, more) => createCheckAuthToken({ ...optionsFor(authority), logger: false, ...more })

const SCOPE_OR_ROLE = { scopes: ['Task.Read', 'Task.Write'], roles: ['Task.Read.All', 'Task.Write.All'] }
const OTHER_CLIENT = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'

/** Rows: the guard, and what differs from an app-only token without roles in those that pass and those that do not. */
function rows({ client }) {
  return [
    [
      'requireRole, one',
      requireRole('Task.Read'),
      [{ roles: ['Task.Read'] }, { roles: ['Other', 'Task.Read'] }, { roles: ['Task.Read'], scopes: ['Other'] }],
      [{}, { roles: ['Other'] }, { roles: ['task.read'] }, { roles: ['Task.ReadWrite'] }, { scopes: ['Task.Read'] }]
    ],
    [
      'requireRole, any of several',
      requireRole('Task.Read', 'Task.Write'),
      [{ roles: ['Task.Read'] }, { roles: ['Task.Write'] }, { roles: ['Task.Read', 'Task.Write'] }],
      [{}, { roles: ['Task'] }, { roles: ['Task.Read Task.Write'] }, { claims: { roles: [] } }]
    ],
    [
      'requireScope, one',
      requireScope('Task.Read'),
      [{ scopes: ['Task.Read'] }, { scopes: ['Other', 'Task.Read'] }, { claims: { scp: ' Task.Read ' } }],
      [
        {},
        { roles: ['Task.Read'] },
        { scopes: ['Task.ReadWrite'] },
        { scopes: ['task.read'] },
        { claims: { scp: '' } },
        { claims: { scp: 'Task.Read,Other' } }
      ]
    ],
    [
      'requireScope, any of several',
      requireScope('Task.Read', 'Task.Write'),
      [{ scopes: ['Task.Write'] }, { scopes: ['Task.Write', 'Task.Read'] }],
      [{}, { scopes: ['Task'] }]
    ],
    [
      'requireScopeOrRole',
      requireScopeOrRole(SCOPE_OR_ROLE),
      [{ scopes: ['Task.Write'] }, { roles: ['Task.Read.All'] }, { scopes: ['Task.Read'], roles: ['Other'] }],
      // A scope of the name of a role is not that role, nor the other way round.
      // And roles are for applications: those of a user do not stand in for a scope.
      [
        {},
        { scopes: ['Task.Read.All'] },
        { roles: ['Task.Read'] },
        { scopes: ['Other'], roles: ['Other'] },
        { scopes: ['Other'], roles: ['Task.Write.All'] }
      ]
    ],
    [
      'requireClient, without case',
      requireClient(OTHER_CLIENT, client.clientId.toUpperCase()),
      [{}, { version: 1 }, { version: 2 }, { version: 2, claims: { azp: client.clientId.toUpperCase() } }],
      [
        { version: 1, claims: { appid: crypto.randomUUID() } },
        { version: 2, claims: { azp: crypto.randomUUID() } },
        { version: 2, claims: { azp: `${client.clientId}0` } },
        { version: 2, claims: { azp: '' } }
      ]
    ],
    [
      'requireAppOnly',
      requireAppOnly(),
      [{}, { version: 2 }, { claims: { idtyp: 'app' } }, { claims: { idtyp: 'app', sub: 'other' } }],
      [
        { delegated: true },
        { version: 2, delegated: true },
        { claims: { idtyp: 'user' } },
        { claims: { sub: 'other' } },
        { claims: { oid: undefined, sub: undefined } }
      ]
    ],
    [
      'requireDelegated',
      requireDelegated(),
      [{ delegated: true }, { version: 2, delegated: true }, { claims: { idtyp: 'user', scp: 'a', sub: 'other' } }],
      [{}, { version: 2 }, { roles: ['Task.Read'] }, { claims: { idtyp: 'app', sub: 'other' } }]
    ]
  ]
}

for (const [name, express] of Object.entries(expressVersions)) {
  test(`${name}: each guard lets those pass that it is for, and no others`, async (t) => {
    const { authority } = t.context
    for (const [guard, handler, passes, refused] of rows(authority)) {
      const send = await serve(t, route(express, classic(authority), handler))
      for (const overrides of passes) {
        const answer = await send(`Bearer ${authority.issueToken(overrides)}`)
        t.deepEqual([answer.status, answer.body], [200, 'passed'], `${guard} ${JSON.stringify(overrides)}`)
      }
      for (const overrides of refused) {
        const answer = await send(`Bearer ${authority.issueToken(overrides)}`)
        t.deepEqual([answer.status, answer.body], [403, 'Forbidden'], `${guard} ${JSON.stringify(overrides)}`)
      }
    }
  })

  test(`${name}: guards compose, and each of them has to be met`, async (t) => {
    const { authority } = t.context
    const guards = [requireAppOnly(), requireRole('Task.Read', 'Task.Write'), requireRole('Task.Write', 'Task.Admin')]
    const send = await serve(t, route(express, classic(authority), guards))
    for (const [overrides, status] of [
      [{ roles: ['Task.Write'] }, 200],
      [{ roles: ['Task.Read', 'Task.Admin'] }, 200],
      [{ roles: ['Task.Read'] }, 403],
      [{ roles: ['Task.Admin'] }, 403],
      [{ roles: ['Task.Write'], delegated: true }, 403]
    ]) {
      t.is((await send(`Bearer ${authority.issueToken(overrides)}`)).status, status, JSON.stringify(overrides))
    }
  })

  test(`${name}: a guard on one route leaves the others alone`, async (t) => {
    const { authority } = t.context
    const app = express()
    app.use(classic(authority))
    app.get('/admin', requireRole('Admin'), (_req, res) => res.send('admin'))
    app.get('/', (_req, res) => res.send('everybody'))
    const send = await serve(t, (req, res) => {
      req.url = req.headers['x-path'] ?? '/'
      app(req, res)
    })
    const authorization = `Bearer ${authority.issueToken()}`
    t.is((await send(authorization)).body, 'everybody')
    t.is((await send(authorization, { headers: { 'x-path': '/admin' } })).status, 403)
  })

  test(`${name}: without the middleware in front nobody passes and nothing is thrown`, async (t) => {
    const { authority } = t.context
    const authorization = `Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`
    for (const [guard, handler] of rows(authority)) {
      const send = await serve(t, route(express, handler))
      for (const sent of [undefined, authorization]) {
        const answer = await send(sent)
        t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'], guard)
        t.is(answer.headers.get('www-authenticate'), 'Bearer', guard)
      }
    }
  })

  test(`${name}: a guard in front of the middleware lets nobody pass`, async (t) => {
    const { authority } = t.context
    const send = await serve(t, route(express, requireRole('Task.Read'), classic(authority)))
    t.is((await send(`Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`)).status, 401)
  })
}

test('a guard without arguments that is passed instead of called says so', (t) => {
  for (const guard of [requireAppOnly, requireDelegated]) {
    t.throws(() => guard({ headers: {} }, {}, () => {}), { code: 'ERR_CONFIG', message: /write require\w+\(\)/ })
  }
})

test('a guard with arguments that is passed instead of called says so', (t) => {
  for (const guard of [requireRole, requireScope, requireClient]) {
    t.throws(() => guard({ headers: {} }, {}, () => {}), { code: 'ERR_CONFIG', message: /write require\w+\('…'\)/ })
  }
})

test('an argument that would be ignored is a mistake', async (t) => {
  const challenge = { access_token: { acrs: { essential: true, value: 'c1' } } }
  for (const { claimsChallenge, requireAuthContext, requireScopeOrRole: scopeOrRole } of [express, koa, fetchEntry]) {
    for (const [name, call] of Object.entries({
      claimsChallenge: () => claimsChallenge(challenge, challenge),
      requireAuthContext: () => requireAuthContext('c1', 'c2'),
      requireScopeOrRole: () => scopeOrRole(SCOPE_OR_ROLE, SCOPE_OR_ROLE)
    })) {
      const { hint } = t.throws(call, { code: 'ERR_CONFIG', message: `${name}: expected one argument, got more` })
      t.regex(hint, /docs\/authorization\.md/)
    }
    t.notThrows(() => requireAuthContext('c1', undefined))
  }
})

test('a guard answers in the way of the middleware in front of it', async (t) => {
  const { authority } = t.context
  const authorization = `Bearer ${authority.issueToken()}`
  const guards = [
    [requireRole('Task.Read'), 'required role missing', undefined],
    [requireScope('Task.Read', 'Task.Write'), 'required scope missing', 'Task.Read Task.Write'],
    [requireScopeOrRole(SCOPE_OR_ROLE), 'required scope or role missing', 'Task.Read Task.Write'],
    [requireClient(OTHER_CLIENT), 'client not allowed', undefined],
    [requireDelegated(), 'delegated token required', undefined]
  ]
  const { clientId } = authority.api
  for (const [guard, description, names] of guards) {
    const scope = names?.replace(/\S+/g, (name) => `api://${clientId}/${name}`)
    const expected = { error: 'insufficient_scope', error_description: description, ...(scope && { scope }) }
    const answer = async (responses) =>
      (await serve(t, route(express5, classic(authority, { responses }), guard)))(authorization)

    const plain = await answer('classic')
    t.deepEqual([plain.status, plain.body], [403, 'Forbidden'], description)
    t.deepEqual(parseChallenge(plain.headers.get('www-authenticate')), expected)

    const rfc6750 = await answer('rfc6750')
    t.is(rfc6750.status, 403, description)
    t.deepEqual(JSON.parse(rfc6750.body), { error: 'insufficient_scope', error_description: description })
    t.deepEqual(parseChallenge(rfc6750.headers.get('www-authenticate')), expected)

    const next = await answer('next')
    t.is(next.status, 403, description)
    t.deepEqual(parseChallenge(next.headers.get('www-authenticate')), expected)
  }
})

test('the hint of a guard names what the token lacks', (t) => {
  const lacking = (guard, auth) => {
    let hint
    guard({ auth, headers: {} }, {}, (error) => {
      hint = error?.hint
    })
    return hint
  }
  const app = verifiedToken({}, { responses: 'next', logger: false })
  const user = verifiedToken({ scopes: ['Other'] }, { responses: 'next', logger: false })
  const hintOf = (names) => `the token lacks the required ${names}; if it was granted recently, get a new token`
  t.is(lacking(requireRole('Task.Read'), app), hintOf('role Task.Read'))
  t.is(lacking(requireScope('Task.Read', 'Task.Write'), user), hintOf('scope Task.Read or Task.Write'))
  t.is(lacking(requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.All'] }), app), hintOf('role Task.All'))
  t.is(lacking(requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.All'] }), user), hintOf('scope Task.Read'))
})

test("responses 'next': the error handler gets the guard's AuthError", async (t) => {
  const { authority } = t.context
  for (const express of Object.values(expressVersions)) {
    const errors = []
    const app = route(express, classic(authority, { responses: 'next' }), requireScope('Task.Read'))
    app.use((error, _req, res, _next) => {
      errors.push(error)
      res.sendStatus(418)
    })
    t.is((await (await serve(t, app))(`Bearer ${authority.issueToken()}`)).status, 418)
    t.true(errors[0] instanceof AuthError)
    t.like(errors[0], { code: 'ERR_TOKEN_POLICY', status: 403, claim: 'scp' })
    t.is(errors.length, 1)
  }
})

test('several middlewares: a guard answers as the one does that let the request pass', async (t) => {
  const { authority } = t.context
  const app = express5()
  app.use('/json', classic(authority, { responses: 'rfc6750' }))
  app.use('/text', classic(authority, { responses: 'classic' }))
  app.use(requireRole('Task.Read'))
  const send = await serve(t, (req, res) => {
    req.url = req.headers['x-path']
    app(req, res)
  })
  const answer = (path) => send(`Bearer ${authority.issueToken()}`, { headers: { 'x-path': path } })
  t.is((await answer('/json')).headers.get('content-type'), 'application/json')
  t.is((await answer('/text')).body, 'Forbidden')
})

test('a guard passes on what the verifier verified elsewhere', async (t) => {
  const { authority } = t.context
  const verifier = createVerifier(optionsFor(authority))
  const byHand = (req, _res, next) =>
    verifier.verify(req.headers.authorization.slice(7)).then((verified) => {
      req.auth = verified
      next()
    }, next)
  const send = await serve(t, route(express5, byHand, requireRole('Task.Read')))
  t.is((await send(`Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`)).status, 200)
  t.is((await send(`Bearer ${authority.issueToken()}`)).status, 403)
})

/** What other packages, or nobody at all, may have put into `req.auth`. */
const strangers = {
  undefined: undefined,
  null: null,
  'claims, as express-jwt leaves them': {
    sub: 'somebody',
    roles: ['Task.Read'],
    scp: 'Task.Read',
    appid: OTHER_CLIENT
  },
  'something with our methods': { hasRole: () => true, hasScope: () => true, clientId: OTHER_CLIENT, isAppOnly: true },
  text: 'Task.Read',
  true: true,
  'a function, as express-oauth2-jwt-bearer might': () => ({ payload: { roles: ['Task.Read'] } })
}

/** Calls a guard without a framework: nobody catches what it throws. */
function call(guard, auth) {
  const passed = []
  const res = { headers: {}, setHeader: (name, value) => (res.headers[name] = value), getHeader: () => undefined }
  res.end = (body) => {
    res.body = body
  }
  guard({ headers: {}, auth }, res, (...args) => passed.push(args))
  return { status: res.statusCode, body: res.body, passed }
}

test('what is no verified token is refused, whoever put it there', (t) => {
  for (const [name, auth] of Object.entries(strangers)) {
    for (const [guard, handler] of rows(t.context.authority)) {
      t.deepEqual(call(handler, auth), { status: 401, body: 'Unauthorized', passed: [] }, `${guard}, ${name}`)
    }
  }
})

test('what only pretends to be a verified token is refused, not thrown at', (t) => {
  for (const [guard, handler] of rows(t.context.authority)) {
    const pretender = Object.create(VerifiedToken.prototype)
    t.deepEqual(call(handler, pretender), { status: 401, body: 'Unauthorized', passed: [] }, guard)
  }
})

test('a guard that passes calls next once, without an argument, and answers nothing', async (t) => {
  const { authority } = t.context
  const verified = await createVerifier(optionsFor(authority)).verify(authority.issueToken({ roles: ['Task.Read'] }))
  t.deepEqual(call(requireRole('Task.Read'), verified), { status: undefined, body: undefined, passed: [[]] })
})

test('a guard that asks for nothing is a mistake, and said at once', (t) => {
  for (const wrong of [
    () => requireRole(),
    () => requireRole(''),
    () => requireRole('Task.Read', ''),
    () => requireRole(undefined),
    () => requireRole(null),
    () => requireRole(['Task.Read']),
    () => requireRole(5),
    () => requireScope(),
    () => requireScope(''),
    () => requireScope(['Task.Read']),
    () => requireClient(),
    () => requireClient(''),
    () => requireClient(undefined),
    () => requireScopeOrRole(),
    () => requireScopeOrRole(null),
    () => requireScopeOrRole({}),
    () => requireScopeOrRole({ scopes: [], roles: [] }),
    () => requireScopeOrRole({ scopes: ['a'] }),
    () => requireScopeOrRole({ roles: ['a'] }),
    () => requireScopeOrRole({ scopes: 'a', roles: 'a' }),
    () => requireScopeOrRole({ scopes: ['a'], roles: [''] }),
    () => requireScopeOrRole({ scopes: ['a'], roles: ['a'], clients: ['a'] }),
    () => requireScopeOrRole(Object.create({ scopes: ['a'], roles: ['a'] })),
    // biome-ignore lint/suspicious/noSparseArray: that is the case.
    () => requireScopeOrRole({ scopes: ['a', , 'b'], roles: ['a'] }),
    () => requireScopeOrRole(new Proxy({}, { ownKeys: () => 5 }))
  ]) {
    t.throws(wrong, { instanceOf: AuthError, code: 'ERR_CONFIG' }, String(wrong))
  }
})

test('a guard that is given an array says how to pass its entries', (t) => {
  for (const guard of [requireRole, requireScope, requireClient]) {
    t.throws(() => guard(['a', 'b']), {
      code: 'ERR_CONFIG',
      message: new RegExp(
        `got an array: pass them separately, ${guard.name}\\('…', '…'\\) or ${guard.name}\\(\\.\\.\\.list\\)$`
      )
    })
  }
  t.throws(() => requireScopeOrRole({ scopes: [['a']], roles: ['b'] }), { message: /strings, got an array$/ })
})

test('requireScopeOrRole says which member is wrong', (t) => {
  for (const [given, message] of [
    [{ scopes: 'Task.Read', roles: ['Task.Read'] }, /: expected scopes to be an array of strings, got a string$/],
    [{ scopes: ['Task.Read'], roles: 'Task.Read' }, /: expected roles to be an array of strings, got a string$/],
    [{ scopes: ['Task.Read'] }, /: expected roles to be an array of strings, got undefined$/],
    [{ scope: ['Task.Read'], roles: ['Task.Read'] }, /got scope; did you mean scopes\?$/],
    [{ scopes: ['Task.Read'], Role: ['Task.Read'] }, /got Role; did you mean roles\?$/],
    [{ scopes: ['Task.Read'], roles: ['Task.Read'], clients: [] }, /expected only \{ scopes, roles \}, got clients$/]
  ]) {
    t.throws(() => requireScopeOrRole(given), { code: 'ERR_CONFIG', message })
  }
})

test('a scope that no token can have is a mistake as well', (t) => {
  // `scp` is separated by spaces; the option requiredScopes refuses it too.
  t.throws(() => requireScope('Task.Read Task.Write'), {
    code: 'ERR_CONFIG',
    message: /^requireScope: expected scopes without/
  })
  t.throws(() => requireScopeOrRole({ scopes: ['Task.Read Task.Write'], roles: ['a'] }), { code: 'ERR_CONFIG' })
})

test('a guard is what it was when it was made', async (t) => {
  const { authority } = t.context
  const verified = await createVerifier(optionsFor(authority)).verify(authority.issueToken({ roles: ['Guest'] }))
  const roles = ['Task.Read.All']
  const guard = requireScopeOrRole({ scopes: ['Task.Read'], roles })
  t.is(call(guard, verified).status, 403)
  roles.push('Guest')
  t.is(call(guard, verified).status, 403)
})

test('a guard says which claim was lacking', async (t) => {
  const { authority } = t.context
  const verified = await createVerifier(optionsFor(authority)).verify(authority.issueToken())
  for (const [guard, claim] of [
    [requireRole('a'), 'roles'],
    [requireScope('a'), 'scp'],
    [requireClient('a'), 'azp'],
    [requireDelegated(), 'idtyp']
  ]) {
    const app = route(express5, classic(authority, { responses: 'next' }), guard)
    let error
    app.use((caught, _req, res, _next) => {
      error = caught
      res.end()
    })
    await (await serve(t, app))(`Bearer ${verified.token}`)
    t.is(error.claim, claim)
    t.true(error.hint.length > 10)
  }
})

/** A token of an issuer that is not Entra, where the names of Entra's claims may have any type. */
async function foreign(t, claims) {
  const authority = await startForeignAuthority(t)
  const verifier = createVerifier({ authority: authority.url, audience: AUDIENCE })
  return verifier.verify(await authority.issueToken(claims))
}

test('claims that are missing are no roles, no scopes, no client', async (t) => {
  const verified = await foreign(t, {})
  t.deepEqual([verified.roles, verified.scopes, verified.clientId, verified.isAppOnly], [[], [], undefined, false])
  for (const guard of [requireRole('a'), requireScope('a'), requireClient('a'), requireAppOnly()]) {
    t.is(call(guard, verified).status, 403)
  }
})

test('a role is an element of a list, not a part of a text', async (t) => {
  const verified = await foreign(t, { roles: 'NotAdmin' })
  t.deepEqual(verified.roles, [])
  t.false(verified.hasRole('Admin'))
  t.is(call(requireRole('Admin'), verified).status, 403)
})

test('claims of another type are no roles, no scopes and no client, and nothing is thrown', async (t) => {
  for (const value of [null, true, 5, {}, { includes: 1 }, [5, null]]) {
    const verified = await foreign(t, { roles: value, scp: value, azp: value, appid: value, idtyp: value })
    for (const guard of [requireRole('a'), requireScope('a'), requireClient('a'), requireAppOnly()]) {
      t.is(call(guard, verified).status, 403, JSON.stringify(value))
    }
    t.true(Array.isArray(verified.roles) && Array.isArray(verified.scopes), JSON.stringify(value))
  }
})

test('idtyp decides for the guards as well', async (t) => {
  // Not a token that Entra makes, nor one that passes where its rules hold.
  const verified = await foreign(t, { idtyp: 'app', scp: 'Task.Read' })
  t.is(call(requireDelegated(), verified).status, 403)
  t.deepEqual(call(requireAppOnly(), verified).passed, [[]])
})

test('a token that nobody consented to is not on behalf of a user', async (t) => {
  // Entra leaves oid out of tokens for applications without a service principal in the tenant: neither rule of
  // isAppOnly holds then, and there is no scp either.
  const { authority } = t.context
  const verified = await createVerifier(optionsFor(authority)).verify(
    authority.issueToken({ claims: { oid: undefined, sub: undefined } })
  )
  t.is(call(requireDelegated(), verified).status, 403)
})

test('refusals are not logged', async (t) => {
  const { authority } = t.context
  const logger = recorder()
  const send = await serve(t, route(express5, classic(authority, { logger }), requireRole('Task.Read')))
  await send(`Bearer ${authority.issueToken()}`)
  t.deepEqual(logger.entries, [])
})
