'use strict'
// Verifies a token of the test authority with the installed package; prints what a client sees, as one line of JSON.
const express = require('express4')
const { createCheckAuthToken } = require('entra-jwt-verify')
const { startTestAuthority } = require('entra-jwt-verify/testing')

async function main() {
  const authority = await startTestAuthority()
  const token = await authority.issueToken()
  const app = express()
  app.use(
    createCheckAuthToken({ tenantId: authority.tenantId, audience: audienceOf(token), authorityHost: authority.url })
  )
  app.get('/', (req, res) => res.json({ sameTenant: req.auth.tenantId === authority.tenantId }))

  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${server.address().port}/`
  const accepted = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const refused = await fetch(url)
  const result = {
    accepted: { status: accepted.status, body: await accepted.json() },
    refused: { status: refused.status, body: await refused.text() },
    addon: Object.keys(require.cache).find((file) => file.endsWith('.node'))
  }
  server.closeAllConnections()
  server.close()
  await authority.close()
  console.log(JSON.stringify(result))
}

function audienceOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).aud
}

main()
