import { runInChild } from '../harness/child.mjs'
import { grouped, micro, ratio, table, title } from '../report/print.mjs'

export const name = 'verify'

/** First and second sight, without any network. */
export async function run({ profile }) {
  title('verify: static keys; ratio to crypto.verify with a KeyObject, same algorithm, same rounds')
  const lines = await runInChild(
    'measure/verify.mjs',
    { profile: profile.verify },
    { ...profile, execArgv: ['--expose-gc'] }
  )
  table(lines.map(row))
  return { lines }
}

function row(measured) {
  return [
    `${measured.algorithm} ${count(measured)}`,
    what(measured),
    micro(measured.nanoseconds),
    ratio(measured.ratio)
  ]
}

function count({ series, distinct, size }) {
  return series === 'size' ? `${grouped(size)} characters` : `${grouped(distinct)} token${distinct > 1 ? 's' : ''}`
}

function what({ sight, through, tokenCache }) {
  if (through === 'crypto.verify') return through
  return `${sight} sight, ${through}${tokenCache ? `, tokenCache ${grouped(tokenCache)}` : ''}`
}
