'use strict'

const { warnOnce } = require('../../core/warning')

/** @import { RequestHandler } from '../../..' */
/** @import { AppProtection } from '../../http/protection' */
/** @import { Request } from '../mcp' */

/** The metadata of a protected resource, at the path that the challenge names. */
class Metadata {
  #send
  #path
  #search
  #isElsewhere
  /** Whether requests for it can come: its handler was taken, or the middleware stands where they pass. */
  #isReachable = false

  /**
   * @param {AppProtection} protection
   * @param {RequestHandler} send
   * @param {boolean} isElsewhere whether the application named another place for it
   */
  constructor({ metadata }, send, isElsewhere) {
    this.url = /** @type {NonNullable<typeof metadata>} */ (metadata).url
    const { pathname, search } = new URL(this.url)
    this.#send = send
    this.#path = withoutSlash(pathname)
    this.#search = search
    this.#isElsewhere = isElsewhere
  }

  /**
   * Whether a request is for the metadata. A trailing slash is ignored, because clients omit or add it.
   *
   * @param {Request} req
   */
  isWanted({ originalUrl, url }) {
    const target = originalUrl ?? url ?? ''
    // Most requests are for another path.
    if (!target.startsWith(this.#path)) return false
    const [path = '', search] = target.split(/(?=\?)/, 2)
    return withoutSlash(path) === this.#path && (this.#search === '' || this.#search === search)
  }

  /** @type {RequestHandler} */
  serve(req, res, next) {
    return this.#send(req, res, next)
  }

  /**
   * A handler for the metadata. As a route handler it answers each request; in `app.use` it passes on requests for
   * other paths.
   *
   * @returns {RequestHandler}
   */
  handler() {
    this.#isReachable = true
    /** @type {RequestHandler} */
    const resourceMetadata = (req, res, next) => {
      const isMiddleware = typeof next === 'function' && !isRouteOf(req, resourceMetadata)
      return isMiddleware && !this.isWanted(req) ? next() : this.serve(req, res, next)
    }
    return resourceMetadata
  }

  /**
   * Warns once that clients will not find the metadata: requests for it do not reach the middleware where it is
   * mounted, and its handler is not mounted.
   *
   * @param {Request} req that passes the middleware
   * @param {RequestHandler} middleware
   */
  warnIfUnreachable(req, middleware) {
    if (this.#isReachable || this.#isElsewhere) return
    const { baseUrl = '' } = req
    const isRoute = isRouteOf(req, middleware)
    if (!isRoute && (baseUrl === '' || this.#path.startsWith(`${baseUrl}/`))) {
      this.#isReachable = true
      return
    }
    warnOnce(
      'ENTRA_JWT_VERIFY_MCP_METADATA',
      `protectMcp is mounted at ${isRoute ? 'a route' : baseUrl}, where requests for ${this.url} do not pass, so MCP clients ` +
        'do not find out where to get a token. Mount the metadata at the root: app.use(auth.resourceMetadata), where auth is ' +
        'what protectMcp returned.'
    )
  }
}

/**
 * Whether Express calls a handler as a route handler. `req.route` still has an earlier route of the request.
 *
 * @param {Request} req
 * @param {RequestHandler} handler
 */
function isRouteOf({ route }, handler) {
  return Array.isArray(route?.stack) && route.stack.some((/** @type {any} */ layer) => layer?.handle === handler)
}

/** @param {string} path */
function withoutSlash(path) {
  return path.replace(/\/$/, '')
}

module.exports = { Metadata }
