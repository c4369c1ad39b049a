'use strict'

const { URL } = require('node:url')
const { authError, callError } = require('../core/errors')
const { PUBLIC_CLOUD, isPlainObject } = require('../core/options')
const { identityOf } = require('../core/verifier')

/** @import { AuthError, VerifiedToken } from '../..' */

/**
 * Continuous access evaluation: rejects every caller and tells the client which claims to request from Entra. Only a client that
 * declared support for it (`xms_cc` contains `cp1`) gets the challenge; any other gets 403.
 *
 * @param {unknown} claims the claims request (OpenID Connect Core 1.0, section 5.5), such as
 *   `{ access_token: { acrs: { essential: true, value: 'c1' } } }`
 * @returns {(auth: VerifiedToken) => AuthError}
 */
function claimsChallenge(claims) {
  const encoded = Buffer.from(requestOf(claims)).toString('base64')
  return (auth) =>
    authError({
      code: 'ERR_TOKEN_POLICY',
      message: 'insufficient claims',
      hint: 'the client has to send the user to Entra again, with the claims of the challenge',
      claim: 'acrs',
      insufficientClaims: understands(auth) ? { ...signIn(identityOf(auth).authority), claims: encoded } : undefined
    })
}

/**
 * The claims request as JSON, as it is now.
 *
 * @param {unknown} claims
 */
function requestOf(claims) {
  try {
    // If the guard is passed instead of called, the argument is a request, which could be converted to JSON.
    const text = isPlainObject(claims) ? JSON.stringify(claims) : undefined
    if (text?.startsWith('{')) return text
  } catch {
    // Circular, or with a bigint in it: no JSON.
  }
  throw callError('claimsChallenge', 'expected a claims request, a plain object')
}

/**
 * Clients declare `cp1` in upper or lower case.
 *
 * @param {VerifiedToken} auth
 */
function understands({ claims: { xms_cc: capabilities } }) {
  const list = Array.isArray(capabilities) ? capabilities : [capabilities]
  return list.some((capability) => typeof capability === 'string' && capability.toLowerCase() === 'cp1')
}

/**
 * The authorization URI: the authority's own, with its tenant or policy, because an application of one tenant cannot
 * sign in at `common`. `realm` is the tenant, and empty for `common` (Microsoft, "Claims challenges").
 *
 * @param {string} authority
 */
function signIn(authority) {
  // For a URN, `origin` is the text 'null'.
  if (!/^https?:/i.test(authority) || !URL.canParse(authority)) {
    return { realm: '', authorization_uri: `${PUBLIC_CLOUD}/common/oauth2/v2.0/authorize` }
  }
  const { origin, pathname } = new URL(authority)
  const path = pathname.replace(/\/$/, '').replace(/\/v2\.0$/, '')
  const tenant = path.split('/')[1] ?? ''
  const isAny = ['common', 'organizations', 'consumers'].includes(tenant)
  return { realm: isAny ? '' : tenant, authorization_uri: `${origin}${path || '/common'}/oauth2/v2.0/authorize` }
}

module.exports = { claimsChallenge }
