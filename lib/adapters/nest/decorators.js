'use strict'

const { guardsOf } = require('../../http/guards')
const { UNPROTECTED } = require('../../http/protection')
const { UseGuards, createParamDecorator } = require('./common')
const { EntraAuthGuard, authOf } = require('./guard')
const { mistake } = require('./mistake')
const { refuse } = require('./refusal')
const { GUARDS, addRequirement, makePublic, routeOf } = require('./route')

/** @import { CanActivate } from '@nestjs/common' */
/** @import { VerifiedToken } from '../../..' */

/**
 * Guard for every handler of a class that has a requirement on a method: if another decorator replaces the method, its
 * guard is lost with the requirement, and this guard rejects every request.
 *
 * @type {CanActivate}
 */
const whole = {
  canActivate(context) {
    const { problem } = routeOf(context)
    return problem === undefined || refuse(UNPROTECTED, problem, context)
  }
}

const guards = guardsOf((requirement) => {
  /** @type {MethodDecorator & ClassDecorator} */
  return (/** @type {any} */ target, /** @type {any} */ key = undefined, /** @type {any} */ descriptor = undefined) => {
    const level = levelOf('@RequireRole() and its like', target, descriptor)
    addRequirement(requirement, target, key, level)
    // A requirement applies its guard itself, so that the handler is protected without a global guard.
    UseGuards(EntraAuthGuard)(target, key, descriptor)
    if (key !== undefined && !Reflect.getOwnMetadata(GUARDS, target.constructor)?.includes(whole)) {
      UseGuards(whole)(target.constructor)
    }
  }
})

const decorators = /** @type {typeof guards} */ (
  Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, withBrackets(name, guard)]))
)

/**
 * A decorator that is called with its target, because it stands without brackets, says so.
 *
 * @param {string} name of the guard
 * @param {(...given: any[]) => unknown} guard
 */
function withBrackets(name, guard) {
  return (/** @type {any[]} */ ...given) => {
    if (isDecorating(given)) {
      const decorator = `@${name.charAt(0).toUpperCase()}${name.slice(1)}`
      const call = /AppOnly|Delegated/.test(name) ? `${decorator}()` : `${decorator}(…)`
      throw mistake(`${decorator} stands without brackets`, `write ${call}`)
    }
    return guard(...given)
  }
}

/**
 * Whether these are the arguments of a decorator: a class, or a prototype, the name of a method, and its descriptor.
 *
 * @param {any[]} given
 */
function isDecorating([target, , descriptor]) {
  return typeof target === 'function' || typeof descriptor?.value === 'function'
}

/**
 * Makes a handler, or the handlers of a class, public.
 *
 * @returns {MethodDecorator & ClassDecorator}
 */
function Public(/** @type {unknown[]} */ ...none) {
  if (none.length > 0) throw mistake('@Public stands without brackets', 'write @Public()')
  return (
    /** @type {any} */ target,
    /** @type {any} */ _key = undefined,
    /** @type {any} */ descriptor = undefined
  ) => {
    makePublic(levelOf('@Public()', target, descriptor))
  }
}

/**
 * The class or method that is decorated.
 *
 * @param {string} decorator
 * @param {unknown} target
 * @param {PropertyDescriptor | undefined} descriptor
 * @returns {Function}
 */
function levelOf(decorator, target, descriptor) {
  const level = descriptor === undefined ? target : descriptor.value
  if (typeof level === 'function') return level
  throw mistake(`${decorator} stands at a property or an accessor`, 'put it at a class or a method')
}

const Auth = createParamDecorator(
  /** @param {keyof VerifiedToken | undefined} member */ (member, context) => {
    const auth = authOf(context)
    return member === undefined ? auth : auth?.[member]
  }
)

module.exports = { Auth, Public, decorators }
