'use strict'

const { configuredLater, guard, middlewareOf } = require('./lib/adapters/express')
const { authOf, guardTools, mcpWith } = require('./lib/adapters/mcp')
const { AuthError } = require('./lib/core/errors')
const { VerifiedToken } = require('./lib/core/verified-token')
const { guardsOf } = require('./lib/http/guards')
const { Verifier, createVerifier } = require('./lib/http/verifier')

/** For programs that `require` the SDK. In a `try`, so that bundlers do not fail where it is not installed. */
function loadErrors() {
  try {
    return require('@modelcontextprotocol/sdk/server/auth/errors.js')
  } catch {
    return undefined
  }
}

const { checkAuthToken, protectMcp } = mcpWith({ middlewareOf, configuredLater, loadErrors })

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

// One literal of names, so that Node finds them for `import { protectMcp }`.
module.exports = {
  AuthError,
  VerifiedToken,
  Verifier,
  authOf,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken: protectMcp,
  createVerifier,
  guardTools,
  protectMcp,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole
}
