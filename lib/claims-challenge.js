'use strict'

const { noToken } = require('./bearer')
const { challenge } = require('./challenge')
const { AuthError, configError } = require('./errors')
const { respondAs } = require('./middleware')
const { VerifiedToken } = require('./verified-token')

/**
 * Continuous access evaluation: a middleware that refuses the request and tells the client which claims to ask Entra for.
 * Only a client that declared that it understands (`xms_cc` holds `cp1`) is told; any other gets 403.
 *
 * @param {object} claims the claims request (OpenID Connect Core 1.0, section 5.5), such as
 *   `{ access_token: { acrs: { essential: true, value: 'c1' } } }`
 */
function claimsChallenge(claims) {
  if (claims === null || typeof claims !== 'object' || Array.isArray(claims)) {
    throw configError('claimsChallenge', 'accepted is a claims request, an object')
  }
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64')
  return (req, res, next) => {
    const { auth } = req
    respondAs(auth, auth instanceof VerifiedToken ? insufficient(auth, encoded) : noToken(), res, next)
  }
}

function insufficient(auth, claims) {
  const error = new AuthError({
    code: 'ERR_TOKEN_POLICY',
    message: 'insufficient claims',
    hint: 'the client has to send the user to Entra again, with the claims of the challenge',
    claim: 'acrs'
  })
  if (!understands(auth)) return error
  return Object.assign(error, {
    status: 401,
    headers: {
      'WWW-Authenticate': challenge({
        realm: '',
        authorization_uri: `${authority(auth)}/common/oauth2/v2.0/authorize`,
        error: 'insufficient_claims',
        claims
      })
    }
  })
}

function understands({ claims }) {
  return Array.isArray(claims.xms_cc) ? claims.xms_cc.includes('cp1') : claims.xms_cc === 'cp1'
}

/** The authority that issued the token: the origin of a v2 issuer; v1 issuers do not tell, and mean the public cloud. */
function authority({ claims }) {
  return claims.ver === '2.0' ? new URL(claims.iss).origin : 'https://login.microsoftonline.com'
}

module.exports = { claimsChallenge }
