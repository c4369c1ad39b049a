import entra from 'entra-jwt-verify/fastify'
import fastify from 'fastify'
import { COLD, guardsFrom, listensOn, OPTIONS } from './serve.mjs'

const answer = async (request) => ({ client: request.auth?.clientId ?? null })
const guards = Object.entries(guardsFrom(entra))

const app = fastify()
for (const [index, options] of COLD.entries()) {
  app.register(async (scope) => {
    await scope.register(entra.createCheckAuthToken(options))
    scope.get(`/cold/${index}`, answer)
  })
}
for (const [path, guard] of guards) app.get(`/bare${path}`, { preHandler: guard }, answer)
app.register(async (scope) => {
  await scope.register(entra.createCheckAuthToken(OPTIONS))
  scope.get('/', answer)
  for (const [path, guard] of guards) scope.get(path, { preHandler: guard }, answer)
})
await app.listen({ port: 0, host: '127.0.0.1' })
listensOn(app.server.address().port)
