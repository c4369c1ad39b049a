'use strict'

const { identitiesOf } = require('../../core/verifier')
const { warnOnce } = require('../../core/warning')
const { createProtection } = require('../../http/protection')
const { audienceWarning } = require('./audience')
const { AuthInfo, protectsResource } = require('./auth-info')
const { Metadata } = require('./metadata')
const { readOptions } = require('./options')
const { endingStreams } = require('./streams')
const { verifyAccessToken } = require('./token-verifier')

/** @import { RequestHandler } from '../../..' */
/** @import { Given } from '../mcp' */

/**
 * A middleware for one MCP server.
 *
 * @param {Pick<Given, 'middlewareOf' | 'loadErrors'>} given
 * @param {unknown} [options]
 */
function protect({ middlewareOf, loadErrors }, options) {
  const { resource, keepStreams, isElsewhere, clockTolerance, options: common } = readOptions(options)
  const protection = createProtection(common, AuthInfo)
  const check = middlewareOf(protection)
  const verifier = /** @type {NonNullable<typeof check.verifier>} */ (check.verifier)
  protectsResource(verifier, resource)
  const warnings = identitiesOf(verifier).map((identity) => audienceWarning(resource, identity))
  // One authority that accepts the resource suffices.
  const [warning] = warnings.includes(undefined) ? [] : warnings
  if (warning) warnOnce('ENTRA_JWT_VERIFY_MCP_RESOURCE', `protectMcp: ${warning}`)
  const metadata = new Metadata(protection, /** @type {RequestHandler} */ (check.resourceMetadata), isElsewhere)

  /** @type {RequestHandler} */
  function checkAuthToken(req, res, next) {
    // Called instead of passed, or with a context and `next`: `check` reports that.
    if (res === undefined || typeof res === 'function') return check(req, res, next)
    if (metadata.isWanted(req)) return metadata.serve(req, res, next)
    metadata.warnIfUnreachable(req, checkAuthToken)
    // What is no `next` must not be made one.
    const isKept = keepStreams || typeof next !== 'function'
    return check(req, res, isKept ? next : endingStreams(req, res, next, clockTolerance))
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

module.exports = { protect }
