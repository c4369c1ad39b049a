// Beside the MCP SDK, which types req.auth: its AuthInfo is what the declarations of entra-jwt-verify/mcp promise.
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import type { OAuthTokenVerifier } from '@modelcontextprotocol/sdk/server/auth/provider.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { VerifiedToken } from 'entra-jwt-verify'
import {
  authOf,
  checkAuthToken,
  createCheckAuthToken,
  guardTools,
  type McpAuthInfo,
  type McpOptions,
  type McpProtection,
  protectMcp,
  requireRole,
  requireScope
} from 'entra-jwt-verify/mcp'
import express from 'express'

const resource = new URL('https://api.example/mcp')
const options: McpOptions = {
  resource,
  scopes: ['Task.Read'],
  keepStreams: true,
  tenantId: 'id',
  responses: 'rfc6750',
  resourceMetadata: { name: 'Tasks' }
}
const auth: McpProtection = protectMcp(options)
const verifier: OAuthTokenVerifier = auth
const app = express()
app.use(auth, checkAuthToken, createCheckAuthToken({ resource: 'https://api.example/mcp' }))
app.use(auth.resourceMetadata)
app.use(requireBearerAuth({ verifier: auth, resourceMetadataUrl: auth.metadataUrl, expectedResource: resource }))

const guards = guardTools({ 'delete-task': requireScope('Task.Write') })
app.post('/mcp', requireRole('Task.Read'), express.json(), guards, async (req, res) => {
  const info: AuthInfo | undefined = req.auth
  const token: VerifiedToken = authOf(req)
  const server = new McpServer({ name: info?.clientId ?? '', version: '1.0.0' })
  server.registerTool('whoami', {}, (extra) => ({
    content: [
      { type: 'text', text: `${authOf(extra).isAppOnly} ${authOf(extra.authInfo).tenantId} ${token.expiresAt}` }
    ]
  }))
  await new StreamableHTTPServerTransport().handleRequest(req, res, req.body)
})

export async function authInfo(token: string): Promise<AuthInfo> {
  const found: McpAuthInfo = await auth.verifyAccessToken(token)
  const who: string | undefined = found.extra.objectId ?? found.extra.tenantId
  const info: AuthInfo = await verifier.verifyAccessToken(who ?? token)
  await auth.verifier.preload()
  return found.hasRole('Task.Read') ? found : info
}

// @ts-expect-error misspelt
protectMcp({ resource: 'https://api.example/mcp', scope: ['Task.Read'] })
// @ts-expect-error a guard, not the name of a scope
guardTools({ 'delete-task': 'Task.Write' })
// @ts-expect-error scopes are a list
protectMcp({ scopes: 'Task.Read' })
// @ts-expect-error read-only
auth.metadataUrl = 'https://other.example'
