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
    const timer = setTimeout(() => res.destroy(), req.auth.expiresAt * 1000 - Date.now())
    res.on('close', () => clearTimeout(timer))
    yoga(req, res)
  })
})
server.listen(process.env.PORT)
