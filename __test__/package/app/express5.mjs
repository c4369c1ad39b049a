// The same as express4.cjs, as an ES module on Express 5, with the ready-made middleware and the environment.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { checkAuthToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express from 'express'

const authority = await startTestAuthority()
const token = await authority.issueToken()
process.env.AZURE_TENANT_ID = authority.tenantId
process.env.AZURE_AUDIENCE = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).aud
process.env.AZURE_AUTHORITY_HOST = authority.url

const app = express()
app.use(checkAuthToken)
app.get('/', (req, res) => res.json({ sameTenant: req.auth.tenantId === authority.tenantId }))

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}/`
const accepted = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
const refused = await fetch(url)
const result = {
  accepted: { status: accepted.status, body: await accepted.json() },
  refused: { status: refused.status, body: await refused.text() },
  addon: Object.keys(createRequire(import.meta.url).cache).find((file) => file.endsWith('.node'))
}
server.closeAllConnections()
server.close()
await authority.close()
console.log(JSON.stringify(result))
