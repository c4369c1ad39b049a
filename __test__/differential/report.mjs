// What a run found, as text.

import { stricter } from './classification.mjs'
import { ruleOf } from './rules.mjs'

/** @param {import('./run.mjs').Tally} tally */
export function summary({ tokens, valid, first, classes }) {
  const disagreements = [...classes].sort(([one], [other]) => one.localeCompare(other))
  return [
    `${tokens} tokens, ${valid} of them valid; ${first.size} rules were the first that a token broke`,
    ...disagreements.map(([name, times]) => `${String(times).padStart(9)}  ${name} (${sectionOf(name)})`)
  ].join('\n')
}

function sectionOf(name) {
  const id = name.replace(/^.*: /, '')
  return (stricter.find((row) => row.id === id) ?? ruleOf(id)).section
}

/** @param {import('./run.mjs').Tally['problems'][number]} found */
export function described({ seed, problem, sample }) {
  const [header = '', payload = ''] = sample.token.split('.').map((segment) => Buffer.from(segment, 'base64url'))
  return [
    `seed ${seed}: ${problem.kind}: ${JSON.stringify(problem.detail)}`,
    `  configuration ${sample.configuration}; changes: ${sample.changes.join(', ') || 'none'}; now ${sample.now}`,
    `  header  ${shown(header)}`,
    `  payload ${shown(payload)}`,
    `  token   ${JSON.stringify(sample.token.slice(0, 3000))}`,
    `  again: npm run fuzz -- --seed ${seed} --tokens 1`
  ].join('\n')
}

/** @param {Buffer | string} segment */
function shown(segment) {
  return JSON.stringify(segment.toString('utf8').slice(0, 1500))
}
