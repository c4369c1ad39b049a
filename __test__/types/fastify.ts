// What must compile, and what must not, with entra-jwt-verify/fastify. Checked by tsc --strict; never run.
import {
  AuthError,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  type FastifyOptions,
  type Guard,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  type VerifiedToken,
  type Verifier
} from 'entra-jwt-verify/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import pino from 'pino'

const fastify = Fastify()
fastify.register(checkAuthToken)
fastify.register(checkAuthToken, { tenantId: 'id', requiredRoles: ['Admin'], preload: true, prefix: '/v1' })
void fastify.register(createCheckAuthToken({ tenantId: 'id', logger: fastify.log }), { preload: true })
fastify.get('/', async (request) => {
  const token: VerifiedToken | null = request.auth
  return { caller: request.auth?.clientId, roles: token?.roles ?? [] }
})
fastify.get('/health', { config: { auth: false } }, () => 'ok')
fastify.get('/config', (request) => request.routeOptions.config.auth === false)

fastify.get('/role', { preHandler: requireRole('Task.Read', 'Task.Write') }, async () => 'ok')
fastify.get(
  '/list',
  { onRequest: [requireAppOnly(), requireClient('id')], preValidation: requireDelegated() },
  () => 'ok'
)
fastify.addHook('onRequest', requireScope('Task.Read'))
fastify.addHook('preHandler', requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] }))
const guards: Guard[] = [
  requireAuthContext('c1'),
  requireGroup('id', { onOverage: async (auth) => auth.hasRole('a') }),
  claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
]
fastify.route({ method: 'POST', url: '/transfer', preHandler: guards, handler: async () => 'ok' })
// Types of a route stay what they are behind a guard.
fastify.get<{ Params: { id: string }; Querystring: { all?: string } }>(
  '/tasks/:id',
  { preHandler: requireRole('Task.Read') },
  async ({ params, query, auth }) => `${params.id satisfies string} ${query.all} ${auth?.clientId}`
)

const middleware = createCheckAuthToken({
  responses: (error, request, reply) => reply.code(error.status).send({ problem: error.code, url: request.url }),
  getToken: (request) => request.headers['x-token']?.toString(),
  resourceMetadata: { resource: 'https://api.example' }
})
const verifier: Verifier = middleware.verifier
fastify.route({
  method: ['GET', 'OPTIONS'],
  url: '/.well-known/oauth-protected-resource',
  config: { auth: false },
  handler: middleware.resourceMetadata
})
const options: FastifyOptions = { responses: async (error) => ({ problem: error.code }) }
// @ts-expect-error only with the option resourceMetadata is there a handler
export const served: object = createCheckAuthToken(options).resourceMetadata
fastify.setErrorHandler((error, _request, reply) => {
  if (error instanceof AuthError) reply.code(error.statusCode).headers(error.headers).send(error.toJSON())
})

// Servers of other kinds, loggers and types of the application's own.
Fastify({ http2: true })
  .register(checkAuthToken)
  .get('/', { preHandler: requireRole('a') }, async () => 'ok')
Fastify({ https: {} })
  .register(createCheckAuthToken(options), { preload: true })
  .get('/', { onRequest: requireRole('a') }, async (request) => request.auth?.clientId)
Fastify({ http2: true, https: {} }).register(checkAuthToken, options).addHook('preHandler', requireRole('a'))
Fastify({ loggerInstance: pino() })
  .register(checkAuthToken)
  .get('/', { preHandler: requireRole('a') }, async () => 'ok')
fastify.register(async (scope: FastifyInstance) => {
  await scope.register(checkAuthToken)
})

export const used = [verifier, createVerifier({ tenantId: 'id' })]

// @ts-expect-error the token may be missing
fastify.get('/strict', async (request) => request.auth.clientId)
// @ts-expect-error true or false
fastify.register(checkAuthToken, { preload: 'yes' })
// @ts-expect-error misspelt option
fastify.register(checkAuthToken, { tenentId: 'id' })
// @ts-expect-error options of createCheckAuthToken are given there
fastify.register(createCheckAuthToken(), { tenantId: 'id' })
// @ts-expect-error a route is public or it is not
fastify.get('/misspelt', { config: { auth: 'false' } }, () => 'ok')
// @ts-expect-error a guard that asks for nothing would admit every caller
requireRole()
// @ts-expect-error a guard is called where it is passed
fastify.get('/uncalled', { preHandler: requireRole }, () => 'ok')
// @ts-expect-error a plug-in is registered
fastify.addHook('onRequest', checkAuthToken)
// @ts-expect-error getToken does not wait
createCheckAuthToken({ getToken: async () => 'token' })
