import { runInChild } from '../harness/child.mjs'
import { factor, micro, table, title } from '../report/print.mjs'

export const name = 'refusals'

/** The cost of an invalid token, which anyone can send. */
export async function run({ profile }) {
  title('refusals: static keys; ours through the middleware; ratio to ours with logger: false, same rounds')
  const lines = await runInChild('measure/refusals.mjs', { profile: profile.refusals }, profile)
  table(lines.map(({ kind, id, nanoseconds, ratio: times }) => [kind, id, micro(nanoseconds), `${factor(times)} ×`]))
  return { lines }
}
