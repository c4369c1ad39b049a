'use strict'

const { authError, internalError } = require('../../core/errors')
const { isVerifiedToken } = require('../../core/verified-token')
const { isPending } = require('../../core/verifier')
const { Outcome } = require('../../http/callers')
const { ABSENT, MET, UNPROTECTED, protectionOf } = require('../../http/protection')
const { decide, isUndecided } = require('../../http/requirements')
const { Inject, Injectable } = require('./common')
const { mistake } = require('./mistake')
const { isExempt } = require('./public')
const { refuse } = require('./refusal')
const { forget, remember, requestOf, setAuth } = require('./request')
const { IS_OURS, routeOf } = require('./route')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { VerifiedToken } from '../../..' */
/** @import { AppProtection } from '../../http/protection' */
/** @import { Requirement } from '../../http/requirements' */

/** What EntraAuthModule provides for the guard. Nest's message names it where the module is missing. */
const PROTECTION = Symbol('EntraAuthModule.forRoot()')

const KEY = Symbol('entra-jwt-verify:admission')

/** @type {(context: any) => Admission | undefined} */
let admissionOf

/**
 * Marks a call that a guard has admitted, so that a second guard of the same handler need not check it again. It is
 * stored on Nest's context of the call, which is ten times cheaper than a `WeakMap`.
 */
class Admission {
  static {
    // The context of a test may have a value for any key.
    admissionOf = (context) => {
      const value = context[KEY]
      return value !== null && typeof value === 'object' && #auth in value ? value : undefined
    }
  }

  #auth

  /**
   * @param {EntraAuthGuard} guard
   * @param {any} request
   * @param {VerifiedToken} auth
   */
  constructor(guard, request, auth) {
    this.guard = guard
    this.request = request
    this.#auth = auth
  }

  get auth() {
    return this.#auth
  }

  /** @param {any} context */
  keepOn(context) {
    try {
      context[KEY] = this
    } catch {
      // A frozen context: the second guard checks again.
    }
  }
}

/**
 * Whether the promises of a class of guards are awaited, as far as that is known.
 *
 * @type {WeakMap<Function, boolean>}
 */
const IS_AWAITED = new WeakMap()

/**
 * Classes of guards that await something else before the promise.
 *
 * @type {WeakSet<Function>}
 */
const LATE = new WeakSet()

/** Milliseconds in which such a guard awaits it, and after which a promise that was not awaited is logged. */
const PATIENCE = 1000

/** Seconds after which a call that could not wait for its key is worth trying again. */
const RETRY_AFTER = 1

const ADMITTED = (async () => true)()

/** Lets calls through that come with a verified token, and that meet what decorators require. Made by Nest. */
class EntraAuthGuard {
  /**
   * Injected as a property, so that subclasses can have their own constructor.
   *
   * @type {AppProtection | undefined}
   */
  [PROTECTION] = undefined

  /**
   * The request of a call, with its headers; `auth` is set on it. For other transports, override it.
   *
   * @param {ExecutionContext} context
   * @returns {any}
   */
  getRequest(context) {
    return requestOf(context)
  }

  /**
   * Throws at once what can be refused at once, and otherwise returns a promise. A subclass, or a guard that asks this one, which takes
   * the promise for `true`, would admit a forged token that waits for its key. So the first promise, and each that waits, is watched:
   * while one is not awaited, no call can wait, but is rejected at once.
   *
   * @param {ExecutionContext} context
   * @returns {Promise<boolean>}
   * @throws {import('@nestjs/common').HttpException}
   */
  canActivate(context) {
    const isAwaited = IS_AWAITED.get(this.constructor)
    const decided = this.#decide(context, isAwaited !== false)
    return decided === true && isAwaited !== undefined ? ADMITTED : this.#watched(decided)
  }

  /**
   * @param {boolean | Promise<boolean>} decided
   * @returns {Promise<any>}
   */
  #watched(decided) {
    const { constructor: type } = this
    if (!IS_AWAITED.has(type)) IS_AWAITED.set(type, true)
    const outcome = new Outcome((resolve) => resolve(/** @type {any} */ (decided)))
    const look = () => {
      if (outcome.isAwaited) return
      IS_AWAITED.set(type, false)
      outcome.whenAwaited(() => {
        LATE.add(type)
        IS_AWAITED.set(type, true)
      })
      const log = () => outcome.isAwaited || this.#protection.log.failed(notAwaitedError(type))
      setTimeout(log, PATIENCE).unref?.()
    }
    if (LATE.has(type)) setTimeout(look, PATIENCE).unref?.()
    else setImmediate(look)
    return outcome.orElse(() => {})
  }

  /**
   * @param {ExecutionContext} context
   * @param {boolean} mayWait otherwise the decision is `true` or an exception
   * @returns {boolean | Promise<boolean>}
   */
  #decide(context, mayWait) {
    const protection = this.#protection
    if (!context.getClass() || !context.getHandler()) {
      return refuse(protection, noHandlerError(), context, undefined, mayWait)
    }
    const route = routeOf(context)
    const { requirements, isGuarded } = route
    /** @type {Call} */
    const call = { protection, context, request: undefined, requirements, isGuarded, mayWait }
    if (route.problem !== undefined) return refuseCall(call, route.problem)
    if (route.isPublic && isExempt(context, this)) return true

    const before = admissionOf(context)
    if (before === undefined) forget(context)
    call.request = this.#requestAfter(before, context)
    const { headers } = call.request ?? {}
    if (headers === null || typeof headers !== 'object') return refuseCall(call, noRequestError(context))
    const authorization = headers.authorization ?? fetchHeader(headers)
    if (before && before.request === call.request && isSame(before, protection, authorization)) return true

    const verdict = protection === UNPROTECTED ? noModuleError() : protection.check(authorization, call.request)
    if (!isPending(verdict)) return this.#finish(call, verdict)
    if (!mayWait) return refuseCall(call, cannotWaitError(this.constructor))
    return verdict.verdict.then((ended) => this.#finish(call, ended))
  }

  /**
   * The request of a call. A global guard, an instance of a subclass, may know where it is; a guard that looks for it elsewhere has a
   * token of its own to judge.
   *
   * @param {Admission | undefined} before
   * @param {ExecutionContext} context
   */
  #requestAfter(before, context) {
    const isOwn = before === undefined || before.guard === this || this.#isElsewhere
    return isOwn ? this.getRequest(context) : before.request
  }

  /** Whether a subclass says where the request is. */
  get #isElsewhere() {
    return this.getRequest !== EntraAuthGuard.prototype.getRequest
  }

  get #protection() {
    const protection = this[PROTECTION]
    // Nest's testing module can put anything in its place.
    return typeof protection?.check === 'function' ? protection : UNPROTECTED
  }

  /**
   * @param {Call} call
   * @param {unknown} verdict
   * @returns {boolean | Promise<boolean>}
   */
  #finish(call, verdict) {
    const { protection, request } = call
    if (!isVerifiedToken(verdict) && verdict !== ABSENT) return refuseCall(call, verdict)
    const auth = isVerifiedToken(verdict) ? verdict : undefined
    try {
      setAuth(call.context, request, auth, this.#isElsewhere)
    } catch (problem) {
      return refuseCall(call, internalError(problem, 'request.auth cannot be set'))
    }
    if (auth === undefined) protection.passedWithoutToken(request)
    return this.#authorize(call, auth, 0)
  }

  /**
   * @param {Call} call
   * @param {VerifiedToken | undefined} auth
   * @param {number} first of the requirements that are still to be met
   * @returns {boolean | Promise<boolean>}
   */
  #authorize(call, auth, first) {
    const { requirements } = call
    for (let index = first; index < requirements.length; index++) {
      const decision = decide(/** @type {Requirement} */ (requirements[index]), auth, 'request.auth')
      if (isUndecided(decision)) {
        if (!call.mayWait) return refuseCall(call, cannotWaitError(this.constructor))
        return this.#authorizeLater(call, auth, index, decision)
      }
      if (decision !== MET) return refuseCall(call, decision)
    }
    return this.#admit(call, auth)
  }

  /**
   * @param {Call} call
   * @param {VerifiedToken | undefined} auth
   * @param {number} index of the requirement
   * @param {{ decision: Promise<unknown> }} undecided
   */
  async #authorizeLater(call, auth, index, { decision }) {
    const decided = await decision
    return decided === MET ? this.#authorize(call, auth, index + 1) : refuseCall(call, decided)
  }

  /**
   * @param {Call} call
   * @param {VerifiedToken | undefined} auth
   */
  #admit({ context, request, isGuarded }, auth) {
    if (isGuarded && auth !== undefined) new Admission(this, request, auth).keepOn(context)
    remember(context, request, auth, this.#isElsewhere)
    return true
  }
}
Object.defineProperty(EntraAuthGuard.prototype, IS_OURS, { value: true })
Injectable()(EntraAuthGuard)
Inject(PROTECTION)(EntraAuthGuard.prototype, PROTECTION)

/**
 * A call of a handler.
 *
 * @typedef {object} Call
 * @property {AppProtection} protection
 * @property {ExecutionContext} context
 * @property {any} request
 * @property {readonly Requirement[]} requirements
 * @property {boolean} isGuarded
 * @property {boolean} mayWait
 */

/**
 * @param {Call} call
 * @param {unknown} verdict
 */
function refuseCall({ protection, context, request, mayWait }, verdict) {
  return refuse(protection, verdict, context, request, mayWait)
}

/**
 * Whether a call still has the token with which this protection admitted it.
 *
 * @param {Admission} before
 * @param {AppProtection} protection
 * @param {unknown} authorization
 */
function isSame({ auth, request }, protection, authorization) {
  return protectionOf(auth, request) === protection && protection.hasToken(auth, authorization, request)
}

/**
 * The header of a fetch `Headers`.
 *
 * @param {any} headers
 */
function fetchHeader(headers) {
  return typeof headers.get === 'function' ? (headers.get('authorization') ?? undefined) : undefined
}

function noHandlerError() {
  return mistake(
    'EntraAuthGuard was asked with a context that has no class and handler, so that it cannot know what they require',
    'pass on the context of canActivate(context); where the request is elsewhere, extend EntraAuthGuard and override getRequest(context)'
  )
}

/** @param {ExecutionContext} context */
function noRequestError(context) {
  return mistake(
    `EntraAuthGuard found no request with headers in a call of type '${context.getType()}'`,
    'extend EntraAuthGuard and override getRequest(context)'
  )
}

const AWAIT = 'write if (!(await super.canActivate(context))) return false'

/** @param {Function} type */
function notAwaitedError({ name }) {
  return mistake(
    `${name}.canActivate() returned a promise that was not awaited: the call was admitted, whatever its token`,
    `${AWAIT}; until then, calls that would have to wait for a signing key are rejected`
  )
}

/** @param {Function} type */
function cannotWaitError({ name }) {
  return authError({
    code: 'ERR_KEYS_UNAVAILABLE',
    message: `${name}.canActivate() is not awaited, so that this call cannot wait`,
    hint: AWAIT,
    retryAfter: RETRY_AFTER
  })
}

function noModuleError() {
  return mistake(
    'EntraAuthGuard was not made by Nest',
    'import EntraAuthModule.forRoot() and pass the class to @UseGuards() or APP_GUARD, not an instance'
  )
}

module.exports = { EntraAuthGuard, PROTECTION }
