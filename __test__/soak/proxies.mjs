// node __test__/soak/proxies.mjs: a minute of load through nginx and one through HAProxy, upon examples/scale-out, while its workers are
// replaced one after the other, keys are rotated, and the authority is down while workers start. In the end, one worker dies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { report } from '../helpers/keys-report.mjs'
import { fetches, onceFree, startOnLastingPort, until } from '../helpers/keys-setup.mjs'
import { startProxy, startService, versionOf } from '../helpers/scale-out-service.mjs'
import { startLoad } from '../helpers/token-load.mjs'

const SECONDS = Number(process.argv[2] ?? 60)
const CONNECTIONS = 32

/** Workers of all instances. */
const WORKERS = 4

/**
 * By proxy: whether an instance can also be stopped as a whole under load, because the proxy asks for its health, and how a POST is
 * answered whose worker dies: 502, or 504 if its connection was just handed to the worker. HAProxy closes the client's connection if
 * that of the worker was used before.
 */
const PROXIES = {
  nginx: { asksForHealth: false, lost: ['502', '504'] },
  haproxy: { asksForHealth: true, lost: ['502', '504', 'ECONNRESET'] }
}

for (const [name, traits] of Object.entries(PROXIES)) {
  const version = versionOf(name)
  if (process.platform !== 'linux') console.log(`skipped: ${name}: only Linux has the second loopback address`)
  else if (version === undefined) console.log(`skipped: ${name} is not installed`)
  else await soak(name, version, traits)
}

async function soak(name, version, traits) {
  console.log(`${name} ${version}, 2 instances with 2 workers each, ${CONNECTIONS} connections`)
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-proxies-'))
  const authority = await startOnLastingPort({ quiet: true })
  let service
  let proxy
  try {
    service = await startService(folder, authority.env())
    proxy = await startProxy(name, folder, service.places)
    await restarting(proxy, service, authority, traits)
    await dying(proxy, service, authority, traits)
  } finally {
    await proxy?.stop()
    await service?.kill()
    await authority.close()
  }
  if (process.exitCode) console.log(`the logs are in ${folder}`)
  else rmSync(folder, { recursive: true })
}

/** Every request has to be answered as if nothing happened. */
async function restarting({ url, retried }, { instances }, authority, { asksForHealth }) {
  const load = startLoad(url, authority, CONNECTIONS)
  const start = performance.now()
  const done = { 'rolling restarts': 0, 'restarts of an instance': 0, rotations: 0, outages: 0 }
  for (let round = 0; performance.now() - start < SECONDS * 1000; round++) {
    const instance = instances[round % 2]
    if (asksForHealth && round % 3 === 2) {
      await instance.stop()
      await instance.start()
      done['restarts of an instance']++
      continue
    }
    // Workers that start while the authority is down have the keys that others saved.
    const isOutage = round === 1
    if (isOutage) await authority.stop()
    await instance.restart()
    if (isOutage) await onceFree(() => authority.start())
    done['rolling restarts']++
    if (isOutage) done.outages++
    else {
      await rotate(authority, load)
      done.rotations++
    }
  }
  const answers = await load.stop()
  const seconds = (performance.now() - start) / 1000
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0)
  for (const [kind, count] of [...answers].toSorted()) console.log(`        ${kind}: ${count}`)
  const events = Object.entries(done).map(([what, count]) => `${count} ${what}`)
  report(
    load.unexpected.length === 0 && done.outages > 0,
    `${total} requests in ${seconds.toFixed(0)} s, ${events.join(', ')}: ` +
      `${load.unexpected.length} unexpected answers${listed(load.unexpected)}; ${retried()} requests were sent twice`
  )
}

/** Resolves when every worker has fetched the new key: an outage before that would keep it from them. */
async function rotate(authority, load) {
  const before = fetches(authority)
  await authority.rotateKeys()
  load.renew()
  await until(() => fetches(authority) >= before + WORKERS, 'every worker has the new key')
}

/** A request that a worker has begun dies with it, unless it may be sent again. */
async function dying({ url }, { instances: [instance] }, authority, { lost }) {
  const load = startLoad(url, authority, CONNECTIONS)
  await sleep(1000)
  instance.killWorker()
  await sleep(3000)
  await load.stop()
  const isExplained = load.unexpected.every(({ method, outcome }) => method === 'POST' && lost.includes(outcome))
  report(
    isExplained && load.unexpected.length <= CONNECTIONS,
    `a worker dies: ${load.unexpected.length} POST requests that it had begun are lost${listed(load.unexpected)}`
  )
}

function listed(unexpected) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { name, outcome } of unexpected) {
    const kind = `${name}: ${outcome}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `; ${count} × ${kind}`).join('')
}
