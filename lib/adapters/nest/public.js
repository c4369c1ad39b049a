'use strict'

const { chain, routeOf } = require('./route')

/** @import { CanActivate, ExecutionContext } from '@nestjs/common' */

/** Every guard of ours passes. */
const EVERY = Symbol('every guard')

/**
 * Which of our guards still pass because the handler is public, by the arguments of its call, which Nest makes for each. A guard of the
 * application may ask ours, with these or with some of its own, and means the answer.
 *
 * @type {WeakMap<object, typeof EVERY | Function[]>}
 */
const PASSING = new WeakMap()

/**
 * In front of all guards, and of those of a class that has a public method, because gateways have no global guards: what is asked from then
 * on is not meant.
 *
 * @type {CanActivate}
 */
const inFront = {
  canActivate(context) {
    const call = callOf(context)
    // On a class it may stand behind that of a public class.
    if (routeOf(context).isPublic && !PASSING.has(call)) PASSING.set(call, EVERY)
    return true
  }
}

/**
 * In front of the guards of a public class. `@Public()` is for global guards: what is asked from then on is meant. Only guards of its base
 * classes still pass, each of them once, and all of them where the handler is public itself.
 *
 * @type {CanActivate}
 */
const behindPublicClass = {
  canActivate(context) {
    const { isPublic, passing } = routeOf(context)
    if (isPublic) PASSING.set(callOf(context), passing === undefined ? EVERY : [...passing])
    return true
  }
}

/**
 * In front of the guards of a public method. There, `@Public()` is for those of the class too.
 *
 * @type {CanActivate}
 */
const behindPublicMethod = {
  canActivate(context) {
    if (routeOf(context).isPublic) PASSING.set(callOf(context), [])
    return true
  }
}

/**
 * Whether a call of our guard passes because the handler is public.
 *
 * @param {ExecutionContext} context
 * @param {object} guard
 */
function isExempt(context, guard) {
  const passing = PASSING.get(callOf(context)) ?? []
  if (passing === EVERY) return true
  const types = chain(guard.constructor)
  const index = passing.findIndex((type) => types.includes(type))
  if (index >= 0) passing.splice(index, 1)
  return index >= 0
}

/**
 * The arguments of a call. `getArgs()` gives something else in a `GqlExecutionContext`.
 *
 * @param {any} context
 * @returns {object}
 */
function callOf(context) {
  return Array.isArray(context.args) ? context.args : context
}

module.exports = { behindPublicClass, behindPublicMethod, inFront, isExempt }
