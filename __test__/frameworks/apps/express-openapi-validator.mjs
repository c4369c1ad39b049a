import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import OpenApiValidator from 'express-openapi-validator'

const flows = { clientCredentials: { tokenUrl: '/token', scopes: { 'Task.Read': 'reads tasks' } } }
const apiSpec = {
  openapi: '3.0.0',
  info: { title: 'Tasks', version: '1' },
  components: { securitySchemes: { entra: { type: 'oauth2', flows } } },
  paths: {
    '/': { get: { security: [{ entra: [] }], responses: { 200: { description: 'OK' } } } },
    '/tasks': { get: { security: [{ entra: ['Task.Read'] }], responses: { 200: { description: 'OK' } } } }
  }
}

/** The scopes that the specification asks for. */
function entra(req, scopes) {
  if (scopes.every((scope) => req.auth.hasScope(scope))) return true
  throw Object.assign(new Error('Forbidden'), { status: 403 })
}

const app = express()
app.use(checkAuthToken)
app.use(OpenApiValidator.middleware({ apiSpec, validateSecurity: { handlers: { entra } } }))
app.get(['/', '/tasks'], (req, res) => res.json({ client: req.auth.clientId }))
app.listen(process.env.PORT)
