// node __test__/soak/growth.mjs [minutes]: ten minutes of everything at once upon one process: good and bad tokens, clients that go
// away, keys that rotate, outages of the authority, made-up kids, worker threads that end in the middle. It must not grow.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { report } from '../helpers/keys-report.mjs'
import { namingUnknownKey, onceFree, optionsFor, startOnLastingPort } from '../helpers/keys-setup.mjs'
import { startLoad } from '../helpers/token-load.mjs'

const MINUTES = Number(process.argv[2] ?? 10)
const CONNECTIONS = 16

/** Seconds from one sample to the next. */
const PERIOD = 5

/** The part of the time that a process needs to fill its caches. */
const WARM_UP = 0.25

/** By what is sampled: the most by which it may grow in a minute, as a straight line through the lowest sample of each minute says. */
const BOUNDS = { 'resident MB': 1, 'heap MB': 0.2, 'external MB': 0.2, threads: 0.5, descriptors: 0.5 }

const TARGET = fileURLToPath(new URL('../helpers/growth-target.mjs', import.meta.url))

if (existsSync('/proc/self/task')) await soak()
else console.log('skipped: only Linux says what a process uses in /proc')

async function soak() {
  const authority = await startOnLastingPort({ quiet: true })
  const options = optionsFor(authority)
  const target = fork(TARGET, [JSON.stringify(options)], { execArgv: ['--expose-gc'] })
  const [{ url }] = await once(target, 'message')
  const end = performance.now() + MINUTES * 60_000
  const isRunning = () => performance.now() < end
  const counts = { rotations: 0, outages: 0, 'made-up kids': 0, workers: 0, 'aborted requests': 0 }

  const load = startLoad(url, authority, CONNECTIONS)
  const samples = []
  await Promise.all([
    disturb(authority, { load, url, counts, isRunning }),
    abort(authority, { url, counts, isRunning }),
    endWorkers(authority, { target, options, counts, isRunning }),
    sampleUntil(target, samples, isRunning)
  ])
  const answers = await load.stop()
  target.disconnect()
  await once(target, 'exit')
  await authority.close()

  const total = [...answers.values()].reduce((sum, count) => sum + count, 0)
  const done = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  report(
    load.unexpected.length === 0,
    `${total} requests in ${MINUTES} min, ${done.join(', ')}: ${load.unexpected.length} unexpected answers ` +
      JSON.stringify(load.unexpected.slice(0, 5))
  )
  for (const [what, bound] of Object.entries(BOUNDS)) {
    const points = lowestOfMinutes(samples, what).filter(([minute]) => minute >= MINUTES * WARM_UP)
    const growth = slope(points)
    report(
      growth < bound,
      `${what}: ${digits(growth)} more a minute, at most ${bound} (${points.map(([, value]) => digits(value)).join(', ')})`
    )
  }
}

/** Every half minute: a new key, later a made-up one, then an outage of 3 s. */
async function disturb(authority, { load, url, counts, isRunning }) {
  while (isRunning()) {
    await sleep(8000)
    await authority.rotateKeys()
    load.renew()
    counts.rotations++
    await sleep(4000)
    await ended(request(`${url}/tasks`, bearer(namingUnknownKey(authority.issueToken()))).end())
    counts['made-up kids']++
    await sleep(8000)
    await authority.stop()
    await sleep(3000)
    await onceFree(() => authority.start())
    counts.outages++
    await sleep(7000)
  }
}

/** Clients that go away, sooner or later. */
async function abort(authority, { url, counts, isRunning }) {
  while (isRunning()) {
    const leaving = request(`${url}/tasks`, bearer(authority.issueToken())).end()
    const over = ended(leaving)
    await sleep(counts['aborted requests'] % 10)
    leaving.destroy()
    await over
    counts['aborted requests']++
    await sleep(20)
  }
}

/** Each with keys of its own to fetch, so that it ends while it waits. */
async function endWorkers(authority, { target, options, counts, isRunning }) {
  while (isRunning()) {
    const keys = { timeout: 6 + (counts.workers % 50) / 1000 }
    target.send({ token: authority.issueToken(), options: { ...options, keys } })
    counts.workers++
    await sleep(1000)
  }
}

async function sampleUntil(target, samples, isRunning) {
  const start = performance.now()
  while (isRunning()) {
    await sleep(PERIOD * 1000)
    target.send({ sample: true })
    const [sample] = await once(target, 'message')
    samples.push({ minutes: (performance.now() - start) / 60_000, ...sample })
  }
}

/** Resolves when a request is answered, or has failed. */
function ended(sent) {
  return new Promise((resolve) => {
    sent.on('response', (response) => response.resume())
    sent.on('error', () => {})
    sent.on('close', resolve)
  })
}

function bearer(token) {
  return { headers: { Authorization: `Bearer ${token}` } }
}

/** What moves within a minute, such as connections and workers that begin and end, is not growth. */
function lowestOfMinutes(samples, what) {
  /** @type {Map<number, number>} */
  const lowest = new Map()
  for (const sample of samples) {
    const minute = Math.floor(sample.minutes)
    lowest.set(minute, Math.min(lowest.get(minute) ?? Infinity, sample[what]))
  }
  return [...lowest]
}

/** Of the straight line with the least squares. */
function slope(points) {
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length
  const x = mean(points.map(([value]) => value))
  const y = mean(points.map(([, value]) => value))
  const numerator = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  return numerator / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
}

function digits(value) {
  return Number(value.toPrecision(3))
}
