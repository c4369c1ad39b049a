'use strict'

/**
 * What is used of Nest's container.
 *
 * @typedef {object} Provider
 * @property {any} [instance] for a class that is made for each request, an object with its prototype
 * @property {any} [metatype] the class, or the factory
 * @property {readonly any[]} [inject] of a factory
 * @property {boolean} [isAlias] whether it is another provider (`useExisting`)
 * @property {() => boolean} [isDependencyTreeStatic]
 * @property {() => boolean} [isDependencyTreeDurable]
 *
 * @typedef {object} ModuleRef
 * @property {Function} metatype
 * @property {Map<unknown, Provider>} providers
 * @property {Map<unknown, Provider>} injectables
 * @property {Map<unknown, Provider>} [controllers]
 * @property {Map<unknown, Provider>} [middlewares]
 * @property {Iterable<ModuleRef>} imports
 * @property {boolean} [isGlobal]
 */

/**
 * The class of an instance, by which Nest finds its handlers.
 *
 * @typedef {object} Host
 * @property {Function} type
 * @property {Map<string, Function>} methods
 */

/**
 * @param {Iterable<[unknown, Provider]>} [providers]
 * @returns {Host[]}
 */
function hostsOf(providers = []) {
  const types = [...providers].filter(([, { isAlias }]) => isAlias !== true).map(([, provider]) => typeOf(provider))
  return [...new Set(types)].filter((type) => type !== undefined).map((type) => ({ type, methods: methodsOf(type) }))
}

/**
 * @param {Provider} provider
 * @returns {Function | undefined}
 */
function typeOf({ instance }) {
  if (typeof instance !== 'object' || instance === null) return undefined
  try {
    const prototype = Object.getPrototypeOf(instance)
    const type = prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    return typeof type === 'function' && type !== Object ? type : undefined
  } catch {
    // A proxy that has nothing behind it outside of a request.
    return undefined
  }
}

/**
 * Methods of a class and its base classes, by name, without running getters.
 *
 * @param {Function} type
 * @returns {Map<string, Function>}
 */
function methodsOf(type) {
  /** @type {Map<string, Function>} */
  const found = new Map()
  const seen = new Set(['constructor'])
  for (let level = type.prototype; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (!seen.has(name) && typeof value === 'function') found.set(name, value)
      seen.add(name)
    }
  }
  return found
}

module.exports = { hostsOf, methodsOf }
