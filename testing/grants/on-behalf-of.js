'use strict'

const { entraError } = require('../entra-errors')
const { isInTime, isSignedWith, readJwt } = require('../jwt')
const { issuerOf } = require('../tokens')
const { userOfClaims } = require('../users')
const { delegatedTokens, targetOf } = require('./delegated')

/** @typedef {import('../token-endpoint').TokenRequest} TokenRequest */

/**
 * An API exchanges the token that it was called with for one to another API, on behalf of the same user (RFC 7523 with
 * `requested_token_use`).
 *
 * @type {import('../token-endpoint').Grant}
 */
const onBehalfOf = {
  parameters: ({ parameter }) => ['assertion', 'requested_token_use', parameter],

  refuse(exchange, _version, form) {
    if (form.get('requested_token_use') === 'on_behalf_of') return undefined
    return entraError(exchange, 9002313, { reason: "The parameter 'requested_token_use' has to be on_behalf_of." })
  },

  grant(request) {
    const { exchange, form, client, claims } = request
    const checked = checkAssertion(request, form.get('assertion') ?? '')
    if ('refusal' in checked) return checked
    const asked = targetOf(request)
    if ('refusal' in asked) return asked
    return delegatedTokens(request, {
      clientId: client.clientId,
      tenantId: exchange.tenant.tenantId,
      user: userOfClaims(checked.claims, exchange.directory.user),
      target: asked.target,
      claims
    })
  }
}

/**
 * The claims of an assertion that is an access token of this authority, for this client, of a user.
 *
 * @param {TokenRequest} request
 * @param {string} assertion
 * @returns {{ claims: Record<string, unknown> } | { refusal: import('../answers').Answer }}
 */
function checkAssertion({ exchange, client }, assertion) {
  const { directory, tenant } = exchange
  /** @type {(...error: [import('../entra-errors').ErrorNumber, import('../aadsts').Details?]) => { refusal: import('../answers').Answer }} */
  const refuse = (code, details) => ({ refusal: entraError(exchange, code, details) })
  const jwt = readJwt(assertion)
  if (jwt === undefined) return refuse(50027)
  const { aud, iss, appid, azp, scp } = jwt.claims
  const { kid } = jwt.header
  const key = directory.keys.all().find((candidate) => candidate.kid === kid)
  const presented = typeof kid === 'string' ? kid : ''
  const issuers = [issuerOf(1, directory.url, tenant.tenantId), issuerOf(2, directory.url, tenant.tenantId)]
  if (key === undefined || !issuers.includes(String(iss))) {
    return refuse(50013, { reason: 'The key was not found.', presented })
  }
  if (!isSignedWith(jwt, key.publicKey)) {
    const reason = 'The provided signature value did not match the expected signature value.'
    return refuse(50013, { reason, presented })
  }
  if (appid === undefined && azp === undefined) return refuse(240002)
  if (directory.apps.findResource(String(aud)) !== client) {
    return refuse(500131, { presented: String(aud), clientId: client.clientId, clientName: client.name })
  }
  if (!isInTime(jwt)) return refuse(500133)
  // An app-only token has no user.
  if (scp === undefined) return refuse(7000114, { clientId: String(azp ?? appid) })
  return { claims: jwt.claims }
}

module.exports = { onBehalfOf }
