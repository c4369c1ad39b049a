// The option `optional`: a request without a token passes without req.auth; one with a bad token never does; guards behind
// reject what passed without a token, as the middleware's `responses` says.
import test from 'ava'
import {
  AuthError,
  claimsChallenge,
  createCheckAuthToken,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole
} from 'entra-jwt-verify'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { start } from '../helpers/start.mjs'

const preparations = { 'at hand': (middleware) => middleware.verifier.preload(), 'yet to be fetched': () => {} }

/** An application whose only route says who calls. */
function routed(express, ...handlers) {
  const app = express()
  app.use(...handlers)
  app.get('/', (req, res) => res.send(`${'auth' in req ? 'auth' : 'no auth'}: ${req.auth?.clientId}`))
  app.use((error, _req, res, _next) => res.status(error.status).send(`error handler: ${error.code}`))
  return app
}

for (const [when, prepare] of Object.entries(preparations)) {
  for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
    test(`${name}, keys ${when}: no token passes, a good one too, a bad one does not`, async (t) => {
      const { authority, middleware: create } = await start(t)
      const client = authority.client.clientId
      const { keys } = authority
      for (const responses of ['classic', 'rfc6750', 'next']) {
        const middleware = create({ optional: true, responses })
        await prepare(middleware)
        const send = await serve(t, routed(express, middleware))
        for (const authorization of [
          undefined,
          'Basic dXNlcjpwYXNz',
          'Digest x',
          'BearerX token',
          authority.issueToken()
        ]) {
          const answer = await send(authorization)
          t.deepEqual([answer.status, answer.body], [200, 'auth: undefined'], `${responses} ${authorization}`)
        }
        t.is((await send(`Bearer ${authority.issueToken()}`)).body, `auth: ${client}`)
        for (const [what, token] of Object.entries({
          nothing: '',
          spaces: '   ',
          'no token': 'x',
          undefined: 'undefined',
          null: 'null',
          expired: authority.issueToken({ expiresIn: -1 }),
          'another audience': authority.issueToken({ audience: 'api://another' }),
          'an invented key': authority.issueToken({ header: { kid: crypto.randomUUID() } }),
          forged: authority.issueToken({ kid: keys[0].kid }).replace(/.{40}$/, 'A'.repeat(40))
        })) {
          const answer = await send(`Bearer ${token}`)
          t.true(answer.status >= 400, `${responses}, ${what}: ${answer.status}`)
          t.notRegex(answer.body, /auth:/, `${responses}, ${what}`)
        }
      }
    })
  }
}

test('without the option, no token is rejected', async (t) => {
  const { middleware } = await start(t)
  for (const optional of [undefined, false]) {
    const answer = await (await serve(t, routed(express5, middleware({ optional }))))(undefined)
    t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'])
  }
})

test('the option is true or false, nothing that counts as one', async (t) => {
  const { options } = await start(t)
  for (const optional of ['true', 'false', 1, 0, '', {}, [], () => true, Symbol('true')]) {
    const error = t.throws(() => createCheckAuthToken({ ...options, optional }), { instanceOf: AuthError })
    t.is(error.code, 'ERR_CONFIG')
    t.regex(error.message, /option optional/)
  }
})

test('whatever had set req.auth before: it is undefined where no token came', async (t) => {
  const { authority, middleware, verifier } = await start(t)
  const verified = await verifier().verify(authority.issueToken())
  for (const before of [{ roles: ['Admin'] }, verified, 'somebody', () => ({})]) {
    const set = (req, _res, next) => {
      req.auth = before
      next()
    }
    const send = await serve(t, routed(express5, set, middleware({ optional: true })))
    t.is((await send(undefined)).body, 'auth: undefined')
  }
})

test('a req.auth that cannot be taken away ends the request where no token came', async (t) => {
  const { middleware } = await start(t)
  const set = (req, _res, next) => {
    Object.defineProperty(req, 'auth', { get: () => 'somebody', set: () => undefined })
    next()
  }
  const send = await serve(t, routed(express5, set, middleware({ optional: true })))
  const { status, body } = await send(undefined)
  t.is(status, 500)
  t.notRegex(body, /^auth:/)
})

test('the scheme with something else behind it than a space and a token is a bad token, not another scheme', async (t) => {
  const { authority, middleware } = await start(t)
  const token = authority.issueToken()
  const send = await serve(t, routed(express5, middleware({ optional: true, responses: 'rfc6750' })))
  for (const separator of ['\t', ':', ': ', ',', ', ', '=', '"', '/', ';', '\u00a0', '[', '(']) {
    for (const scheme of ['Bearer', 'bearer']) {
      const answer = await send(scheme + separator + token)
      t.is(answer.status, 400, separator)
      t.like(JSON.parse(answer.body), { error: 'invalid_request' })
    }
  }
  // Names of other schemes.
  for (const scheme of ['BearerX', 'Bearer2', 'Bearer-MAC', 'Bearer.x', 'Bearer+', 'XBearer', 'Bear er', 'bearer_']) {
    t.is((await send(`${scheme} ${token}`)).body, 'auth: undefined', scheme)
  }
})

test('scheme without a token: rfc6750 and next say 400, classic 401', async (t) => {
  const { middleware } = await start(t)
  for (const [responses, status] of [
    ['classic', 401],
    ['rfc6750', 400],
    ['next', 400]
  ]) {
    const send = await serve(t, routed(express5, middleware({ optional: true, responses })))
    for (const authorization of ['Bearer', 'Bearer ', 'bearer'])
      t.is((await send(authorization)).status, status, responses)
  }
})

const guards = {
  requireRole: requireRole('Task.Read'),
  requireScope: requireScope('Task.Read'),
  requireScopeOrRole: requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read'] }),
  requireClient: requireClient('client'),
  requireAppOnly: requireAppOnly(),
  requireDelegated: requireDelegated(),
  claimsChallenge: claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
}

test('a guard answers a request without a token in the way of the middleware that let it pass', async (t) => {
  const { middleware } = await start(t)
  const answered = []
  const respond = (error, _req, res) => {
    answered.push(error.code)
    res.status(418).send('the application answers')
  }
  for (const [name, guard] of Object.entries(guards)) {
    for (const [responses, status, body] of [
      ['classic', 401, 'Unauthorized'],
      ['rfc6750', 401, '{"error":"unauthorized"}'],
      ['next', 401, 'error handler: ERR_TOKEN_MISSING'],
      [respond, 418, 'the application answers']
    ]) {
      const answer = await (await serve(t, routed(express5, middleware({ optional: true, responses }), guard)))(
        undefined
      )
      t.deepEqual([answer.status, answer.body], [status, body], `${name} ${responses}`)
      if (status === 401) t.is(answer.headers.get('www-authenticate'), 'Bearer', `${name} ${responses}`)
    }
  }
  t.deepEqual(answered, Object.keys(guards).fill('ERR_TOKEN_MISSING'))
})

test('a guard still lets a token pass that meets it', async (t) => {
  const { authority, middleware } = await start(t)
  const send = await serve(t, routed(express5, middleware({ optional: true }), requireRole('Task.Read')))
  t.is((await send(`Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`)).status, 200)
  t.is((await send(`Bearer ${authority.issueToken()}`)).status, 403)
})

test('two middlewares: the one that is not optional decides', async (t) => {
  const { authority, middleware } = await start(t)
  const strict = middleware({ responses: 'rfc6750' })
  for (const handlers of [
    [middleware({ optional: true }), strict],
    [strict, middleware({ optional: true })]
  ]) {
    const send = await serve(t, routed(express5, ...handlers))
    t.is((await send(undefined)).body, '{"error":"unauthorized"}')
    t.is((await send(`Bearer ${authority.issueToken()}`)).status, 200)
  }
})

test('a request that passes without a token is logged nowhere', async (t) => {
  const { middleware } = await start(t)
  const logger = { ...recorder(), warn: () => t.fail('a warning') }
  const send = await serve(t, routed(express5, middleware({ optional: true, logger })))
  await send(undefined)
  t.deepEqual(logger.entries, [])
})
