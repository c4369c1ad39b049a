'use strict'

const { checkAuthToken, createCheckAuthToken, guard } = require('./lib/adapters/koa')
const { AuthError } = require('./lib/core/errors')
const { VerifiedToken } = require('./lib/core/verified-token')
const { guardsOf } = require('./lib/http/guards')
const { Verifier, createVerifier } = require('./lib/http/verifier')

const {
  claimsChallenge,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole
} = guardsOf(guard)

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
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole
}
