'use strict'

const { kindOf } = require('../../core/errors')
const { VerifiedToken: Token } = require('../../core/verified-token')
const { guardsOf } = require('../../http/guards')
const { UNPROTECTED } = require('../../http/protection')
const { UseGuards, createParamDecorator } = require('./common')
const { EntraAuthGuard } = require('./guard')
const { mistake } = require('./mistake')
const { behindPublicClass, behindPublicMethod, inFront } = require('./public')
const { refuse } = require('./refusal')
const { authOf } = require('./request')
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
  function decorate(
    /** @type {any} */ target,
    /** @type {any} */ key = undefined,
    /** @type {any} */ descriptor = undefined
  ) {
    // Nest makes an instance of a guard that it is given as a function.
    if (new.target !== undefined) {
      throw mistake('@RequireRole() or its like is in @UseGuards()', "write it by itself: @RequireRole('…')")
    }
    const level = levelOf('@RequireRole() and its like', target, descriptor)
    addRequirement(requirement, target, key, level)
    // A requirement applies its guard itself, so that the handler is protected without a global guard.
    UseGuards(EntraAuthGuard)(target, key, descriptor)
    if (key !== undefined && !Reflect.getOwnMetadata(GUARDS, target.constructor)?.includes(whole)) {
      UseGuards(whole)(target.constructor)
    }
  }
  return decorate
})

const decorators = /** @type {typeof guards} */ (
  Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, callable(name, guard)]))
)

/**
 * A decorator that is called with its target, because it is used without parentheses, says so.
 *
 * @param {string} name of the guard
 * @param {(...given: any[]) => unknown} guard
 */
function callable(name, guard) {
  return (/** @type {any[]} */ ...given) => {
    if (isDecorating(given)) {
      const decorator = `@${name.charAt(0).toUpperCase()}${name.slice(1)}`
      const call = /AppOnly|Delegated/.test(name) ? `${decorator}()` : `${decorator}(…)`
      throw withoutParentheses(decorator, call)
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
  if (none.length > 0) throw withoutParentheses('@Public', '@Public()')
  return (
    /** @type {any} */ target,
    /** @type {any} */ _key = undefined,
    /** @type {any} */ descriptor = undefined
  ) => {
    const level = levelOf('@Public()', target, descriptor)
    makePublic(level)
    putInFront(level === target ? behindPublicClass : behindPublicMethod, level)
    if (level !== target) putInFront(inFront, target.constructor)
  }
}

/**
 * Puts a guard in front of those that a handler or a class has, and inherits.
 *
 * @param {CanActivate} guard
 * @param {Function} level
 */
function putInFront(guard, level) {
  const guards = Reflect.getMetadata(GUARDS, level) ?? []
  if (guards[0] !== guard) Reflect.defineMetadata(GUARDS, [guard, ...guards], level)
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
  if (typeof target === 'function' && descriptor !== undefined) {
    throw mistake(`${decorator} stands at a static method`, 'put it at a class or a method of its instances')
  }
  if (typeof level === 'function') return level
  throw mistake(`${decorator} stands at a property or an accessor`, 'put it at a class or a method')
}

/**
 * @param {string} decorator
 * @param {string} call
 */
function withoutParentheses(decorator, call) {
  return mistake(`${decorator} is used without parentheses`, `write ${call}`)
}

const parameter = createParamDecorator(
  /** @param {keyof VerifiedToken | undefined} member */ (member, context) => {
    const auth = authOf(context)
    return member === undefined ? auth : auth?.[member]
  }
)

/** Properties of a verified token: what `@Auth('…')` can give. */
const MEMBERS = Object.entries(Object.getOwnPropertyDescriptors(Token.prototype))
  .filter(([, { get }]) => get !== undefined)
  .map(([name]) => name)

/**
 * The verified token, or a property of it. Any other name would give `undefined` with every request.
 *
 * @type {typeof parameter}
 */
function Auth(...given) {
  const [member, , index] = /** @type {unknown[]} */ (given)
  if (typeof index === 'number') throw withoutParentheses('@Auth', '@Auth()')
  // Nest takes pipes in its place.
  if (member !== undefined && !isPipe(member) && !MEMBERS.includes(/** @type {string} */ (member))) {
    throw mistake(
      `@Auth: expected a property of VerifiedToken, got ${typeof member === 'string' ? `'${member}'` : kindOf(member)}`,
      `write @Auth(), or one of ${MEMBERS.join(', ')} in it`
    )
  }
  return parameter(...given)
}

/**
 * As Nest recognises one: an instance, or a class.
 *
 * @param {any} value
 */
function isPipe(value) {
  return typeof value?.transform === 'function' || typeof value?.prototype?.transform === 'function'
}

module.exports = { Auth, Public, decorators }
