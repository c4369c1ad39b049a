// Drivers of the adapter contract for Express 5, Express 4 and plain node:http.
import cors from 'cors'
import entra from 'entra-jwt-verify'
import express5 from 'express'
import express4 from 'express4'
import { guardsFrom, ORIGIN } from './adapter-contract.mjs'
import { listen, listenHttp2 } from './app.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

const { createCheckAuthToken } = entra

const GUARDS = guardsFrom(entra)

const clientOf = (req) => req.auth?.clientId ?? null

const boom = () => {
  throw new Error('boom')
}

/** In front of every route: the middleware, if there is one, and CORS. */
function inFront({ options, cors: position }) {
  const middleware = options === undefined ? [] : [createCheckAuthToken(options)]
  const allowed = position === undefined ? [] : [cors({ origin: ORIGIN })]
  return position === 'before' ? [...allowed, ...middleware] : [...middleware, ...allowed]
}

function expressApp(express, setup) {
  const app = express()
  // Express prints what its error handler answers, except in tests.
  app.set('env', 'test')
  for (const handler of inFront(setup)) app.use(handler)
  app.get('/', (req, res) => res.json({ client: clientOf(req) }))
  for (const [path, guard] of Object.entries(GUARDS)) {
    app.get(path, guard, (req, res) => res.json({ client: clientOf(req) }))
  }
  app.get('/throws', boom)
  // Express 4 does not await handlers.
  app.get('/throws-later', (_req, _res, next) => later().then(boom).catch(next))
  app.post('/echo', express.json({ limit: '1mb' }), (req, res) => res.json({ body: req.body, client: clientOf(req) }))
  return app
}

/** Each handler in front calls the next one, as an application without a framework has it. */
function plainApp(setup) {
  const handlers = inFront(setup)
  return async (req, res) => {
    const fail = (error) => {
      res.statusCode = error.status ?? 500
      res.end(`own handler: ${error.code ?? error.message}`)
    }
    const run = (list) =>
      list.length === 0
        ? route(req, res, fail)
        : list[0](req, res, (error) => (error ? fail(error) : run(list.slice(1))))
    try {
      await run(handlers)
    } catch (error) {
      fail(error)
    }
  }
}

/** What a handler throws later it has to catch itself. */
function route(req, res, fail) {
  const { pathname } = new URL(req.url, 'http://localhost')
  const json = (value) => res.end(JSON.stringify(value))
  if (pathname === '/throws') boom()
  if (pathname === '/throws-later') return later().then(boom).catch(fail)
  if (pathname === '/echo') return bodyOf(req).then((body) => json({ body, client: clientOf(req) }), fail)
  const answer = () => json({ client: clientOf(req) })
  if (GUARDS[pathname] === undefined) return answer()
  return GUARDS[pathname](req, res, (error) => (error ? fail(error) : answer()))
}

async function bodyOf(req) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5))

function answer(error, res) {
  res.statusCode = 418
  res.end(`application: ${error.code}`)
}

const functions = {
  answers: (error, _req, res) => answer(error, res),
  answersLater: async (error, _req, res) => {
    await later()
    answer(error, res)
  },
  throws: boom,
  rejects: () => later().then(boom),
  handsOn: (_error, _req, _res, next) => next()
}

/** Express's own handler answers with a page that has the message. */
const page = {
  keepsCors: true,
  checkRejected: (t, { body }, { message }) => t.true(body.includes(message), body),
  checkThrown(t, { status, body }) {
    t.is(status, 500)
    t.true(body.includes('boom'), body)
  }
}

/** @returns {Driver} */
function plainDriver(name, serve) {
  return {
    name,
    start: (setup) => serve(plainApp(setup)),
    frameworkErrors: {
      keepsCors: true,
      checkRejected: (t, { body }, { code }) => t.is(body, `own handler: ${code}`),
      checkThrown: (t, { status, body }) => t.deepEqual([status, body], [500, 'own handler: boom'])
    },
    functions
  }
}

/** @type {Driver[]} */
export const drivers = [
  {
    name: 'Express 5',
    start: (setup) => listen(expressApp(express5, setup)),
    frameworkErrors: page,
    functions
  },
  {
    name: 'Express 4',
    start: (setup) => listen(expressApp(express4, setup)),
    frameworkErrors: page,
    functions
  },
  plainDriver('node:http', listen)
]

/** Express has no HTTP/2: it replaces the prototypes of requests and responses by those of `node:http`. */
export const overHttp2 = plainDriver('node:http2', listenHttp2)
