// What must compile beside a library that types req.auth otherwise: each folder beside-* is a program with one. Checked by
// tsc --strict; never run.
import { createServer } from 'node:http'
import {
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole
} from 'entra-jwt-verify'
import express from 'express'

const protect = createCheckAuthToken({
  tenantId: 'id',
  clientId: 'id',
  resourceMetadata: { resource: 'https://a.example' }
})

const app = express()
app.use(checkAuthToken)
app.use('/mcp', protect, requireScope('mcp'), requireRole('Admin'), requireClient('id'))
app.get('/user', requireDelegated(), requireScopeOrRole({ scopes: ['a'], roles: ['b'] }), (_req, res) => res.end())
app.post('/app', requireAppOnly(), claimsChallenge({ access_token: {} }))
app.get('/.well-known/oauth-protected-resource/mcp', protect.resourceMetadata)

const router = express.Router()
router.use(protect)

createServer((req, res) => protect(req, res, () => res.end()))
