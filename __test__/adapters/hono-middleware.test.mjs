// entra-jwt-verify/hono beyond the contract of adapters: what Hono's own middleware and error handlers make of it.
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import {
  AuthError,
  checkAuthToken as configuredByEnvironment,
  createCheckAuthToken,
  requireAppOnly,
  requireGroup,
  requireRole,
  VerifiedToken
} from 'entra-jwt-verify/hono'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { timeout } from 'hono/timeout'
import { optionsFor, start } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const make = (more) => createCheckAuthToken({ ...optionsFor(authority), logger: false, ...more })
  await make().verifier.preload()
  const good = (overrides) => ({ headers: { authorization: `Bearer ${authority.issueToken(overrides)}` } })
  t.context = { authority, make, good }
})
test.after.always((t) => t.context.authority.close())

/** An application whose one route stands behind these handlers. */
function appWith(...handlers) {
  const app = new Hono()
  if (handlers.length > 0) app.use(...handlers)
  app.get('/', (c) => c.text(`client ${c.get('auth')?.clientId}`))
  return app
}

/** What earlier code may have put where the token is. */
const forgeries = [
  { clientId: 'forged', hasRole: () => true, claims: {} },
  Object.create(VerifiedToken.prototype),
  'Bearer token',
  true
]

test('a middleware that is called where it should be passed says so', (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /write app\.use\(checkAuthToken\)/ }
  t.throws(() => configuredByEnvironment(), mistake)
  t.throws(() => configuredByEnvironment({ tenantId: 'id' }), mistake)
  t.throws(() => t.context.make()(), mistake)
})

test('a middleware that does not return what it returns still rejects', async (t) => {
  const { make, good } = t.context
  const app = (more) =>
    appWith(async (c, next) => {
      await make(more)(c, next)
    })
  for (const [more, body] of [
    [{}, 'Unauthorized'],
    [{ responses: (error, c) => c.text(error.code, 401) }, 'ERR_TOKEN_MISSING']
  ]) {
    const answer = await app(more).request('/')
    t.deepEqual([answer.status, await answer.text()], [401, body])
    t.is((await app(more).request('/', good())).status, 200)
  }
})

test('a handler that returns nothing is told so, as without the middleware', async (t) => {
  const { make, good } = t.context
  for (const behind of [[make()], [make(), requireRole('Task.Read')], [make({ optional: true })]]) {
    const app = new Hono()
    app.use(...behind)
    app.get('/', (c) => void c.text('lost'))
    app.onError((error, c) => c.text(error.message, 500))
    const answer = await app.request('/', behind.length === 1 ? good() : good({ roles: ['Task.Read'] }))
    t.regex(await answer.text(), /^Context is not finalized/)
  }
  const anonymous = new Hono()
  anonymous.use(make({ optional: true }))
  anonymous.get('/', (c) => void c.text('lost'))
  anonymous.onError((error, c) => c.text(error.message, 500))
  t.regex(await (await anonymous.request('/')).text(), /^Context is not finalized/)
})

test('what earlier code put into the variable does not count', async (t) => {
  const { make, good } = t.context
  for (const forged of forgeries) {
    const forge = (c, next) => {
      c.set('auth', forged)
      return next()
    }
    t.is((await appWith(forge, requireAppOnly()).request('/')).status, 401)
    t.is((await appWith(forge, make()).request('/')).status, 401)
    t.is((await appWith(make(), forge, requireAppOnly()).request('/', good())).status, 401)
    const optional = appWith(forge, make({ optional: true }))
    t.is(await (await optional.request('/')).text(), 'client undefined')
    t.is((await appWith(forge, make({ optional: true }), requireAppOnly()).request('/')).status, 401)
  }
})

test.serial('a variable that cannot be set is an error, and the handler is not reached', async (t) => {
  const { make, good } = t.context
  const sealed = (c, next) => {
    c.set('auth', forgeries[0])
    c.set = () => undefined
    return next()
  }
  const app = appWith(sealed, make({ optional: true }))
  const messages = []
  app.onError(({ message }, c) => {
    messages.push(message)
    return c.text('', 500)
  })
  t.is((await app.request('/')).status, 500)
  t.is((await app.request('/', good())).status, 500)
  t.deepEqual(messages, Array(2).fill("c.set('auth') has no effect"))
})

test('a good token is in the variable, for later middleware, guards and sub-applications', async (t) => {
  const { authority, make, good } = t.context
  const app = new Hono()
  const seen = []
  app.use('/api/*', make(), async (c, next) => {
    seen.push(c.var.auth)
    await next()
  })
  const tasks = new Hono()
  tasks.get('/', requireRole('Task.Read'), (c) => c.text(c.var.auth.clientId))
  tasks.onError((error, c) => c.text(`of tasks: ${error.message}`, 500))
  app.route('/api/tasks', tasks)
  // A request that is mounted in another application is another request.
  const other = new Hono()
  other.get('/', requireAppOnly(), (c) => c.text('reached'))
  app.mount('/api/mounted', other.fetch)
  const answer = await app.request('/api/tasks', good({ roles: ['Task.Read'] }))
  t.is(await answer.text(), authority.client.clientId)
  t.true(seen[0] instanceof VerifiedToken)
  t.is((await app.request('/api/tasks', good())).status, 403)
  t.is((await app.request('/api/mounted', good())).status, 401)
})

test('an error that is handed on is an AuthError, with the response that error handlers of Hono ask for', async (t) => {
  const app = appWith(t.context.make({ responses: 'next' }))
  const errors = []
  app.onError((error) => {
    errors.push(error)
    return error.getResponse()
  })
  const answer = await app.request('/', { headers: { authorization: 'Bearer token' } })
  t.is(answer.status, 401)
  t.deepEqual(await answer.json(), { error: 'invalid_token', error_description: 'jwt malformed' })
  t.regex(answer.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
  const [error] = errors
  t.true(error instanceof AuthError)
  t.is(error.status, 401)
  t.false(error instanceof HTTPException, 'each package may have another copy of that class')
  t.deepEqual(Object.keys(error).includes('getResponse'), false)
})

test('Hono itself answers an error that is handed on, and an application without a handler does too', async (t) => {
  const { make, good } = t.context
  const app = appWith(make({ responses: 'next' }), requireRole('Task.Read'))
  t.is((await app.request('/')).status, 401)
  t.is((await app.request('/', good())).status, 403)
  // Alone in front of a route that does not exist: Hono calls one handler without composing.
  const single = new Hono()
  single.use(make({ responses: 'next' }))
  t.is((await single.request('/missing')).status, 401)
  t.is((await single.request('/missing', good())).status, 404)
})

test('an outage that Hono answers by itself is logged, a bad token is not', async (t) => {
  const { authority, options } = await start(t)
  const lines = []
  const logger = { error: (...parts) => lines.push(parts), warn: (...parts) => lines.push(parts) }
  const app = appWith(createCheckAuthToken({ ...options, logger, responses: 'next' }))
  const bad = { headers: { authorization: 'Bearer token' } }
  const good = { headers: { authorization: `Bearer ${authority.issueToken()}` } }
  await authority.stop()
  t.is((await app.request('/', bad)).status, 401)
  t.deepEqual(lines, [])
  const answer = await app.request('/', good)
  t.is(answer.status, 503)
  t.regex(answer.headers.get('retry-after'), /^\d+$/)
  t.deepEqual([lines.length, lines[0][1].code], [1, 'ERR_KEYS_UNAVAILABLE'])
  // An error handler that writes an answer of its own prints what it wants to.
  app.onError((_error, c) => c.text('', 503))
  await app.request('/', good)
  t.is(lines.length, 1)
})

test('headers that others set are in the answer, and CORS exposes ours beside theirs', async (t) => {
  const { make } = t.context
  const exposing = cors({ origin: 'https://page.example', exposeHeaders: ['X-Total'], credentials: true })
  const fromPage = { headers: { origin: 'https://page.example' } }
  for (const responses of ['classic', 'rfc6750', 'next']) {
    const app = appWith(secureHeaders(), exposing, make({ responses }))
    const { status, headers } = await app.request('/', fromPage)
    t.is(status, 401)
    t.is(headers.get('access-control-allow-origin'), 'https://page.example')
    t.is(headers.get('access-control-allow-credentials'), 'true')
    t.is(headers.get('access-control-expose-headers'), 'X-Total, WWW-Authenticate')
    t.is(headers.get('x-content-type-options'), 'nosniff')
    t.is(headers.get('www-authenticate'), 'Bearer')
    t.is(headers.get('content-type'), responses === 'classic' ? 'text/plain; charset=utf-8' : 'application/json')
  }
  // Where no page of that origin may read it, there is nothing to expose.
  const elsewhere = await appWith(exposing, make()).request('/', { headers: { origin: 'https://other.example' } })
  t.is(elsewhere.headers.get('access-control-expose-headers'), 'X-Total')
})

test('middleware that replaces the request may stand in front', async (t) => {
  const { make, good } = t.context
  const app = new Hono()
  app.use(bodyLimit({ maxSize: 1000 }), make({ optional: true }))
  app.post('/', requireAppOnly(), async (c) => c.text(await c.req.text()))
  const body = () => new Blob(['body']).stream()
  const init = { method: 'POST', duplex: 'half' }
  t.is(await (await app.request('/', { ...init, ...good(), body: body() })).text(), 'body')
  t.is((await app.request('/', { ...init, body: body() })).status, 401)
})

test('a request that was answered while the keys were fetched does not reach the handler', async (t) => {
  const { authority, options } = await start(t)
  const app = new Hono()
  let reached = false
  const middleware = createCheckAuthToken({ ...options, logger: false })
  app.use(timeout(50), middleware)
  app.get('/', (c) => {
    reached = true
    return c.text('reached')
  })
  authority.delay(300)
  const headers = { authorization: `Bearer ${authority.issueToken()}` }
  t.is((await app.request('/', { headers })).status, 504)
  authority.recover()
  await middleware.verifier.preload()
  await sleep(50)
  t.false(reached)
  t.is((await app.request('/', { headers })).status, 200)
})

test('requireGroup waits for what the application decides', async (t) => {
  const { make, good } = t.context
  const manyGroups = { delegated: true, claims: { _claim_names: { groups: 'src1' } } }
  const answers = { true: 200, false: 403, undefined: 403 }
  for (const [answer, status] of Object.entries(answers)) {
    const onOverage = () => sleep(5, { true: true, false: false }[answer])
    const app = appWith(make(), requireGroup(crypto.randomUUID(), { onOverage }))
    t.is((await app.request('/', good(manyGroups))).status, status, answer)
  }
})

test('a function gets the error and the context, and may answer as a handler does', async (t) => {
  const app = appWith(
    cors(),
    t.context.make({
      responses(...given) {
        t.is(this, undefined)
        const [error, c] = given
        t.is(given.length, 2)
        return c.json({ code: error.code }, error.status, error.headers)
      }
    })
  )
  const answer = await app.request('/')
  t.deepEqual([answer.status, await answer.json()], [401, { code: 'ERR_TOKEN_MISSING' }])
  t.is(answer.headers.get('www-authenticate'), 'Bearer')
  t.is(answer.headers.get('access-control-allow-origin'), '*')
})

test('a function that returns no response leads to the error, never to the handler', async (t) => {
  for (const returned of [undefined, null, '', 'text', 401, true]) {
    const answer = await appWith(t.context.make({ responses: () => returned })).request('/')
    t.is(answer.status, 401, `${returned}`)
    t.deepEqual(await answer.json(), { error: 'unauthorized' })
  }
})

test('a middleware that is called where it should be passed says so, and so does a guard', (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /write app\.use\(checkAuthToken\)/ }
  t.throws(() => t.context.make()(), mistake)
  t.throws(() => configuredByEnvironment(), mistake)
  t.throws(() => requireRole(), { code: 'ERR_CONFIG' })
})

test.serial('what is passed where it should be called rejects every request', async (t) => {
  const { good } = t.context
  const { error: print } = console
  const printed = []
  console.error = (...parts) => printed.push(parts)
  try {
    for (const handler of [createCheckAuthToken, requireRole, requireAppOnly, requireGroup]) {
      t.is((await appWith(handler).request('/', good({ roles: ['Task.Read'] }))).status, 500)
    }
  } finally {
    console.error = print
  }
  t.deepEqual(
    printed.map(([error]) => error.code),
    ['ERR_CONFIG', 'ERR_CONFIG', 'ERR_CONFIG', 'ERR_CONFIG']
  )
})

test('resourceMetadata serves the document, answers preflights, and refuses other methods', async (t) => {
  const { make } = t.context
  t.is(make().resourceMetadata, undefined)
  const { resourceMetadata } = make({ resourceMetadata: { resource: 'https://api.example/' } })
  const app = new Hono()
  app.all('/.well-known/oauth-protected-resource', resourceMetadata)
  const send = (method) => app.request('/.well-known/oauth-protected-resource', { method })
  for (let times = 0; times < 2; times++) t.is((await (await send('GET')).json()).resource, 'https://api.example/')
  const preflight = await send('OPTIONS')
  t.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [204, '*'])
  t.is((await send('POST')).status, 405)
})
