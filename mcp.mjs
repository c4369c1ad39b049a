// For programs that `import` the SDK. It recognises its errors by class, and has other classes for `import` than for `require`.
import express from './lib/adapters/express.js'
import mcp from './lib/adapters/mcp.js'

const { configuredLater, middlewareOf } = express

const loadErrors = () => import('@modelcontextprotocol/sdk/server/auth/errors.js').catch(() => undefined)

const { checkAuthToken, protectMcp } = mcp.mcpWith({ middlewareOf, configuredLater, loadErrors })

export {
  AuthError,
  authOf,
  claimsChallenge,
  createVerifier,
  guardTools,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  VerifiedToken,
  Verifier
} from './mcp.js'
export { checkAuthToken, protectMcp, protectMcp as createCheckAuthToken }
