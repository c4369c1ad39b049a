'use strict'

const { randomUUID } = require('node:crypto')
const { workloadIssuer } = require('./client-authentication')
const { optionError, refuseUnknownOptions } = require('./errors')
const { signCompact } = require('./signing')

/** Seconds that a projected token of Kubernetes lives. */
const LIFETIME = 3600

/**
 * A token of the cluster or build server that this authority simulates, as in `AZURE_FEDERATED_TOKEN_FILE`.
 *
 * @param {import('./authority').Directory} directory
 * @param {import('./index').FederatedTokenOptions} [options]
 */
function createFederatedToken({ apps, keys, url }, options = {}) {
  refuseUnknownOptions(options, ['client', 'subject', 'audience', 'expiresIn', 'claims'], 'federatedToken')
  const { client = apps.client.clientId, expiresIn = LIFETIME, claims } = options
  const credential = apps.findClient(client)?.federatedCredentials.find(({ issuer }) => issuer === undefined)
  const { subject = credential?.subject, audience = credential?.audience } = options
  if (subject === undefined || audience === undefined) {
    throw optionError(
      `federatedToken: the application ${client} has no federated credential without an issuer; register one ` +
        "(apps: [{ federatedCredentials: [{ subject: 'system:serviceaccount:default:app' }] }]), or give subject and audience"
    )
  }
  const now = Math.floor(Date.now() / 1000)
  const { privateKey, kid } = keys.signingKey(undefined)
  return signCompact({
    header: { alg: 'RS256', kid },
    claims: {
      aud: [audience],
      exp: now + expiresIn,
      iat: now,
      iss: workloadIssuer(url),
      jti: randomUUID(),
      nbf: now,
      sub: subject,
      ...claims
    },
    key: privateKey,
    algorithm: 'RS256'
  })
}

module.exports = { createFederatedToken }
