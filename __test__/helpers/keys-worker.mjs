// A worker thread that verifies one token when everybody is ready, says `asked`, and tells what became of it.
// workerData: options, token; ready and count, a SharedArrayBuffer in which that many wait for each other.
import { parentPort, workerData } from 'node:worker_threads'
import { createVerifier } from 'entra-jwt-verify'

const { options, token, ready, count } = workerData

const verifier = createVerifier(options)
if (ready) {
  const arrived = new Int32Array(ready)
  // Whoever comes last wakes the others.
  if (Atomics.add(arrived, 0, 1) === count - 1) Atomics.notify(arrived, 0)
  for (let now = Atomics.load(arrived, 0); now < count; now = Atomics.load(arrived, 0)) Atomics.wait(arrived, 0, now)
}
const outcome = verifier.verify(token).then(
  () => 'verified',
  ({ code }) => code
)
parentPort.postMessage('asked')
parentPort.postMessage(await outcome)
