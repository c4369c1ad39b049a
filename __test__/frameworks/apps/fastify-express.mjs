import fastifyExpress from '@fastify/express'
import { checkAuthToken } from 'entra-jwt-verify'
import Fastify from 'fastify'

const app = Fastify()
await app.register(fastifyExpress)
app.use(checkAuthToken)
app.get('/', (request) => ({ client: request.raw.auth.clientId }))
await app.listen({ port: process.env.PORT })
