// Runs in a child process: the same loop in worker threads, and in the processes of a cluster.
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { shuffled } from '../harness/rounds.mjs'
import { summary } from '../harness/statistics.mjs'
import { createSigningKey, createTenant, issueTokens } from '../harness/tokens.mjs'

const LOOP = fileURLToPath(new URL('scaling-loop.mjs', import.meta.url))
const WHAT = ['crypto.verify', 'first', 'second']

export default async function measure({ profile }) {
  const key = createSigningKey('RS256')
  const world = { ...createTenant(), jwk: key.jwk, publicKeyPem: key.publicKey.export({ type: 'spki', format: 'pem' }) }
  const pool = await issueTokens(world, key, profile.distinct)
  const { milliseconds } = profile
  const cases = WHAT.flatMap((what) =>
    Object.keys(KINDS).flatMap((kind) => profile.counts.map((count) => ({ what, kind, count, runs: [] })))
  )
  for (let round = 0; round < profile.rounds; round++) {
    for (const { what, kind, count, runs } of shuffled(cases)) {
      runs.push(await throughput(kind, count, { what, world, pool, milliseconds }))
    }
  }
  return cases.map(({ what, kind, count, runs }) => {
    const alone = cases.find((other) => other.what === what && other.kind === kind && other.count === 1)
    return {
      what,
      kind,
      count,
      perSecond: summary(runs),
      ratio: summary(runs.map((run, round) => run / alone.runs[round])),
      rounds: runs.length
    }
  })
}

const KINDS = {
  threads: {
    start: () => new Worker(LOOP),
    send: (worker, message) => worker.postMessage(message),
    stop: (worker) => worker.terminate()
  },
  cluster: {
    start() {
      cluster.setupPrimary({ exec: LOOP, silent: true })
      return cluster.fork()
    },
    send: (worker, message) => worker.send(message),
    async stop(worker) {
      worker.process.kill()
      await once(worker, 'exit')
    }
  }
}

/** Verifications per second of all workers together. Each says when it listens, and when it is ready; all begin at once. */
async function throughput(kind, count, input) {
  const { start, send, stop } = KINDS[kind]
  const workers = Array.from({ length: count }, start)
  const listening = Promise.all(workers.map((worker) => once(worker, 'message')))
  const ask = (message) =>
    Promise.all(
      workers.map(async (worker) => {
        const answer = once(worker, 'message')
        send(worker, message)
        return (await answer)[0]
      })
    )
  try {
    await listening
    await ask({ prepare: input })
    const rates = await ask({ go: true })
    return rates.reduce((sum, rate) => sum + rate, 0)
  } finally {
    await Promise.all(workers.map(stop))
  }
}
