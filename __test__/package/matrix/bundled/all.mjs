// A program that is bundled with every entry for a framework that loads without it: each verifies a token offline, and rejects a
// forged one.
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { createCheckAuthToken as fastify } from 'entra-jwt-verify/fastify'
import { createCheckAuthToken as fetch } from 'entra-jwt-verify/fetch'
import { createCheckAuthToken as hono } from 'entra-jwt-verify/hono'
import { createCheckAuthToken as koa } from 'entra-jwt-verify/koa'
import { protectMcp } from 'entra-jwt-verify/mcp'

const { TENANT_ID, CLIENT_ID, JWKS, TOKEN } = process.env
const options = { tenantId: TENANT_ID, clientId: CLIENT_ID, jwks: JSON.parse(JWKS), logger: false }
const FORGED = `${TOKEN.slice(0, -8)}AAAAAAAA`

// Some bundlers make CommonJS of this, which has no `await` at the top level.
main()

async function main() {
  const verifiers = { none: createVerifier(options), express: createCheckAuthToken(options).verifier }
  for (const [name, create] of Object.entries({ fastify, fetch, hono, koa })) verifiers[name] = create(options).verifier
  const found = {}
  for (const [name, verifier] of Object.entries(verifiers)) {
    const { tenantId } = await verifier.verify(TOKEN)
    found[name] = { tenantId, forged: await verifier.verify(FORGED).catch(({ code }) => code) }
  }
  const mcp = protectMcp({
    ...options,
    resource: 'https://api.example/mcp',
    audience: [CLIENT_ID, 'https://api.example/mcp']
  })
  const { extra, clientId } = await mcp.verifyAccessToken(TOKEN)
  const forged = await mcp.verifyAccessToken(FORGED).catch((error) => error.code ?? error.message)
  found.mcp = { isVerified: typeof clientId === 'string' && extra !== undefined, forged }
  console.log(JSON.stringify(found))
}
