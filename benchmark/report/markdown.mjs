import { factor, grouped, megabytes, micro, milli, significant } from './print.mjs'

/** What a page of results has below its title: the machine, and for each section its charts and its table. */
export function markdown({ date, quick, machine, versions, sections, budget }, charts) {
  const parts = [
    `${machine.processor}, ${machine.cores} cores, ${machine.platform}; Node.js ${machine.node}; ${date.slice(0, 10)}.` +
      ` Medians, with p10–p90 in brackets.${quick ? ' **A quick run: these numbers say little.**' : ''}`,
    ...Object.entries(TABLES).map(([name, { title, charts: shown = [], make }]) =>
      sections[name]?.lines ? heading(title, ...shown.map(pictureOf), make(sections[name], versions)) : ''
    ),
    heading('Budget', budgetTable(budget))
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`

  function pictureOf(name) {
    const chart = charts.find((candidate) => candidate.name === name)
    return chart === undefined ? '' : `![${chart.title.text}](charts/${name}.svg)`
  }
}

const TABLES = {
  peers: { title: 'Against other libraries: RS256, 1.4 kB', charts: ['peers'], make: peers },
  refusals: { title: 'Refusals: what a bad token costs', make: refusals },
  http: { title: 'Express 5 over HTTP', charts: ['http'], make: http },
  frameworks: { title: 'Other frameworks over HTTP', make: ofFrameworks },
  verify: { title: 'First and second sight, through the middleware', charts: ['token-size'], make: verify },
  'event-loop': {
    title: 'Event loop, under full load and during a rotation of keys',
    charts: ['event-loop'],
    make: eventLoop
  },
  scaling: { title: 'Workers and memory', charts: ['workers', 'memory'], make: scaling },
  'cold-start': { title: 'Cold start, size, resident memory', charts: ['cold-start', 'install'], make: coldStart }
}

function budgetTable(budget) {
  const verdict = (ok) => (ok ? 'ok' : '**over**')
  return table(
    ['what', 'budget', 'measured', ''],
    budget.map(({ what, limit, unit, value, ok }) =>
      value === undefined
        ? [what, `${limit} ${unit}`, 'not measured', '']
        : [what, `${limit} ${unit}`, significant(value), verdict(ok)]
    )
  )
}

function refusals({ lines }) {
  const label = { 'logger: false': '`checkAuthToken`, `logger: false`', 'a logger': '`checkAuthToken`, with a logger' }
  return table(
    ['token', '', 'per token', '× ours'],
    lines.map(({ kind, id, nanoseconds, ratio }) => [kind, label[id] ?? id, micro(nanoseconds), factor(ratio)])
  )
}

function peers({ lines }, versions) {
  return table(
    ['', 'version', 'per token', '× `crypto.verify`', 'checks'],
    lines.map(({ label, package: name, nanoseconds, ratio, checks }) => [
      label,
      name ? versions[name] : '',
      micro(nanoseconds),
      factor(ratio),
      checks
    ])
  )
}

const LOAD = ['requests/s', '× bare', 'p50', 'p99', 'p99.9', 'processor per request']

function http({ lines }) {
  return table(
    ['connections', '', ...LOAD],
    lines.map((line) => [line.connections, line.label, ...loadCells(line)])
  )
}

function ofFrameworks({ lines }) {
  const measured = table(
    ['', 'connections', '', ...LOAD],
    lines.map((line) => [line.framework, line.connections, line.label, ...loadCells(line)])
  )
  return lines.some(({ id }) => id === 'reads-header') ? `${measured}\n\n${HONO}` : measured
}

/** Why the budget of a middleware in Hono is more than what this package can save. */
const HONO =
  'Hono calls a single handler directly. With any middleware in front, it runs both through promises, and `@hono/node-server` looks ' +
  'headers up when they are first read. "A middleware that reads Authorization and sets a variable" shows that share, which every ' +
  'authentication middleware has.'

function loadCells({ perSecond, ratio, milliseconds, microsecondsOfProcessor }) {
  return [
    grouped(perSecond.median),
    factor(ratio),
    milli(milliseconds.p50),
    milli(milliseconds.p99),
    milli(milliseconds['p99.9']),
    `${significant(microsecondsOfProcessor.median)} µs`
  ]
}

function verify({ lines }) {
  const through = lines.filter((line) => line.through === 'middleware')
  return table(
    ['', 'tokens', 'characters', 'sight', 'per token', '× `crypto.verify`'],
    through.map(({ algorithm, distinct, size, sight, tokenCache, nanoseconds, ratio }) => [
      algorithm,
      grouped(distinct),
      grouped(size),
      tokenCache ? `${sight}, \`tokenCache: ${tokenCache}\`` : sight,
      micro(nanoseconds),
      factor(ratio)
    ])
  )
}

function eventLoop({ lines }) {
  return table(
    ['', '', 'loop late by p99', 'max', 'answers p50', 'p99', 'max', 'failed', 'key requests'],
    lines.map(({ label, phase, delayMilliseconds: delay, answerMilliseconds: answer, failedShare, keyRequests }) => [
      label,
      phase,
      ...[delay.p99, delay.max, answer.p50, answer.p99, answer.max].map(milli),
      `${(failedShare * 100).toFixed(2)} %`,
      keyRequests ?? ''
    ])
  )
}

function scaling({ lines, memory }) {
  const workers = table(
    ['', 'workers', 'verifications/s', '× one'],
    lines.map(({ what, kind, count, perSecond, ratio }) => [
      what === 'crypto.verify' ? '`crypto.verify`' : `\`verifySync\`, ${what} sight`,
      `${count} × ${kind}`,
      grouped(perSecond.median),
      factor(ratio)
    ])
  )
  const points = table(
    ['', 'distinct tokens', 'resident', 'JavaScript heap'],
    memory.map(({ family, tokens, rss, heapUsed }) => [
      `${family} tokens`,
      grouped(tokens),
      megabytes(rss),
      megabytes(heapUsed)
    ])
  )
  return `${workers}\n\n${points}`
}

function coldStart({ lines }) {
  const time = (times) => (times ? `${significant(times.median)} ms` : '')
  return table(
    ['', 'first verified request', '`require()`', 'resident after it', 'installed', 'packages'],
    lines.map(({ label, firstRequestMilliseconds, requireMilliseconds, residentBytes, installed }) => [
      label,
      time(firstRequestMilliseconds),
      time(requireMilliseconds),
      residentBytes ? megabytes(residentBytes.median) : '',
      installed ? megabytes(installed.bytes) : '',
      installed?.packages ?? ''
    ])
  )
}

function heading(title, ...parts) {
  return [`## ${title}`, ...parts.filter(Boolean)].join('\n\n')
}

function table(head, rows) {
  const row = (cells) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}
