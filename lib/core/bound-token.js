'use strict'

const { createHash, timingSafeEqual } = require('node:crypto')
const { authError } = require('./errors')
const { isVerifiedToken } = require('./verified-token')

/** @import { Check, Explanation, VerifiedToken } from '../..' */

/**
 * The verdict, except that a token bound to a key is rejected.
 *
 * @param {unknown} verdict
 */
function unlessBound(verdict) {
  return isVerifiedToken(verdict) && isBound(verdict) ? boundError(ALONE) : verdict
}

const ALONE = 'expected the TLS client certificate of a request, got a token alone: use authenticate(request)'

/**
 * The explanation, except that a bound token is rejected, as by `verify`.
 *
 * @param {Explanation} explanation
 * @returns {Explanation}
 */
function explainedAlone(explanation) {
  const isBinding = (/** @type {Check} */ { name }) => name === 'bound-token'
  // If the token breaks another rule, that is the verdict, as in `verify`.
  if (explanation.verdict !== 'valid' || !explanation.checks.some(isBinding)) return explanation
  const { code, message, hint } = boundError(ALONE)
  const checks = explanation.checks.map((check) =>
    isBinding(check) ? { ...check, status: /** @type {const} */ ('failed'), code, hint } : check
  )
  return { ...explanation, verdict: 'refused', code, message, checks }
}

/**
 * The verdict, except that a token is rejected if it is bound to another certificate (RFC 8705, section 3), or to a key
 * in any other way.
 *
 * @param {unknown} verdict
 * @param {() => Buffer | undefined} certificate the client's, DER
 */
function unlessBoundToAnother(verdict, certificate) {
  if (!isVerifiedToken(verdict) || !isBound(verdict)) return verdict
  const thumbprint = thumbprintIn(verdict)
  if (thumbprint === undefined) {
    return boundError('expected cnf with x5t#S256, the thumbprint of a certificate, got another binding')
  }
  const der = certificate()
  if (der === undefined) {
    return boundError('expected a TLS client certificate, got none: the server has to request one (requestCert)')
  }
  const found = createHash('sha256').update(der).digest()
  if (thumbprint.length === found.length && timingSafeEqual(thumbprint, found)) return verdict
  return boundError('expected the TLS client certificate that the token is bound to, got another')
}

/** @param {VerifiedToken} auth */
function isBound({ claims }) {
  return claims.cnf !== undefined
}

/**
 * @param {VerifiedToken} auth
 * @returns {Buffer | undefined}
 */
function thumbprintIn({ claims: { cnf } }) {
  // A token that is also bound in another way must not pass with the certificate alone.
  const members = cnf !== null && typeof cnf === 'object' ? Object.keys(cnf) : []
  const isObject = members.length === 1 && members[0] === 'x5t#S256'
  const text = isObject ? Reflect.get(/** @type {object} */ (cnf), 'x5t#S256') : undefined
  return typeof text === 'string' && /^[\w-]{43}$/.test(text) ? Buffer.from(text, 'base64url') : undefined
}

/** @param {string} hint */
function boundError(hint) {
  return authError({ code: 'ERR_TOKEN_USE', message: 'jwt is bound to a key', hint, claim: 'cnf', reason: 'bound' })
}

module.exports = { explainedAlone, unlessBound, unlessBoundToAnother }
