'use strict'

const { inFront } = require('../public')
const { GUARDS, isOurs } = require('../route')

/** @import { ModuleRef, Provider } from './container' */

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
 * The global guards of the application object. Nest has no other way to reach them.
 *
 * @param {any} creator of the contexts of resolvers
 */
function configurationOf(creator) {
  return creator?.guardsContextCreator?.config
}

/**
 * Puts a guard in front of all others, which Nest and the application add later.
 *
 * @param {any} creator of the contexts of resolvers
 */
function startWithOurs(creator) {
  const configuration = configurationOf(creator)
  if (configuration?.getGlobalGuards().includes(inFront) === false) configuration.addGlobalGuard(inFront)
}

/**
 * What `app.useGlobalGuards()` was given.
 *
 * @param {any} creator of the contexts of resolvers
 * @returns {readonly unknown[]}
 */
function globalGuardsOf(creator) {
  /** @type {readonly unknown[]} */
  const guards = configurationOf(creator)?.getGlobalGuards() ?? []
  return guards.filter((guard) => guard !== inFront)
}

/**
 * @param {Iterable<ModuleRef>} modules
 * @param {readonly unknown[]} globalGuards those of `app.useGlobalGuards()`
 */
function hasGlobalGuard(modules, globalGuards) {
  return globalGuards.length > 0 || [...modules].some((module) => appGuardsOf(module).length > 0)
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

module.exports = { globalGuardsOf, hasGlobalGuard, ourGuardsOn, startWithOurs }
