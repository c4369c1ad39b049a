'use strict'

const { AuthError } = require('./lib/core/errors')
const { checkAuthToken, createCheckAuthToken } = require('./lib/adapters/express')
const { VerifiedToken } = require('./lib/core/verified-token')
const { Verifier, createVerifier } = require('./lib/core/verifier')

// Each file takes a fifth of a millisecond: these are loaded by those who use them.
const guards = () => require('./lib/http/guards')
const requireRole = (...anyOf) => guards().requireRole(...anyOf)
const requireScope = (...anyOf) => guards().requireScope(...anyOf)
const requireScopeOrRole = (lists) => guards().requireScopeOrRole(lists)
const requireClient = (...ids) => guards().requireClient(...ids)
const requireAppOnly = () => guards().requireAppOnly()
const requireDelegated = () => guards().requireDelegated()
const claimsChallenge = (claims) => require('./lib/http/claims-challenge').claimsChallenge(claims)

// One literal of names, so that Node finds them for `import { checkAuthToken }`.
module.exports = {
  AuthError,
  VerifiedToken,
  Verifier,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole
}
