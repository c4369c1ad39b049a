'use strict'

const { checkAuthToken, claimsChallenge, createCheckAuthToken, guard, requirements } = require('./lib/adapters/express')
const { AuthError } = require('./lib/core/errors')
const { VerifiedToken } = require('./lib/core/verified-token')
const { Verifier, createVerifier } = require('./lib/http/verifier')

/** @import { Requirement } from './lib/http/requirements' */

const requireRole = (/** @type {string[]} */ ...anyOf) => guard(requirements().requireRole(...anyOf))
const requireScope = (/** @type {string[]} */ ...anyOf) => guard(requirements().requireScope(...anyOf))
const requireScopeOrRole = (/** @type {{ scopes: string[], roles: string[] }} */ anyOf) =>
  guard(requirements().requireScopeOrRole(anyOf))
const requireClient = (/** @type {string[]} */ ...ids) => guard(requirements().requireClient(...ids))
const requireGroup = (/** @type {Parameters<typeof import('./lib/http/requirements').requireGroup>} */ ...ids) =>
  guard(requirements().requireGroup(...ids))
const requireAuthContext = (/** @type {string} */ id) => guard(requirements().requireAuthContext(id))
const requireAppOnly = (/** @type {unknown[]} */ ...none) => guard(requirements().requireAppOnly(...none))
const requireDelegated = (/** @type {unknown[]} */ ...none) => guard(requirements().requireDelegated(...none))

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
