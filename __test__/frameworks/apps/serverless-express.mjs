import serverlessExpress from '@codegenie/serverless-express'
import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'

const app = express()
app.use(checkAuthToken)
app.get('/', (req, res) => res.json({ client: req.auth.clientId }))

export const handler = serverlessExpress({ app })
