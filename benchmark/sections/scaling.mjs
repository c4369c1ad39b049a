import { runInChild } from '../harness/child.mjs'
import { factor, grouped, megabytes, perSecond, table, title } from '../report/print.mjs'

export const name = 'scaling'

/** More threads, more processes, more tokens. (Larger tokens are part of `verify`.) */
export async function run({ profile }) {
  title('scaling: verifySync in worker threads and in a cluster; ratio to one of them, same rounds')
  const lines = await runInChild('measure/scaling.mjs', { profile: profile.scaling }, profile)
  table(
    lines.map(({ what, kind, count, perSecond: rate, ratio }) => [
      what === 'crypto.verify' ? what : `${what} sight`,
      `${count} × ${kind}`,
      perSecond(rate),
      `${factor(ratio)} × one`
    ])
  )
  title('scaling: memory of a process after that many distinct tokens')
  const memory = await measureMemory(profile)
  table(
    memory.map(({ family, tokens, rss, heapUsed }) => [
      `${family} tokens`,
      grouped(tokens),
      `resident ${megabytes(rss)}`,
      `JavaScript heap ${megabytes(heapUsed)}`
    ])
  )
  return { lines, memory }
}

/** Both families at once: what is measured here is not time. */
async function measureMemory({ memory: { checkpoints }, timeout }) {
  // V8 lets its young generation grow with the work, whatever survives of it, by up to 48 MB: more than what is looked for.
  const options = { execArgv: ['--expose-gc', '--max-semi-space-size=1'], timeout }
  const families = ['valid', 'garbage'].map((family) =>
    runInChild('measure/memory.mjs', { family, checkpoints }, options)
  )
  return (await Promise.all(families)).flat()
}
