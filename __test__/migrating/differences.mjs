// What callers notice, as the tables of the guides have it.

/** Headers that say nothing about the answer. */
const IRRELEVANT = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-powered-by'])
/** Of the page that Express makes of an error. */
const OF_ERROR_PAGES = new Set(['content-security-policy', 'x-content-type-options'])

/**
 * What a program answered. `shown` is the cell of a table: the status, and the body of a rejection.
 *
 * @typedef {{ accepted: boolean, body: string, shown: string, headers: Map<string, string> }} Answer
 */

/** In place of an answer: {@link Answer}s. */
export const NO_RESPONSE = {
  ended: { accepted: false, body: '', shown: 'no response: the process ends', headers: new Map() },
  silent: { accepted: false, body: '', shown: 'no response', headers: new Map() }
}

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
export async function answerOf(response) {
  const body = await response.text()
  const page = /^<!DOCTYPE html>[\s\S]*<pre>(.*)<\/pre>/.exec(body)?.[1]
  const text = page === undefined ? code(body) : `${code(page)} (page of Express)`
  const headers = [...response.headers]
    .filter(([name]) => !IRRELEVANT.has(name) && !(page !== undefined && OF_ERROR_PAGES.has(name)))
    .map(([name, value]) => /** @type {const} */ ([name, name === 'etag' ? '…' : value.split('; charset=')[0]]))
  return {
    accepted: response.ok,
    body,
    shown: response.ok ? String(response.status) : `${response.status} ${text}`,
    headers: new Map(headers)
  }
}

/** In backquotes, inside a table. */
function code(text) {
  const spelled = text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('|', '\\|').trim()
  return spelled === '' ? '(empty)' : `\`${spelled}\``
}

const EVERY_REJECTION = 'every request that was and is rejected'

export const HEADINGS = {
  stricter: 'Accepted before, rejected now',
  laxer: 'Rejected before, accepted now',
  otherwise: 'Rejected before and now, with another status or body',
  accepted: 'Accepted before and now, with another response'
}

/**
 * The differences between two applications as the sections of a guide: lines of Markdown.
 *
 * @param {Record<string, Answer>} before by request
 * @param {Record<string, Answer>} after
 */
export function differences(before, after) {
  const pairs = Object.keys(before).map((request) => ({ request, old: before[request], now: after[request] }))
  const rejections = pairs.filter(({ old, now }) => !old.accepted && !now.accepted).map(({ request }) => request)
  const sections = Object.entries(HEADINGS).map(([kind, heading]) => {
    const own = pairs.filter(
      ({ old, now }) => kindOf(old, now) === kind && !(old.shown === now.shown && old.body === now.body)
    )
    return { heading, head: ['request'], rows: own.map(({ request, old, now }) => [request, old.shown, now.shown]) }
  })
  sections.push({ heading: 'Headers of rejections', head: ['header', 'request'], rows: pairs.flatMap(rowsOfHeaders) })
  return sections
    .filter(({ rows }) => rows.length > 0)
    .flatMap(({ heading, head, rows }) => [
      '',
      `### ${heading}`,
      '',
      ...table([...head, 'before', 'after'], rows, rejections)
    ])
    .slice(1)
}

function kindOf(old, now) {
  if (old.accepted) return now.accepted ? 'accepted' : 'stricter'
  return now.accepted ? 'laxer' : 'otherwise'
}

/** The headers that differ. Of a request that was accepted, those of a rejection are all new. */
function rowsOfHeaders({ request, old, now }) {
  if (now.accepted) return []
  const names = new Set([...(old.accepted ? [] : old.headers.keys()), ...now.headers.keys()])
  if (old.accepted) for (const name of ['content-type', 'etag']) names.delete(name)
  return [...names]
    .filter((name) => old.headers.get(name) !== now.headers.get(name))
    .map((name) => [titled(name), request, headerOf(old, name), headerOf(now, name)])
}

const headerOf = ({ headers }, name) => (headers.has(name) ? code(headers.get(name)) : '–')

const SPELLED = { etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' }

const titled = (name) => SPELLED[name] ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

/**
 * Requests that differ in the same way share a row; the request is the third cell from the end.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {string[]} rejections the requests that are rejected before and now
 */
function table(head, rows, rejections) {
  const shared = new Map()
  for (const row of rows) {
    const key = JSON.stringify(row.toSpliced(-3, 1))
    shared.set(key, { row, requests: [...(shared.get(key)?.requests ?? []), row.at(-3)] })
  }
  const isEvery = (requests) => requests.length > 2 && requests.length === rejections.length
  const named = (requests) => (isEvery(requests) ? EVERY_REJECTION : requests.join('<br>'))
  const cells = [...shared.values()].map(({ row, requests }) => row.toSpliced(-3, 1, named(requests)))
  // By header.
  if (head.length === 4) cells.sort(([a], [b]) => a.localeCompare(b))
  return [head, head.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).map(withoutSpacesInRule)
}

const withoutSpacesInRule = (line) => (/^[-| ]+$/.test(line) ? line.replaceAll(' ', '') : line)
