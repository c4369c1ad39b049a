import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { contender } from '../contenders/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { isolate } from '../harness/isolate.mjs'
import { shuffled } from '../harness/rounds.mjs'
import { summary } from '../harness/statistics.mjs'
import { issueToken, signingKeyOf } from '../harness/tokens.mjs'
import { megabytes, significant, table, title } from '../report/print.mjs'

export const name = 'cold-start'

const BARE = 'bare'
const FIRST_REQUEST = fileURLToPath(new URL('../measure/first-request.mjs', import.meta.url))
const REQUIRE_TIME = fileURLToPath(new URL('../measure/require-time.cjs', import.meta.url))

// Of each set of packages one contender.
const STARTED = [
  'entra-jwt-verify',
  'axios-jsonwebtoken',
  'jose-remote',
  'express-oauth2-jwt-bearer',
  'jsonwebtoken-jwks-rsa'
]
const ONLY_LOADED = [
  'jsonwebtoken',
  'fast-jwt',
  'aws-jwt-verify',
  'node-rs-jsonwebtoken',
  'express-jwt',
  'passport-azure-ad'
]

/** From nothing to the first verified request; what it takes to load and to install. */
export async function run({ profile }) {
  title('cold-start: each in a folder of its own, new processes')
  const authority = await startAuthority()
  const homes = []
  try {
    for (const id of [BARE, ...STARTED, ...ONLY_LOADED]) homes.push(await prepare(id))
    const { rounds, warmUpRounds } = profile.coldStart
    // What warms up here is the file system's cache.
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      for (const home of shuffled(homes)) {
        const measured = await startOnce(home, authority)
        if (round >= warmUpRounds) home.runs.push(measured)
      }
    }
    const lines = homes.map(summarize)
    table(lines.map(row))
    return { lines }
  } finally {
    for (const { remove } of homes) remove?.()
    await authority.close()
  }
}

async function prepare(id) {
  if (id === BARE) return { id, runs: [] }
  return { id, runs: [], ...(await isolate(contender(id).packages)) }
}

async function startOnce({ id, folder }, authority) {
  const loading = id === BARE ? undefined : await requireTime(folder, contender(id).packages)
  if (id !== BARE && !STARTED.includes(id)) return { loading }
  return { loading, ...(await firstRequest(id, folder, authority)) }
}

async function requireTime(folder, packages) {
  const { stdout } = await promisify(execFile)(process.execPath, [REQUIRE_TIME, folder, ...packages])
  return Number(stdout.trim().split('\n').at(-1))
}

/** Milliseconds from the start of `node` to the end of the first answer, and bytes of resident memory after it. */
async function firstRequest(id, folder, { world, env }) {
  const token = issueToken(world, signingKeyOf(world))
  const start = performance.now()
  const child = spawn(process.execPath, [FIRST_REQUEST, id, folder ?? ''], {
    env: { ...process.env, ...env, BENCHMARK_WORLD: JSON.stringify(world) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  try {
    const exited = once(child, 'exit').then(() => Promise.reject(new Error(`${id} did not start`)))
    const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), exited])
    await request(port, '/tasks', { authorization: `Bearer ${token}` })
    const milliseconds = performance.now() - start
    return { milliseconds, rss: Number(await request(port, '/memory', {})) }
  } finally {
    child.kill('SIGKILL')
  }
}

async function request(port, path, headers) {
  const [response] = await once(get({ host: '127.0.0.1', port, path, headers, agent: false }), 'response')
  const body = await text(response)
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode} from ${path}`)
  return body
}

function summarize({ id, runs, packages, files, bytes }) {
  const of = (read) => (read(runs[0]) === undefined ? undefined : summary(runs.map(read)))
  return {
    id,
    label: id === BARE ? 'node:http alone' : contender(id).packages.join(' + '),
    firstRequestMilliseconds: of((run) => run.milliseconds),
    requireMilliseconds: of((run) => run.loading),
    residentBytes: of((run) => run.rss),
    ...(bytes && { installed: { packages, files, bytes } }),
    rounds: runs.length
  }
}

function row({ label, firstRequestMilliseconds, requireMilliseconds, residentBytes, installed }) {
  const time = ({ median, p10, p90 }) => `${significant(median)} ms (${significant(p10)}–${significant(p90)})`
  return [
    label,
    firstRequestMilliseconds ? `first request ${time(firstRequestMilliseconds)}` : '',
    requireMilliseconds ? `require ${time(requireMilliseconds)}` : '',
    residentBytes ? `resident ${megabytes(residentBytes.median)}` : '',
    installed
      ? `installed ${megabytes(installed.bytes)} in ${installed.files} files of ${installed.packages} packages`
      : ''
  ]
}
