'use strict'

const { constants, verify } = require('node:crypto')

/**
 * A signed token in compact form (RFC 7515, section 3.1), decoded and not verified.
 *
 * @typedef {object} Jwt
 * @property {Record<string, unknown>} header
 * @property {Record<string, unknown>} claims
 * @property {Buffer} signingInput
 * @property {Buffer} signature
 */

/** Seconds by which a client's clock may differ. */
const CLOCK_SKEW = 300

/**
 * @param {string} token
 * @returns {Jwt | undefined} nothing, if it cannot be read as a token
 */
function readJwt(token) {
  const [header = '', claims = '', signature = '', ...others] = token.split('.')
  const decoded = { header: jsonObject(header), claims: jsonObject(claims) }
  if (decoded.header === undefined || decoded.claims === undefined || others.length > 0) return undefined
  return {
    header: decoded.header,
    claims: decoded.claims,
    signingInput: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url')
  }
}

/**
 * @param {string} segment
 * @returns {Record<string, unknown> | undefined}
 */
function jsonObject(segment) {
  try {
    const value = JSON.parse(Buffer.from(segment, 'base64url').toString())
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The algorithms that Entra accepts from clients. The algorithm comes from the token, but both require an RSA key.
 *
 * @type {Record<string, import('node:crypto').SigningOptions>}
 */
const ALGORITHMS = {
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

/**
 * @param {Jwt} jwt
 * @param {import('node:crypto').KeyObject} key
 */
function isSignedWith({ header, signingInput, signature }, key) {
  const { alg } = header
  if (typeof alg !== 'string' || !Object.hasOwn(ALGORITHMS, alg) || key.asymmetricKeyType !== 'rsa') return false
  return verify('sha256', signingInput, { key, ...ALGORITHMS[alg] }, signature)
}

/**
 * Whether a token is valid now: `nbf` has passed, and `exp` is present and in the future.
 *
 * @param {Jwt} jwt
 */
function isInTime({ claims: { nbf, exp } }) {
  const now = Date.now() / 1000
  return typeof exp === 'number' && exp > now && (nbf === undefined || Number(nbf) <= now + CLOCK_SKEW)
}

module.exports = { isInTime, isSignedWith, readJwt }
