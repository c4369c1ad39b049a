'use strict'

const { ASKS_NOBODY, routeOf } = require('./route')

/** @import { CanActivate, ExecutionContext } from '@nestjs/common' */

/** On the context of a call: how many more calls of our guard pass for being public. */
const LEFT = Symbol('entra-jwt-verify:left')

/**
 * `@Public()` is for global guards, and for ours on the class. Another guard of the application may ask ours, and means the answer. So
 * this one is the first on a class with a public handler: what asks before it is global, and what asks after it more often than ours
 * are there is another guard.
 *
 * @type {CanActivate & { [ASKS_NOBODY]: true }}
 */
const behindGlobalGuards = {
  [ASKS_NOBODY]: true,
  canActivate(/** @type {any} */ context) {
    const { isPublic, guards } = routeOf(context)
    try {
      if (isPublic) context[LEFT] = guards
    } catch {
      // A frozen context, of a test.
    }
    return true
  }
}

/**
 * Whether a call of our guard passes because the handler is public.
 *
 * @param {ExecutionContext} context
 */
function isExempt(context) {
  const counted = /** @type {{ [LEFT]?: number }} */ (context)
  if (counted[LEFT] === undefined) return true
  return counted[LEFT]-- > 0
}

module.exports = { behindGlobalGuards, isExempt }
