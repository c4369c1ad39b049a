import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { createSchema, createYoga } from 'graphql-yoga'

const yoga = createYoga({
  schema: createSchema({
    typeDefs: 'type Query { client: String }',
    resolvers: { Query: { client: (_parent, _args, { auth }) => auth.clientId } }
  }),
  context: ({ req }) => ({ auth: req.auth })
})
const server = createServer((req, res) => {
  checkAuthToken(req, res, () => {
    const timer = setTimeout(() => res.destroy(), Math.min(req.auth.expiresAt * 1000 - Date.now(), 2 ** 31 - 1))
    res.on('close', () => clearTimeout(timer))
    yoga(req, res)
  })
})
server.listen(process.env.PORT)
