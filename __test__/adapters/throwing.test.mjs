// What applications make of `req`, `res`, `next` and the logger may throw: with keys at hand and after waiting for them,
// the exception is the framework's, the request ends, and the process lives (an unhandled rejection fails these tests).
import test from 'ava'
import connect from 'connect'
import { requireGroup, requireRole } from 'entra-jwt-verify'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { start } from '../helpers/start.mjs'

const routers = { 'Express 5': express5, 'Express 4': express4, Connect: connect }

/** An application around a middleware: `before` it, `handler` behind it, and an error handler that answers what it got. */
function routed(router, { before, middleware, handler = (_req, res) => res.end('handler') }) {
  const app = router()
  if (before) app.use(before)
  app.use(middleware)
  app.use('/', handler)
  app.use((error, _req, res, _next) => {
    res.statusCode = 500
    res.end(`error handler: ${error.message}`)
  })
  return app
}

const thrower = (message) => () => {
  throw new Error(message)
}

/** `req.auth` that cannot be set. */
function sealed(req, _res, next) {
  Object.defineProperty(req, 'auth', { get: () => undefined, set: thrower('auth is sealed') })
  next()
}

/** The first header that is set throws; an error handler can set others. */
function brokenOnce(_req, res, next) {
  const { setHeader } = res
  res.setHeader = (...header) => {
    res.setHeader = setHeader
    throw new Error(`no header ${header[0]}`)
  }
  next()
}

const keys = {
  'at hand': (middleware) => middleware.verifier.preload(),
  'yet to be fetched': () => {}
}

for (const [when, prepare] of Object.entries(keys)) {
  for (const [name, router] of Object.entries(routers)) {
    test(`${name}, keys ${when}: what a handler throws reaches the error handler`, async (t) => {
      const { authority, middleware: create } = await start(t)
      const middleware = create()
      await prepare(middleware)
      const send = await serve(t, routed(router, { middleware, handler: thrower('of the handler') }))
      const answer = await send(`Bearer ${authority.issueToken()}`)
      t.is(answer.body, 'error handler: of the handler')
    })

    test(`${name}, keys ${when}: req.auth that cannot be set ends in the error handler`, async (t) => {
      const { authority, middleware: create } = await start(t)
      const middleware = create()
      await prepare(middleware)
      const send = await serve(t, routed(router, { before: sealed, middleware }))
      const answer = await send(`Bearer ${authority.issueToken()}`)
      t.is(answer.body, 'error handler: auth is sealed')
    })

    test(`${name}, keys ${when}: a header that cannot be set ends in the error handler`, async (t) => {
      const { authority, middleware: create } = await start(t)
      const middleware = create()
      await prepare(middleware)
      const send = await serve(t, routed(router, { before: brokenOnce, middleware }))
      const answer = await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)
      t.is(answer.status, 500)
      t.regex(answer.body, /^error handler: no header /)
    })
  }

  test(`keys ${when}: a body that cannot be sent leaves no length behind, so that the client does not wait for more`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const authorization = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
    // As a middleware that compresses may do: the first end() throws.
    const brokenEnd = (_req, res, next) => {
      const { end } = res
      res.end = () => {
        res.end = end
        throw new Error('no end')
      }
      next()
    }
    const short = (_error, _req, res, _next) => {
      res.statusCode = 500
      res.write('short')
      res.end()
    }
    for (const router of Object.values(routers)) {
      const middleware = create()
      await prepare(middleware)
      const app = router()
      app.use(brokenEnd)
      app.use(middleware)
      app.use(short)
      t.is((await (await serve(t, app))(authorization)).body, 'short')
    }
    const middleware = create({ keys: { timeout: 4 } })
    await prepare(middleware)
    const send = await serve(t, (req, res) => brokenEnd(req, res, () => middleware(req, res, () => res.end('handler'))))
    t.is((await send(authorization)).body, 'Internal Server Error')
  })

  test(`keys ${when}: a logger that throws does not keep the answer`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const middleware = create({ logger: { error: thrower('logger') } })
    await prepare(middleware)
    const send = await serve(t, (req, res) => middleware(req, res, () => res.end('handler')))
    const answer = await send(`Bearer ${authority.issueToken({ header: { kid: 'unknown' } })}`)
    t.deepEqual([answer.status, answer.body], [500, 'Internal Server Error, signing key not found'])
  })

  test(`node:http, keys ${when}: a next that takes no error is not called with one`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const middleware = create()
    await prepare(middleware)
    const listener = (req, res) => sealed(req, res, () => middleware(req, res, () => res.end('handler')))
    const answer = await (await serve(t, listener))(`Bearer ${authority.issueToken()}`)
    t.deepEqual([answer.status, answer.body], [500, 'Internal Server Error'])
  })

  test(`node:http, keys ${when}: a caller that awaits the middleware gets what next() throws`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const middleware = create()
    await prepare(middleware)
    const send = await serve(t, async (req, res) => {
      try {
        await middleware(req, res, thrower('of the application'))
      } catch (error) {
        res.statusCode = 500
        res.end(`caught: ${error.message}`)
      }
    })
    const answer = await send(`Bearer ${authority.issueToken()}`)
    t.is(answer.body, 'caught: of the application')
  })
}

for (const responses of ['next', (_error, _req, _res, next) => next()]) {
  for (const [when, prepare] of Object.entries(keys)) {
    const name = typeof responses === 'string' ? responses : 'a function'
    test(`node:http, keys ${when}, responses ${name}: a next that takes no error cannot be handed one`, async (t) => {
      const { authority, middleware: create } = await start(t)
      const middleware = create({ responses })
      await prepare(middleware)
      const send = await serve(t, (req, res) => {
        middleware(req, res, () => res.end('handler'))
      })
      const answer = await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)
      t.deepEqual([answer.status, JSON.parse(answer.body).error], [401, 'invalid_token'])
      t.is((await send(`Bearer ${authority.issueToken()}`)).body, 'handler')
    })
  }
}

test('a guard behind it does not hand on either where next takes no error', async (t) => {
  const { authority, middleware: create } = await start(t)
  const middleware = create({ responses: 'next' })
  const guard = requireRole('Admin')
  const send = await serve(t, (req, res) => {
    middleware(req, res, () => guard(req, res, () => res.end('handler')))
  })
  const answer = await send(`Bearer ${authority.issueToken()}`)
  t.deepEqual([answer.status, JSON.parse(answer.body).error], [403, 'insufficient_scope'])
})

/** Headers are sent before the middleware is asked, as for server-sent events. */
function flushed(_req, res, next) {
  res.flushHeaders()
  next()
}

for (const [when, prepare] of Object.entries(keys)) {
  for (const [name, router] of Object.entries(routers)) {
    test(`${name}, keys ${when}: headers that were sent before keep nothing waiting`, async (t) => {
      const { authority, middleware: create } = await start(t)
      for (const responses of ['classic', 'next']) {
        const middleware = create({ responses })
        await prepare(middleware)
        const send = await serve(t, routed(router, { before: flushed, middleware }))
        t.is((await send(`Bearer ${authority.issueToken()}`)).body, 'handler')
        // Too late for a status: the error handler has the error, and what it says follows the headers.
        t.regex((await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)).body, /^error handler: jwt expired$/)
      }
    })
  }

  test(`node:http, keys ${when}: where headers were sent before, a rejected request ends`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const middleware = create()
    await prepare(middleware)
    const send = await serve(t, (req, res) => flushed(req, res, () => middleware(req, res, () => res.end('handler'))))
    t.is((await send(`Bearer ${authority.issueToken()}`)).body, 'handler')
    await t.throwsAsync(send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`))
  })
}

test('after waiting, a response that cannot even be ended does not end the process', async (t) => {
  const { authority, middleware: create } = await start(t)
  for (const res of [undefined, { destroy: thrower('destroy') }]) {
    const middleware = create({ keys: { timeout: res ? 4 : 3 } })
    const request = { headers: { authorization: `Bearer ${authority.issueToken()}` } }
    middleware(request, res, thrower('of the application'))
    await middleware.verifier.preload()
    await new Promise(setImmediate)
  }
  t.pass()
})

test('node:http: with keys at hand, what next() throws is thrown to the caller', async (t) => {
  const { authority, middleware: create } = await start(t)
  const middleware = create()
  await middleware.verifier.preload()
  const request = { headers: { authorization: `Bearer ${authority.issueToken()}` } }
  t.throws(() => middleware(request, {}, thrower('of the application')), { message: 'of the application' })
})

test('node:http: after waiting, what next() throws is answered and logged where nobody awaits the middleware', async (t) => {
  const { authority, middleware: create } = await start(t)
  const logger = recorder()
  const middleware = create({ logger })
  const send = await serve(t, (req, res) => {
    middleware(req, res, thrower('of the application'))
  })
  const answer = await send(`Bearer ${authority.issueToken()}`)
  t.deepEqual([answer.status, answer.body], [500, 'Internal Server Error'])
  t.deepEqual(
    logger.entries.map(([text, error]) => [text, error.message]),
    [['Error in checkAuthToken: ', 'of the application']]
  )
})

test('node:http: after waiting, an answer that was begun is cut off, not left hanging', async (t) => {
  const { authority, middleware: create } = await start(t)
  const middleware = create()
  const send = await serve(t, (req, res) => {
    middleware(req, res, () => {
      res.write('half')
      throw new Error('of the application')
    })
  })
  await t.throwsAsync(send(`Bearer ${authority.issueToken()}`))
})

for (const [name, router] of Object.entries(routers)) {
  test(`${name}: a guard that decides later goes on where headers were sent before it`, async (t) => {
    const { authority, middleware } = await start(t)
    const authorization = `Bearer ${authority.issueToken({ claims: { hasgroups: true } })}`
    for (const [decision, body] of [
      [true, 'handler'],
      [false, 'error handler: required group missing']
    ]) {
      const guard = requireGroup('9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2', { onOverage: async () => decision })
      const app = router()
      app.use(middleware({ responses: 'next' }))
      app.use(flushed)
      app.use(guard)
      app.use('/', (_req, res) => res.end('handler'))
      app.use((error, _req, res, _next) => res.end(`error handler: ${error.message}`))
      t.is((await (await serve(t, app))(authorization)).body, body)
    }
  })
}
