'use strict'

const { errorOf } = require('../core/errors')
const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { endUpgrade } = require('../http/callers')
const { entryOf } = require('../http/entry')
const { requirements } = require('../http/guards')
const { ABSENT, MET, UNPROTECTED, exposure, protectionOf } = require('../http/protection')

/** @import { Context, Next } from 'koa' */
/** @import { AuthError, VerifiedToken } from '../..' */
/** @import { KoaMiddleware } from '../../koa' */
/** @import { Answer } from '../http/answers' */
/** @import { AppProtection } from '../http/protection' */

/** Where applications find the verified token. */
const PLACE = 'ctx.state.auth'

const { checkAuthToken, createCheckAuthToken } = entryOf(middlewareOf, serve)

/**
 * If the key is cached, it continues before it returns.
 *
 * @param {() => AppProtection} configured
 * @returns {KoaMiddleware}
 */
function middlewareOf(configured) {
  return function checkAuthToken(ctx, next) {
    // Called instead of passed: app.use(checkAuthToken()), also with options.
    if (ctx?.req === undefined) return refuse(ctx)
    const { headers } = ctx.req
    // A context of Hono.
    if (headers === undefined) throw require('../http/misuse').wrongEntry()
    let protection
    try {
      protection = configured()
    } catch (error) {
      return reject(UNPROTECTED, error, ctx)
    }
    const verdict = protection.check(headers.authorization, ctx)
    if (isPending(verdict)) return verdict.verdict.then((ended) => finish(protection, ended, ctx, next))
    return finish(protection, verdict, ctx, next)
  }
}

/** @param {unknown} given */
function refuse(given) {
  const { notAMiddleware, refuse } = require('../http/misuse')
  return refuse(given, notAMiddleware(given))
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Context} ctx
 * @param {Next} next
 */
function finish(protection, verdict, ctx, next) {
  if (isVerifiedToken(verdict)) {
    setAuth(ctx, verdict)
    return next()
  }
  if (verdict !== ABSENT) {
    // What an earlier middleware set is not the token of a rejected request.
    if (isVerifiedToken(ctx.state.auth)) setAuth(ctx, undefined)
    return reject(protection, verdict, ctx)
  }
  protection.passedWithoutToken(ctx)
  setAuth(ctx, undefined)
  return next()
}

/**
 * Replaces a value set by earlier middleware; if that is not possible, the request fails.
 *
 * @param {Context} ctx
 * @param {VerifiedToken | undefined} auth
 */
function setAuth({ state }, auth) {
  state.auth = auth
  if (state.auth !== auth) throw new Error('ctx.state.auth cannot be set')
}

/**
 * Answers, or throws for the framework's error handler.
 *
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {Context} ctx
 * @returns {void | Promise<void>}
 */
function reject(protection, verdict, ctx) {
  const { error, answer } = protection.reject(verdict)
  endUpgrade(ctx.req, ctx.res)
  if (answer) return send(protection, error, answer, ctx)
  if (protection.respond) return respond(protection, error, ctx)
  throw prepared(error, ctx)
}

/**
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Answer} answer
 * @param {Context} ctx
 */
function send(protection, error, answer, ctx) {
  if (!ctx.headerSent) {
    const exposed = exposedIn(ctx, answer)
    if (exposed !== undefined) ctx.set(exposed)
    return write(ctx, answer)
  }
  // Too late for a response: only the end of the connection can end the request.
  protection.log.failed(error)
  // Koa would write to the destroyed socket.
  ctx.respond = false
  ctx.res.destroy()
}

/**
 * @param {Context} ctx
 * @param {{ headers: Readonly<Record<string, string>> }} answer
 */
function exposedIn(ctx, answer) {
  const exposed = exposure(answer, (name) => ctx.response.get(name))
  return exposed === undefined ? undefined : { 'Access-Control-Expose-Headers': exposed }
}

/**
 * @param {Context} ctx
 * @param {Answer} answer
 */
function write(ctx, { status, headers, body }) {
  ctx.status = status
  ctx.set(headers)
  ctx.body = body
}

/**
 * Throws the error as `ctx.throw` does. Status and headers are set before, for error handlers that only write a body.
 *
 * @param {AuthError} error
 * @param {Context} ctx
 */
function prepared(error, ctx) {
  const exposed = exposedIn(ctx, error)
  // Koa's own error handler removes all headers except those of the error.
  const handedOn = exposed ? Object.assign(error, { headers: { ...error.headers, ...exposed } }) : error
  ctx.status = handedOn.status
  ctx.set(handedOn.headers)
  return handedOn
}

/**
 * Lets the application answer. Its `next` always passes on an error, because the handler after it requires a verified
 * token. If the application does not answer, the error is passed to the framework.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Context} ctx
 */
async function respond(protection, error, ctx) {
  const before = answerIn(ctx)
  /** @type {object} */
  let problem = error
  const handOn = (/** @type {unknown} */ given) => {
    if (errorOf(given) === given) problem = given
    const handedOn = Promise.reject(problem)
    // For an application that does not await it: an unhandled rejection would end the process.
    handedOn.catch(() => {})
    return handedOn
  }
  // Called without a receiver, so that the application gets no internal object.
  const { respond: answer } = protection
  try {
    await answer?.(error, ctx, handOn)
    const after = answerIn(ctx)
    if (before.some((part, index) => part !== after[index])) return
  } catch (thrown) {
    problem = errorOf(thrown)
  }
  throw problem === error ? prepared(error, ctx) : problem
}

/**
 * What an application changes when it answers.
 *
 * @param {Context} ctx
 */
function answerIn(ctx) {
  return [ctx.status, ctx.body, ctx.respond, ctx.headerSent]
}

/**
 * @param {(method: unknown) => Answer} answerTo
 * @returns {KoaMiddleware}
 */
function serve(answerTo) {
  return (ctx) => write(ctx, answerTo(ctx.method))
}

/**
 * A middleware for a route behind `checkAuthToken`. Without `checkAuthToken`, it rejects every request.
 *
 * @param {import('../http/requirements').Requirement} requirement
 * @returns {KoaMiddleware}
 */
function guard(requirement) {
  const { decide, isUndecided, warnOfUnprotected, warnOfUnverified } = requirements()
  return (ctx, next) => {
    if (ctx?.state === undefined) throw require('../http/misuse').wrongGuard('entra-jwt-verify/koa')
    const { auth } = ctx.state
    const decision = decide(requirement, auth, PLACE)
    if (decision === MET) return next()
    const protection = protectionOf(auth, ctx)
    if (isUndecided(decision)) {
      return decision.decision.then((decided) => (decided === MET ? next() : reject(protection, decided, ctx)))
    }
    warnOfUnverified(auth, PLACE)
    warnOfUnprotected(protection, auth, ctx.req?.headers.authorization)
    return reject(protection, decision, ctx)
  }
}

module.exports = { checkAuthToken, createCheckAuthToken, guard }
