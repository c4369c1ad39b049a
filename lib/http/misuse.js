'use strict'

const { callError } = require('../core/errors')
const { isPlugin, isResponse, takesError } = require('./callers')

/** @import { AuthError } from '../..' */

/**
 * For a middleware that is called instead of passed, `app.use(checkAuthToken())`, or passed to another framework than its own.
 *
 * @param {any} [given] its first argument
 */
function notAMiddleware(given) {
  if (isSocket(given)) return callError('checkAuthToken', 'in Socket.IO, write io.engine.use(checkAuthToken)')
  return isFrameworks(given) ? wrongEntry() : callError('checkAuthToken', `it is the middleware itself: ${WRITE}`)
}

const WRITE = 'write app.use(checkAuthToken), or with options app.use(createCheckAuthToken({ … }))'

/** What a framework passes: a request, a context or, for a plug-in, an instance. */
function isFrameworks(/** @type {any} */ given) {
  return given?.headers !== undefined || given?.req !== undefined || isPlugin(given)
}

/**
 * Whether it is Fastify that calls: for a plug-in with its instance, for a hook with its request.
 *
 * @param {any} given
 */
function isOfFastify(given) {
  return isPlugin(given) || (given?.raw !== undefined && isPlugin(given.server))
}

/**
 * Throws, or rejects for Fastify's instance: `app.ready()` then rejects, while an exception of a plug-in would end the process.
 *
 * @param {unknown} given what was passed by a framework or an application
 * @param {AuthError} error
 * @returns {any} a rejected promise
 */
function refuse(given, error) {
  if (isPlugin(given)) return Promise.reject(error)
  throw error
}

/** For the middleware of one framework in another. */
function wrongEntry() {
  return callError(
    'checkAuthToken',
    'it is the middleware of another framework: import it from the entry of yours, entra-jwt-verify for Express, ' +
      'entra-jwt-verify/fastify, /koa, /hono, /nest or /fetch'
  )
}

/** For a request of node:http with something else than its response. */
function noResponse() {
  return callError(
    'checkAuthToken',
    'expected the response of node:http as its second argument; where there is none, as in an upgrade, use ' +
      'checkAuthToken.verifier.authenticate(request)'
  )
}

/** For an event of h3 in place of its request. */
function eventAsRequest() {
  return callError(
    'checkAuthToken',
    'expected a fetch Request, got an event: pass its request (h3 2: event.req, h3 1: toWebRequest(event)) and return the response that ' +
      'you get; as a middleware, use fromNodeMiddleware(checkAuthToken) with checkAuthToken of entra-jwt-verify'
  )
}

/** The entries whose guards are Express's. */
const EXPRESS = 'entra-jwt-verify or entra-jwt-verify/mcp'

/**
 * For the guard of one framework in another, behind the middleware of that one.
 *
 * @param {string} entry that the guard comes from
 * @param {any} [given] its first argument
 */
function wrongGuard(entry, given) {
  const message = `it comes from ${entry}, for another framework: import it from the entry that checkAuthToken is imported from`
  if (isSocket(given)) return callError('guard', `${message}; in Socket.IO, pass it to io.engine.use`)
  return callError(
    'guard',
    given?.node?.req === undefined ? message : `${message}; in h3, pass it as fromNodeMiddleware(guard)`
  )
}

/**
 * For a guard of Express that is called without `next`.
 *
 * @param {any} given its first argument
 * @param {unknown} second
 */
function refuseGuard(given, second) {
  return report(isSocket(given) ? second : undefined, isResponse(second) ? guardByHand() : wrongGuard(EXPRESS, given))
}

/** For a guard of Express that is called by hand. */
function guardByHand() {
  return callError(
    'guard',
    'it is called without next: write guard(req, res, next), or app.use(guard)',
    'docs/authorization.md'
  )
}

/**
 * For the middleware of Express that is called with neither a response nor `next`.
 *
 * @param {any} given its first argument
 * @param {unknown} second
 */
function refuseMiddleware(given, second) {
  return report(isSocket(given) ? second : undefined, notAMiddleware(given))
}

/**
 * For the middleware or a guard on a route of express-ws, which has accepted the connection before and drops the error, so that it would stay
 * open: it is ended here, and the mistake is logged.
 *
 * @param {'checkAuthToken' | 'guard'} called
 * @param {{ failed: (problem: unknown) => void }} log
 * @param {{ terminate: () => void }} socket
 * @param {unknown} next
 */
function refuseWebSocket(called, log, socket, next) {
  const error = callError(
    called,
    'it is on a route of express-ws, which passes a WebSocket: write app.use(checkAuthToken) in front of the route, and ask ' +
      'req.auth.hasRole(…) or req.auth.hasScope(…) in its handler',
    'docs/frameworks/others.md#express-ws'
  )
  socket.terminate()
  log.failed(error)
  return report(next, error)
}

/** Whether it is Socket.IO that calls, with a socket and its `next`. */
function isSocket(/** @type {any} */ given) {
  return given?.handshake !== undefined
}

/**
 * Throws, or passes the error to a `next` that takes it: frameworks that call a middleware in an event listener have no use for an
 * exception, which would end the process.
 *
 * @param {unknown} next
 * @param {AuthError} error
 */
function report(next, error) {
  if (!takesError(/** @type {any} */ (next))) throw error
  return /** @type {(error: unknown) => void} */ (next)(error)
}

/**
 * For what `createCheckAuthToken` or `protectMcp` got besides options: a framework's arguments, `app.use(createCheckAuthToken)`, or options that would
 * be ignored, which may be restrictions.
 *
 * @param {any} options
 * @param {unknown[]} more
 * @param {string} [create] the function
 * @returns {any} a rejected promise for Fastify, nothing if there are only options
 * @throws {AuthError} `ERR_CONFIG`
 */
function refuseMore(options, more, create = 'createCheckAuthToken') {
  if (more.some((given) => typeof given === 'function')) {
    return refuse(options, isOfFastify(options) ? wrongEntry() : notCalled(create))
  }
  if (!isFrameworks(options)) assertOneArgument(create, more)
}

/**
 * What is in another argument would be ignored, and may be a restriction.
 *
 * @param {string} called
 * @param {unknown[]} more
 * @param {string} [expected]
 * @throws {AuthError} `ERR_CONFIG`
 */
function assertOneArgument(called, more, expected = 'one argument, the options') {
  if (more.every((given) => given === undefined)) return
  throw callError(called, `expected ${expected}, got more`, pageOf(called))
}

/**
 * For `app.use(createCheckAuthToken)` and `app.use(protectMcp)`.
 *
 * @param {string} create
 */
function notCalled(create) {
  if (create === 'protectMcp') {
    const write = 'write app.use(protectMcp({ resource: … }))'
    return callError(create, `it creates the middleware: ${write}`, pageOf(create))
  }
  return callError('checkAuthToken', `${create} creates the middleware: write app.use(${create}())`)
}

/** @param {string} called */
function pageOf(called) {
  if (/^(protectMcp|guardTools)$/.test(called)) return 'docs/mcp.md'
  return /^(require[A-Z]|claimsChallenge)/.test(called) ? 'docs/authorization.md' : undefined
}

/** For Fastify's plug-in, created by its own framework or by another one. */
function pluginNotCalled(/** @type {unknown} */ given) {
  if (isFrameworks(given) && !isOfFastify(given)) return wrongEntry()
  return callError(
    'checkAuthToken',
    'createCheckAuthToken creates the plug-in: write fastify.register(createCheckAuthToken({ … })) or ' +
      'fastify.register(checkAuthToken, { … })'
  )
}

module.exports = {
  EXPRESS,
  assertOneArgument,
  eventAsRequest,
  noResponse,
  notAMiddleware,
  pluginNotCalled,
  refuse,
  refuseGuard,
  refuseMiddleware,
  refuseMore,
  refuseWebSocket,
  report,
  wrongEntry,
  wrongGuard
}
