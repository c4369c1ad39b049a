'use strict'

const { roundOf } = require('./request')
const { ASKS_NOBODY, routeOf } = require('./route')

/** @import { CanActivate, ExecutionContext } from '@nestjs/common' */

/**
 * How many more calls of our guard pass for being public, by the call of the handler: a guard may ask ours with a context that it has
 * made itself.
 *
 * @type {WeakMap<object, number>}
 */
const LEFT = new WeakMap()

/**
 * `@Public()` is for global guards, and at a method for those of the class. Another guard of the application may ask ours, and means the
 * answer. So this guard is in front of the others where `@Public()` is: what asks before it is not meant. Behind it, ours of base classes
 * of a public class still pass.
 *
 * @type {CanActivate & { [ASKS_NOBODY]: true }}
 */
const behindPublic = {
  [ASKS_NOBODY]: true,
  canActivate(context) {
    const { isPublic, guards } = routeOf(context)
    if (isPublic) LEFT.set(roundOf(context), guards)
    return true
  }
}

/**
 * Whether a call of our guard passes because the handler is public.
 *
 * @param {ExecutionContext} context
 */
function isExempt(context) {
  const round = roundOf(context)
  const left = LEFT.get(round)
  if (left === undefined) return true
  LEFT.set(round, left - 1)
  return left > 0
}

module.exports = { behindPublic, isExempt }
