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
 * @property {readonly Function[] | undefined} passing the classes of ours that pass behind `@Public()` of a class: those of its base
 *   classes. `undefined`, for all of them, where the handler is public itself
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
  return routeOfHandler(context.getClass(), context.getHandler())
}

/**
 * @param {Function} type
 * @param {Function} handler
 * @returns {Route}
 */
function routeOfHandler(type, handler) {
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
  const ofHandler = levelsOf(handler)
  const levels = [...ofHandler, ...levelsOfClass(type)]
  const requirements = levels.flatMap(({ level }) => own(REQUIREMENTS, level) ?? [])
  const nearest = levels.find(({ isPublic, isGuarded }) => isPublic || isGuarded)
  const isPublic = nearest?.isPublic === true
  return {
    isPublic,
    requirements: isPublic ? [] : requirements,
    isGuarded: levels.some(({ isGuarded }) => isGuarded),
    passing: ofHandler.some((level) => level.isPublic) ? undefined : ours(type),
    problem: problemOf(type, handler, isPublic && nearest.isGuarded)
  }
}

/**
 * @param {Function} type
 * @param {Function} handler
 * @param {boolean} isContradictory
 */
function problemOf(type, handler, isContradictory) {
  const name = `${type.name}.${nameOf(handler)}`
  if (isContradictory) return contradiction(name)
  const levels = levelsOf(handler)
  const kept = levels.flatMap(({ level }) => own(REQUIREMENTS, level) ?? [])
  const isPublic = levels.some((level) => level.isPublic)
  const { here, above, isOfClass } =
    putOn(type, functions(handler)) ?? putOnName(type, handler, kept.length > 0 || isPublic)
  if (!here.every((requirement) => kept.includes(requirement))) {
    if (!isOfClass) return replaced(name)
    return mistake(
      `${name}: a decorator replaced the method, and the requirement that was on it was lost`,
      'put @RequireRole() and its like above all decorators that replace the method'
    )
  }
  const isDecided = kept.length > 0 || isPublic || levels.some(({ isGuarded }) => isGuarded)
  if (above.length === 0 || isDecided) return undefined
  return mistake(
    `${name}: it overrides a method that has a requirement, and has none: an override does not inherit decorators`,
    'repeat @RequireRole() and its like on the override; where it admits every caller with a token, @UseGuards(EntraAuthGuard); ' +
      'where it is public, @Public()'
  )
}

/** @param {string} name */
function replaced(name) {
  return mistake(
    `${name}: its instance has another function in place of a method, and the requirement that was on it was lost`,
    'leave the method as the class has it: Nest calls it with its instance, so that it needs no bind()'
  )
}

/**
 * The requirements on a method, in the class of the handler and its base classes.
 *
 * @typedef {object} PutOn
 * @property {readonly Requirement[]} here
 * @property {readonly Requirement[]} above
 * @property {boolean} isOfClass whether the handler is the method of a class, and not only of its instance
 */

/**
 * @param {Function} type
 * @param {readonly unknown[]} handlers
 * @returns {PutOn | undefined} `undefined` if none is a method of the class
 */
function putOn(type, handlers) {
  const prototypes = prototypesOf(type)
  for (const [index, prototype] of prototypes.entries()) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (handlers.includes(value)) {
        const above = prototypes.slice(index + 1).flatMap((base) => ofMethod(base, name))
        return { here: ofMethod(prototype, name), above, isOfClass: true }
      }
    }
  }
  return undefined
}

/**
 * The same for a function that only the instance has, such as `this.list = this.list.bind(this)`. If its name does not say
 * which method it replaces, it may be any of them.
 *
 * @param {Function} type
 * @param {Function} handler
 * @param {boolean} isDecided whether it has decorators itself
 * @returns {PutOn}
 */
function putOnName(type, handler, isDecided) {
  const prototypes = prototypesOf(type)
  const name = nameOf(handler)
  const index = prototypes.findIndex((prototype) => Object.hasOwn(prototype, name))
  if (index >= 0) {
    const [here = [], ...above] = prototypes.slice(index).map((prototype) => ofMethod(prototype, name))
    return { here, above: above.flat(), isOfClass: false }
  }
  const ofAny = prototypes.flatMap((prototype) =>
    Object.getOwnPropertyNames(prototype).flatMap((method) => ofMethod(prototype, method))
  )
  return { here: isDecided ? [] : ofAny, above: [], isOfClass: false }
}

/**
 * @param {object} prototype
 * @param {string} name
 * @returns {readonly Requirement[]}
 */
function ofMethod(prototype, name) {
  return Reflect.getOwnMetadata(OF_METHOD, prototype, name) ?? []
}

/** @param {Function} type */
function prototypesOf(type) {
  return chain(type).map(({ prototype }) => prototype)
}

/**
 * The name of the method, also of one that is bound.
 *
 * @param {Function} handler
 */
function nameOf(handler) {
  return handler.name.replace(/^(?:bound )+/, '')
}

/**
 * A handler and the functions that it inherits from: libraries make the method the prototype of what wraps it, for Nest to
 * find its metadata.
 *
 * @param {Function} handler
 * @returns {Function[]}
 */
function functions(handler) {
  const found = []
  for (
    let current = handler;
    typeof current === 'function' && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    found.push(current)
  }
  return found
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
 * A handler, a class, or what one inherits from, with what decorators say of it.
 *
 * @typedef {object} Level
 * @property {Function} level
 * @property {boolean} isPublic
 * @property {boolean} isGuarded whether a guard of this package is on it
 */

/**
 * A decorator that puts another function in place of a handler has to copy its metadata.
 *
 * @param {Function} handler
 * @returns {Level[]}
 */
function levelsOf(handler) {
  return functions(handler).map((level) => ({
    level,
    isPublic: own(PUBLIC, level) !== undefined,
    isGuarded: isGuardedAt(level)
  }))
}

/**
 * The guards of a class begin with those that it inherits, and a decorator that puts another class in its place may copy all that it
 * inherits.
 *
 * @param {Function} type
 * @returns {Level[]}
 */
function levelsOfClass(type) {
  return chain(type).map((level) => ({
    level,
    isPublic: own(PUBLIC, level) === level,
    isGuarded: isGuardedAt(level) && ours(level).length > ours(Object.getPrototypeOf(level)).length
  }))
}

/**
 * Whether a guard of this package is on a handler.
 *
 * @param {Function} level
 */
function isGuardedAt(level) {
  return (own(GUARDS, level) ?? []).some(isOurs)
}

/**
 * The classes of our guards that Nest finds on a class.
 *
 * @param {Function} type
 * @returns {Function[]}
 */
function ours(type) {
  const guards = (Reflect.getMetadata(GUARDS, type) ?? []).filter(isOurs)
  return guards.map((/** @type {any} */ guard) => (typeof guard === 'function' ? guard : guard.constructor))
}

/**
 * Whether a class or an instance is our guard, or inherits from it.
 *
 * @param {any} guard
 */
function isOurs(guard) {
  return typeof (guard?.prototype ?? guard)?.[IS_OURS] === 'boolean'
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
  Reflect.defineMetadata(PUBLIC, level, level)
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

module.exports = {
  GUARDS,
  IS_OURS,
  addRequirement,
  chain,
  isGuardedAt,
  isOurs,
  makePublic,
  routeOf,
  routeOfHandler
}
