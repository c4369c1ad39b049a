'use strict'

const { authError, configError } = require('../core/errors')
const { PUBLIC_CLOUD } = require('../core/options')

/** @import { AuthError, VerifiedToken } from '../..' */

/**
 * Continuous access evaluation: rejects every caller and tells the client which claims to ask Entra for. Only a client that
 * declared that it understands (`xms_cc` contains `cp1`) is told; any other gets 403.
 *
 * @param {unknown} claims the claims request (OpenID Connect Core 1.0, section 5.5), such as
 *   `{ access_token: { acrs: { essential: true, value: 'c1' } } }`
 * @returns {(auth: VerifiedToken, authority: string | undefined) => AuthError}
 */
function claimsChallenge(claims) {
  const encoded = Buffer.from(requestOf(claims)).toString('base64')
  return (auth, authority) => {
    const host = originOf(authority ?? (auth.claims.ver === '2.0' ? auth.claims.iss : PUBLIC_CLOUD))
    return authError({
      code: 'ERR_TOKEN_POLICY',
      message: 'insufficient claims',
      hint: 'the client has to send the user to Entra again, with the claims of the challenge',
      claim: 'acrs',
      insufficientClaims: understands(auth)
        ? { realm: '', authorization_uri: `${host}/common/oauth2/v2.0/authorize`, claims: encoded }
        : undefined
    })
  }
}

/**
 * The claims request as JSON, as it is now.
 *
 * @param {unknown} claims
 */
function requestOf(claims) {
  const isObject = claims !== null && typeof claims === 'object' && !Array.isArray(claims)
  try {
    const text = isObject ? JSON.stringify(claims) : undefined
    if (text?.startsWith('{')) return text
  } catch {
    // Circular, or with a bigint in it: no JSON.
  }
  throw configError('claimsChallenge', 'expected a claims request, an object')
}

/** @param {VerifiedToken} auth */
function understands({ claims: { xms_cc: capabilities } }) {
  return Array.isArray(capabilities) ? capabilities.includes('cp1') : capabilities === 'cp1'
}

/** @param {string} url */
function originOf(url) {
  return URL.canParse(url) ? new URL(url).origin : PUBLIC_CLOUD
}

module.exports = { claimsChallenge }
