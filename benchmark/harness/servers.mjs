// Servers in processes of their own under load from this one, interleaved; the ratio is taken to the one that protects nothing.

import { factor, milli, perSecond, significant } from '../report/print.mjs'
import { startChild } from './child.mjs'
import { load } from './load.mjs'
import { shuffled } from './rounds.mjs'
import { BARE } from './server-ids.mjs'
import { median, summary } from './statistics.mjs'

/**
 * @param {string[]} ids `BARE` and `EMPTY` among them
 * @param {object} how
 * @param {string} how.module what a server's process runs
 * @param {(id: string) => object} how.inputFor what it is given
 * @param {string[]} how.close those that differ by less than two processes of the same program do: of each, many are started
 * @returns {Promise<{ runs: Map, failures: string[] }>} by server and number of connections; which did not start
 */
export async function measureServers(ids, how) {
  const { rounds, closeProcesses, closeRounds } = how.times
  const runs = new Map()
  const failures = new Set()
  const measure = async (some, count) => {
    for (const id of await measureOnce(some, { ...how, rounds: count, runs })) failures.add(id)
  }
  await measure(ids, rounds)
  for (let time = 0; time < closeProcesses; time++) await measure(how.close, closeRounds)
  return { runs, failures: [...failures] }
}

/** Adds to `runs`. Resolves to the ids of servers that did not start. */
async function measureOnce(ids, { authority, tokens, rounds, runs, times, timeout, module, inputFor }) {
  const { warmUpRounds, seconds, connections } = times
  const servers = []
  try {
    const failures = await startServers(servers, ids, { env: authority.env, timeout, module, inputFor })
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

/** Fills `servers`, so that the caller can stop those that started. */
async function startServers(servers, ids, { env, timeout, module, inputFor }) {
  const failures = []
  for (const id of ids) {
    try {
      const child = await startChild(module, inputFor(id), { env, timeout })
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

/** What is written about one server. */
export function summarize(id, label, runs, connections) {
  const percentile = (which) => median(runs.map(({ milliseconds }) => milliseconds[which]))
  return {
    id,
    label,
    connections,
    perSecond: summary(runs.map(({ perSecond: rate }) => rate)),
    ratio: summary(runs.map(({ ratio }) => ratio)),
    milliseconds: { p50: percentile('p50'), p99: percentile('p99'), 'p99.9': percentile('p99.9') },
    microsecondsOfProcessor: summary(runs.map(({ microsecondsPerRequest }) => microsecondsPerRequest)),
    rounds: runs.length
  }
}

/** What the terminal shows about one server. */
export function row({ label, connections, perSecond: rate, ratio, milliseconds, microsecondsOfProcessor }) {
  return [
    `${connections} connection${connections > 1 ? 's' : ''}`,
    label,
    perSecond(rate),
    `${factor(ratio)} × bare`,
    `p50 ${milli(milliseconds.p50)}, p99 ${milli(milliseconds.p99)}, p99.9 ${milli(milliseconds['p99.9'])}`,
    `${significant(microsecondsOfProcessor.median)} µs of processor each`
  ]
}
