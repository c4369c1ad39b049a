// A framework that takes the end of a middleware's promise for a call of `next`, and sends an answer only when the body of its request
// has arrived, as hyper-express does: no rejected request may reach the handler in between.

import { once } from 'node:events'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import test from 'ava'
import { checkAuthToken, requireGroup, requireRole } from 'entra-jwt-verify'
import { listen } from '../helpers/app.mjs'
import { start } from '../helpers/start.mjs'

/** Serves handlers one after the other; the last one is the route. */
function serve(handlers) {
  return (req, res) => {
    const received = once(req.resume(), 'end')
    const { end } = res
    res.end = (body) => {
      res.flushHeaders()
      received.then(() => end.call(res, body))
      return res
    }
    const run = (index) => {
      if (res.closed) return
      let isOver = false
      const next = (error) => {
        if (isOver) return
        isOver = true
        if (error) res.writeHead(500).end('next')
        else run(index + 1)
      }
      handlers[index](req, res, next)?.then(() => next(), next)
    }
    run(0)
  }
}

const answersLater = async (error, _req, res) => {
  await new Promise(setImmediate)
  res.statusCode = error.status
  res.end('application')
}

const ROWS = {
  'the middleware, which waits for keys': { overrides: { header: { kid: 'unknown' } }, status: 500 },
  'the application, later': { overrides: { expiresIn: -1 }, options: { responses: answersLater }, status: 401 },
  'the application, later, after waiting for keys': {
    overrides: { expiresIn: -1 },
    options: { responses: answersLater },
    isCold: true,
    status: 401
  },
  'a guard, which waits for the application': {
    overrides: { claims: { hasgroups: true } },
    guards: [requireGroup('group', { onOverage: async () => false })],
    status: 403
  }
}

for (const [who, { overrides, options, guards = [], isCold = false, status }] of Object.entries(ROWS)) {
  test(`rejected by ${who}: the handler is not reached before the body has arrived, nor after`, async (t) => {
    const { authority, middleware } = await start(t)
    const check = middleware(options)
    if (!isCold) await check.verifier.preload()
    let reached = 0
    const route = (_req, res) => {
      reached++
      if (!res.headersSent) res.end('handler')
    }
    const { url, close } = await listen(serve([check, ...guards, route]))
    t.teardown(close)
    const send = async (token) => {
      const sent = request(url, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-length': 2 } })
      sent.write('1')
      const [response] = await once(sent, 'response')
      // The answer has begun, and this request is still not complete.
      await new Promise((resolve) => setImmediate(resolve))
      const reachedBefore = reached
      sent.end('2')
      response.resume()
      await once(response, 'end')
      return { status: response.statusCode, reachedBefore }
    }
    t.deepEqual(await send(authority.issueToken(overrides)), { status, reachedBefore: 0 })
    await new Promise((resolve) => setImmediate(resolve))
    t.is(reached, 0)
    if (guards.length === 0) t.is((await send(authority.issueToken())).status, 200)
  })
}

/** As hyper-express does it: the end of a promise is a call of `next`, also after one, and also after an error. */
function serveAsHyperExpress(handlers) {
  return (req, res) => {
    res.atomic = (run) => run()
    const answerError = (error) =>
      setTimeout(() => {
        if (!res.writableEnded) res.writeHead(error.status).end('error handler')
      }, 20)
    const run = (index) => {
      if (res.writableEnded) return
      const next = (error) => {
        if (error instanceof Error) answerError(error)
        else run(index + 1)
      }
      handlers[index](req, res, next)?.then(next)
    }
    run(0)
  }
}

for (const [title, { options, guards = [], overrides = {}, isForged = false, status }] of Object.entries({
  'a valid token': { status: 200 },
  'an error that is handed on': { options: { responses: 'next' }, isForged: true, status: 401 },
  'an error that the application hands on': {
    options: { responses: async (_error, _req, _res, next) => next() },
    overrides: { expiresIn: -1 },
    status: 401
  },
  'an error of a guard that is handed on': {
    options: { responses: 'next' },
    overrides: { claims: { hasgroups: true } },
    guards: [requireGroup('group', { onOverage: async () => false })],
    status: 403
  }
})) {
  test(`hyper-express: ${title}: the handler runs once at most, and not while the error handler answers`, async (t) => {
    const { authority, middleware } = await start(t)
    let reached = 0
    const route = (_req, res) => {
      reached++
      setTimeout(() => res.writableEnded || res.end('handler'), 10)
    }
    const { url, close } = await listen(serveAsHyperExpress([middleware(options), ...guards, route]))
    t.teardown(close)
    const token = authority.issueToken(overrides)
    const headers = { authorization: `Bearer ${isForged ? `${token.slice(0, -8)}AAAAAAAA` : token}` }
    const response = await fetch(url, { headers })
    await response.text()
    await new Promise((resolve) => setTimeout(resolve, 30))
    t.deepEqual({ status: response.status, reached }, { status, reached: status === 200 ? 1 : 0 })
  })
}

/** As restify does it: the end of a promise is a call of `next`, also where the response has been sent. */
function serveAsRestify(handlers) {
  return (req, res) => {
    req.startHandlerTimer = () => undefined
    res.formatters = {}
    const run = (index) => handlers[index](req, res, () => run(index + 1))?.then(() => run(index + 1))
    run(0)
  }
}

const LINES = {
  'the middleware': ({ check }) => [check],
  'a middleware that nothing configures': () => [checkAuthToken],
  'a guard': ({ check, authorization }) => [
    (req, _res, next) => {
      req.headers.authorization = authorization
      next()
    },
    check,
    requireRole('Admin')
  ]
}

for (const [who, line] of Object.entries(LINES)) {
  for (const responses of ['classic', 'rfc6750', 'next']) {
    test(`restify: rejected by ${who} after another handler has answered, responses ${responses}: the route is not reached`, async (t) => {
      const { authority, middleware } = await start(t)
      const check = middleware({ responses })
      await check.verifier.preload()
      let reached = 0
      const answers = (_req, res, next) => {
        res.once('close', next)
        res.end('accepted')
      }
      const route = () => {
        reached++
      }
      const authorization = `Bearer ${authority.issueToken()}`
      const { url, close } = await listen(serveAsRestify([answers, ...line({ check, authorization }), route]))
      t.teardown(close)
      t.is(await (await fetch(url)).text(), 'accepted')
      await new Promise((resolve) => setTimeout(resolve, 50))
      t.is(reached, 0)
    })
  }
}

/** As h3 does it: once a middleware has returned a promise, only its end counts, and a call of `next` does not. */
function serveAsH3(handlers) {
  return async (req, res) => {
    for (const handler of handlers) {
      if (res.writableEnded || res.headersSent) return
      await new Promise((resolve, reject) => {
        const next = (error) => (error ? reject(error) : resolve())
        const returned = handler(req, res, next)
        if (returned !== undefined) resolve(returned)
      }).catch(() => res.writeHead(500).end())
    }
  }
}

const handsOn = {
  'at the end of its promise': async (_error, _req, _res, next) => next(),
  'after it has returned': (_error, _req, _res, next) => {
    setTimeout(next, 10)
  },
  never: () => {}
}

for (const [title, { options, guards = [], overrides = { expiresIn: -1 } }] of Object.entries({
  ...Object.fromEntries(
    Object.entries(handsOn).map(([when, responses]) => [
      `that the application hands on ${when}`,
      { options: { responses } }
    ])
  ),
  'of a guard that is handed on': {
    options: { responses: 'next' },
    overrides: { claims: { hasgroups: true } },
    guards: [requireGroup('group', { onOverage: async () => false })]
  }
})) {
  test(`h3: an error ${title} does not lead to the handler, nor does a client that goes away`, async (t) => {
    const { authority, middleware } = await start(t)
    let reached = 0
    const route = (_req, res) => {
      reached++
      res.end('handler')
    }
    const { url, close } = await listen(serveAsH3([middleware(options), ...guards, route]))
    t.teardown(close)
    const headers = { authorization: `Bearer ${authority.issueToken(overrides)}` }
    const end = await fetch(url, { headers, signal: AbortSignal.timeout(200) }).catch(({ name }) => name)
    t.is(end, 'TimeoutError')
    await new Promise((resolve) => setTimeout(resolve, 50))
    t.is(reached, 0)
  })
}

test('h3: nor does an error of a pipelined request, whose response has no socket yet', async (t) => {
  const { authority, middleware } = await start(t)
  let reached = 0
  const route = (_req, res) => {
    reached++
    res.end('handler')
  }
  const rejected = {}
  rejected.promise = new Promise((resolve) => {
    rejected.resolve = resolve
  })
  const responses = async (_error, _req, res, next) => {
    t.is(res.socket, null)
    next()
    setTimeout(rejected.resolve, 20)
  }
  const handle = serveAsH3([middleware({ responses }), route])
  const { url, close } = await listen((req, res) =>
    req.url === '/first' ? rejected.promise.then(() => res.end('first')) : handle(req, res)
  )
  t.teardown(close)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const token = authority.issueToken({ expiresIn: -1 })
  socket.write(`GET /first HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
  socket.write(`GET /second HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  await rejected.promise
  await once(socket, 'data')
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.destroy()
  t.is(reached, 0)
})

test('only a request of restify gets no promise for being one, also where restify has changed the prototype of all', (t) => {
  const { awaitable } = createRequire(import.meta.url)('../../lib/adapters/express/response.js')
  const outcome = Promise.resolve()
  const req = Object.create({ startHandlerTimer() {} })
  t.is(awaitable(outcome, req, { formatters: {} }), undefined)
  for (const res of [{}, Object.create({ formatters: {} })]) t.is(awaitable(outcome, req, res), outcome)
})
