'use strict'

const { entraError } = require('../entra-errors')
const { delegatedTokens, targetOf } = require('./delegated')

/**
 * New tokens of a user who signed in before (RFC 6749, section 6). As at Entra, there is a new refresh token each time, the one
 * before stays valid, and it may be used for another API of the same tenant.
 *
 * @type {import('../token-endpoint').Grant}
 */
const refreshToken = {
  parameters: () => ['refresh_token'],

  grant(request) {
    const { exchange, form, client, claims } = request
    const { directory, tenant } = exchange
    const found = directory.signIns.refreshToken(form.get('refresh_token') ?? '')
    if (found === undefined || found.signIn.clientId !== client.clientId) {
      return { refusal: entraError(exchange, 70000, { parameter: 'refresh_token' }) }
    }
    const { signIn } = found
    if (signIn.tenantId !== tenant.tenantId) return { refusal: entraError(exchange, 7000012) }
    if (found.isRevoked) return { refusal: entraError(exchange, 50173) }
    if (found.isExpired) return { refusal: entraError(exchange, 70008) }
    const asked = targetOf(request, signIn.target)
    if ('refusal' in asked) return asked
    // A client that may refresh can do so again, whether the request repeats the scope or not.
    const openId = new Set([...asked.target.openId, 'offline_access'])
    return delegatedTokens(request, { ...signIn, target: { ...asked.target, openId }, claims })
  }
}

module.exports = { refreshToken }
