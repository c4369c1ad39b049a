'use strict'

const { AADSTS } = require('./aadsts')
const { jsonAnswer } = require('./answers')

/** @typedef {keyof typeof AADSTS} ErrorNumber the number behind AADSTS */

/**
 * Entra's error as JSON, with its status.
 *
 * @param {import('./answers').Exchange} exchange
 * @param {ErrorNumber} code
 * @param {import('./aadsts').Details} [details]
 * @param {number} [status]
 */
function entraError(exchange, code, details = {}, status = AADSTS[code].status) {
  const { traceId, correlationId } = exchange
  const { error, description, timestamp } = describeError(exchange, code, details)
  return jsonAnswer(
    exchange,
    status,
    {
      error,
      error_description: description,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${exchange.directory.url}/error?code=${code}`
    },
    { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1' }
  )
}

/**
 * The OAuth error code and the description, as in redirects.
 *
 * @param {import('./answers').Exchange} exchange
 * @param {ErrorNumber} code
 * @param {import('./aadsts').Details} details
 */
function describeError({ traceId, correlationId }, code, details) {
  /** @type {import('./aadsts').EntraError} */
  const { error, text } = AADSTS[code]
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
  return {
    error: typeof error === 'function' ? error(details) : error,
    description:
      `AADSTS${code}: ${text(details)}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\n` +
      `Timestamp: ${timestamp}`,
    timestamp
  }
}

/**
 * A name without a dot cannot be a domain, for which Entra has another error than "not found".
 *
 * @param {import('./answers').Exchange} exchange
 * @param {string} tenant
 * @param {boolean} discovery whether a discovery endpoint answers
 */
function unknownTenant(exchange, tenant, discovery) {
  return /[.-]/.test(tenant)
    ? entraError(exchange, 90002, { tenant, discovery })
    : entraError(exchange, 900023, { tenant })
}

module.exports = { describeError, entraError, unknownTenant }
