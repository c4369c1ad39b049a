'use strict'

const { bearerToken } = require('./bearer')
const { AuthError, classicAnswer, internalError } = require('./errors')
const { VerifiedToken } = require('./verified-token')
const { Verifier, compile } = require('./verifier')

/**
 * A middleware for one configuration. With the key at hand it answers or calls `next()` before it returns.
 */
function createCheckAuthToken(options) {
  const { verifier, logger } = compile(options)

  function checkAuthToken(req, res, next) {
    const token = bearerToken(req.headers.authorization)
    if (token === undefined) return answer(res, missing(), logger)
    const verdict = Verifier.judge(verifier, token)
    if (verdict instanceof Promise) {
      verdict.then((error) => conclude(error, token, req, res, next, logger))
    } else {
      conclude(verdict, token, req, res, next, logger)
    }
  }
  return Object.assign(checkAuthToken, { verifier })
}

let configured

/** The middleware that the environment configures, at the first request. */
function checkAuthToken(req, res, next) {
  try {
    configured ??= createCheckAuthToken()
  } catch (error) {
    return answer(res, error instanceof AuthError ? error : internalError(error), console)
  }
  return configured(req, res, next)
}

function conclude(error, token, req, res, next, logger) {
  // Somebody else may have answered while the keys were fetched, a time-out for example.
  if (res.headersSent || res.writableEnded) return
  if (error) return answer(res, error, logger)
  req.auth = new VerifiedToken(token)
  next()
}

/** Answers by the classic contract. Only what node:http has is used, so that it works under anything like it. */
function answer(res, error, logger) {
  const { status, body, headers } = classicAnswer(error)
  if (status === 500) log(logger, error)
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.setHeader('Content-Type', 'text/plain; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(body)
}

function log(logger, error) {
  try {
    logger?.error('Error in checkAuthToken: ', error)
  } catch {
    // A logger that fails must not leave the request without an answer.
  }
}

function missing() {
  return new AuthError({
    code: 'ERR_TOKEN_MISSING',
    message: 'no bearer token',
    hint: 'send the header Authorization: Bearer <access token>'
  })
}

module.exports = { checkAuthToken, createCheckAuthToken }
