// Runs one code block of the documentation in this process: node run-block.mjs <entry> <file> <port>. What the text around the
// block provides is global. If the block leaves an application behind without listening, it listens here.
import { pathToFileURL } from 'node:url'
import { createVerifier } from 'entra-jwt-verify'

const [entry, file, port, ownCode] = process.argv.slice(2)

/** How an application of each framework is made, and how it listens. */
const FRAMEWORKS = {
  '.': async () => {
    const { default: express } = await import('express')
    return [{ app: express() }, (app) => app.listen(port)]
  },
  './fastify': async () => {
    const { default: fastify } = await import('fastify')
    return [{ app: fastify() }, (app) => app.listen({ port: Number(port) })]
  },
  './koa': async () => {
    const [{ default: Koa }, { default: Router }] = await Promise.all([import('koa'), import('@koa/router')])
    return [{ app: new Koa(), Router, router: new Router() }, (app) => app.listen(port)]
  },
  './hono': async () => {
    const [{ Hono }, { serve }] = await Promise.all([import('hono'), import('@hono/node-server')])
    return [{ app: new Hono(), Hono }, (app) => serve({ fetch: app.fetch, port: Number(port) })]
  }
}

const module = await import(`entra-jwt-verify${entry.slice(1)}`)
const [names, listen] = (await FRAMEWORKS[entry]?.()) ?? [{}]
const { ENTRA_TENANT_ID: tenantId, ENTRA_CLIENT_ID: clientId, TOKEN: token } = process.env
Object.assign(globalThis, module, names, {
  tenantId,
  clientId,
  token,
  verifier: createVerifier(),
  customers: new Set([tenantId]),
  reportsFor: async () => []
})

// A guard is behind the middleware, also where the block shows the guard alone.
const isProtected = /\b(?:c|createC)heckAuthToken\b/.test(ownCode)
if (names.app && !isProtected && entry === '.') names.app.use(globalThis.checkAuthToken)
await import(pathToFileURL(file))
const { app = names.app } = globalThis
if (listen && !/\.listen\(|\bserve\(/.test(ownCode)) await listen(app)
console.log('ready')
