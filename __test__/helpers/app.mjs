// Real applications on loopback for the tests: Express 5, Express 4 and plain node:http around one middleware.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import express5 from 'express'
import express4 from 'express4'

/** How each framework serves one middleware in front of one route that answers with the client of `req.auth`. */
export const frameworks = {
  'Express 5': (middleware) => expressApp(express5, middleware),
  'Express 4': (middleware) => expressApp(express4, middleware),
  'node:http': (middleware) => (req, res) =>
    middleware(req, res, (...args) => {
      if (args.length) res.statusCode = 599
      res.end(JSON.stringify({ client: req.auth?.clientId }))
    })
}

function expressApp(express, middleware) {
  const app = express()
  app.disable('x-powered-by')
  app.use(middleware)
  app.get('/', (req, res) => res.json({ client: req.auth?.clientId }))
  return app
}

/** Listens on loopback. */
export async function listen(listener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, close }
}

/** Listens on loopback for HTTP/2 without TLS. */
export async function listenHttp2(listener) {
  const server = createHttp2Server(listener)
  const end = endingSessions(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    end()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, close }
}

/** A function that ends all sessions of a server of HTTP/2. */
export function endingSessions(server) {
  const sessions = new Set()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  return () => {
    for (const session of sessions) session.destroy()
  }
}

/** Listens until the test ends; resolves to a function that sends a request. */
export async function serve(t, listener) {
  const { url, close } = await listen(listener)
  t.teardown(close)
  return async (authorization, init = {}) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization }
    const response = await fetch(`${url}/`, { ...init, headers: { ...headers, ...init.headers } })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
}

/** A logger that keeps what it is given. */
export function recorder() {
  const entries = []
  return { entries, error: (...parts) => entries.push(parts) }
}
