'use strict'

const { mistake } = require('../mistake')
const { callerOf } = require('./callers')
const { methodsOf } = require('./container')
const { ourGuardsOn } = require('./guards')

/** Where `@nestjs/graphql`, which is not a dependency, keeps the classes of types: its `TypeMetadataStorage`. */
const STORAGE = 'GqlTypeMetadataStorage'

/** What it has of them. */
const LISTS = ['getObjectTypesMetadata', 'getInterfacesMetadata', 'getInputTypesMetadata', 'getArgumentsMetadata']

/**
 * Finds guards and requirements on types of GraphQL, which are no providers: Nest reads no guards there.
 *
 * @throws {import('../../../..').AuthError} `ERR_CONFIG`
 */
function checkGraphqlTypes() {
  for (const type of typesOf(/** @type {any} */ (globalThis)[STORAGE])) {
    const methods = [...methodsOf(type)]
    const handlers = methods.filter(([name, method]) => callerOf(type, name, method) === 'guarded')
    // A class may be a resolver too.
    if (handlers.length === 0 && ourGuardsOn(type).length > 0) throw onType(type.name)
    for (const [name, method] of methods) {
      const isHandler = handlers.some(([handler]) => handler === name)
      if (!isHandler && ourGuardsOn(method).length > 0) throw onType(`${type.name}.${name}`)
    }
  }
}

/**
 * @param {any} storage
 * @returns {Function[]}
 */
function typesOf(storage) {
  /** @type {{ target?: unknown }[]} */
  const all = LISTS.flatMap((list) => storage?.[list]?.() ?? [])
  return /** @type {Function[]} */ (all.map(({ target }) => target).filter((type) => typeof type === 'function'))
}

/** @param {string} place */
function onType(place) {
  return mistake(
    `${place}: it has a guard or a requirement of entra-jwt-verify, and Nest runs no guards in front of types of GraphQL`,
    "put it on the queries and mutations that return the type, or on @ResolveField() of its resolver, with fieldResolverEnhancers: ['guards']"
  )
}

module.exports = { checkGraphqlTypes }
