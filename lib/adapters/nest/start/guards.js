'use strict'

const { GUARDS, IS_OURS } = require('../route')

/** @import { ModuleRef, Provider } from './container' */

/**
 * Whether a class or an instance is our guard, or inherits from it.
 *
 * @param {any} guard
 */
function isOurs(guard) {
  return (guard?.prototype ?? guard)?.[IS_OURS] === true
}

/**
 * Our guards that Nest finds on a class or a method: the nearest metadata counts.
 *
 * @param {Function} level
 * @returns {unknown[]}
 */
function ourGuardsOn(level) {
  /** @type {unknown[]} */
  const guards = Reflect.getMetadata(GUARDS, level) ?? []
  return guards.filter(isOurs)
}

/**
 * What `app.useGlobalGuards()` was given. Nest has no other way to ask.
 *
 * @param {any} creator of the contexts of resolvers
 * @returns {readonly unknown[]}
 */
function globalGuardsOf(creator) {
  return creator?.guardsContextCreator?.config?.getGlobalGuards?.() ?? []
}

/**
 * @param {Iterable<ModuleRef>} modules
 * @param {readonly unknown[]} globalGuards those of `app.useGlobalGuards()`
 */
function hasGlobalGuard(modules, globalGuards) {
  return globalGuards.length > 0 || [...modules].some((module) => appGuardsOf(module).length > 0)
}

/**
 * Whether a global guard is ours, or visibly asks ours. One that has ours in a closure or a private property is not found.
 *
 * @param {Iterable<ModuleRef>} modules
 * @param {readonly unknown[]} globalGuards those of `app.useGlobalGuards()`
 */
function hasOurGlobalGuard(modules, globalGuards) {
  const asks = (/** @type {Provider} */ provider) => isOrHasOurs(provider.instance) || isGivenOurs(provider)
  return globalGuards.some(isOrHasOurs) || [...modules].some((module) => appGuardsOf(module).some(asks))
}

/**
 * Nest registers each provider of `APP_GUARD` under a token of its own: request-scoped ones as injectables.
 *
 * @param {ModuleRef} module
 */
function appGuardsOf({ providers, injectables }) {
  return [...providers, ...injectables]
    .filter(([token]) => String(token).startsWith('APP_GUARD'))
    .map(([, provider]) => provider)
}

/** @param {any} guard */
function isOrHasOurs(guard) {
  return isOurs(guard) || Object.values(Object(guard)).flat().some(isOurs)
}

/**
 * Whether Nest injects our guard into a guard. Its metadata: `@nestjs/common/constants`.
 *
 * @param {Provider} provider
 */
function isGivenOurs({ metatype, inject }) {
  const tokens = (inject ?? []).map((injected) => injected?.token ?? injected)
  if (isOurs(metatype) || tokens.some(isOurs)) return true
  if (typeof metatype !== 'function') return false
  const read = (/** @type {string} */ key) => /** @type {any[]} */ (Reflect.getMetadata(key, metatype) ?? [])
  const parameters = read('self:paramtypes').map(({ param }) => param)
  const properties = read('self:properties_metadata').map(({ type }) => type)
  return [...read('design:paramtypes'), ...parameters, ...properties].some(isOurs)
}

module.exports = { globalGuardsOf, hasGlobalGuard, hasOurGlobalGuard, isOurs, ourGuardsOn }
