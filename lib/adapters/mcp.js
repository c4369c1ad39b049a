'use strict'

const { authError } = require('../core/errors')
const { isVerifiedToken } = require('../core/verified-token')
const { identitiesOf } = require('../core/verifier')
const { warnOnce } = require('../core/warning')
const { requirements } = require('../http/guards')
const { createProtection } = require('../http/protection')
const { audienceWarning } = require('./mcp/audience')
const { AuthInfo, protectsResource } = require('./mcp/auth-info')
const { Metadata } = require('./mcp/metadata')
const { readOptions } = require('./mcp/options')
const { endingStreams } = require('./mcp/streams')
const { verifyAccessToken } = require('./mcp/token-verifier')

/** @import { IncomingMessage } from 'node:http' */
/** @import { RequestHandler, VerifiedToken } from '../..' */

/**
 * A request as Express has it; `node:http` has neither `originalUrl` nor `baseUrl` nor `route`.
 *
 * @typedef {IncomingMessage & { originalUrl?: string, baseUrl?: string, route?: any, body?: any, auth?: unknown }} Request
 */

/**
 * What the entry brings: the middleware of another adapter, which this one does not import, and the SDK's errors.
 *
 * @typedef {object} Given
 * @property {typeof import('./express').middlewareOf} middlewareOf
 * @property {typeof import('./express').configuredLater} configuredLater
 * @property {import('./mcp/token-verifier').LoadErrors} loadErrors
 */

/** @param {Given} given */
function mcpWith({ middlewareOf, configuredLater, loadErrors }) {
  /** @param {unknown} [options] */
  function protectMcp(options) {
    const { resource, keepStreams, isElsewhere, clockTolerance, options: common } = readOptions(options)
    const protection = createProtection(common, AuthInfo)
    const check = middlewareOf(protection)
    const verifier = /** @type {NonNullable<typeof check.verifier>} */ (check.verifier)
    protectsResource(verifier, resource)
    const warnings = identitiesOf(verifier).map((identity) => audienceWarning(resource, identity))
    // One authority with tokens for the resource is enough.
    const [warning] = warnings.includes(undefined) ? [] : warnings
    if (warning) warnOnce('ENTRA_JWT_VERIFY_MCP_RESOURCE', `protectMcp: ${warning}`)
    const metadata = new Metadata(protection, /** @type {RequestHandler} */ (check.resourceMetadata), isElsewhere)

    /** @type {RequestHandler} */
    function checkAuthToken(req, res, next) {
      // Called where it should be passed, which `check` says.
      if (res === undefined) return check(req, res, next)
      if (metadata.isWanted(req)) return metadata.serve(req, res, next)
      metadata.warnIfUnreachable(req, checkAuthToken)
      return check(req, res, keepStreams ? next : endingStreams(req, res, next, clockTolerance))
    }

    const members = {
      verifier,
      metadataUrl: metadata.url,
      verifyAccessToken: (/** @type {string} */ token) => verifyAccessToken(protection, token, loadErrors)
    }
    return Object.defineProperty(Object.assign(checkAuthToken, members), 'resourceMetadata', {
      enumerable: true,
      get: () => metadata.handler()
    })
  }

  return { checkAuthToken: configuredLater(() => protectMcp()), protectMcp }
}

/**
 * The verified token behind the call of a tool, from its last argument or the `authInfo` of that, or behind a request.
 *
 * @param {any} context
 * @returns {VerifiedToken}
 * @throws {import('../..').AuthError} `ERR_TOKEN_MISSING` where there is none, or what is there is not one
 */
function authOf(context) {
  const auth = isVerifiedToken(context) ? context : (context?.authInfo ?? context?.auth)
  if (isVerifiedToken(auth)) return auth
  requirements().warnOfUnverified(auth)
  throw authError({
    code: 'ERR_TOKEN_MISSING',
    message: 'no verified token',
    hint: 'mount protectMcp in front of the MCP transport, and pass authOf the last argument of the tool'
  })
}

module.exports = { authOf, mcpWith }
