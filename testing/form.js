'use strict'

const { URLSearchParams } = require('node:url')
const { isGuid } = require('./guid')
const { entraError } = require('./entra-errors')

/** Bytes. An ordinary request is below 4 KiB. */
const BODY_LIMIT = 65_536

/** Parameters that a request may have once only; of two, nothing says which counts. */
const ONCE = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'scope',
  'resource',
  'assertion',
  'code',
  'device_code',
  'refresh_token'
]

/**
 * The form posted to an endpoint, or the error in the request.
 *
 * @param {import('./answers').Exchange} exchange
 * @returns {Promise<{ form: URLSearchParams } | { refusal: import('./answers').Answer }>}
 */
async function postedForm(exchange) {
  const { method } = exchange.request
  if (method !== 'POST') return { refusal: entraError(exchange, 900561, { method }) }
  const form = await readForm(exchange.request)
  if (form === undefined) return { refusal: entraError(exchange, 90013) }
  // Some versions of MSAL send it in the form.
  const id = form.get('client-request-id')
  if (isGuid(id)) exchange.correlationId = id
  const doubled = ONCE.find((name) => form.getAll(name).length > 1)
  return doubled === undefined ? { form } : { refusal: entraError(exchange, 9000411, { parameter: doubled }) }
}

/**
 * `undefined` if it is too long. Another content type is a form without parameters, as in Entra.
 *
 * @param {import('node:http').IncomingMessage} request
 */
async function readForm(request) {
  const chunks = []
  let length = 0
  // Read to the end but discarded: leaving the loop early would destroy the socket.
  for await (const chunk of request) {
    length += chunk.length
    if (length <= BODY_LIMIT) chunks.push(chunk)
  }
  if (length > BODY_LIMIT) return undefined
  const contentType = request.headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) return new URLSearchParams()
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

module.exports = { postedForm, readForm }
