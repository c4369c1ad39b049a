import { contender } from '../contenders/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { startChild } from '../harness/child.mjs'
import { load } from '../harness/load.mjs'
import { shuffled } from '../harness/rounds.mjs'
import { median, summary } from '../harness/statistics.mjs'
import { issueTokens, signingKeyOf } from '../harness/tokens.mjs'
import { factor, milli, perSecond, significant, table, title } from '../report/print.mjs'

export const name = 'http'

const BARE = 'bare'

// Middlewares, and what is written into one in a few lines; ours comes first. What has only one fixed key is no server.
const CANDIDATES = [
  'entra-jwt-verify',
  'entra-jwt-verify-no-cache',
  'fast-jwt-cache',
  'aws-jwt-verify',
  'jsonwebtoken-jwks-rsa',
  'jose-remote',
  'express-oauth2-jwt-bearer',
  'express-jwt',
  'passport-azure-ad',
  'axios-jsonwebtoken'
]

/** Express 5 over real HTTP: the server in its own process, the load from this one. */
export async function run({ profile }) {
  title(
    'http: Express 5, keep-alive; ratio of requests per second to the same server without a middleware, same rounds'
  )
  const { rounds, warmUpRounds, closeRounds, seconds, connections, distinct } = profile.http
  const authority = await startAuthority()
  const servers = []
  try {
    const failures = await startServers(servers, authority, profile)
    const tokens = await issueTokens(authority.world, signingKeyOf(authority.world), distinct)
    const lines = []
    for (const count of connections) {
      for (const server of servers) server.runs = []
      for (let round = 0; round < warmUpRounds + rounds + closeRounds; round++) {
        // The first two differ least by far: they always follow one another, and go on when the others have their rounds.
        const [bare, ours, ...others] = servers
        const closest = shuffled([bare, ours])
        const turns = round < warmUpRounds + rounds ? shuffled([closest, ...others]).flat() : closest
        for (const server of turns) {
          const measured = await loadOnce(server, { tokens, connections: count, seconds })
          if (round >= warmUpRounds) server.runs.push(measured)
        }
      }
      lines.push(...servers.map((server) => summarize(server, servers[0], count)))
    }
    table(lines.map(row))
    return { lines, failures }
  } finally {
    for (const server of servers) await server.child.stop()
    await authority.close()
  }
}

/** Fills `servers`, so that whoever waits can stop those that started; the first one is bare. */
async function startServers(servers, { world, env }, { timeout }) {
  const failures = []
  for (const id of [BARE, ...CANDIDATES]) {
    try {
      const child = await startChild(
        'measure/http-server.mjs',
        { id: id === BARE ? undefined : id, world },
        { env, timeout }
      )
      servers.push({ id, child, url: child.value.url })
    } catch (error) {
      console.error(`  did not run: ${error.message}`)
      failures.push({ id })
    }
  }
  return failures
}

async function loadOnce({ id, child, url }, options) {
  await child.call('begin')
  const measured = await load({ url, ...options })
  const { processor } = await child.call('end')
  if (measured.failed > 0) throw new Error(`${id}: ${measured.failed} of ${measured.answers} requests failed`)
  return { ...measured, microsecondsPerRequest: (processor * 1e3) / measured.answers }
}

function summarize({ id, runs }, bare, connections) {
  const percentile = (which) => median(runs.map(({ milliseconds }) => milliseconds[which]))
  return {
    id,
    label: id === BARE ? 'Express alone' : contender(id).label,
    connections,
    perSecond: summary(runs.map((run) => run.perSecond)),
    ratio: summary(runs.map((run, round) => run.perSecond / bare.runs[round].perSecond)),
    milliseconds: { p50: percentile('p50'), p99: percentile('p99'), 'p99.9': percentile('p99.9') },
    microsecondsOfProcessor: summary(runs.map((run) => run.microsecondsPerRequest)),
    rounds: runs.length
  }
}

function row({ label, connections, perSecond: rate, ratio, milliseconds, microsecondsOfProcessor }) {
  return [
    `${connections} connection${connections > 1 ? 's' : ''}`,
    label,
    perSecond(rate),
    `${factor(ratio)} × bare`,
    `p50 ${milli(milliseconds.p50)}, p99 ${milli(milliseconds.p99)}, p99.9 ${milli(milliseconds['p99.9'])}`,
    `${significant(microsecondsOfProcessor.median)} µs of processor each`
  ]
}
