// A worker of cluster.mjs: the service itself.
import cluster from 'node:cluster'
import { subscribe } from 'node:diagnostics_channel'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Server as StreamServer } from 'node:net'
import { createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import express from 'express'

const { HOST = '127.0.0.1', PORT = '3001', KEYS_FILE, DRAIN_SECONDS = '5' } = process.env

/** Seconds that requests have to end in when the worker ends. */
const LAST_REQUESTS = 25

// Public keys, but a program that can write this file can sign tokens: keep it where only the service can write.
const initialKeys = savedKeys()
const checkAuthToken = createCheckAuthToken({ initialKeys })
const { verifier } = checkAuthToken
let isStopping = false
let isDraining = false

const app = express()
// In front of the middleware, because a probe has no token. It does not depend on the authority: cached keys work without it.
app.get('/health', (_req, res) => {
  if (isStopping) res.status(503).send('stopping')
  else res.send('ok')
})
app.use((_req, res, next) => {
  // The proxy does not send another request over this connection.
  if (isStopping || isDraining) res.set('Connection', 'close')
  next()
})
app.use(checkAuthToken)
app.get('/tasks', (req, res) => {
  const { clientId, roles } = req.auth
  res.json({ caller: clientId, roles })
})
app.post('/tasks', requireRole('Task.Write'), express.json(), (req, res) => {
  res.status(201).json({ by: req.auth.clientId, task: req.body })
})

const server = createServer(app)
// Longer than a proxy keeps idle connections. Otherwise this process closes one just as the proxy sends a request over it.
server.keepAliveTimeout = 65_000

subscribe('entra-jwt-verify:keys', ({ succeeded }) => succeeded && saveKeys())
try {
  // A process with a wrong tenant or without a network does not start.
  await verifier.preload()
  saveKeys()
} catch (error) {
  // An outage of the authority stops nothing where there are keys of an earlier process.
  if (initialKeys === undefined) throw error
  console.error(`started with saved keys: ${error.message}`)
}
server.listen(Number(PORT), HOST)

process.on('message', (message) => {
  if (message === 'stopping') isStopping = true
  if (message === 'drain') drain()
})
// The instance ends them.
process.on('SIGTERM', () => {})

/**
 * Ends when the proxy has left: it closes idle connections before this worker does, and finds none closed that it wants to use.
 * `server.close()` and `worker.disconnect()` would close idle connections at once.
 */
function drain() {
  isDraining = true
  // Takes no new connections: the instance keeps the port, and gives them to other workers.
  StreamServer.prototype.close.call(server, () => cluster.worker.disconnect())
  setTimeout(() => server.closeIdleConnections(), Number(DRAIN_SECONDS) * 1000)
  setTimeout(() => server.closeAllConnections(), LAST_REQUESTS * 1000).unref()
}

function savedKeys() {
  try {
    return KEYS_FILE === undefined ? undefined : JSON.parse(readFileSync(KEYS_FILE, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces the file as a whole: another worker may read it at the same time. */
function saveKeys() {
  if (KEYS_FILE === undefined) return
  const temporary = `${KEYS_FILE}.${process.pid}`
  writeFileSync(temporary, JSON.stringify(verifier.exportKeys()), { mode: 0o600 })
  renameSync(temporary, KEYS_FILE)
}
