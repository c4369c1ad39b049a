'use strict'

const { errorOf } = require('../core/errors')
const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { Outcome, endUpgrade, isPlugin, isResponse, isWebSocket, takesError } = require('../http/callers')
const { requirements } = require('../http/guards')
const {
  ABSENT,
  MET,
  UNPROTECTED,
  createProtection,
  environmentProtection,
  protectionOf
} = require('../http/protection')
const {
  OVER,
  awaitable,
  closed,
  closedIfConnected,
  expose,
  isAnswered,
  isMissing,
  isOpen,
  isReply,
  isUnconnected,
  send,
  serve,
  withdraw
} = require('./express/response')

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { AuthError, Options, RequestHandler, VerifiedToken } from '../..' */
/** @import { AppProtection } from '../http/protection' */

/** @typedef {IncomingMessage & { auth?: unknown, upgrade?: boolean }} Request */
/** @typedef {(error?: unknown) => void} Next */

/** Where applications find the verified token. */
const PLACE = 'req.auth'

/**
 * @param {Options} [options]
 * @param {unknown[]} more what a framework passes, if this is passed instead of called
 */
function createCheckAuthToken(options, ...more) {
  const refused = more.length > 0 && require('../http/misuse').refuseMore(options, more)
  if (refused) return refused
  return middlewareOf(createProtection(options))
}

/**
 * A middleware for one configuration. If the key is cached, it answers or calls `next()` before it returns.
 *
 * @param {AppProtection} protection
 */
function middlewareOf(protection) {
  let hasBeenCalled = false
  /** @type {RequestHandler} */
  function checkAuthToken(req, res, next) {
    if (next === undefined && isMisused(res)) return require('../http/misuse').refuseMiddleware(req, res)
    // At the first request, so that the mistake shows with a valid token too.
    if (!hasBeenCalled) {
      assertOwnResponse(res)
      hasBeenCalled = true
    }
    const { headers } = req
    const verdict = protection.check(headers?.authorization ?? fetchHeader(headers), req)
    if (isVerifiedToken(verdict)) return admit(protection, verdict, req, res, next)
    if (isPending(verdict))
      return afterWaiting(protection, verdict.verdict, req, res, (ended) => finish(protection, ended, req, res, next))
    if (verdict === ABSENT) return admitWithoutToken(protection, req, res, next)
    forget(req)
    return rejectNow(protection, verdict, req, res, next)
  }

  const { verifier, metadata } = protection
  return Object.assign(checkAuthToken, { verifier }, metadata && { resourceMetadata: serve(metadata.answerTo) })
}

/**
 * Called instead of passed, `app.use(checkAuthToken())`, or by Koa or Hono, which pass a context and `next`.
 *
 * @param {unknown} res of a call without `next`
 */
function isMisused(res) {
  return res === undefined || typeof res === 'function'
}

/**
 * The header of a fetch `Request`, which some frameworks pass to such middleware.
 *
 * @param {any} headers
 * @returns {string | undefined}
 */
function fetchHeader(headers) {
  return typeof headers?.get === 'function' ? (headers.get('authorization') ?? undefined) : undefined
}

/**
 * A middleware that is configured at the first request, or when its `verifier` is first asked for.
 *
 * @template {RequestHandler & { verifier: unknown }} T
 * @param {() => T} configure throws until it can
 * @param {() => AppProtection} [unconfigured] answers until then
 */
function configuredLater(configure, unconfigured = () => UNPROTECTED) {
  /** @type {T | undefined} */
  let configured
  /** @type {RequestHandler} */
  function checkAuthToken(req, res, next) {
    if (next === undefined && isMisused(res)) return require('../http/misuse').refuseMiddleware(req, res)
    try {
      configured ??= configure()
    } catch (error) {
      forget(req)
      return rejectNow(unconfigured(), error, req, res, next)
    }
    return configured(req, res, next)
  }
  const get = () => {
    configured ??= configure()
    return configured.verifier
  }
  return Object.defineProperty(checkAuthToken, 'verifier', { get })
}

const checkAuthToken = configuredLater(() => middlewareOf(environmentProtection()))

/**
 * Touches `req` and `res` as little as possible: Express swaps their prototypes for each request, which makes property access
 * slow.
 *
 * @param {AppProtection} protection
 * @param {VerifiedToken} auth
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function admit(protection, auth, req, res, next) {
  try {
    req.auth = auth
  } catch (error) {
    return fail(protection, error, req, res, next)
  }
  next()
}

/**
 * @param {AppProtection} protection
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function admitWithoutToken(protection, req, res, next) {
  if (isWebSocket(req, res)) return refuseWebSocket('checkAuthToken', protection, req, next)
  protection.passedWithoutToken(req)
  try {
    req.auth = undefined
    if (req.auth !== undefined) throw new Error('req.auth cannot be set')
  } catch (error) {
    return fail(protection, error, req, res, next)
  }
  next()
}

/**
 * Continues a request after its keys have been fetched, or the application has decided. An exception of `next()` then
 * rejects the promise that the middleware returned, for callers that await it (Express 5, an `await`). If nothing
 * awaits it, the request is answered and the exception logged, because an unhandled rejection would end the process. If
 * the request is answered, the promise resolves only after the response is closed.
 *
 * @param {AppProtection} protection
 * @param {Promise<unknown>} waiting never rejects
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {(ended: unknown) => any} go
 */
function afterWaiting(protection, waiting, req, res, go) {
  assertOwnResponse(res)
  // Headers that were already sent are not a complete response: the handler can still write the body.
  const headersSent = res?.headersSent
  const outcome = new Outcome((resolve, reject) => {
    waiting.then((ended) => {
      try {
        // Something else may have answered in the meantime, such as a time-out.
        const isAnsweredMeanwhile = res?.writableEnded || res?.headersSent !== headersSent
        resolve(isAnsweredMeanwhile ? closed(res) : go(ended))
      } catch (error) {
        reject(error)
      }
    })
  })
  return awaitable(
    outcome.orElse((error) => abort(protection, error, req, res)),
    req,
    res
  )
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function finish(protection, verdict, req, res, next) {
  if (isVerifiedToken(verdict)) return admit(protection, verdict, req, res, next)
  forget(req)
  return rejectLater(protection, verdict, req, res, next)
}

/**
 * Removes what an earlier middleware set: an error handler must not take a rejected request for that of a verified caller.
 *
 * @param {Request} req
 */
function forget(req) {
  try {
    if (isVerifiedToken(req.auth)) req.auth = undefined
  } catch {
    // It cannot be set; the request is rejected either way.
  }
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 * @returns {void | Promise<void>}
 */
function reject(protection, verdict, req, res, next) {
  if (isWebSocket(req, res)) return refuseWebSocket('checkAuthToken', protection, req, next)
  // Without `next`, only a response can end the request.
  const isAbsent = isMissing(res) || (typeof next !== 'function' && !isResponse(res))
  let rejection
  try {
    if (!isAbsent && res.writableEnded) return
    rejection = protection.reject(verdict)
    if (!isAbsent) {
      // Too late for a response: only the framework, or the end of the connection, can end the request.
      if (res.headersSent) return fail(protection, rejection.error, req, res, next)
      if (rejection.answer) return send(req, res, rejection.answer)
    }
  } catch (problem) {
    withdraw(res)
    if (!isResponse(res)) return failWithoutResponse(protection, rejection?.error ?? problem, req, res, next)
    return fail(protection, problem, req, res, next)
  }
  if (isAbsent) return failWithoutResponse(protection, rejection.error, req, res, next)
  if (protection.respond) return respond(protection, rejection.error, req, res, next)
  handError(protection, rejection.error, req, res, next)
}

/**
 * Rejects a request at once. Where nothing is returned, h3 waits for the response to be closed; what Nitro makes up in place of one,
 * without a connection, was closed while it was written.
 *
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function rejectNow(protection, verdict, req, res, next) {
  const wasOpen = isOpen(res)
  const rejected = reject(protection, verdict, req, res, next)
  return rejected ?? (wasOpen && isUnconnected(res) ? awaitable(OVER, req, res) : undefined)
}

/**
 * Rejects a request where there is no response: an upgrade, a middleware of Socket.IO. Another framework's reply would be answered by that
 * framework, with whatever its handler returns. Many frameworks pass one argument, and continue unless there is an exception.
 *
 * @param {AppProtection} protection
 * @param {unknown} rejection
 * @param {Request} req
 * @param {any} res
 * @param {Next} next
 */
function failWithoutResponse(protection, rejection, req, res, next) {
  if (res?.raw !== undefined || isPlugin(req)) {
    const { report, wrongEntry } = require('../http/misuse')
    return report(next, wrongEntry())
  }
  if (takesError(next)) return next(errorOf(rejection))
  if (req.upgrade) req.socket?.destroy()
  else if (typeof next !== 'function') throw require('../http/misuse').notAMiddleware(req)
  // The connection of any other request may serve somebody else by now, through a proxy.
  logNoResponse(protection)
}

/**
 * @param {'checkAuthToken' | 'guard'} called
 * @param {AppProtection} protection
 * @param {any} socket
 * @param {Next} next
 */
function refuseWebSocket(called, { log }, socket, next) {
  return require('../http/misuse').refuseWebSocket(called, log, socket, next)
}

/** @param {AppProtection} protection */
function logNoResponse({ log }) {
  try {
    log.failed(require('../http/misuse').noResponse())
  } catch {
    // There is no file descriptor left to load the message.
  }
}

/**
 * Rejects a request that has waited. Some frameworks (h3, hyper-express) continue to the handler when the promise
 * resolves, and some send a response only after the request's body has arrived, so the promise resolves only after the
 * response is closed.
 *
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function rejectLater(protection, verdict, req, res, next) {
  const rejected = reject(protection, verdict, req, res, next)
  if (rejected !== undefined || isMissing(res)) return rejected
  return isAnswered(res) ? closed(res) : closedIfConnected(res)
}

/**
 * Lets the application answer. Its `next` always passes on an error, because the handler after it requires a verified
 * token. An exception of the application, now or later, only ends its own request.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 * @returns {void | Promise<void>}
 */
function respond(protection, error, req, res, next) {
  assertOwnResponse(res)
  let isHandedOn = false
  /** @type {Next} */
  const handOn = (problem) => {
    isHandedOn = true
    if (errorOf(problem) === problem && problem !== error) fail(protection, problem, req, res, next)
    else handError(protection, error, req, res, next)
  }
  /** An exception of `next()` belongs to the framework. */
  const contain = (/** @type {unknown} */ problem) => {
    if (isHandedOn) throw problem
    fail(protection, problem, req, res, next)
  }
  // Called without a receiver, so that the application gets no internal object.
  const { respond: answer } = protection
  try {
    // It may answer later, and nothing tells when.
    endUpgrade(req, res)
    const answering = /** @type {any} */ (answer?.(error, req, res, handOn))
    const over = () => awaitable(isHandedOn ? closedIfConnected(res) : closed(res), req, res)
    if (typeof answering?.then === 'function') return afterAnswering(protection, answering, { over, contain }, req, res)
    endUpgrade(req, res)
    // Without a promise, nothing goes on by itself.
    return isAnswered(res) ? undefined : over()
  } catch (problem) {
    contain(problem)
  }
}

/**
 * @param {AppProtection} protection
 * @param {PromiseLike<unknown>} answering
 * @param {{ over: () => Promise<void> | undefined, contain: (problem: unknown) => void }} then
 * @param {Request} req
 * @param {ServerResponse} res
 */
function afterAnswering(protection, answering, { over, contain }, req, res) {
  const outcome = new Outcome((resolve, reject) => {
    answering.then(
      () => {
        endUpgrade(req, res)
        resolve(over())
      },
      (problem) => {
        try {
          resolve(contain(problem))
        } catch (thrown) {
          reject(thrown)
        }
      }
    )
  })
  return awaitable(
    outcome.orElse((problem) => abort(protection, problem, req, res)),
    req,
    res
  )
}

/**
 * Passes an error to the framework's error handler. Status and headers are set before, for handlers that only write a
 * body. A `next` without a parameter would continue to the handler, so then the request is answered here.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function handError(protection, error, req, res, next) {
  if (!takesError(next)) return answer(protection, error, req, res, next)
  try {
    endUpgrade(req, res)
    res.statusCode = error.status
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value)
    expose(res, error)
  } catch {
    // The error has these headers too.
  }
  next(error)
}

/**
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function answer(protection, error, req, res, next) {
  try {
    send(req, res, protection.answer(error))
  } catch (problem) {
    withdraw(res)
    if (isResponse(res)) fail(protection, problem, req, res, next)
    else failWithoutResponse(protection, error, req, res, next)
  }
}

/**
 * Handles an exception that is not about the token but comes from other code's changes to `req` or `res`. It is passed
 * to a `next` that takes an error, as in Express and Connect. A `next` without a parameter would continue to the
 * handler, so then the request is answered here.
 *
 * @param {AppProtection} protection
 * @param {unknown} problem
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Next} next
 */
function fail(protection, problem, req, res, next) {
  if (takesError(next)) return next(errorOf(problem))
  abort(protection, problem, req, res)
}

/**
 * Sends a bare 500, or ends the connection if it is too late for that.
 *
 * @param {AppProtection} protection
 * @param {unknown} problem for the log
 * @param {Request} req
 * @param {ServerResponse} res
 */
function abort(protection, problem, req, res) {
  protection.log.failed(problem)
  try {
    if (!isAnswered(res)) {
      res.statusCode = 500
      res.end('Internal Server Error')
      endUpgrade(req, res)
      return
    }
  } catch {
    // Not even a bare 500 can be sent.
  }
  try {
    if (req.upgrade && !isResponse(res)) req.socket?.destroy()
    else if (!res.writableEnded) res.destroy?.()
  } catch {
    // The connection cannot be ended through `res` as other code changed it.
  }
}

/**
 * Fastify takes the promise of a hook for leave to continue, even after the hook has passed on an error: the handler would run
 * while an asynchronous error handler is still answering. Its reply, which has the response of node:http in `raw`, is refused.
 *
 * @param {any} res
 */
function assertOwnResponse(res) {
  if (isReply(res)) throw require('../http/misuse').wrongEntry()
}

/** For a guard in a hook of Fastify. */
function wrongGuard() {
  const misuse = require('../http/misuse')
  return misuse.wrongGuard(misuse.EXPRESS)
}

/**
 * A middleware for a route behind `checkAuthToken`. Without `checkAuthToken`, it rejects every request.
 *
 * @param {import('../http/requirements').Requirement} requirement
 * @returns {RequestHandler}
 */
function guard(requirement) {
  const { decide, isUndecided, warnOfUnprotected, warnOfUnverified } = requirements()
  return (/** @type {Request} */ req, res, next) => {
    // At every request, so that the mistake shows with a valid token too. Koa, Hono and Socket.IO pass two arguments, h3, Elysia and
    // others one, and what these others get back, they take for leave to continue.
    if (typeof next !== 'function') return require('../http/misuse').refuseGuard(req, res)
    const { auth } = req
    const decision = decide(requirement, auth, PLACE)
    if (decision === MET) return next()
    if (isReply(res)) throw wrongGuard()
    if (isWebSocket(req, res)) {
      return refuseWebSocket('guard', protectionOf(/** @type {any} */ (res).auth, res), req, next)
    }
    const protection = protectionOf(auth, req)
    const conclude = (/** @type {unknown} */ decided) =>
      decided === MET ? next() : rejectLater(protection, decided, req, res, next)
    if (isUndecided(decision)) return afterWaiting(protection, decision.decision, req, res, conclude)
    warnOfUnverified(auth, PLACE)
    warnOfUnprotected(protection, auth, req.headers?.authorization)
    return rejectNow(protection, decision, req, res, next)
  }
}

module.exports = { checkAuthToken, configuredLater, createCheckAuthToken, guard, middlewareOf }
