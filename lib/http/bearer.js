'use strict'

const { AuthError } = require('../core/errors')

const SPACE = 0x20

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, section 2.1), or `undefined`. The scheme compares
 * without case (RFC 9110, section 11.1). Nowhere else is looked for one: not in the query, not in the body.
 *
 * @param {string | undefined} authorization
 * @returns {string | undefined}
 */
function bearerToken(authorization) {
  if (!hasBearerScheme(authorization)) return undefined
  let start = 7
  while (authorization.charCodeAt(start) === SPACE) start++
  return start < authorization.length ? authorization.slice(start) : undefined
}

function hasBearerScheme(authorization) {
  if (typeof authorization !== 'string') return false
  // What nearly every client sends; the rest is slower and equal.
  if (authorization.startsWith('Bearer ')) return true
  if (authorization.slice(0, 6).toLowerCase() !== 'bearer') return false
  return authorization.length === 6 || authorization.charCodeAt(6) === SPACE
}

/** Why there is no token: none was sent, or the scheme is there and nothing behind it. */
function noToken(authorization) {
  return new AuthError({
    code: 'ERR_TOKEN_MISSING',
    message: 'no bearer token',
    hint: 'send the header Authorization: Bearer <access token>',
    badRequest: hasBearerScheme(authorization)
  })
}

module.exports = { bearerToken, noToken }
