import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import serverless from 'serverless-http'

const app = express()
app.use(checkAuthToken)
app.get('/', (req, res) => res.json({ client: req.auth.clientId }))

export const handler = serverless(app)
