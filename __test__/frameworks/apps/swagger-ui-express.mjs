import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import swaggerUi from 'swagger-ui-express'

const document = { openapi: '3.0.0', info: { title: 'Tasks', version: '1' }, paths: {} }

const app = express()
app.use('/docs', swaggerUi.serve, swaggerUi.setup(document))
app.use(checkAuthToken)
app.get('/', (req, res) => res.json({ client: req.auth.clientId }))
app.listen(process.env.PORT)
