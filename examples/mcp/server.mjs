// An MCP server protected by Entra: tools see the caller, and one tool requires its own scope or role.
//
//   ENTRA_TENANT_ID=<tenant> ENTRA_CLIENT_ID=<client id of the API> \
//   ENTRA_RESOURCE=https://api.example/mcp ENTRA_AUDIENCE=<client id of the API>,https://api.example/mcp \
//   ENTRA_SCOPES=Task.Read node examples/mcp/server.mjs
//
// docs/mcp.md describes how to register the API and its clients.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { authOf, guardTools, protectMcp, requireScopeOrRole } from 'entra-jwt-verify/mcp'
import express from 'express'

const app = express()
// In front of protectMcp(): a health check has no token.
app.get('/health', (_req, res) => res.send('ok'))
app.use(protectMcp())

const guards = guardTools({
  'complete-task': requireScopeOrRole({ scopes: ['Task.Write'], roles: ['Task.Write.All'] })
})

app.post('/mcp', express.json(), guards, async (req, res) => {
  // Without sessions: each request has its own server, transport and caller.
  const server = taskServer()
  const transport = new StreamableHTTPServerTransport()
  res.on('close', () => server.close())
  await server.connect(transport)
  await transport.handleRequest(req, res, req.body)
})
// Without sessions, there is no stream of server messages.
app.all('/mcp', (_req, res) => res.set('Allow', 'POST').sendStatus(405))

function taskServer() {
  const server = new McpServer({ name: 'tasks', version: '1.0.0' })
  const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] })
  server.registerTool('whoami', { description: 'Says who calls' }, (extra) => {
    const { clientId, scopes, roles, isAppOnly } = authOf(extra)
    return text({ clientId, scopes, roles, isAppOnly })
  })
  server.registerTool('complete-task', { description: 'Completes the task' }, (extra) =>
    text({ completedBy: extra.authInfo.extra.objectId })
  )
  return server
}

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
