import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'

const apollo = new ApolloServer({
  typeDefs: 'type Query { client: String }',
  resolvers: { Query: { client: (_parent, _args, { auth }) => auth.clientId } }
})
await apollo.start()

const app = express()
const context = async ({ req }) => ({ auth: req.auth })
app.use('/graphql', checkAuthToken, express.json(), expressMiddleware(apollo, { context }))
app.listen(process.env.PORT)
