'use strict'

const { STATUS_CODES } = require('node:http')
const { pipeline, Readable } = require('node:stream')
const { gzipSync } = require('node:zlib')
const { htmlAnswer } = require('./answers')
const { entraError } = require('./entra-errors')
const { optionError, refuseUnknownOptions } = require('./errors')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./answers').Exchange} Exchange
 * @typedef {import('./index').FaultKind} FaultKind
 * @typedef {Omit<Answer, 'body'> & { body: string | Buffer }} SentAnswer
 */

/**
 * The options of `fail`, with every default filled in.
 *
 * @typedef {import('./index').FaultOptions & { on: readonly string[], interval: number, chunkSize: number }} Options
 */

/**
 * Gets the normal response and either returns another one, or sends a response (or none) itself and returns nothing.
 *
 * @typedef {(answer: Answer, exchange: Exchange & { options: Options }) => SentAnswer | undefined | void} Fault
 */

/**
 * All kinds of failures. To add one, add an entry here, its name in index.d.ts, and its effect on clients in
 * __test__/testing/faults.test.mjs.
 *
 * @type {Record<FaultKind, Fault>}
 */
const FAULTS = {
  /** The connection is reset before a byte was sent. */
  reset(_answer, { request: { socket } }) {
    // A TLS socket cannot send RST, but clients treat a close without close_notify as an error too.
    if ('encrypted' in socket) socket.destroy()
    else socket.resetAndDestroy()
  },

  /** The request is read and never answered; the connection stays open. */
  hang: () => undefined,

  /** Not even the status line arrives whole for a long time. */
  'slow-headers'({ status, headers, body }, { request: { socket }, options, later }) {
    const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const message = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`)
    drip(message, socket, options, later)
  },

  /** The headers come at once, the body a little at a time. */
  'slow-body'({ status, headers, body }, { response, options, later }) {
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
    response.flushHeaders()
    drip(Buffer.from(body), response, options, later)
  },

  /** The connection is closed in the middle of the body. */
  'cut-body'({ status, headers, body }, { response }) {
    const bytes = Buffer.from(body)
    response.writeHead(status, { ...headers, 'Content-Length': bytes.length })
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  },

  /** A whole HTTP message whose JSON stops in the middle. */
  truncated: (answer) => ({ ...answer, body: answer.body.slice(0, answer.body.length >> 1) }),

  /** 200 and no byte. */
  empty: (answer) => ({ ...answer, body: '' }),

  /** 200 and a page, as from a proxy that wants a login. */
  html: (_answer, exchange) => htmlAnswer(exchange, 200, 'Sign in to the network'),

  /** Valid JSON, no keys. */
  'no-keys': (answer) => ({ ...answer, body: '{"keys":[]}' }),

  /** Valid JSON whose `keys` is `null`. */
  'null-keys': (answer) => ({ ...answer, body: '{"keys":null}' }),

  /** Valid JSON that is something else. */
  'no-set': (answer) => ({ ...answer, body: '{}' }),

  /** The right keys, before them one without its numbers. */
  'bad-key': changedKeys((keys) => [{ ...keys[0], kid: 'bad', x5t: 'bad', n: undefined, x5c: [] }, ...keys]),

  /** The right keys, then each name again with the numbers of another key: the first of two counts, or both are wrong. */
  'duplicate-kids': changedKeys((keys) => [
    ...keys,
    ...keys.map((key, index) => ({ ...keys.at(index - 1), kid: key.kid, x5t: key.x5t }))
  ]),

  /** The right keys, then as many as make ten thousand. */
  'many-keys': changedKeys((keys) => [
    ...keys,
    ...Array.from({ length: 10_000 - keys.length }, (_, index) => ({ ...keys[0], kid: `another-${index}` }))
  ]),

  /** The right content followed by a mebibyte of white space: more than anyone should read. */
  oversized: (answer) => ({ ...answer, body: answer.body + ' '.repeat(1_048_576) }),

  /** The right content followed by white space for as long as the client reads. */
  endless({ status, headers, body }, { response }) {
    response.writeHead(status, headers)
    response.write(body)
    pipeline(Readable.from(whiteSpace()), response, () => undefined)
  },

  /** 50 MiB of white space and the right content in some fifty kilobytes, although the request does not accept it. */
  'gzip-bomb': (answer) => ({
    ...answer,
    headers: { ...answer.headers, 'Content-Encoding': 'gzip' },
    // Several members form one stream (RFC 1952, section 2.2); the large one is created once.
    body: Buffer.concat([compressedWhiteSpace(), gzipSync(answer.body)])
  })
}

const OPTIONS = ['retryAfter', 'location', 'interval', 'chunkSize', 'on']
const ENDPOINTS = ['keys', 'metadata', 'instance', 'token', 'authorize', 'devicecode', 'deviceauth']

/** A fault, and how often it still occurs. */
class Failure {
  #fault
  #remaining
  #options

  /**
   * @param {FaultKind | number} kind
   * @param {number} [times]
   * @param {import('./index').FaultOptions} [options]
   */
  constructor(kind, times = Infinity, options = {}) {
    refuseUnknownOptions(options, OPTIONS, 'fail')
    if (times !== Infinity && (!Number.isInteger(times) || times < 0)) {
      throw optionError(`fail: times: expected a count or nothing, got ${times}`)
    }
    const { on = ['keys', 'metadata', 'instance'] } = options
    for (const endpoint of on) {
      if (!ENDPOINTS.includes(endpoint)) throw optionError(`fail: on '${endpoint}' is none of ${ENDPOINTS.join(', ')}`)
    }
    this.#fault = faultOf(kind)
    this.#remaining = times
    /** @type {Options} */
    this.#options = { interval: 1000, chunkSize: 1, ...options, on }
  }

  /**
   * Whether a request to this endpoint fails; if so, it is counted.
   *
   * @param {import('./index').Endpoint | null} endpoint
   */
  takes(endpoint) {
    if (endpoint === null || this.#remaining === 0 || !this.#options.on.includes(endpoint)) return false
    this.#remaining -= 1
    return true
  }

  /**
   * The response to send, or `undefined` if the fault has sent one itself.
   *
   * @param {Answer} answer
   * @param {Exchange} exchange
   * @returns {SentAnswer | undefined | void}
   */
  apply(answer, exchange) {
    return this.#fault(answer, { ...exchange, options: this.#options })
  }
}

/**
 * @param {FaultKind | number} kind
 * @returns {Fault}
 */
function faultOf(kind) {
  if (typeof kind === 'number' && Number.isInteger(kind) && kind >= 200 && kind <= 599) return statusFault(kind)
  if (typeof kind === 'string' && Object.hasOwn(FAULTS, kind)) return FAULTS[kind]
  throw optionError(
    `fail: kind '${kind}' is neither an HTTP status (200–599) nor one of ${Object.keys(FAULTS).join(', ')}`
  )
}

/**
 * A redirect leads to the same document: a client that follows it makes a second request and gets a normal response.
 *
 * @param {number} status
 * @returns {Fault}
 */
function statusFault(status) {
  return (_answer, exchange) => {
    const { options, path } = exchange
    const answer = entraError(exchange, 90033, {}, status)
    return {
      ...answer,
      headers: {
        ...answer.headers,
        ...(options.retryAfter !== undefined && { 'Retry-After': String(options.retryAfter) }),
        ...(status >= 300 && status <= 399 && { Location: options.location ?? `${path}?redirected=true` })
      },
      body: status === 204 || status === 304 ? '' : answer.body
    }
  }
}

/**
 * Documents without keys, such as openid-configuration, are not changed.
 *
 * @param {(keys: import('./index').PublishedJwk[]) => object[]} change
 * @returns {Fault}
 */
function changedKeys(change) {
  return (answer) => {
    if (!answer.headers['Content-Type']?.startsWith('application/json')) return answer
    const document = JSON.parse(answer.body)
    if (!document.keys) return answer
    return { ...answer, body: JSON.stringify({ ...document, keys: change(document.keys) }) }
  }
}

function* whiteSpace() {
  const chunk = Buffer.alloc(65_536, ' ')
  while (true) yield chunk
}

/** @type {Buffer | undefined} */
let bomb

function compressedWhiteSpace() {
  bomb ??= gzipSync(Buffer.alloc(52_428_800, ' '))
  return bomb
}

/**
 * @param {Buffer} bytes
 * @param {import('node:stream').Writable} stream
 * @param {Options} options
 * @param {Exchange['later']} later
 */
function drip(bytes, stream, { interval, chunkSize }, later) {
  let sent = 0
  const next = () => {
    if (stream.destroyed) return
    if (sent >= bytes.length) return stream.end()
    stream.write(bytes.subarray(sent, sent + chunkSize))
    sent += chunkSize
    later(interval, next)
  }
  next()
}

/** @type {readonly FaultKind[]} */
const FAULT_KINDS = Object.freeze(/** @type {FaultKind[]} */ (Object.keys(FAULTS)))

exports.Failure = Failure
exports.FAULT_KINDS = FAULT_KINDS
