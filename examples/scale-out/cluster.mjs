// One instance of a service that runs on several hosts behind a proxy: this process holds the port, and its workers (service.mjs)
// answer. nginx.conf and haproxy.cfg describe two hosts with one instance each; here, both hosts are this machine.
//
//   npm install entra-jwt-verify express
//   export ENTRA_TENANT_ID=<tenant id> ENTRA_CLIENT_ID=<client id of the API>
//   HOST=127.0.0.1 KEYS_FILE=keys-1.json node examples/scale-out/cluster.mjs &
//   HOST=127.0.0.2 KEYS_FILE=keys-2.json node examples/scale-out/cluster.mjs &
//   nginx -p examples/scale-out -c nginx.conf         # http://127.0.0.1:8080
//   haproxy -f examples/scale-out/haproxy.cfg         # http://127.0.0.1:8081; one of the two is enough
//
// SIGHUP replaces the workers one after the other, for new code or new settings: no request is lost. SIGTERM ends the instance; with
// nginx, first mark it as `down` and reload nginx, which does not ask /health.
import cluster from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const { WORKERS = '2', DRAIN_SECONDS = '5' } = process.env

cluster.setupPrimary({ exec: fileURLToPath(new URL('service.mjs', import.meta.url)) })
let isStopping = false
let restarting = Promise.resolve()

for (let i = 0; i < Number(WORKERS); i++) await startWorker()
console.log('ready')

cluster.on('exit', (worker) => {
  // A worker that was not asked to end.
  if (!worker.exitedAfterDisconnect && !isStopping) startWorker().catch(fail)
})
process.on('SIGHUP', () => {
  restarting = restarting.then(restart).catch(fail)
})
process.once('SIGTERM', stop)

/** Resolves when it accepts connections. */
async function startWorker() {
  const worker = cluster.fork()
  const started = new AbortController()
  const { signal } = started
  try {
    await Promise.race([
      once(worker, 'listening', { signal }),
      once(worker, 'exit', { signal }).then(() => {
        throw new Error('a worker did not start')
      })
    ])
  } finally {
    started.abort()
  }
}

async function restart() {
  for (const worker of Object.values(cluster.workers)) {
    await startWorker()
    worker.send('drain')
    await once(worker, 'exit')
  }
  console.log('restarted')
}

/** Lets the proxy go elsewhere before the port is closed: until then /health answers 503, and everything else as before. */
async function stop() {
  isStopping = true
  await restarting
  const workers = Object.values(cluster.workers)
  for (const worker of workers) worker.send('stopping')
  await sleep(Number(DRAIN_SECONDS) * 1000)
  for (const worker of workers) worker.send('drain')
}

function fail(error) {
  console.error(error)
  process.exitCode = 1
}
