// Driver of the adapter contract for Fastify.
import cors from '@fastify/cors'
import entra from 'entra-jwt-verify/fastify'
import fastify from 'fastify'
import { guardsFrom, ORIGIN } from './adapter-contract.mjs'
import { endingSessions } from './app.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

const { createCheckAuthToken } = entra

const GUARDS = guardsFrom(entra)

const clientOf = (request) => request.auth?.clientId ?? null

const boom = () => {
  throw new Error('boom')
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5))

async function start(server, { options, cors: position }) {
  const app = fastify(server)
  const endSessions = server.http2 ? endingSessions(app.server) : undefined
  if (position === 'before') app.register(cors, { origin: ORIGIN })
  if (options !== undefined) app.register(createCheckAuthToken(options))
  if (position === 'after') app.register(cors, { origin: ORIGIN })
  app.get('/', async (request) => ({ client: clientOf(request) }))
  for (const [path, preHandler] of Object.entries(GUARDS)) {
    app.get(path, { preHandler }, async (request) => ({ client: clientOf(request) }))
  }
  app.get('/throws', boom)
  app.get('/throws-later', () => later().then(boom))
  app.post('/echo', async (request) => ({ body: request.body, client: clientOf(request) }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const close = () => {
    if (endSessions) endSessions()
    else app.server.closeAllConnections()
    return app.close()
  }
  return { url, close }
}

/** @returns {Driver} */
const driverFor = (name, server) => ({
  name,
  start: (setup) => start(server, setup),
  frameworkErrors: {
    keepsCors: true,
    checkRejected(t, { body }, { status, code, message }) {
      t.like(JSON.parse(body), { statusCode: status, code, message })
    },
    checkThrown: (t, { status, body }) => t.like({ status, ...JSON.parse(body) }, { status: 500, message: 'boom' })
  },
  functions: {
    answers: (error, _request, reply) => reply.code(418).send(`application: ${error.code}`),
    answersLater: async (error, _request, reply) => {
      await later()
      return reply.code(418).send(`application: ${error.code}`)
    },
    throws: boom,
    rejects: () => later().then(boom),
    handsOn: () => later()
  }
})

export const driver = driverFor('Fastify 5', {})

export const overHttp2 = driverFor('Fastify 5 over HTTP/2', { http2: true })
