import { grouped, megabytes, significant } from './print.mjs'

const BEGIN = '<!-- Written by `npm run bench` from benchmark/results.json: begin -->'
const END = '<!-- Written by `npm run bench` from benchmark/results.json: end -->'

/** The text of README.md with the numbers of these results between its two marks. */
export function withNumbers(readme, results) {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('README.md has lost the marks between which the numbers stand')
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${numbers(results)}\n\n${readme.slice(end)}`
}

function numbers({ date, machine, sections, addonBytes }) {
  return [
    tokens(sections.peers.lines),
    '![Time to verify a token](benchmark/charts/peers.svg)',
    requests(sections.http.lines),
    '![Requests per second](benchmark/charts/http.svg)',
    // Results from before there was this section have none.
    ...(sections.frameworks ? [ofFrameworks(sections.frameworks.lines)] : []),
    start(sections['cold-start'].lines, addonBytes),
    `${machine.processor}, ${machine.cores} cores, Node.js ${machine.node}, ${date.slice(0, 10)}; medians of one run. The ` +
      'rest, and the spread, is in [benchmark/results.md](benchmark/results.md).'
  ].join('\n\n')
}

function tokens(lines) {
  const rows = lines.map(
    ({ label, nanoseconds, ratio }) =>
      `| ${label} | ${significant(nanoseconds.median / 1e3)} µs | ${significant(ratio.median)} |`
  )
  return ['| one token, RS256, 1.4 kB | time | × `crypto.verify` |', '|---|---|---|', ...rows].join('\n')
}

function requests(lines) {
  const most = Math.max(...lines.map(({ connections }) => connections))
  const rows = lines
    .filter(({ connections }) => connections === most)
    .map(
      ({ label, perSecond, ratio, milliseconds }) =>
        `| ${label} | ${grouped(perSecond.median)} | ${significant(ratio.median)} | ${significant(milliseconds.p99)} ms |`
    )
  return [`| Express 5, ${most} connections | requests/s | × Express alone | p99 |`, '|---|---|---|---|', ...rows].join(
    '\n'
  )
}

function ofFrameworks(lines) {
  const most = Math.max(...lines.map(({ connections }) => connections))
  const rows = lines
    .filter(({ connections, id }) => connections === most && id !== 'bare' && id !== 'empty')
    .map(
      ({ framework, label, perSecond, ratio }) =>
        `| ${framework} | ${label} | ${grouped(perSecond.median)} | ${significant(ratio.median)} |`
    )
  return [`| ${most} connections | | requests/s | × the framework alone |`, '|---|---|---|---|', ...rows].join('\n')
}

function start(lines, addonBytes) {
  const of = (id) => lines.find((line) => line.id === id)
  const [ours, pasted] = [of('entra-jwt-verify'), of('axios-jsonwebtoken')]
  const milliseconds = ({ median }) => `${significant(median)} ms`
  return (
    `\`require()\` takes ${milliseconds(ours.requireMilliseconds)}, that of axios and jsonwebtoken ` +
    `${milliseconds(pasted.requireMilliseconds)}; from the start of \`node\` to the first verified request it is ` +
    `${milliseconds(ours.firstRequestMilliseconds)} and ${milliseconds(pasted.firstRequestMilliseconds)}. ` +
    `${megabytes(ours.installed.bytes)} are installed, of which the addon is ${megabytes(addonBytes)}.`
  )
}
