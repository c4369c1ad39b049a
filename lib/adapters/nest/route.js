'use strict'

const { mistake } = require('./mistake')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { AuthError } from '../../..' */
/** @import { Requirement } from '../../http/requirements' */

/** Metadata of a handler or a class: requirements of it, and whether it is public. */
const REQUIREMENTS = Symbol('entra-jwt-verify:requirements')
const PUBLIC = Symbol('entra-jwt-verify:public')

/** Metadata of a class and the name of a method: requirements that were put on it, whatever function the method is later. */
const OF_METHOD = Symbol('entra-jwt-verify:requirements of a method')

/** Where `@UseGuards` keeps guards: `GUARDS_METADATA` of `@nestjs/common/constants`. */
const GUARDS = '__guards__'

/**
 * The requirements that decorators set on a handler.
 *
 * @typedef {object} Route
 * @property {boolean} isPublic
 * @property {readonly Requirement[]} requirements all of them have to be met
 * @property {boolean} isGuarded whether decorators have put a guard in front of it
 * @property {AuthError | undefined} problem why no request may reach it: decorators that contradict each other, that were lost, or
 *   that an override does not have
 */

/**
 * By class, because an inherited handler is the same function for several.
 *
 * @type {WeakMap<object, WeakMap<object, Route>>}
 */
const ROUTES = new WeakMap()

/**
 * @param {ExecutionContext} context
 * @returns {Route}
 */
function routeOf(context) {
  const type = context.getClass()
  const handler = context.getHandler()
  const routes = ROUTES.get(type) ?? new WeakMap()
  const known = routes.get(handler)
  if (known !== undefined) return known
  const route = read(type, handler)
  ROUTES.set(type, routes.set(handler, route))
  return route
}

/**
 * All requirements of handler and class apply. Whether the handler is public depends on the nearest decorator: on the
 * handler, its class, then the base classes.
 *
 * @param {Function} type
 * @param {Function} handler
 * @returns {Route}
 */
function read(type, handler) {
  const levels = [handler, ...chain(type)]
  const requirements = levels.flatMap((level) => own(REQUIREMENTS, level) ?? [])
  const nearest = levels.find((level) => own(PUBLIC, level) || isGuardedAt(level))
  const isPublic = nearest !== undefined && own(PUBLIC, nearest) === true
  return {
    isPublic,
    requirements: isPublic ? [] : requirements,
    isGuarded: levels.some(isGuardedAt),
    problem: problemOf(type, handler, isPublic && isGuardedAt(nearest))
  }
}

/**
 * @param {Function} type
 * @param {Function} handler
 * @param {boolean} isContradictory
 */
function problemOf(type, handler, isContradictory) {
  const name = `${type.name}.${handler.name}`
  if (isContradictory) return contradiction(name)
  const { here, above } = putOn(type, handler)
  const kept = own(REQUIREMENTS, handler) ?? []
  if (!here.every((requirement) => kept.includes(requirement))) {
    return mistake(
      `${name}: a decorator replaced the method, and the requirement that was on it was lost`,
      'put @RequireRole() and its like above all decorators that replace the method'
    )
  }
  const isDecided = kept.length > 0 || own(PUBLIC, handler) === true || isGuardedAt(handler)
  if (above.length === 0 || isDecided) return undefined
  return mistake(
    `${name}: it overrides a method that has a requirement, and has none: an override does not inherit decorators`,
    'repeat @RequireRole() and its like on the override; where it admits every caller with a token, @UseGuards(EntraAuthGuard); ' +
      'where it is public, @Public()'
  )
}

/**
 * The requirements on the method of this name, in the class of the handler and its base classes.
 *
 * @param {Function} type
 * @param {Function} handler
 * @returns {{ here: readonly Requirement[], above: readonly Requirement[] }}
 */
function putOn(type, handler) {
  const prototypes = chain(type).map(({ prototype }) => prototype)
  for (const [index, prototype] of prototypes.entries()) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (value !== handler) continue
      const of = (/** @type {object} */ level) => Reflect.getOwnMetadata(OF_METHOD, level, name) ?? []
      return { here: of(prototype), above: prototypes.slice(index + 1).flatMap(of) }
    }
  }
  return { here: [], above: [] }
}

/**
 * A class and its base classes.
 *
 * @param {Function} type
 * @returns {Function[]}
 */
function chain(type) {
  const types = []
  for (
    let current = type;
    typeof current === 'function' && current.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    types.push(current)
  }
  return types
}

/**
 * Whether a guard of this package is on a handler or a class.
 *
 * @param {Function | undefined} level
 */
function isGuardedAt(level) {
  /** @type {any[]} */
  const guards = (level && own(GUARDS, level)) ?? []
  return guards.some((guard) => typeof (guard?.prototype ?? guard)?.[IS_OURS] === 'boolean')
}

/** Marks the guard and what inherits from it. */
const IS_OURS = Symbol('entra-jwt-verify:guard')

/**
 * Adds a requirement to a handler or a class.
 *
 * @param {Requirement} requirement
 * @param {object} target of a decorator: the class, or its prototype
 * @param {string | symbol | undefined} key of the method
 * @param {Function} level the class or the method
 */
function addRequirement(requirement, target, key, level) {
  if (own(PUBLIC, level)) throw contradiction(level.name)
  append(REQUIREMENTS, requirement, level)
  if (key !== undefined) append(OF_METHOD, requirement, target, key)
}

/** @param {Function} level the class or the method */
function makePublic(level) {
  if (own(REQUIREMENTS, level)) throw contradiction(level.name)
  Reflect.defineMetadata(PUBLIC, true, level)
}

/** @param {string} name */
function contradiction(name) {
  return mistake(
    `${name}: @Public() stands in the same place as a guard or a requirement of entra-jwt-verify`,
    'remove one of them: a request without a token meets no requirement'
  )
}

/**
 * @param {symbol | string} key
 * @param {object} target
 */
function own(key, target) {
  return Reflect.getOwnMetadata(key, target)
}

/**
 * @param {symbol} key
 * @param {Requirement} requirement
 * @param {object} target
 * @param {string | symbol} [property]
 */
function append(key, requirement, target, property) {
  const before = property === undefined ? own(key, target) : Reflect.getOwnMetadata(key, target, property)
  const list = [...(before ?? []), requirement]
  if (property === undefined) Reflect.defineMetadata(key, list, target)
  else Reflect.defineMetadata(key, list, target, property)
}

module.exports = { GUARDS, IS_OURS, addRequirement, makePublic, routeOf }
