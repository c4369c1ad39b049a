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
const EMPTY = 'empty'
const OURS = 'entra-jwt-verify'

const LABELS = { [BARE]: 'Express alone', [EMPTY]: 'Express, a middleware that does nothing' }

// Middlewares, and what is written into one in a few lines. What has only one fixed key is no server.
const CANDIDATES = [
  OURS,
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
  title('http: Express 5, keep-alive; ratio of requests per second to Express alone, same rounds')
  const authority = await startAuthority()
  try {
    const tokens = await issueTokens(authority.world, signingKeyOf(authority.world), profile.http.distinct)
    const runs = new Map()
    const failures = new Set()
    const measure = async (ids, rounds) => {
      const failed = await measureServers(ids, { authority, tokens, rounds, runs, profile })
      for (const id of failed) failures.add(id)
    }
    await measure([BARE, EMPTY, ...CANDIDATES], profile.http.rounds)
    // These differ by less than two processes of the same program do: many processes are started of each.
    for (let time = 0; time < profile.http.closeProcesses; time++)
      await measure([BARE, EMPTY, OURS], profile.http.closeRounds)
    const lines = profile.http.connections.flatMap((connections) =>
      [BARE, EMPTY, ...CANDIDATES]
        .filter((id) => !failures.has(id))
        .map((id) => summarize(id, runs.get(id).get(connections), connections))
    )
    table(lines.map(row))
    return { lines, failures: [...failures].map((id) => ({ id })) }
  } finally {
    await authority.close()
  }
}

/** Adds to `runs`, by server and number of connections. Resolves to the ids of servers that did not start. */
async function measureServers(ids, { authority, tokens, rounds, runs, profile }) {
  const { warmUpRounds, seconds, connections } = profile.http
  const servers = []
  try {
    const failures = await startServers(servers, ids, authority, profile)
    for (const count of connections) {
      for (let round = 0; round < warmUpRounds + rounds; round++) {
        const turns = []
        for (const server of shuffled(servers)) {
          turns.push([server.id, await loadOnce(server, { tokens, connections: count, seconds })])
        }
        if (round >= warmUpRounds) keep(runs, count, new Map(turns))
      }
    }
    return failures
  } finally {
    for (const server of servers) await server.child.stop()
  }
}

function keep(runs, connections, turns) {
  const bare = turns.get(BARE)
  for (const [id, measured] of turns) {
    if (!runs.has(id)) runs.set(id, new Map())
    const ofServer = runs.get(id)
    const ratio = measured.perSecond / bare.perSecond
    ofServer.set(connections, [...(ofServer.get(connections) ?? []), { ...measured, ratio }])
  }
}

/** Fills `servers`, so that whoever waits can stop those that started. */
async function startServers(servers, ids, { world, env }, { timeout }) {
  const failures = []
  for (const id of ids) {
    try {
      const child = await startChild('measure/http-server.mjs', { id, world }, { env, timeout })
      servers.push({ id, child, url: child.value.url })
    } catch (error) {
      console.error(`  did not run: ${error.message}`)
      failures.push(id)
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

function summarize(id, runs, connections) {
  const percentile = (which) => median(runs.map(({ milliseconds }) => milliseconds[which]))
  return {
    id,
    label: LABELS[id] ?? contender(id).label,
    connections,
    perSecond: summary(runs.map(({ perSecond: rate }) => rate)),
    ratio: summary(runs.map(({ ratio }) => ratio)),
    milliseconds: { p50: percentile('p50'), p99: percentile('p99'), 'p99.9': percentile('p99.9') },
    microsecondsOfProcessor: summary(runs.map(({ microsecondsPerRequest }) => microsecondsPerRequest)),
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
