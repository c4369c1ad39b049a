'use strict'

const { authError, configError, kindOf } = require('../core/errors')
const { isSameId } = require('../core/guid')
const { guarded, isPlainObject, ownMembers } = require('../core/options')
const { isOfAnotherCopy, isVerifiedToken } = require('../core/verified-token')
const { missingTokenError } = require('./authorization')

/** @import { AuthError, VerifiedToken } from '../..' */

/**
 * What a route demands of a caller: the error if the caller does not meet it.
 *
 * @typedef {(auth: VerifiedToken) => AuthError | undefined} Requirement
 */

/**
 * Any of these app roles (`roles`).
 *
 * @param {string[]} anyOf
 * @returns {Requirement}
 */
function requireRole(...anyOf) {
  const roles = nonEmptyStrings('requireRole', anyOf)
  return (auth) => (roles.some((role) => auth.hasRole(role)) ? undefined : lacking('role', 'roles'))
}

/**
 * Any of these delegated permissions (`scp`).
 *
 * @param {string[]} anyOf
 * @returns {Requirement}
 */
function requireScope(...anyOf) {
  const scopes = scopeNames('requireScope', anyOf)
  return (auth) => (scopes.some((scope) => auth.hasScope(scope)) ? undefined : lacking('scope', 'scp', scopes))
}

/**
 * Of users any of the scopes, of applications that act for themselves any of the roles.
 *
 * @param {{ scopes: string[], roles: string[] }} anyOf
 * @returns {Requirement}
 */
function requireScopeOrRole(anyOf) {
  const given = guarded('requireScopeOrRole', () => {
    if (isPlainObject(anyOf)) return new Map(ownMembers(anyOf, 'requireScopeOrRole'))
    throw configError('requireScopeOrRole', `expected { scopes, roles }, got ${kindOf(anyOf)}`)
  })
  const scopes = scopeNames('requireScopeOrRole', given.get('scopes'))
  const roles = nonEmptyStrings('requireScopeOrRole', given.get('roles'))
  if (given.size > 2) throw configError('requireScopeOrRole', 'expected only { scopes, roles }')
  return (auth) => {
    const isMet = auth.isAppOnly
      ? roles.some((role) => auth.hasRole(role))
      : scopes.some((scope) => auth.hasScope(scope))
    return isMet ? undefined : lacking('scope or role', 'scp', scopes)
  }
}

/**
 * Any of these client applications. GUIDs compare without case, as in the option `allowedClients`.
 *
 * @param {string[]} ids
 * @returns {Requirement}
 */
function requireClient(...ids) {
  const clients = nonEmptyStrings('requireClient', ids)
  return ({ clientId }) => {
    if (clients.some((client) => isSameId(client, clientId))) return undefined
    return policyError('client not allowed', 'client', 'this route is for other client applications', 'azp')
  }
}

/**
 * Applications that act for themselves.
 *
 * @returns {Requirement}
 */
function requireAppOnly() {
  return ({ isAppOnly }) => {
    if (isAppOnly) return undefined
    return policyError(
      'app-only token required',
      'app-only',
      'get the token with client credentials, without a user',
      'idtyp'
    )
  }
}

/**
 * Applications that act for a user, which the token has to say: not to be app-only is not enough.
 *
 * @returns {Requirement}
 */
function requireDelegated() {
  return ({ claims: { scp, idtyp }, isAppOnly }) => {
    if (!isAppOnly && (scp !== undefined || idtyp === 'user')) return undefined
    return policyError(
      'delegated token required',
      'delegated',
      'get the token on behalf of a user, not with client credentials',
      'idtyp'
    )
  }
}

/**
 * Why a requirement rejects what is in place of a verified token; `undefined`: it is met.
 *
 * @param {Requirement} requirement
 * @param {unknown} auth
 * @returns {AuthError | undefined}
 */
function unmet(requirement, auth) {
  return isVerifiedToken(auth) ? requirement(auth) : missingTokenError(undefined)
}

let hasWarned = false

/**
 * Says once in a process why a guard rejects every request although a middleware of this package is in front of it.
 *
 * @param {unknown} auth
 */
function warnOfAnotherCopy(auth) {
  if (hasWarned || !isOfAnotherCopy(auth)) return
  hasWarned = true
  process.emitWarning(
    'req.auth was set by another copy of entra-jwt-verify than the guard behind it, which rejects the request. ' +
      'Install one copy (`npm ls entra-jwt-verify` shows them), and import middleware and guards from the same place.',
    { type: 'EntraJwtVerifyWarning', code: 'ENTRA_JWT_VERIFY_COPIES' }
  )
}

/**
 * @param {string} what
 * @param {string} claim
 * @param {readonly string[]} [scopes]
 */
function lacking(what, claim, scopes) {
  const hint = `the token lacks the required ${what}; if it was granted recently, get a new token`
  return policyError(`required ${what} missing`, what.replaceAll(' ', '-'), hint, claim, scopes)
}

/**
 * @param {string} message
 * @param {string} reason
 * @param {string} hint
 * @param {string} claim
 * @param {readonly string[]} [scopes] that would have been sufficient
 */
function policyError(message, reason, hint, claim, scopes) {
  return authError({ code: 'ERR_TOKEN_POLICY', message, reason, hint, claim, scope: scopes?.join(' ') })
}

/**
 * A guard that demands nothing would admit every caller: a mistake, and said at once.
 *
 * @param {string} guard
 * @param {unknown} list
 * @returns {string[]}
 */
function nonEmptyStrings(guard, list) {
  // With a hole it has an `undefined`.
  const names = Array.isArray(list) ? [...list] : []
  const isUsable = names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')
  if (!isUsable) throw configError(guard, 'expected one or more non-empty strings')
  return names
}

/**
 * `scp` is separated by spaces: no token has a scope that contains one.
 *
 * @param {string} guard
 * @param {unknown} list
 */
function scopeNames(guard, list) {
  const scopes = nonEmptyStrings(guard, list)
  if (scopes.some((scope) => scope.includes(' ')))
    throw configError(guard, 'expected scopes without spaces, each on its own')
  return scopes
}

module.exports = {
  policyError,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole,
  unmet,
  warnOfAnotherCopy
}
