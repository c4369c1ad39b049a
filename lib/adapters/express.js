'use strict'

const { bearerToken, noToken } = require('../http/bearer')
const { publishVerdict } = require('../core/diagnostics')
const { AuthError, internalError } = require('../core/errors')
const { abort, fail, isAnswered, responder } = require('../http/responses')
const { VerifiedToken } = require('../core/verified-token')
const { PENDING, Verifier, compile } = require('../core/verifier')

/** Answers where no middleware of ours is in front. */
const standalone = responder({ logger: console })

/**
 * A middleware for one configuration. With the key at hand it answers or calls `next()` before it returns.
 */
function createCheckAuthToken(options) {
  const { verifier, configuration } = compile(options)
  // Loaded by those who publish it.
  const metadata =
    configuration.resourceMetadata === undefined
      ? undefined
      : require('../http/resource-metadata').resourceMetadata(configuration)
  const respond = responder({ ...configuration, resourceMetadata: metadata?.url })

  // The classic contract has one answer for a request without a token, whatever its header says.
  const tellsBadRequests = (configuration.responses ?? 'classic') !== 'classic'

  function checkAuthToken(req, res, next) {
    const { authorization } = req.headers
    const token = bearerToken(authorization)
    if (token === undefined) {
      const error = noToken(tellsBadRequests ? authorization : undefined)
      publishVerdict(error, false)
      return respond(error, res, next)
    }
    const verdict = Verifier.judge(verifier, token, respond)
    if (verdict !== PENDING) return conclude(verdict, req, res, next, respond)
    const waiting = Verifier.judgeLater(verifier, token, respond)
    return afterWaiting(waiting, res, (settled) => conclude(settled, req, res, next, respond), respond)
  }
  return Object.assign(checkAuthToken, { verifier }, metadata && { resourceMetadata: metadata.handler })
}

let configured

/** The middleware that the environment configures, at the first request. */
function checkAuthToken(req, res, next) {
  try {
    configured ??= createCheckAuthToken()
  } catch (error) {
    return standalone(AuthError.is(error) ? error : internalError(error), res, next)
  }
  return configured(req, res, next)
}

/**
 * Hands on a request whose token is proven to be verified, and answers any other, whatever the verdict is. Touches `req`
 * and `res` as little as it can: Express changes their prototypes, and each look at them is a slow one.
 */
function conclude(verdict, req, res, next, respond) {
  if (!VerifiedToken.is(verdict)) {
    return respond(AuthError.is(verdict) ? verdict : internalError(verdict), res, next)
  }
  try {
    req.auth = verdict
  } catch (error) {
    return fail(error, res, next)
  }
  next()
}

/**
 * Concludes a request once its keys have been fetched. What `next()` throws then rejects the promise that the middleware
 * returned, for callers that wait for it (Express 5, an `await`). Where nobody does, the request is answered, and the
 * exception logged: an unhandled rejection would end the process.
 */
function afterWaiting(waiting, res, settle, respond) {
  return new Outcome((resolve, reject) => {
    waiting.then(function settled(verdict) {
      try {
        // Somebody else may have answered while the keys were fetched, a time-out for example.
        if (!isAnswered(res)) settle(verdict)
        resolve()
      } catch (error) {
        reject(error)
      }
    })
  }).orElse((error) => {
    respond.log(error)
    abort(res)
  })
}

/** The engine's own, whatever the global of this name is. */
const NativePromise = (async () => {})().constructor

/** A promise that knows whether anybody waits for it. */
class Outcome extends NativePromise {
  #isAwaited = false

  static get [Symbol.species]() {
    return NativePromise
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one.
  then(onFulfilled, onRejected) {
    this.#isAwaited = true
    return super.then(onFulfilled, onRejected)
  }

  /** Deals with a rejection that nobody waits for. */
  orElse(handle) {
    super.then(undefined, (error) => {
      if (!this.#isAwaited) handle(error)
    })
    return this
  }
}

/** Answers as the middleware does that set `req.auth`. */
function respondAs(auth, error, res, next) {
  const respond = (VerifiedToken.is(auth) && VerifiedToken.responder(auth)) || standalone
  respond(error, res, next)
}

module.exports = { checkAuthToken, createCheckAuthToken, respondAs }
