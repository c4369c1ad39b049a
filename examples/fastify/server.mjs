// An API with Fastify.
//
//   node examples/fastify/server.mjs
//
// Configured by ENTRA_TENANT_ID and ENTRA_CLIENT_ID.
import cors from '@fastify/cors'
import { checkAuthToken, requireRole } from 'entra-jwt-verify/fastify'
import fastify from 'fastify'

const app = fastify()
// In front of checkAuthToken: a preflight has no token.
app.register(cors, { origin: 'https://app.example' })

app.register(checkAuthToken)
app.get('/health', { config: { auth: false } }, async () => 'ok')
app.get('/tasks', async ({ auth }) => ({ caller: auth.clientId, roles: auth.roles }))
app.post('/tasks', { preHandler: requireRole('Task.Write') }, async ({ auth, body }, reply) => {
  reply.code(201)
  return { by: auth.clientId, task: body }
})

console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }))
