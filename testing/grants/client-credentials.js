'use strict'

const { entraError } = require('../entra-errors')
const { isTargetOf } = require('../scopes')
const { createToken } = require('../tokens')

/**
 * A token for the client itself (RFC 6749, section 4.4).
 *
 * @type {import('../token-endpoint').Grant}
 */
const clientCredentials = {
  parameters: ({ parameter }) => [parameter],

  refuse(exchange, version, form) {
    const read = version.resourceOf(exchange, form.get(version.parameter) ?? '')
    return 'refusal' in read ? read.refusal : undefined
  },

  grant({ exchange, version, form, client, authentication, claims: { xms_cc } }) {
    const { directory, tenant } = exchange
    const read = version.resourceOf(exchange, form.get(version.parameter) ?? '')
    if ('refusal' in read) return read
    const { identifier } = read
    const resource = directory.apps.findResource(identifier)
    if (resource === undefined) {
      return { refusal: entraError(exchange, 500011, { resource: identifier, tenantId: tenant.tenantId }) }
    }
    if (!isTargetOf(form.get('resource'), resource, identifier)) return { refusal: entraError(exchange, 9010010) }
    if (resource.assignmentRequired && directory.apps.rolesOf(client, resource).length === 0) {
      const refusal = entraError(exchange, 501051, {
        clientId: client.clientId,
        clientName: client.name,
        resource: resource.clientId,
        resourceName: resource.name
      })
      return { refusal }
    }
    const overrides = { audience: identifier, client: client.clientId, tenantId: tenant.tenantId }
    const accessToken = createToken(directory, overrides, { authentication, claims: { xms_cc } })
    return { tokens: { accessToken, audience: identifier } }
  }
}

module.exports = { clientCredentials }
