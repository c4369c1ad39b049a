// Ends worker threads in every phase of a verification, again and again, then sees whether the process lives and others can still
// verify. A process of its own: should it crash, it does so alone. Argument: how often each phase. Prints JSON: the phases, each
// with what a worker and this thread got afterwards.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { outcomeOf } from './keys-outcome.mjs'
import { apisOf, manyApis, optionsFor, startWorker } from './keys-setup.mjs'

const times = Number(process.argv[2])

/** How many milliseconds after it said that it begins a worker is ended. */
const PATIENCE = [0, 1, 5, 20]

/**
 * What a worker does until it is ended; `verifier`, `token` and `begins`, which says that it has begun, are there.
 *
 * @type {Record<string, string>}
 */
const PHASES = {
  'in the TLS handshake': 'verifier.verify(token).catch(() => {}); begins()',
  'while the answer waits for a busy thread': `
    verifier.verify(token).catch(() => {})
    begins()
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)`,
  'in what follows the answer': `
    verifier.verify(token).catch(() => {}).then(() => {
      begins()
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    })`,
  'in a listener': `
    require('node:diagnostics_channel').subscribe('entra-jwt-verify:verify', () => {
      begins()
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    })
    verifier.verify(token).catch(() => {})`,
  'in getToken': `
    const { createVerifier } = require('entra-jwt-verify')
    const getToken = () => {
      begins()
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
    createVerifier({ ...options, getToken }).authenticate({ headers: {} })`,
  'in one check after the other': `
    begins()
    for (;;) try { verifier.verifySync(token) } catch {}`,
  'while it makes verifiers': `
    const { createVerifier } = require('entra-jwt-verify')
    begins()
    for (let n = 256; ; n++) createVerifier({ ...options, maxTokenLength: n % 60_000 + 256 })`,
  'by its own process.exit()': 'verifier.verify(token).catch(() => {}); begins(); setTimeout(() => process.exit(), 3)'
}

const authority = await startTestAuthority({
  quiet: true,
  tls: true,
  apps: manyApis(Object.keys(PHASES).length * times + 1)
})
const apis = apisOf(authority)
const slow = await startSlowDoor(new URL(authority.url).port)
const report = {}
for (const [phase, code] of Object.entries(PHASES)) {
  for (let time = 0; time < times; time++) await endOne(phase, code, PATIENCE[time % PATIENCE.length])
  report[phase] = await afterwards()
}
console.log(JSON.stringify(report))
slow.close()
await authority.close()

async function endOne(phase, code, patience) {
  const api = apis.pop()
  const options = optionsFor(authority, { api })
  // The handshake is held back at a door of its own; elsewhere the authority answers at its own speed.
  if (phase.includes('TLS')) options.authorityHost = `https://127.0.0.1:${slow.port}`
  const token = authority.issueToken({ audience: api.appIdUri })
  const worker = new Worker(
    `const { parentPort, workerData: { options, token } } = require('node:worker_threads')
    const begins = () => parentPort.postMessage('begins')
    const verifier = require('entra-jwt-verify').createVerifier(options)
    ${code}`,
    { eval: true, workerData: { options, token } }
  )
  await once(worker, 'message')
  await sleep(patience)
  await worker.terminate()
  slow.open()
}

/** Of a new worker and of this thread, each with keys that it has to fetch or share. */
async function afterwards() {
  const api = apis[0]
  const options = optionsFor(authority, { api })
  const token = authority.issueToken({ audience: api.appIdUri })
  return [await startWorker({ options, token }).outcome, await outcomeOf(createVerifier(options).verify(token))]
}

/** Passes connections on to the authority, but only once it is opened: until then the handshake does not get anywhere. */
async function startSlowDoor(port) {
  let held = []
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    held.push(() => {
      const onward = connect(port, '127.0.0.1')
      onward.on('error', () => socket.destroy())
      onward.on('close', () => socket.destroy())
      socket.on('close', () => onward.destroy())
      socket.pipe(onward).pipe(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const open = () => {
    for (const pass of held) pass()
    held = []
  }
  return { port: server.address().port, open, close: () => server.close() }
}
