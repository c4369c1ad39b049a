'use strict'

const { randomUUID } = require('node:crypto')

/** @typedef {import('../../../testing/index').TestAuthority} TestAuthority */

/**
 * One request and its result.
 *
 * @typedef {{ request: string, status: string, body: string, shows: string, isExpected: boolean }} Row
 */

/**
 * A request and the expected response.
 *
 * @typedef {[request: string, token: string | undefined, status: number, body: RegExp, shows: string]} Call
 */

const OK = /^\{"client":"[0-9a-f-]{36}","roles":\[/
const UNAUTHORIZED = /^Unauthorized$/
const EXPIRED_OR_AUDIENCE = /^Either token has expired, or wrong audience$/

/** @param {string} text */
const failure = (text) => new RegExp(`^Internal Server Error, ${text}`)

/** Calls the application and keeps what it answers. */
class Calls {
  #url
  /** @type {Row[]} */
  rows = []

  /** @param {string} url of the application */
  constructor(url) {
    this.#url = url
  }

  /** @param {Call} call */
  async send(...[request, token, status, body, shows]) {
    /** @type {Record<string, string>} */
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(this.#url, { headers, signal: AbortSignal.timeout(10_000) })
    const text = await response.text()
    const isExpected = response.status === status && body.test(text)
    this.rows.push({ request, status: String(response.status), body: text, shows, isExpected })
  }

  /**
   * A check that is counted, but not a response.
   *
   * @param {string} request
   * @param {number} count
   * @param {number} expected
   * @param {string} shows
   */
  count(request, count, expected, shows) {
    this.rows.push({ request, status: '-', body: String(count), shows, isExpected: count === expected })
  }
}

/**
 * Requests that work with any authority.
 *
 * @param {Calls} calls
 * @param {string} token from its token endpoint
 */
async function callWithToken(calls, token) {
  await calls.send('no token', undefined, 401, UNAUTHORIZED, 'rejected without a token')
  await calls.send('token from the token endpoint', token, 200, OK, 'client credentials, verified')
  await calls.send('the same token again', token, 200, OK, 'from the token cache')
  await calls.send('one character changed', tampered(token), 500, failure('invalid signature'), 'signature')
  await calls.send('alg: none', unsigned(token), 500, failure('invalid algorithm'), 'the token does not choose')
}

/**
 * Requests that need a test authority.
 *
 * @param {Calls} calls
 * @param {string} token from its token endpoint
 * @param {TestAuthority} authority
 */
async function callWithAuthority(calls, token, authority) {
  const issue = (/** @type {import('../../../testing/index').TokenOverrides} */ overrides = {}) =>
    authority.issueToken({ audience: authority.api.appIdUri, ...overrides })
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  await calls.send('expired a second ago', issue({ expiresIn: -1 }), 401, EXPIRED_OR_AUDIENCE, 'no leeway by default')
  await calls.send('valid in an hour', issue({ claims: { nbf: inAnHour } }), 500, failure('jwt not active'), 'nbf')
  await calls.send('for another API', issue({ audience: 'api://another' }), 401, EXPIRED_OR_AUDIENCE, 'audience')
  const otherTenant = issue({ tenantId: randomUUID() })
  await calls.send('from another tenant', otherTenant, 401, UNAUTHORIZED, 'the same keys sign for every tenant')
  const idToken = issue({ idToken: true, audience: authority.api.clientId })
  await calls.send('an id token', idToken, 401, UNAUTHORIZED, 'names no client')

  const before = authority.requestsTo('keys').length
  await authority.rotateKeys()
  await calls.send('signed with a new key', issue(), 200, OK, 'unknown kid: one fetch, then verified')
  await calls.send('signed with the old key', token, 200, OK, 'old keys stay: Entra brings them back')
  const fetches = authority.requestsTo('keys').length - before
  calls.count('key fetches for both', fetches, 1, 'one, however many requests wait')

  await authority.stop()
  await calls.send('authority down', issue(), 200, OK, 'cached keys stay valid')
  await authority.rotateKeys()
  const unavailable = failure('signing keys unavailable')
  await calls.send('down, unknown key', issue(), 500, unavailable, 'answered at once, nothing hangs')
}

/**
 * A different signature, with its first character changed.
 *
 * @param {string} jwt
 */
function tampered(jwt) {
  const [header, payload, signature = ''] = jwt.split('.')
  return [header, payload, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.')
}

/** @param {string} jwt */
function unsigned(jwt) {
  const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  return `${header}.${jwt.split('.')[1]}.AA`
}

/** @param {readonly Row[]} rows */
function table(rows) {
  const short = (/** @type {string} */ text) => (text.length > 58 ? `${text.slice(0, 57)}…` : text)
  const lines = [
    ['request', 'status', 'body', 'shows', ''],
    ...rows.map(({ request, status, body, shows, isExpected }) => [
      request,
      status,
      short(body),
      shows,
      isExpected ? 'ok' : 'NOT EXPECTED'
    ])
  ]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}

module.exports = { Calls, callWithAuthority, callWithToken, table }
