'use strict'

const SPACE = 0x20

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, section 2.1), or `undefined`. The scheme compares
 * without case (RFC 9110, section 11.1). Nowhere else is looked for one: not in the query, not in the body.
 *
 * @param {string | undefined} authorization
 * @returns {string | undefined}
 */
function bearerToken(authorization) {
  if (typeof authorization !== 'string' || authorization.charCodeAt(6) !== SPACE) return undefined
  if (authorization.slice(0, 6).toLowerCase() !== 'bearer') return undefined
  let start = 7
  while (authorization.charCodeAt(start) === SPACE) start++
  return start < authorization.length ? authorization.slice(start) : undefined
}

module.exports = { bearerToken }
