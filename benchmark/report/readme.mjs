import { between } from './between.mjs'
import { grouped, megabytes, significant } from './print.mjs'

/** Contenders of the short table: ours, and what most services use. */
const SHOWN = [
  'entra-jwt-verify',
  'entra-jwt-verify-no-cache',
  'jose-remote',
  'jsonwebtoken-jwks-rsa',
  'axios-jsonwebtoken'
]

/** The text of README.md with the numbers of these results. */
export function withNumbers(readme, results) {
  return between(readme, numbers(results))
}

function numbers({ date, machine, sections, addonBytes }) {
  const { peers, http } = sections
  const most = Math.max(...http.lines.map(({ connections }) => connections))
  const served = http.lines.filter(({ connections }) => connections === most)
  const rows = SHOWN.map((name) => {
    const { label, nanoseconds, ratio } = lineOf(peers.lines, name)
    const { perSecond, ratio: ofBare } = lineOf(served, name)
    const time = `${significant(nanoseconds.median / 1e3)} µs (${significant(ratio.median)} × \`crypto.verify\`)`
    return `| ${label} | ${time} | ${grouped(perSecond.median)} (${significant(ofBare.median)} × Express alone) |`
  })
  return [
    ['| RS256, 1.4 kB | time per token | Express 5, requests/s |', '|---|---|---|', ...rows].join('\n'),
    start(sections['cold-start'].lines, addonBytes),
    `${machine.processor}, ${machine.cores} cores, Node.js ${machine.node}, ${date.slice(0, 10)}; medians of one run.`
  ].join('\n\n')
}

function lineOf(lines, name) {
  const line = lines.find(({ id }) => id === name)
  if (line === undefined) throw new Error(`the results have no line ${name}`)
  return line
}

function start(lines, addonBytes) {
  const [ours, pasted] = ['entra-jwt-verify', 'axios-jsonwebtoken'].map((name) => lineOf(lines, name))
  const milliseconds = ({ median }) => `${significant(median)} ms`
  return (
    `\`require()\` takes ${milliseconds(ours.requireMilliseconds)} (axios and jsonwebtoken: ` +
    `${milliseconds(pasted.requireMilliseconds)}). From the start of \`node\` to the first verified request it takes ` +
    `${milliseconds(ours.firstRequestMilliseconds)} (${milliseconds(pasted.firstRequestMilliseconds)}). ` +
    `The installed package is ${megabytes(ours.installed.bytes)}, of which the addon is ${megabytes(addonBytes)}.`
  )
}
