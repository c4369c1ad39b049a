// What every service has: how it is configured, and how it listens in the runtime that it is in. The service prints its port.
import { createServer } from 'node:http'

/** The environment configures the service, as in production. */
export const OPTIONS = { logger: false }

/** Options of middleware that starts cold: those that fetch keys in the same way share them, and the time limit is a part of the way. */
export const COLD = Array.from({ length: Number(process.env.COLD) }, (_, index) => ({
  ...OPTIONS,
  keys: { timeout: 30 + (index + 1) / 1000 }
}))

/** The guards of the routes, by path, from an entry of the package. */
export const guardsFrom = ({ requireRole, requireScope, requireScopeOrRole }) => ({
  '/role': requireRole('Task.Read'),
  '/scope': requireScope('Task.Read'),
  '/either': requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] })
})

/** Serves a listener of node:http. */
export function serveNode(listener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1', () => listensOn(server.address().port))
}

/** Serves a handler of fetch's kind: by Bun.serve or Deno.serve where there is one. */
export async function serveFetch(handler) {
  const { Bun, Deno } = globalThis
  if (Bun) listensOn(Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => handler(request) }).port)
  else if (Deno) {
    const onListen = ({ port }) => listensOn(port)
    Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, (request) => handler(request))
  } else {
    const { getRequestListener } = await import('@hono/node-server')
    serveNode(getRequestListener((request) => handler(request)))
  }
}

export function listensOn(port) {
  console.log(`listens on ${port}`)
}
