'use strict'

const { noToken } = require('./bearer')
const { AuthError, configError } = require('../core/errors')
const { respondAs } = require('../adapters/express')
const { VerifiedToken } = require('../core/verified-token')

const PUBLIC_CLOUD = 'https://login.microsoftonline.com'

/**
 * Continuous access evaluation: a middleware that refuses the request and tells the client which claims to ask Entra for.
 * Only a client that declared that it understands (`xms_cc` holds `cp1`) is told; any other gets 403.
 *
 * @param {object} claims the claims request (OpenID Connect Core 1.0, section 5.5), such as
 *   `{ access_token: { acrs: { essential: true, value: 'c1' } } }`
 */
function claimsChallenge(claims) {
  const encoded = Buffer.from(requestOf(claims)).toString('base64')
  return (req, res, next) => {
    const { auth } = req
    respondAs(auth, VerifiedToken.is(auth) ? insufficient(auth, encoded) : noToken(), res, next)
  }
}

/** The claims request as JSON, as it is now. */
function requestOf(claims) {
  const isObject = claims !== null && typeof claims === 'object' && !Array.isArray(claims)
  try {
    const text = isObject && JSON.stringify(claims)
    if (text?.startsWith('{')) return text
  } catch {
    // Circular, or with a bigint in it: no JSON.
  }
  throw configError('claimsChallenge', 'accepted is a claims request, an object')
}

function insufficient(auth, claims) {
  return new AuthError({
    code: 'ERR_TOKEN_POLICY',
    message: 'insufficient claims',
    hint: 'the client has to send the user to Entra again, with the claims of the challenge',
    claim: 'acrs',
    insufficientClaims: understands(auth)
      ? { realm: '', authorization_uri: `${authority(auth)}/common/oauth2/v2.0/authorize`, claims }
      : undefined
  })
}

function understands({ claims }) {
  return Array.isArray(claims.xms_cc) ? claims.xms_cc.includes('cp1') : claims.xms_cc === 'cp1'
}

/** Where the client gets its tokens: from the authority of the middleware in front, else from that of a v2 issuer. */
function authority(auth) {
  const known = VerifiedToken.responder(auth)?.authority ?? (auth.claims.ver === '2.0' ? auth.claims.iss : PUBLIC_CLOUD)
  return URL.canParse(known) ? new URL(known).origin : PUBLIC_CLOUD
}

module.exports = { claimsChallenge }
