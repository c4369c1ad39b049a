'use strict'

const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { entryOf } = require('../http/entry')
const { requirements } = require('../http/guards')
const { ABSENT, MET, UNPROTECTED, exposure, protectionOf } = require('../http/protection')

/** @import { Context, Next } from 'hono' */
/** @import { AuthError, VerifiedToken } from '../..' */
/** @import { Answer } from '../http/answers' */
/** @import { AppProtection } from '../http/protection' */
/** @import { Requirement } from '../http/requirements' */

/** Where applications find the verified token. */
const PLACE = 'c.var.auth'

const { checkAuthToken, createCheckAuthToken } = entryOf(
  middlewareOf,
  (answerTo) => (/** @type {Context} */ c) => write(c, answerTo(c.req.method))
)

/** @param {() => AppProtection} configured */
function middlewareOf(configured) {
  return (/** @type {Context} */ c, /** @type {Next} */ next) => {
    // Called instead of passed: app.use(checkAuthToken()), also with options.
    if (c?.req === undefined) return refuse(c)
    const { raw } = c.req
    // A context of Koa.
    if (raw === undefined) throw require('../http/misuse').wrongEntry()
    let protection
    try {
      protection = configured()
    } catch (error) {
      return reject(UNPROTECTED, error, c)
    }
    const verdict = protection.check(raw.headers.get('authorization'), c, new Incoming(c))
    return isPending(verdict)
      ? afterWaiting(verdict.verdict, c, (ended) => finish(protection, ended, c, next))
      : finish(protection, verdict, c, next)
  }
}

/** @param {unknown} given */
function refuse(given) {
  const { notAMiddleware, refuse } = require('../http/misuse')
  return refuse(given, notAMiddleware(given))
}

/** Where a client certificate can be: in a request header, or in the connection, which Hono only has under Node. */
class Incoming {
  #c

  /** @param {Context} c */
  constructor(c) {
    this.#c = c
  }

  get headers() {
    return this.#c.req.raw.headers
  }

  get socket() {
    return this.#c.env?.incoming?.socket
  }
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Context} c
 * @param {Next} next
 */
function finish(protection, verdict, c, next) {
  if (isVerifiedToken(verdict)) {
    setAuth(c, verdict)
    return go(next)
  }
  if (verdict !== ABSENT) {
    // What an earlier middleware set is not the token of a rejected request.
    if (isVerifiedToken(c.get('auth'))) setAuth(c, undefined)
    return reject(protection, verdict, c)
  }
  protection.passedWithoutToken(c)
  setAuth(c, undefined)
  return go(next)
}

/**
 * Hono's `next` resolves to the context. If that were returned, Hono would take it for the response where a handler forgot to return
 * one.
 *
 * @param {Next} next
 */
async function go(next) {
  await next()
}

/**
 * Replaces a value set by earlier middleware; if that is not possible, the request fails.
 *
 * @param {Context} c
 * @param {VerifiedToken | undefined} auth
 */
function setAuth(c, auth) {
  c.set('auth', auth)
  if (c.get('auth') !== auth) throw new Error("c.set('auth') has no effect")
}

/**
 * Continues a request after its keys have been fetched, or the application has decided.
 *
 * @template T
 * @param {Promise<T>} waiting never rejects
 * @param {Context} c
 * @param {(ended: T) => any} go
 */
async function afterWaiting(waiting, c, go) {
  const { finalized } = c
  const ended = await waiting
  // Something else may have answered in the meantime, such as a time-out.
  if (c.finalized === finalized) return go(ended)
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Context} c
 * @returns {Response | Promise<object>}
 */
function reject(protection, verdict, c) {
  const { error, answer } = protection.reject(verdict)
  if (protection.respond) return respond(protection, error, c)
  expose(c, answer ?? error)
  if (answer) return settle(c, write(c, answer))
  throw handedOn(protection, error)
}

/**
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Context} c
 */
async function respond(protection, error, c) {
  const response = await require('../http/application-answer').applicationAnswer(protection, error, c)
  if (response === undefined) throw handedOn(protection, error)
  return settle(c, response)
}

/**
 * Makes a response that of the request, so that it is sent also where the middleware was called by hand and what it returned is lost.
 *
 * @param {Context} c
 * @param {object} response
 */
function settle(c, response) {
  c.res = /** @type {Response} */ (response)
  return c.res
}

/**
 * An error from which Hono, and every error handler that knows Hono's `HTTPException`, gets the response. It is not an instance of
 * that class: this package, the application and its other packages may each have loaded another copy of it.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 */
function handedOn({ log }, error) {
  const getResponse = () => {
    // Hono does not log an error that has a response, so an outage would leave no trace.
    if (error.status >= 500) log.failed(error, error.code)
    return error.toResponse()
  }
  return Object.defineProperty(error, 'getResponse', { value: getResponse })
}

/**
 * Sets headers on the current response, from which Hono copies them to the one that is sent.
 *
 * @param {Context} c
 * @param {{ headers: Readonly<Record<string, string>> }} answer
 */
function expose(c, answer) {
  const exposed = exposure(answer, (name) => c.res.headers.get(name))
  if (exposed !== undefined) c.header('Access-Control-Expose-Headers', exposed)
}

/**
 * @param {Context} c
 * @param {Answer} answer
 */
function write(c, { status, headers, body }) {
  return c.newResponse(
    body === '' ? null : body,
    /** @type {import('hono/utils/http-status').StatusCode} */ (status),
    headers
  )
}

/**
 * A middleware for a route behind `checkAuthToken`. Without `checkAuthToken`, it rejects every request.
 *
 * @param {Requirement} requirement
 */
function guard(requirement) {
  const { decide, isUndecided, warnOfUnprotected, warnOfUnverified } = requirements()
  return (/** @type {Context} */ c, /** @type {Next} */ next) => {
    // A request of node:http, which Express and others pass.
    if (c?.req === undefined && Object(c).headers !== undefined) {
      throw require('../http/misuse').wrongGuard('entra-jwt-verify/hono')
    }
    const auth = c.get('auth')
    const decision = decide(requirement, auth, PLACE)
    if (decision === MET) return go(next)
    // A context of Koa.
    if ('state' in c) throw require('../http/misuse').wrongGuard('entra-jwt-verify/hono')
    const protection = protectionOf(auth, c)
    const conclude = (/** @type {unknown} */ decided) => (decided === MET ? go(next) : reject(protection, decided, c))
    if (isUndecided(decision)) return afterWaiting(decision.decision, c, conclude)
    warnOfUnverified(auth, PLACE)
    warnOfUnprotected(protection, auth, c.req?.raw.headers.get('authorization'))
    return conclude(decision)
  }
}

module.exports = { checkAuthToken, createCheckAuthToken, guard }
