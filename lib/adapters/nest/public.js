'use strict'

const { identityOf, member } = require('./request')
const { routeOf } = require('./route')

/** @import { CanActivate, ExecutionContext } from '@nestjs/common' */

/** Every guard of ours passes. */
const EVERY = Symbol('every guard')

/**
 * Which of our guards still pass for being public, by the context that Nest makes for the guards of a call.
 *
 * @type {WeakMap<ExecutionContext, typeof EVERY | Function[]>}
 */
const PASSING = new WeakMap()

/**
 * The calls of handlers that have passed `@Public()`, by what tells them apart: a guard may ask ours with a context of its own.
 *
 * @type {WeakMap<object, any>}
 */
const BEHIND = new WeakMap()

/**
 * `@Public()` is for global guards, and at a method for those of the class. Another guard of the application may ask ours, and means the
 * answer. So this guard is in front of the others where `@Public()` is: what asks before it is not meant. Behind it, ours of base classes
 * of a public class still pass.
 *
 * @type {CanActivate}
 */
const behindPublic = {
  canActivate(context) {
    const { isPublic, guards } = routeOf(context)
    if (!isPublic) return true
    PASSING.set(context, [...guards])
    const identity = identityOf(context)
    if (identity !== undefined) handlersOf(identity, context).add(context.getHandler())
    return true
  }
}

/**
 * In front of the guards of a class that has a public method: what Nest asks there has the context of the call, whatever the transport.
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
 * Whether a call of our guard passes because the handler is public. A context that Nest has not made, or cannot be seen to have made, is
 * that of a guard which asks ours.
 *
 * @param {ExecutionContext} context
 * @param {object} guard
 */
function isExempt(context, guard) {
  const passing = PASSING.get(context)
  if (passing === EVERY) return true
  if (passing === undefined) return isAskedInFront(context)
  const index = passing.indexOf(guard.constructor)
  if (index >= 0) passing.splice(index, 1)
  return index >= 0
}

/**
 * Whether a global guard asks, which Nest runs before those of classes and methods.
 *
 * @param {ExecutionContext} context
 */
function isAskedInFront(context) {
  const identity = identityOf(context)
  return identity !== undefined && !handlersOf(identity, context).has(context.getHandler())
}

/**
 * The handlers of a class for which a call has passed `@Public()`: a handler may leave its request to the next one.
 *
 * @param {readonly object[]} identity
 * @param {ExecutionContext} context
 * @returns {WeakSet<Function>}
 */
function handlersOf(identity, context) {
  const ofCall = identity.reduce(member, BEHIND)
  const handlers = ofCall.get(context.getClass()) ?? new WeakSet()
  ofCall.set(context.getClass(), handlers)
  return handlers
}

module.exports = { behindPublic, inFrontOfPublic, isExempt }
