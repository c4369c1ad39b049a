'use strict'

const { chain, routeOf } = require('./route')

/** @import { CanActivate, ExecutionContext } from '@nestjs/common' */

/** Every guard of ours passes. */
const EVERY = Symbol('every guard')

/**
 * Which of our guards still pass because the handler is public, by the context that Nest makes for the guards of a call. A guard of the
 * application may ask ours, with this context or with one of its own, and means the answer.
 *
 * @type {WeakMap<ExecutionContext, typeof EVERY | Function[]>}
 */
const PASSING = new WeakMap()

/**
 * In front of all guards, and of those of a class that has a public method, because gateways have no global guards: what is asked from then
 * on with this context is not meant.
 *
 * @type {CanActivate}
 */
const inFrontOfPublic = {
  canActivate(context) {
    if (routeOf(context).isPublic) PASSING.set(context, EVERY)
    return true
  }
}

/**
 * In front of the guards where `@Public()` is, which is for global guards, and at a method for those of the class: what is asked from then on
 * is meant. Only guards of base classes of a public class still pass, each of them once.
 *
 * @type {CanActivate}
 */
const behindPublic = {
  canActivate(context) {
    const { isPublic, guards } = routeOf(context)
    if (isPublic) PASSING.set(context, [...guards])
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
  const passing = PASSING.get(context) ?? []
  if (passing === EVERY) return true
  const types = chain(guard.constructor)
  const index = passing.findIndex((type) => types.includes(type))
  if (index >= 0) passing.splice(index, 1)
  return index >= 0
}

module.exports = { behindPublic, inFrontOfPublic, isExempt }
