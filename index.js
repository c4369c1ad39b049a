'use strict'

const { claimsChallenge } = require('./lib/claims-challenge')
const { AuthError } = require('./lib/errors')
const {
  requireAppOnly,
  requireClient,
  requireDelegated,
  requireRole,
  requireScope,
  requireScopeOrRole
} = require('./lib/guards')
const { checkAuthToken, createCheckAuthToken } = require('./lib/middleware')
const { VerifiedToken } = require('./lib/verified-token')
const { Verifier, createVerifier } = require('./lib/verifier')

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
