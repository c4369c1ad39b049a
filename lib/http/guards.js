'use strict'

const { noToken } = require('./bearer')
const { AuthError, configError } = require('../core/errors')
const { respondAs } = require('../adapters/express')
const { VerifiedToken } = require('../core/verified-token')

/** Passes callers that have any of the app roles. */
function requireRole(...anyOf) {
  const roles = names('requireRole', anyOf)
  return guard((auth) => {
    if (!roles.some((role) => auth.hasRole(role))) return missing('role', 'roles')
  })
}

/** Passes callers that have any of the delegated permissions. */
function requireScope(...anyOf) {
  const scopes = scopeNames('requireScope', anyOf)
  return guard((auth) => {
    if (!scopes.some((scope) => auth.hasScope(scope))) return missing('scope', 'scp', scopes)
  })
}

/** Passes users with any of the scopes and applications with any of the roles. */
function requireScopeOrRole(lists) {
  const scopes = scopeNames('requireScopeOrRole', lists?.scopes)
  const roles = names('requireScopeOrRole', lists?.roles)
  return guard((auth) => {
    const passes = scopes.some((scope) => auth.hasScope(scope)) || roles.some((role) => auth.hasRole(role))
    if (!passes) return missing('scope or role', 'scp', scopes)
  })
}

/** Passes these applications. Ids compare without case. */
function requireClient(...ids) {
  const clients = names('requireClient', ids).map((id) => id.toLowerCase())
  return guard((auth) => {
    if (clients.includes(auth.clientId?.toLowerCase())) return undefined
    return refused('client not allowed', 'the calling application is not one of those that this route is for', 'azp')
  })
}

/** Passes applications that act for themselves. */
function requireAppOnly() {
  return guard((auth) => {
    if (auth.isAppOnly) return undefined
    return refused('app-only token required', 'get the token with client credentials, not on behalf of a user', 'idtyp')
  })
}

/** Passes applications that act for a user, which a token has to say: not to be app-only is not enough. */
function requireDelegated() {
  return guard((auth) => {
    const { scp, idtyp } = auth.claims
    if (!auth.isAppOnly && (scp !== undefined || idtyp === 'user')) return undefined
    return refused(
      'delegated token required',
      'get the token on behalf of a user, not with client credentials',
      'idtyp'
    )
  })
}

/** A middleware for a route behind `checkAuthToken`. Without it in front, nobody passes. */
function guard(refusal) {
  return (req, res, next) => {
    const { auth } = req
    const error = VerifiedToken.is(auth) ? refusal(auth) : noToken()
    if (error) respondAs(auth, error, res, next)
    else next()
  }
}

function missing(what, claim, scopes) {
  const hint =
    'the caller has none of what this route wants; a token that was issued before it was granted does not have it'
  return refused(`required ${what} missing`, hint, claim, scopes)
}

function refused(message, hint, claim, scopes) {
  return new AuthError({ code: 'ERR_TOKEN_POLICY', message, hint, claim, scope: scopes?.join(' ') })
}

/** A guard that asks for nothing would let everybody pass: that is a mistake, and said at once. */
function names(guardName, list) {
  const ok = Array.isArray(list) && list.length > 0 && list.every((name) => typeof name === 'string' && name !== '')
  if (!ok) throw configError(guardName, 'accepted are one or more non-empty strings')
  return [...list]
}

/** `scp` is separated by spaces: a scope with one in it is nobody's. */
function scopeNames(guardName, list) {
  const scopes = names(guardName, list)
  if (scopes.some((scope) => scope.includes(' '))) throw configError(guardName, 'a scope has no space in it')
  return scopes
}

module.exports = { requireAppOnly, requireClient, requireDelegated, requireRole, requireScope, requireScopeOrRole }
