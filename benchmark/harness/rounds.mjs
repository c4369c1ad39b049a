import { summary } from './statistics.mjs'
import { WAYS } from './ways.mjs'

// More tokens in one batch than this would not fit into the processor's cache any more: in a server, a token that is
// verified has just been read from the socket.
const LARGEST_BATCH = 256

const WARM_UP_BATCHES = 10

/**
 * Measures all subjects in one run: round by round, each gets one batch of about `batchMilliseconds`. The order is
 * random in each round, so that no subject always follows the same one, and other load affects all subjects alike.
 *
 * A subject is `{ id, way, prepare(count) }`; `prepare` gives `calls` and `inputs` of one batch and is not timed. The
 * first subject is the reference: the ratio to it is taken within each round.
 *
 * @returns one line for each subject, the reference included
 */
export async function measureInterleaved(subjects, { rounds, warmUpRounds, batchMilliseconds }) {
  const runners = []
  for (const subject of subjects) {
    runners.push({ subject, count: await calibrate(subject, batchMilliseconds), times: [] })
  }
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const runner of shuffled(runners)) {
      const nanoseconds = await timePerCall(runner.subject, runner.count)
      if (round >= warmUpRounds) runner.times.push(nanoseconds)
    }
  }
  const [reference] = runners
  return runners.map(({ subject, count, times }) => ({
    id: subject.id,
    nanoseconds: summary(times),
    ratio: summary(times.map((time, round) => time / reference.times[round])),
    rounds,
    batch: count
  }))
}

/** How many calls last about that long, after a while of warm-up: the first calls run uncompiled. */
async function calibrate(subject, milliseconds) {
  const largest = subject.largestBatch ?? LARGEST_BATCH
  const end = performance.now() + WARM_UP_BATCHES * milliseconds
  let nanoseconds = Infinity
  let count = 1
  while (performance.now() < end || count < 3) {
    nanoseconds = Math.min(nanoseconds, await timePerCall(subject, Math.min(count, largest)))
    count++
  }
  return Math.max(1, Math.min(largest, Math.round((milliseconds * 1e6) / nanoseconds)))
}

/** A copy in another order (Fisher and Yates). */
export function shuffled(values) {
  const order = [...values]
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    ;[order[i], order[other]] = [order[other], order[i]]
  }
  return order
}

async function timePerCall(subject, count) {
  const { calls, inputs } = subject.prepare(count)
  return (await WAYS[subject.way].time(calls, inputs)) / count
}
