// `responses: 'next'`: the error handlers that applications and frameworks have understand an AuthError: they answer with
// its status, say no more than may be said, and find status and challenge on the response already.
import test from 'ava'
import connect from 'connect'
import { AuthError, createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { createCheckAuthToken as plugin } from 'entra-jwt-verify/fastify'
import { createCheckAuthToken as honoMiddleware } from 'entra-jwt-verify/hono'
import { createCheckAuthToken as koaMiddleware } from 'entra-jwt-verify/koa'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import polka from 'polka'
import sinon from 'sinon'
import { listen, serve } from '../helpers/app.mjs'
import { optionsFor } from '../helpers/start.mjs'

const routers = { 'Express 5': express5, 'Express 4': express4, Connect: connect }

/** What people write, and what frameworks have; each answers by itself. */
const handlers = {
  statusCode: (error, _req, res, _next) => {
    res.statusCode = error.statusCode || 500
    res.end(error.expose ? error.message : 'Internal Server Error')
  },
  status: (error, _req, res, _next) => {
    res.statusCode = error.status || 500
    res.end(error.expose ? error.message : 'Internal Server Error')
  },
  'statusCode || status, JSON': (error, _req, res, _next) => {
    res.statusCode = error.statusCode || error.status || 500
    res.end(JSON.stringify({ error }))
  },
  'only a body': (_error, _req, res, _next) => res.end('refused'),
  'with headers': (error, _req, res, _next) => {
    res.writeHead(error.statusCode ?? 500, error.headers)
    res.end('refused')
  },
  // polka 1: https://github.com/lukeed/polka/blob/next/packages/polka/index.js
  'of polka 1': (error, _req, res, _next) => {
    const code = typeof error.status === 'number' && error.status
    res.statusCode = code && code >= 100 ? code : 500
    res.end(error.message)
  },
  // http-errors' rule, as Koa and fastify have it.
  'of http-errors': (error, _req, res, _next) => {
    const status = error.status ?? error.statusCode
    const isValid = Number.isInteger(status) && status >= 400 && status < 600
    res.statusCode = isValid ? status : 500
    res.end(isValid && error.expose ? error.message : 'Internal Server Error')
  }
}

/** Code, the token that has it, and the status of the answer. */
function rowsOf(authority) {
  return [
    ['ERR_TOKEN_MISSING', undefined, 401],
    ['ERR_TOKEN_MALFORMED', 'Bearer x', 401],
    ['ERR_TOKEN_EXPIRED', `Bearer ${authority.issueToken({ expiresIn: -1 })}`, 401],
    ['ERR_TOKEN_POLICY', `Bearer ${authority.issueToken({ roles: ['Other'] })}`, 403]
  ]
}

/** A middleware that nobody answers when it fetches keys; what it presents has to wait for them. */
function deadAuthority(authority) {
  const nobody = { ...optionsOf(authority), authorityHost: 'http://127.0.0.1:9' }
  return {
    middleware: createCheckAuthToken({ ...nobody, proxy: false, responses: 'next', logger: false }),
    authorization: `Bearer ${authority.issueToken()}`
  }
}

const optionsOf = ({ tenantId, api, url }) => ({ tenantId, clientId: api.clientId, authorityHost: url })

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

const handingOn = (authority) =>
  createCheckAuthToken({
    ...optionsOf(authority),
    requiredRoles: ['Task.Read'],
    responses: 'next',
    logger: false
  })

for (const [name, router] of Object.entries(routers)) {
  test.serial(
    `${name}: its own error handler answers 400, 401, 403 and 503, with the challenge and no stack`,
    async (t) => {
      // It prints what it answers with a status from 500 on, and Express whatever it is.
      const printed = sinon.stub(console, 'error')
      t.teardown(() => printed.restore())
      const app = (middleware) => {
        const own = router()
        own.set?.('env', 'production')
        own.use(middleware)
        own.use('/', (_req, res) => res.end('handler'))
        return own
      }
      const { authority } = t.context
      const send = await serve(t, app(handingOn(authority)))
      for (const [code, authorization, status] of [...rowsOf(authority), ['ERR_TOKEN_MISSING', 'Bearer', 400]]) {
        const answer = await send(authorization)
        t.is(answer.status, status, code)
        t.regex(answer.headers.get('www-authenticate') ?? '', /^Bearer/, code)
        t.notRegex(answer.body, /handler|\.js/, code)
      }
      const dead = deadAuthority(authority)
      const answer = await (await serve(t, app(dead.middleware)))(dead.authorization)
      t.is(answer.status, 503)
      t.notRegex(answer.body, /127\.0\.0\.1|handler</)
      // Connect prints the stack of an error with status 503 unless NODE_ENV says otherwise when it is loaded.
      if (name !== 'Connect') t.notRegex(answer.body, /refused|\.js/)
    }
  )

  for (const [style, handler] of Object.entries(handlers)) {
    test(`${name}: the error handler answers 401, 403 and 503: ${style}`, async (t) => {
      const app = (middleware) => {
        const own = router()
        own.use(middleware)
        own.use('/', (_req, res) => res.end('handler'))
        own.use(handler)
        return own
      }
      const { authority } = t.context
      const send = await serve(t, app(handingOn(authority)))
      for (const [code, authorization, status] of rowsOf(authority)) {
        const answer = await send(authorization)
        t.is(answer.status, status, code)
        t.regex(answer.headers.get('www-authenticate') ?? '', /^Bearer/, code)
        if (style.includes('JSON')) t.like(JSON.parse(answer.body).error, { name: 'AuthError', code, status })
      }
      const dead = deadAuthority(authority)
      const answer = await (await serve(t, app(dead.middleware)))(dead.authorization)
      t.is(answer.status, 503)
      t.regex(answer.headers.get('retry-after'), /^\d+$/)
    })
  }
}

test('node:http: next(error) with status, challenge and nothing sent', async (t) => {
  const { authority } = t.context
  const middleware = handingOn(authority)
  const send = await serve(t, (req, res) => {
    middleware(req, res, (error) => {
      t.true(error instanceof AuthError)
      t.false(res.headersSent)
      res.end(error.code)
    })
  })
  for (const [code, authorization, status] of rowsOf(authority)) {
    const answer = await send(authorization)
    t.deepEqual([answer.status, answer.body], [status, code])
    t.regex(answer.headers.get('www-authenticate') ?? '', /^Bearer/, code)
  }
})

/** polka 0.5's own onError takes any `code` of an error for a status: an application needs another for these. */
const onError = (error, _req, res) => {
  res.statusCode = error.status ?? 500
  res.end(error.message)
}

test('polka: each way to answer', async (t) => {
  const { authority } = t.context
  for (const responses of ['classic', 'rfc6750', 'next', (error, _req, res) => onError(error, _req, res)]) {
    const app = polka({ onError })
    app.use(createCheckAuthToken({ ...optionsOf(authority), responses, logger: false }))
    app.get('/', (req, res) => res.end(`handler: ${req.auth.clientId}`))
    app.get('/role', requireRole('Admin'), (_req, res) => res.end('handler'))
    const send = await serve(t, (req, res) => {
      req.url = req.headers['x-path'] ?? '/'
      app.handler(req, res)
    })
    const authorization = `Bearer ${authority.issueToken()}`
    t.is((await send(authorization)).body, `handler: ${authority.client.clientId}`)
    t.is((await send(undefined)).status, 401, String(responses))
    t.is((await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)).status, 401, String(responses))
    t.is((await send(authorization, { headers: { 'x-path': '/role' } })).status, 403, String(responses))
  }
})

for (const when of ['at hand', 'yet to be fetched']) {
  test(`keys ${when}: behind another middleware, an error handler does not find the token of that one`, async (t) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    const options = { ...optionsFor(authority), logger: false }
    const first = createCheckAuthToken(options)
    const second = createCheckAuthToken({
      ...options,
      audience: 'api://other',
      responses: 'next',
      keys: { timeout: 4 }
    })
    if (when === 'at hand') await second.verifier.preload()
    const app = express5()
    app.use(first)
    // Of a guard, it is the verified caller's.
    app.get('/', createCheckAuthToken({ ...options, responses: 'next' }), requireRole('Admin'))
    app.get('/other', second)
    app.use((error, req, res, _next) => res.json([error.code, req.auth?.clientId ?? null]))
    const { url, close } = await listen(app)
    t.teardown(close)
    const headers = { authorization: `Bearer ${authority.issueToken()}` }
    const answer = async (path) => (await fetch(url + path, { headers })).json()
    t.deepEqual(await answer('/'), ['ERR_TOKEN_POLICY', authority.client.clientId])
    t.deepEqual(await answer('/other'), ['ERR_TOKEN_AUDIENCE', null])
  })
}

test('Koa, Hono and Fastify: nor does an error handler of theirs', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const options = { ...optionsFor(authority), logger: false }
  const other = { ...options, audience: 'api://other', responses: 'next' }
  const headers = { authorization: `Bearer ${authority.issueToken()}` }
  const expected = ['ERR_TOKEN_AUDIENCE', null]

  const koa = new Koa()
  koa.use(async (ctx, next) => {
    await next().catch((error) => {
      ctx.body = [error.code, ctx.state.auth?.clientId ?? null]
    })
  })
  koa.use(koaMiddleware(options)).use(koaMiddleware(other))
  const { url, close } = await listen(koa.callback())
  t.teardown(close)
  t.deepEqual(await (await fetch(url, { headers })).json(), expected)

  const hono = new Hono()
  hono.use(honoMiddleware(options), honoMiddleware(other))
  hono.onError((error, c) => c.json([error.code, c.get('auth')?.clientId ?? null]))
  t.deepEqual(await (await hono.request('/', { headers })).json(), expected)

  const app = fastify()
  t.teardown(() => app.close())
  app.register(plugin(options))
  app.register(plugin(other))
  app.setErrorHandler((error, request, reply) => reply.send([error.code, request.auth?.clientId ?? null]))
  app.get('/', () => t.fail('reached'))
  t.deepEqual((await app.inject({ url: '/', headers })).json(), expected)
})

test('what the application has put in the place of the token stays where a request is rejected', async (t) => {
  const options = { tenantId: 'contoso.com', audience: 'api://tasks', logger: false, responses: 'next' }
  const own = { key: 'k' }
  const req = { headers: {}, auth: own }
  createCheckAuthToken(options)(req, { setHeader() {}, getHeader() {}, end() {} }, (error) => t.is(error.status, 401))
  t.is(req.auth, own)

  const koa = new Koa()
  koa.use(async (ctx, next) => {
    ctx.state.auth = own
    await next().catch(() => {
      ctx.body = ctx.state.auth
    })
  })
  koa.use(koaMiddleware(options))
  const { url, close } = await listen(koa.callback())
  t.teardown(close)
  t.deepEqual(await (await fetch(url)).json(), own)

  const hono = new Hono()
  hono.use((c, next) => {
    c.set('auth', own)
    return next()
  }, honoMiddleware(options))
  hono.onError((_error, c) => c.json(c.get('auth')))
  t.deepEqual(await (await hono.request('/')).json(), own)
})
