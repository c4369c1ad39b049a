// An application that calls an MCP server for itself, with client credentials. The SDK's client learns the authority from the
// server's metadata.
//
//   CLIENT_ID=<client id> CLIENT_SECRET=<secret> SCOPE=https://api.example/mcp/.default \
//   ISSUER=https://login.microsoftonline.com/<tenant>/v2.0 node examples/mcp/client.mjs https://api.example/mcp
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const [url] = process.argv.slice(2)
const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, SCOPE: scope, ISSUER: expectedIssuer } = process.env
const authProvider = new ClientCredentialsProvider({ clientId, clientSecret, scope, expectedIssuer })

const client = new Client({ name: 'example', version: '1.0.0' })
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }))
for (const { name } of (await client.listTools()).tools) {
  const answer = await client.callTool({ name }).catch(({ message }) => ({ content: [{ text: message }] }))
  console.log(`${name}: ${answer.content[0].text}`)
}
await client.close()
