import { grouped, megabytes, significant, table, title } from './print.mjs'

const OURS = 'entra-jwt-verify'

// A stripped release build is a tenth of this.
const DEBUG_BUILD = 20e6

// Resident memory moves by some per cent from run to run, whatever the process does.
const SAME_MEMORY = 1.1

/** The budget of the design, line by line. A line whose section did not run has no `value`. */
export function budgetOf({ sections, addonBytes }) {
  const verify = sections.verify?.lines ?? []
  const http = sections.http?.lines ?? []
  const frameworks = sections.frameworks?.lines ?? []
  const starts = sections['cold-start']?.lines ?? []
  const memory = sections.scaling?.memory ?? []
  const ours = starts.find(({ id }) => id === OURS)
  const pasted = starts.find(({ id }) => id === 'axios-jsonwebtoken')
  const bare = starts.find(({ id }) => id === 'bare')
  return [
    atMost('first sight of a token, checkAuthToken', 0.8, ratioOf(verify, 'first'), '× crypto.verify'),
    atMost('a token seen before, checkAuthToken', 0.02, ratioOf(verify, 'second'), '× crypto.verify'),
    atMost('the same, 8 authorities', 1.2, severalOf(verify, 8), '× one authority'),
    atMost('a token of 8 kB, first sight', 0.95, ratioOfSize(verify, 8000), '× crypto.verify'),
    ...(sections.refusals?.lines ?? [])
      .filter(({ id }) => id === 'a logger')
      .map(({ kind, ratio }) => atMost(`refused with a logger: ${kind}`, 1.1, ratio.median, '× logger: false')),
    ...http
      .filter(({ id }) => id === OURS)
      .map(({ connections, ratio }) => atLeast(`Express 5, connections: ${connections}`, 0.95, ratio.median, '× bare')),
    ...frameworks
      .filter(({ id }) => id === OURS)
      .map(({ framework, connections, ratio }) =>
        atLeast(`${framework}, connections: ${connections}`, 0.93, ratio.median, '× bare')
      ),
    atMost('require()', 8, ours?.requireMilliseconds.median, 'ms'),
    atMost(
      'require()',
      0.1,
      ours && pasted && ours.requireMilliseconds.median / pasted.requireMilliseconds.median,
      '× axios + jsonwebtoken'
    ),
    atMost(
      'from node:http alone to the first verified request',
      18,
      ours && bare && ours.firstRequestMilliseconds.median - bare.firstRequestMilliseconds.median,
      'ms'
    ),
    atMost('the .node file', 5, addonBytes / 1e6, 'MB'),
    atMost('the whole install', 6, ours && ours.installed.bytes / 1e6, 'MB'),
    ...['valid', 'garbage'].map((family) =>
      memoryLine(
        memory.filter((point) => point.family === family),
        family
      )
    )
  ]
}

export function printBudget({ budget, quick, addonBytes }) {
  title('budget')
  table(
    budget.map(({ what, limit, unit, value, ok }) => [
      what,
      `${limit} ${unit}`,
      value === undefined ? 'not measured' : `${significant(value)} ${unit}`,
      verdict(ok)
    ])
  )
  if (addonBytes > DEBUG_BUILD)
    console.log(`\nThe addon has ${megabytes(addonBytes)}: a debug build. These numbers say nothing.`)
  else if (quick) console.log('\n--quick shows that it runs. These numbers say little.')
}

function verdict(ok) {
  if (ok === undefined) return ''
  return ok ? 'ok' : 'OVER'
}

function atMost(what, limit, value, unit) {
  return { what, limit: `≤ ${limit}`, unit, ...(value !== undefined && { value, ok: value <= limit }) }
}

function atLeast(what, limit, value, unit) {
  return { what, limit: `≥ ${limit}`, unit, ...(value !== undefined && { value, ok: value >= limit }) }
}

/**
 * Through the middleware. A second sight with as many tokens as a service sees in use; a first sight with as many as are
 * measured, so that one verifier sees one new token after the other, as in a service that has run for a while.
 */
function ratioOf(lines, sight) {
  const candidates = lines.filter(
    (line) =>
      line.series === 'distinct' &&
      line.algorithm === 'RS256' &&
      line.sight === sight &&
      line.through === 'middleware' &&
      !line.tokenCache
  )
  const wanted = sight === 'first' ? Math.max(...candidates.map(({ distinct }) => distinct)) : 50
  return candidates.find(({ distinct }) => distinct === wanted)?.ratio.median
}

/** A second sight among several authorities, of as many tokens as a service sees in use. */
function severalOf(lines, authorities) {
  const seen = (through) =>
    lines.find(
      (line) =>
        line.algorithm === 'RS256' && line.distinct === 50 && line.sight === 'second' && line.through === through
    )
  const [several, one] = [seen(`middleware, ${authorities} authorities`), seen('middleware')]
  return several && one && several.nanoseconds.median / one.nanoseconds.median
}

/** A first sight of the smallest token that has so many characters. */
function ratioOfSize(lines, characters) {
  const candidates = lines.filter(
    ({ series, size, sight, through }) =>
      series === 'size' && size >= characters && sight === 'first' && through === 'middleware'
  )
  return candidates.sort((one, other) => one.size - other.size)[0]?.ratio.median
}

/** From 10 000 tokens, or the second point of a quick run, to the last point. */
function memoryLine(points, family) {
  const from = points.find(({ tokens }) => tokens === 10_000) ?? points[1]
  const to = points.at(-1)
  const what = from
    ? `resident memory, ${grouped(to.tokens)} ${family} tokens`
    : `resident memory, 1,000,000 ${family} tokens`
  return atMost(what, SAME_MEMORY, from && to.rss / from.rss, `× after ${from ? grouped(from.tokens) : '10,000'}`)
}
