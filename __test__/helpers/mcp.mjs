// A protected MCP server with tools, on real frameworks over real HTTP, and the SDK's own client for it.
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { authOf } from 'entra-jwt-verify/mcp'
import { listen } from './app.mjs'
import { optionsFor } from './start.mjs'

/** The client id of the caller, as the tool `whoami` answers. */
export const CALLER = 'whoami'

/** Answers one request of the SDK's transport; without a session, each has a server of its own. */
export async function handle(req, res, { seen = () => undefined } = {}) {
  const server = new McpServer({ name: 'tasks', version: '1.0.0' })
  server.registerTool(CALLER, {}, (extra) => {
    seen(extra)
    return { content: [{ type: 'text', text: authOf(extra).clientId }] }
  })
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
  res.on('close', () => transport.close())
  await server.connect(transport)
  await transport.handleRequest(req, res, req.body)
}

/** Options for a protection that trusts a test authority and accepts its resource as App ID URI, which is what warns no one. */
export function mcpOptions(authority, resource, more) {
  const { clientId, appIdUri } = authority.api
  const audience = [clientId, appIdUri, resource]
  return { ...optionsFor(authority), audience, resource, scopes: ['Task.Read'], logger: false, ...more }
}

/**
 * Listens before the application is made, which has to know its own URL.
 *
 * @param {(url: string) => (req, res) => unknown} application made of the URL of the MCP server
 */
export async function serveMcp(t, application, path = '/mcp') {
  let listener
  const { url, close } = await listen((req, res) => listener(req, res))
  t.teardown(close)
  const resource = `${url}${path}`
  listener = await application(resource)
  return resource
}

/** What a client of the SDK gets tokens with. */
export function credentials(authority, more) {
  const { clientId, clientSecret } = authority.client
  return new ClientCredentialsProvider({
    clientId,
    clientSecret,
    scope: `${authority.api.appIdUri}/.default`,
    expectedIssuer: `${authority.url}/${authority.tenantId}/v2.0`,
    ...more
  })
}

/** Connects the SDK's client until the test ends. Its transport may have a `fetch` of its own. */
export async function connect(t, resource, authProvider, options) {
  const client = new Client({ name: 'test', version: '1.0.0' })
  client.onerror = () => {}
  t.teardown(() => client.close())
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider, ...options }))
  return client
}

/** What the tool `whoami` answers. */
export async function callerOf(client) {
  const { content } = await client.callTool({ name: CALLER })
  return content[0].text
}

/** A request of MCP, as a client sends it. */
export function post(url, token, message = INITIALIZE) {
  return fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` })
    },
    body: JSON.stringify(message)
  })
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } }
}
