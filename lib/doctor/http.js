'use strict'

const http = require('node:http')
const https = require('node:https')
const { NetworkError, connect, end, portOf, within } = require('./network')
const { codeOf } = require('../thrown')

/** @import { Connection } from './network' */

/** Bytes of the largest document that is read, as in the core. */
const MAX_BYTES = 262_144

/**
 * A response. `clock` is how far this host's clock is ahead of the server's, in seconds, if the response has a `Date`.
 *
 * @typedef {object} Response
 * @property {number} status
 * @property {Buffer} body
 * @property {string | undefined} [encoding] `Content-Encoding`
 * @property {string | undefined} [type] `Content-Type`
 * @property {string | undefined} [location] where a redirect leads
 * @property {number | undefined} [clock]
 */

/**
 * GETs a document, without following redirects.
 *
 * @param {URL} url
 * @param {Connection} connection
 * @returns {Promise<Response>}
 */
function get(url, connection) {
  return send(url, connection)
}

/**
 * Sends a request, and follows no redirect.
 *
 * @param {URL} url
 * @param {Connection} connection
 * @param {{ method?: string, headers?: Record<string, string>, body?: string | undefined }} [message]
 * @returns {Promise<Response & { headers: http.IncomingHttpHeaders }>}
 */
function send(url, { ca, timeout, socket }, { method = 'GET', headers = {}, body } = {}) {
  const begun = Date.now()
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method,
    headers: {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
      ...headers
    },
    // Instead of an agent, which does not know the tunnel and may have its own proxy. The port, which an agent would
    // set, is passed explicitly.
    createConnection: () => connect(url, ca, socket),
    defaultPort: portOf(new URL(`${url.protocol}//host`))
  })
  /** @type {Promise<Response & { headers: http.IncomingHttpHeaders }>} */
  const answered = new Promise((resolve, reject) => {
    request.on('error', (error) => reject(notHttp(error)))
    request.on('response', (response) => {
      const { headers: received, statusCode: status = 0 } = response
      const { 'content-encoding': encoding, 'content-type': type, location } = received
      const clock = clockOf(received, (begun + Date.now()) / 2)
      read(response).then(
        (content) => resolve({ status, body: content, encoding, type, location, clock, headers: received }),
        reject
      )
    })
    request.end(body)
  })
  return within(timeout, answered).finally(() => end(request, socket))
}

/**
 * A response that the HTTP parser cannot read belongs to another protocol.
 *
 * @param {unknown} error
 */
function notHttp(error) {
  if (!codeOf(error)?.startsWith('HPE_')) return error
  const hint = 'the port belongs to another protocol, or to a server that only speaks HTTP/2: HTTP/1.1 is needed'
  return new NetworkError('the answer is not HTTP/1.1', hint)
}

/** @param {http.IncomingMessage} response */
async function read(response) {
  const chunks = []
  let length = 0
  for await (const chunk of response) {
    length += chunk.length
    if (length > MAX_BYTES) {
      throw new NetworkError(
        `the answer is larger than ${MAX_BYTES} bytes`,
        'check that ENTRA_AUTHORITY (option authority, jwksUri) is an authority: a key set has a few kilobytes'
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * `Date` names a second, on average the middle of it; `Age` is how long a cache has kept the answer.
 *
 * @param {http.IncomingHttpHeaders} headers
 * @param {number} now
 */
function clockOf({ date, age }, now) {
  const sent = Date.parse(date ?? '')
  return Number.isNaN(sent) ? undefined : (now - (sent + 500 + (Number(age) || 0) * 1000)) / 1000
}

module.exports = { get, send }
