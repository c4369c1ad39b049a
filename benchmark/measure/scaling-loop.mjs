// One worker of scaling.mjs, a thread or a process: verifies for a while and tells how many per second.
import { createPublicKey } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { firstSightSync, secondSightSync } from '../harness/ours.mjs'
import { cryptoVerify, subjectOf } from '../harness/subjects.mjs'
import { WAYS } from '../harness/ways.mjs'

const BATCH = 256

const port = parentPort ?? process
const answer = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message))
let subject
let milliseconds

port.on('message', async ({ prepare }) => {
  if (!prepare) return answer(await rate(milliseconds))
  subject = subjectFor(prepare)
  milliseconds = prepare.milliseconds
  await rate(milliseconds / 2)
  answer('ready')
})
// What is sent to a process of a cluster before it listens is lost.
answer('listening')

function subjectFor({ what, world, pool }) {
  if (what === 'crypto.verify') return cryptoVerify(pool, createPublicKey(world.publicKeyPem))
  const instance = what === 'first' ? firstSightSync(world) : secondSightSync(world, pool)
  return subjectOf(what, instance, pool)
}

/** The time in which tokens are copied into new strings does not count. */
async function rate(duration) {
  const end = performance.now() + duration
  let nanoseconds = 0
  let count = 0
  while (performance.now() < end) {
    const { calls, inputs } = subject.prepare(BATCH)
    nanoseconds += await WAYS[subject.way].time(calls, inputs)
    count += BATCH
  }
  return count / (nanoseconds / 1e9)
}
