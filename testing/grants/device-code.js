'use strict'

const { entraError } = require('../entra-errors')
const { delegatedTokens } = require('./delegated')

/**
 * The tokens of a user who signed in on another device (RFC 8628, section 3.4).
 *
 * @type {import('../token-endpoint').Grant}
 */
const deviceCode = {
  parameters: (version) => [version.deviceCode],

  grant(request) {
    const { exchange, version, form, client, claims } = request
    const device = exchange.directory.signIns.device(form.get(version.deviceCode) ?? '')
    const isOfClient = device?.clientId === client.clientId && device.tenantId === exchange.tenant.tenantId
    if (device === undefined || !isOfClient || device.state === 'redeemed') {
      return { refusal: entraError(exchange, 70000, { parameter: version.deviceCode }) }
    }
    const { state } = device
    if (state === 'declined') return { refusal: entraError(exchange, 65004) }
    if (device.until <= Date.now()) return { refusal: entraError(exchange, 70020) }
    if (state === 'pending') return { refusal: entraError(exchange, 70016) }
    device.state = 'redeemed'
    return delegatedTokens(request, { ...device, user: state, claims: { ...device.claims, ...claims } })
  }
}

module.exports = { deviceCode }
