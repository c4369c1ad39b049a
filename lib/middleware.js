'use strict'

const { bearerToken, noToken } = require('./bearer')
const { publishVerdict } = require('./diagnostics')
const { AuthError, internalError } = require('./errors')
const { responder } = require('./responses')
const { VerifiedToken } = require('./verified-token')
const { Verifier, compile } = require('./verifier')

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
      : require('./resource-metadata').resourceMetadata(configuration)
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
    if (verdict instanceof Promise) {
      verdict.then((settled) => {
        // Somebody else may have answered while the keys were fetched, a time-out for example.
        if (!isAnswered(res)) conclude(settled, req, res, next, respond)
      })
    } else {
      conclude(verdict, req, res, next, respond)
    }
  }
  return Object.assign(checkAuthToken, { verifier }, metadata && { resourceMetadata: metadata.handler })
}

let configured

/** The middleware that the environment configures, at the first request. */
function checkAuthToken(req, res, next) {
  try {
    configured ??= createCheckAuthToken()
  } catch (error) {
    return standalone(error instanceof AuthError ? error : internalError(error), res, next)
  }
  return configured(req, res, next)
}

/** Touches `req` and `res` as little as it can: Express changes their prototypes, and each look at them is a slow one. */
function conclude(verdict, req, res, next, respond) {
  if (verdict instanceof AuthError) {
    if (!isAnswered(res)) respond(verdict, res, next)
    return
  }
  req.auth = verdict
  next()
}

function isAnswered(res) {
  return res.headersSent || res.writableEnded
}

/** Answers as the middleware does that set `req.auth`. */
function respondAs(auth, error, res, next) {
  const respond = (VerifiedToken.is(auth) && VerifiedToken.responder(auth)) || standalone
  respond(error, res, next)
}

module.exports = { checkAuthToken, createCheckAuthToken, respondAs }
