// What the Koa adapter makes of a context: `ctx.state.auth`, errors that are thrown, guards, the environment.
import { inspect } from 'node:util'
import Router from '@koa/router'
import test from 'ava'
import { AuthError, checkAuthToken, claimsChallenge, requireGroup, requireRole } from 'entra-jwt-verify/koa'
import Koa3 from 'koa'
import { listen, recorder, serve } from '../helpers/app.mjs'
import { runConfigured, variablesFor } from '../helpers/environment.mjs'
import { bearer, expired, middleware, served, versions } from '../helpers/koa-app.mjs'
import { sendSpelling, spellingsOf } from '../helpers/spellings.mjs'
import { seconds } from '../helpers/start.mjs'

test('routers behind the middleware, as the page about Koa has them, need a token in every spelling of their paths', async (t) => {
  const open = new Router()
  open.get('/health', (ctx) => {
    ctx.body = 'ok'
  })
  const nested = new Router()
  nested.get('/tasks', (ctx) => {
    ctx.body = `handler: ${ctx.state.auth?.clientId}`
  })
  const router = new Router({ prefix: '/api' })
  router.use(nested.routes())
  const app = new Koa3()
  app.use(open.routes()).use(middleware(t)).use(router.routes())
  const { url, close } = await listen(app.callback())
  t.teardown(close)
  for (const path of [
    '/api/tasks',
    '/API/tasks',
    '/api/TASKS',
    '/%61pi/tasks',
    '//api/tasks',
    '/api/tasks/',
    '/healthy'
  ]) {
    t.is((await fetch(url + path)).status, 401, path)
  }
  t.is((await fetch(`${url}/health`)).status, 200)
  const answer = await fetch(`${url}/API/tasks`, { headers: { Authorization: bearer(t) } })
  t.is(await answer.text(), `handler: ${t.context.authority.client.clientId}`)
})

/** A router whose route is `/users/all`, nested in another. */
function nestedRouter({ own = [], onRoute = [], inner, outer }) {
  const users = new Router(inner)
  for (const middleware of own) users.use(middleware)
  users.get('/all', ...onRoute, (ctx) => {
    ctx.body = 'handler'
  })
  return new Router(outer).use('/users', users.routes())
}

for (const [name, Koa] of Object.entries(versions)) {
  test(`${name}: a guard on the route of a nested router holds in every spelling, as the page about Koa has it`, async (t) => {
    const app = new Koa()
    app.use(middleware(t)).use(nestedRouter({ onRoute: [requireRole('Admin')] }).routes())
    const { url, close } = await listen(app.callback())
    t.teardown(close)
    t.is((await sendSpelling(url, '/USERS/all', bearer(t, { roles: ['Admin'] }))).body, 'handler')
    for (const path of ['/users/all', '/USERS/all', ...spellingsOf('/users/all')]) {
      t.true([403, 404].includes((await sendSpelling(url, path, bearer(t))).status), path)
    }
  })

  test(`${name}: in router.use, middleware and guards are passed by in another case, unless the router with the routes is sensitive`, async (t) => {
    for (const [inner, outer, status] of [
      [{}, {}, 200],
      [{}, { sensitive: true }, 200],
      [{ sensitive: true }, {}, 404],
      [{ sensitive: true }, { sensitive: true }, 404]
    ]) {
      for (const [before, own, authorization, refused] of [
        [[], [middleware(t)], undefined, 401],
        [[middleware(t)], [requireRole('Admin')], bearer(t), 403]
      ]) {
        const app = new Koa()
        for (const protect of before) app.use(protect)
        app.use(nestedRouter({ own, inner, outer }).routes())
        const { url, close } = await listen(app.callback())
        t.teardown(close)
        const label = JSON.stringify({ inner, outer, refused })
        t.is((await sendSpelling(url, '/users/all', authorization)).status, refused, label)
        t.is((await sendSpelling(url, '/USERS/all', authorization)).status, status, label)
      }
    }
  })

  test(`${name}: what earlier middleware put into ctx.state.auth is gone`, async (t) => {
    const forge = (ctx, next) => {
      ctx.state.auth = { clientId: 'forged', hasRole: () => true }
      return next()
    }
    const send = await served(t, Koa, forge, middleware(t, { optional: true }))
    t.is((await send(bearer(t))).body, `handler: ${t.context.authority.client.clientId}`)
    t.is((await send(undefined)).body, 'handler: undefined')
    const guarded = await served(t, Koa, middleware(t), forge, requireRole('Task.Read'))
    t.is((await guarded(bearer(t, { roles: ['Task.Read'] }))).status, 401)
  })

  test(`${name}: where ctx.state.auth cannot be set, no handler is reached`, async (t) => {
    for (const state of [
      { get: () => 'forged', set() {} },
      { get: () => 'forged' },
      { value: 'forged', writable: false },
      undefined,
      null
    ]) {
      const seal = (ctx, next) => {
        ctx.state = state ? Object.defineProperty({}, 'auth', state) : state
        return next()
      }
      const send = await served(t, Koa, seal, middleware(t, { optional: true }))
      // With keys that have to be fetched, and with cached ones.
      for (const authorization of [bearer(t), bearer(t), undefined]) {
        const answer = await send(authorization)
        t.deepEqual([answer.status, answer.body], [500, 'Internal Server Error'], inspect(state))
      }
    }
  })

  test(`${name}, next: middleware around it catches an AuthError; status and challenge are set, for one that only writes a body`, async (t) => {
    const caught = []
    const around = async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        caught.push(error)
        ctx.body = `caught ${error.code}`
      }
    }
    const send = await served(t, Koa, around, middleware(t, { responses: 'next' }))
    for (let times = 0; times < 2; times++) {
      const answer = await send(expired(t))
      t.deepEqual([answer.status, answer.body], [401, 'caught ERR_TOKEN_EXPIRED'])
      t.regex(answer.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
    }
    for (const error of caught) {
      t.true(error instanceof AuthError)
      t.like(error, { status: 401, statusCode: 401, expose: true })
    }
  })

  test(`${name}, next: the application hears of the error, and of no other`, async (t) => {
    const heard = []
    const app = new Koa()
    app.on('error', (error) => heard.push(error.code))
    app.use(middleware(t, { responses: 'next' }))
    app.use((ctx) => {
      ctx.body = 'handler'
    })
    const send = await serve(t, app.callback())
    t.deepEqual([(await send(expired(t))).body, (await send(bearer(t))).body], ['jwt expired', 'handler'])
    t.deepEqual(heard, ['ERR_TOKEN_EXPIRED'])
  })

  test(`${name}: where headers were sent before, a rejected request ends`, async (t) => {
    t.plan(6)
    const logger = recorder()
    const flush = async (ctx, next) => {
      ctx.status = 200
      ctx.flushHeaders()
      await next()
      // Koa must not write to what is destroyed.
      if (ctx.res.destroyed) t.false(ctx.respond)
    }
    const send = await served(t, Koa, flush, middleware(t, { logger }))
    for (let times = 0; times < 2; times++) await t.throwsAsync(send(expired(t)))
    t.is((await send(bearer(t))).status, 200)
    t.like(logger.entries[0][1], { code: 'ERR_TOKEN_EXPIRED' })
  })

  test(`${name}: guards with @koa/router, also nested and decided later`, async (t) => {
    const id = '9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2'
    const token = { claims: { hasgroups: true } }
    for (const [onOverage, status] of [
      [async () => true, 200],
      [() => seconds(0.005).then(() => true), 200],
      [async () => 'true', 403],
      [() => Promise.reject(new Error('Graph is down')), 500]
    ]) {
      for (const responses of ['classic', 'rfc6750', 'next']) {
        const inner = new Router()
        inner.get('/', requireGroup(id, { onOverage }), (ctx) => {
          ctx.body = 'handler'
        })
        const router = new Router()
        router.use('/', inner.routes())
        const app = new Koa()
        app.silent = true
        app.use(middleware(t, { responses })).use(router.routes()).use(router.allowedMethods())
        const send = await serve(t, app.callback())
        const answer = await send(bearer(t, token))
        t.is(answer.status, status, `${onOverage} ${responses}`)
        t.is(answer.body === 'handler', status === 200)
      }
    }
  })

  test(`${name}: a guard that was not called does not admit`, async (t) => {
    for (const guard of [requireRole, claimsChallenge]) {
      const send = await served(t, Koa, middleware(t), guard)
      t.is((await send(bearer(t))).status, 500)
    }
  })

  test(`${name}: resourceMetadata is a handler, and rejected requests name it`, async (t) => {
    const protect = middleware(t, { resourceMetadata: { resource: 'https://api.example' } })
    const router = new Router()
    router.all('/', protect.resourceMetadata)
    const app = new Koa()
    app.use(router.routes())
    const send = await serve(t, app.callback())
    const document = await send(undefined)
    t.deepEqual([document.status, JSON.parse(document.body).resource], [200, 'https://api.example'])
    t.is(document.headers.get('content-type'), 'application/json')
    const preflight = await send(undefined, { method: 'OPTIONS' })
    t.deepEqual([preflight.status, preflight.body], [204, ''])
    t.is((await send(undefined, { method: 'POST' })).status, 405)
    t.regex(
      (await (await served(t, Koa, protect))(undefined)).headers.get('www-authenticate'),
      /resource_metadata="https:\/\/api\.example\/\.well-known/
    )
  })
}

test('requests at the same time do not see the tokens of each other', async (t) => {
  const wait = (_ctx, next) => seconds(0.005).then(next)
  const send = await served(t, Koa3, middleware(t), wait)
  const clients = Array.from({ length: 20 }, () => crypto.randomUUID())
  const answers = await Promise.all(clients.map((appid) => send(bearer(t, { version: 1, claims: { appid } }))))
  t.deepEqual(
    answers.map(({ body }) => body),
    clients.map((client) => `handler: ${client}`)
  )
})

test('with the key cached it goes on before it returns', async (t) => {
  const protect = middleware(t)
  await protect.verifier.preload()
  const ctx = { req: { headers: { authorization: bearer(t) } }, state: {} }
  const next = async () => 'the end'
  let calls = 0
  const returned = protect(ctx, () => {
    calls++
    return next()
  })
  t.is(calls, 1)
  t.is(await returned, 'the end')
  t.is(ctx.state.auth.tenantId, t.context.authority.tenantId)
})

test('a middleware that is called where it should be passed says so', (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /write app\.use\(checkAuthToken\)/ }
  t.throws(() => checkAuthToken(), mistake)
  t.throws(() => checkAuthToken({ tenantId: 'id' }), mistake)
  t.throws(() => middleware(t)(), mistake)
})

const SCRIPT = `
  const { checkAuthToken } = require('entra-jwt-verify/koa')
  const Koa = require('koa')
  const { once } = require('node:events')
  const app = new Koa()
  app.use(checkAuthToken)
  app.use((ctx) => { ctx.body = 'handler' })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const call = async (headers) => {
    const response = await fetch('http://127.0.0.1:' + server.address().port, { headers })
    return response.status + ' ' + await response.text()
  }
  console.log(await call({}))
  console.log(await call({ authorization: 'Bearer junk' }))
  try { console.log(typeof checkAuthToken.verifier.preload) } catch (error) { console.log(error.code) }
  server.closeAllConnections()
  server.close()`

test('the environment configures checkAuthToken', (t) => {
  const { stdout, stderr } = runConfigured(SCRIPT, variablesFor(t.context.authority))
  t.deepEqual(stdout.split('\n'), ['401 Unauthorized', '500 Internal Server Error, jwt malformed', 'function'], stderr)
})

test('an environment that configures nothing is a 500, and said in the log', (t) => {
  const { stdout, stderr } = runConfigured(SCRIPT)
  const answer = '500 Internal Server Error, checkAuthToken is not configured'
  t.deepEqual(stdout.split('\n'), [answer, answer, 'ERR_CONFIG'])
  t.regex(stderr, /Error in checkAuthToken: .*ENTRA_TENANT_ID/s)
})
