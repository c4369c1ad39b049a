// A service that says what it uses. Arguments: options as JSON. Messages: `{ sample: true }`, answered with what the process uses;
// `{ token, options }`, verified in a worker thread that is ended in the middle of it.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import express from 'express'

const WORKER = new URL('keys-worker.mjs', import.meta.url)

const app = express()
// What is logged is not what is measured, but that it is.
const logger = { error() {}, warn() {} }
app.use(createCheckAuthToken({ ...JSON.parse(process.argv[2]), logger }))
app.get('/tasks', (req, res) => res.json({ caller: req.auth.clientId, roles: req.auth.claims.roles }))
app.post('/tasks', requireRole('Task.Write'), express.json(), (req, res) => res.status(201).json(req.body))
const server = createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')

process.on('message', async (message) => {
  if (message.sample) return process.send(sample())
  const worker = new Worker(WORKER, { workerData: message })
  await once(worker, 'message')
  await worker.terminate()
})
process.on('disconnect', () => process.exit())
process.send({ url: `http://127.0.0.1:${server.address().port}` })

/** Resident memory and heap in MB, threads, descriptors. */
function sample() {
  globalThis.gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    'resident MB': rss / 1e6,
    'heap MB': heapUsed / 1e6,
    'external MB': external / 1e6,
    threads: readdirSync('/proc/self/task').length,
    descriptors: readdirSync('/proc/self/fd').length
  }
}
