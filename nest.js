'use strict'

const { Auth, EntraAuthGuard, EntraAuthModule, Public, decorators } = require('./lib/adapters/nest')
const { AuthError } = require('./lib/core/errors')
const { VerifiedToken } = require('./lib/core/verified-token')
// The same class as in the main entry: a constructor parameter of this type gets the verifier.
const { Verifier: EntraVerifier } = require('./lib/http/verifier')

const {
  claimsChallenge: ClaimsChallenge,
  requireAppOnly: RequireAppOnly,
  requireAuthContext: RequireAuthContext,
  requireClient: RequireClient,
  requireDelegated: RequireDelegated,
  requireGroup: RequireGroup,
  requireRole: RequireRole,
  requireScope: RequireScope,
  requireScopeOrRole: RequireScopeOrRole
} = decorators

// One literal of names, so that Node finds them for `import { EntraAuthModule }`.
module.exports = {
  Auth,
  AuthError,
  ClaimsChallenge,
  EntraAuthGuard,
  EntraAuthModule,
  EntraVerifier,
  Public,
  RequireAppOnly,
  RequireAuthContext,
  RequireClient,
  RequireDelegated,
  RequireGroup,
  RequireRole,
  RequireScope,
  RequireScopeOrRole,
  VerifiedToken
}
