'use strict'

const { internalError } = require('../../core/errors')
const { isVerifiedToken } = require('../../core/verified-token')
const { isPending } = require('../../core/verifier')
const { Outcome } = require('../../http/callers')
const { ABSENT, MET, UNPROTECTED, protectionOf } = require('../../http/protection')
const { decide, isUndecided } = require('../../http/requirements')
const { Inject, Injectable } = require('./common')
const { REFERENCE } = require('./fields')
const { mistake } = require('./mistake')
const { refuse } = require('./refusal')
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
 * The guard that last admitted calls of a handler, which knows where the request is.
 *
 * @type {WeakMap<Function, EntraAuthGuard>}
 */
const GUARD_OF = new WeakMap()

/**
 * Whether the promises of a class of guards are awaited, as far as that is known.
 *
 * @type {WeakMap<Function, boolean>}
 */
const IS_AWAITED = new WeakMap()

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
   * once one was not awaited, every call is rejected.
   *
   * @param {ExecutionContext} context
   * @returns {Promise<boolean>}
   * @throws {import('@nestjs/common').HttpException}
   */
  canActivate(context) {
    const isAwaited = IS_AWAITED.get(this.constructor)
    if (isAwaited === false) return refuse(this.#protection, notAwaitedError(this.constructor), context)
    const decided = this.#decide(context)
    return decided === true && isAwaited ? ADMITTED : this.#watched(decided)
  }

  /**
   * @param {boolean | Promise<boolean>} decided
   * @returns {Promise<any>}
   */
  #watched(decided) {
    const look = () => {
      if (outcome.isAwaited || IS_AWAITED.get(this.constructor) === false) return
      IS_AWAITED.set(this.constructor, false)
      this.#protection.log.failed(notAwaitedError(this.constructor))
    }
    if (!IS_AWAITED.has(this.constructor)) IS_AWAITED.set(this.constructor, true)
    const outcome = new Outcome((resolve) => resolve(/** @type {any} */ (decided))).orElse(look)
    setImmediate(look)
    return outcome
  }

  /**
   * @param {ExecutionContext} context
   * @returns {boolean | Promise<boolean>}
   */
  #decide(context) {
    const route = routeOf(context)
    if (route.problem !== undefined) return refuse(this.#protection, route.problem, context)
    if (route.isPublic) return true

    const protection = this.#protection
    const before = admissionOf(context)
    // A global guard, an instance of a subclass, may know where the request is.
    const request = before !== undefined && before.guard !== this ? before.request : this.getRequest(context)
    const { headers } = request ?? {}
    if (headers === null || typeof headers !== 'object')
      return refuse(protection, noRequestError(context), context, request)
    const authorization = headers.authorization ?? fetchHeader(headers)
    if (before !== undefined && isSame(before.auth, protection, authorization, request)) return true

    const verdict = protection === UNPROTECTED ? noModuleError() : protection.check(authorization, request)
    const call = { protection, context, request, requirements: route.requirements, isGuarded: route.isGuarded }
    return isPending(verdict) ? verdict.verdict.then((ended) => this.#finish(call, ended)) : this.#finish(call, verdict)
  }

  get #protection() {
    return this[PROTECTION] ?? UNPROTECTED
  }

  /**
   * @param {Call} call
   * @param {unknown} verdict
   * @returns {boolean | Promise<boolean>}
   */
  #finish(call, verdict) {
    const { protection, context, request } = call
    if (!isVerifiedToken(verdict) && verdict !== ABSENT) return refuse(protection, verdict, context, request)
    const auth = isVerifiedToken(verdict) ? verdict : undefined
    try {
      request.auth = auth
      if (request.auth !== auth) throw new Error('request.auth cannot be set')
    } catch (problem) {
      return refuse(protection, internalError(problem, 'request.auth cannot be set'), context, request)
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
      if (isUndecided(decision)) return this.#authorizeLater(call, auth, index, decision)
      if (decision !== MET) return refuse(call.protection, decision, call.context, call.request)
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
    if (decided !== MET) return refuse(call.protection, decided, call.context, call.request)
    return this.#authorize(call, auth, index + 1)
  }

  /**
   * @param {Call} call
   * @param {VerifiedToken | undefined} auth
   */
  #admit({ context, request, isGuarded }, auth) {
    if (isGuarded && auth !== undefined) new Admission(this, request, auth).keepOn(context)
    if (this.getRequest !== EntraAuthGuard.prototype.getRequest) GUARD_OF.set(context.getHandler(), this)
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
 */

/**
 * Whether a call still has the token with which this protection admitted it.
 *
 * @param {VerifiedToken} auth
 * @param {AppProtection} protection
 * @param {unknown} authorization
 * @param {object} request
 */
function isSame(auth, protection, authorization, request) {
  return protectionOf(auth, request) === protection && protection.hasToken(auth, authorization, request)
}

/**
 * The request of a call, if the transport has one: for HTTP, for GraphQL (drivers put it into the context), for
 * Socket.IO the request that opened the connection.
 *
 * @param {ExecutionContext} context
 * @returns {any}
 */
function requestOf(context) {
  switch (/** @type {string} */ (context.getType())) {
    case 'http':
      return context.switchToHttp().getRequest()
    case 'graphql': {
      const shared = context.getArgByIndex(isReference(context) ? 1 : 2)
      return shared?.req ?? shared?.request ?? shared?.reply?.request
    }
    case 'ws':
      return context.switchToWs().getClient()?.request
    default:
      return undefined
  }
}

/**
 * Whether a call of GraphQL resolves a reference: that has no arguments in front of its context. Both are compared,
 * because arguments come from the client.
 *
 * @param {ExecutionContext} context
 */
function isReference(context) {
  return context.getArgs().length === 3 && Reflect.getMetadata(REFERENCE, context.getHandler()) === true
}

/**
 * The value of the parameter decorator `@Auth()`.
 *
 * @param {ExecutionContext} context
 * @returns {VerifiedToken | undefined}
 */
function authOf(context) {
  const guard = GUARD_OF.get(context.getHandler())
  const auth = (guard ? guard.getRequest(context) : requestOf(context))?.auth
  return isVerifiedToken(auth) ? auth : undefined
}

/**
 * The header of a fetch `Headers`.
 *
 * @param {any} headers
 */
function fetchHeader(headers) {
  return typeof headers.get === 'function' ? (headers.get('authorization') ?? undefined) : undefined
}

/** @param {ExecutionContext} context */
function noRequestError(context) {
  return mistake(
    `EntraAuthGuard found no request with headers in a call of type '${context.getType()}'`,
    'extend EntraAuthGuard and override getRequest(context)'
  )
}

/** @param {Function} type */
function notAwaitedError({ name }) {
  return mistake(
    `${name}.canActivate() returned a promise that was not awaited: every call would be admitted`,
    'write if (!(await super.canActivate(context))) return false; it rejects every call until then'
  )
}

function noModuleError() {
  return mistake(
    'EntraAuthGuard was not made by Nest',
    'import EntraAuthModule.forRoot() and pass the class to @UseGuards() or APP_GUARD, not an instance'
  )
}

module.exports = { EntraAuthGuard, PROTECTION, authOf }
