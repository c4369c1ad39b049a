import { contender } from '../contenders/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { runInChild } from '../harness/child.mjs'
import { micro, ratio, table, title } from '../report/print.mjs'

export const name = 'peers'

/** Everybody, with checks as equal as they can be made. */
export async function run({ profile }) {
  title('peers: RS256; ratio to crypto.verify with a KeyObject, same rounds')
  const authority = await startAuthority()
  try {
    const input = { world: authority.world, profile: profile.peers }
    const { lines, failures } = await runInChild('measure/peers.mjs', input, { ...profile, env: authority.env })
    const named = lines.map(({ id, ...measured }) => ({ id, ...about(id), ...measured }))
    named.sort((a, b) => a.nanoseconds.median - b.nanoseconds.median)
    table(named.map(({ label, nanoseconds, ratio: times }) => [label, micro(nanoseconds), ratio(times)]))
    for (const { message } of failures) console.error(`  did not run: ${message}`)
    return { lines: named, failures: failures.map(({ id }) => ({ id })) }
  } finally {
    await authority.close()
  }
}

function about(id) {
  if (id === 'crypto.verify')
    return { label: 'crypto.verify, KeyObject', checks: 'the signature alone; nothing is decoded' }
  const { label, checks, packages, sight } = contender(id)
  return { label, package: packages[0], checks, ...(sight && { sight }) }
}
