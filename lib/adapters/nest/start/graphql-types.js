'use strict'

const { mistake } = require('../mistake')
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
    const levels = /** @type {[string, Function][]} */ ([['', type], ...methodsOf(type)])
    for (const [name, level] of levels) {
      if (ourGuardsOn(level).length > 0) throw onType(name === '' ? type.name : `${type.name}.${name}`)
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
