// The protected application that a worker runs, configured by the environment as in production. `ENTRA_JWT_VERIFY` may name another
// copy of the package than that of this checkout.
const { once } = require('node:events')
const { writeFileSync } = require('node:fs')
const { threadId } = require('node:worker_threads')
const express = require('express')
const { createCheckAuthToken } = require(process.env.ENTRA_JWT_VERIFY ?? '../../..')

/** Listens on any port, which is the same for all processes of a cluster; resolves to the server. */
module.exports = async function listen() {
  const app = express()
  app.use((_req, res, next) => {
    res.set('Worker', `${process.pid}/${threadId}`)
    next()
  })
  app.use(createCheckAuthToken({ logger: false }))
  app.get('/', (req, res) => res.send(req.auth.clientId))
  // Some are still being answered when their worker is told to end.
  app.get('/slow', (req, res) => setTimeout(() => res.send(req.auth.clientId), 200))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  if (process.env.PORT_FILE) writeFileSync(process.env.PORT_FILE, String(server.address().port))
  return server
}
