'use strict'

const { createHash } = require('node:crypto')
const { entraError } = require('../entra-errors')
const { delegatedTokens, targetOf } = require('./delegated')

/**
 * The tokens for the code that a user's browser brought back (RFC 6749, section 4.1; PKCE, RFC 7636).
 *
 * @type {import('../token-endpoint').Grant}
 */
const authorizationCode = {
  parameters: () => ['code', 'redirect_uri'],

  grant(request) {
    const { exchange, form, client, claims } = request
    const authorization = exchange.directory.signIns.authorization(form.get('code') ?? '')
    if (authorization === undefined || authorization.clientId !== client.clientId) {
      return { refusal: entraError(exchange, 70000, { parameter: 'code' }) }
    }
    if (authorization.isRedeemed) return { refusal: entraError(exchange, 54005) }
    if (authorization.until <= Date.now()) return { refusal: entraError(exchange, 70008) }
    if (authorization.tenantId !== exchange.tenant.tenantId) return { refusal: entraError(exchange, 700005) }
    const presented = form.get('redirect_uri') ?? ''
    if (presented !== authorization.redirectUri) {
      return { refusal: entraError(exchange, 500112, { presented, expected: authorization.redirectUri }) }
    }
    if (!fits(authorization.challenge, form.get('code_verifier'))) return { refusal: entraError(exchange, 501481) }
    const asked = targetOf(request, authorization.target)
    if ('refusal' in asked) return asked
    authorization.isRedeemed = true
    return delegatedTokens(request, {
      ...authorization,
      target: asked.target,
      claims: { ...authorization.claims, ...claims }
    })
  }
}

/**
 * Whether a verifier is the one that the challenge was made of. A verifier without a challenge is a mistake too.
 *
 * @param {{ method: string, value: string } | undefined} challenge
 * @param {string | null} verifier
 */
function fits(challenge, verifier) {
  if (challenge === undefined) return !verifier
  if (!verifier) return false
  const made = challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier
  return made === challenge.value
}

module.exports = { authorizationCode }
