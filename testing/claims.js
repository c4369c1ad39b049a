'use strict'

const { entraError } = require('./entra-errors')

/**
 * Claims that a client requested with the parameter `claims` (OpenID Connect Core, section 5.5), as far as access
 * tokens have them: `xms_cc` declares that the client supports claims challenges, `acrs` has the authentication
 * contexts that the user satisfied.
 *
 * @typedef {{ xms_cc?: string[], acrs?: string[] }} RequestedClaims
 */

/**
 * @param {import('./router').TenantExchange} exchange
 * @param {URLSearchParams} parameters
 * @returns {{ claims: RequestedClaims } | { refusal: import('./answers').Answer }}
 */
function requestedClaims(exchange, parameters) {
  const text = parameters.get('claims')
  if (!text) return { claims: {} }
  try {
    const { access_token: asked } = JSON.parse(text)
    const capabilities = valuesOf(asked?.xms_cc)
    const contexts = valuesOf(asked?.acrs)
    return {
      claims: { ...(capabilities.length && { xms_cc: capabilities }), ...(contexts.length && { acrs: contexts }) }
    }
  } catch {
    return { refusal: entraError(exchange, 9002313, { reason: "The parameter 'claims' is not a JSON object." }) }
  }
}

/**
 * `{ "values": ["cp1"] }`, `{ "essential": true, "value": "c1" }`
 *
 * @param {any} asked
 * @returns {string[]}
 */
function valuesOf(asked) {
  return [asked?.values ?? asked?.value ?? []]
    .flat()
    .filter((/** @type {unknown} */ value) => typeof value === 'string')
}

module.exports = { requestedClaims }
