'use strict'

const { authError } = require('../core/errors')
const { isVerifiedToken } = require('../core/verified-token')
const { requirements } = require('../http/guards')

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
function mcpWith(given) {
  // Each file is loaded when it is first needed.
  const protectMcp = (/** @type {unknown} */ options, /** @type {unknown[]} */ ...more) => {
    const refused = more.length > 0 && require('../http/misuse').refuseMore(options, more, 'protectMcp')
    if (refused) return refused
    return require('./mcp/protect').protect(given, options)
  }
  // As it will answer once it is configured.
  const unconfigured = () => require('../http/protection').standalone('rfc6750')
  return { checkAuthToken: given.configuredLater(() => protectMcp(undefined), unconfigured), protectMcp }
}

/**
 * Guards for single tools.
 *
 * @param {Record<string, RequestHandler>} guards
 * @param {unknown[]} more
 * @returns {RequestHandler}
 */
function guardTools(guards, ...more) {
  const guard = require('./mcp/tools').guardTools(guards)
  if (more.length > 0) require('../http/misuse').assertOneArgument('guardTools', more, 'one argument, { tool: guard }')
  return guard
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
  requirements().warnOfUnverified(auth, context?.authInfo ? 'extra.authInfo' : 'req.auth')
  throw authError({
    code: 'ERR_TOKEN_MISSING',
    message: 'no verified token',
    hint: 'mount protectMcp in front of the MCP transport, and pass authOf the last argument of the tool'
  })
}

module.exports = { authOf, guardTools, mcpWith }
