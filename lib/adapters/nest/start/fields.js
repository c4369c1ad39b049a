'use strict'

const { mistake } = require('../mistake')
const { REFERENCE } = require('../request')
const { chain, isGuardedAt, routeOfHandler } = require('../route')
const { hostsOf } = require('./container')
const { ourGuardsOn } = require('./guards')

/** @import { Host, ModuleRef } from './container' */

/** What `@nestjs/graphql`, which is not a dependency, calls its options, its driver and its metadata: its `graphql.constants`. */
const OPTIONS = 'GqlModuleOptions'
const DRIVER = 'AbstractGraphQLDriver'
const TYPE = 'graphql:resolver_type'
const PROPERTY = 'graphql:resolve_property'

/** Nest runs guards in front of the fields of these. */
const ROOTS = ['Query', 'Mutation', 'Subscription']

/** The type of a union or an interface: Nest never runs guards in front of it. */
const TYPE_NAME = '__resolveType'

/**
 * Finds the resolvers of fields and references whose guard Nest will not run, which it does not say: by default it runs
 * guards only in front of queries, mutations and subscriptions.
 *
 * A requirement of a class counts too, because a field is also reached from resolvers of other classes.
 *
 * @param {readonly ModuleRef[]} modules of the application
 * @param {boolean} isGuarded whether the application has a global guard
 * @throws {import('../../../..').AuthError} `ERR_CONFIG`
 */
function checkFields(modules, isGuarded) {
  const graphqls = modules.filter(modules.some(hasOptions) ? hasOptions : isNamedGraphql)
  const unguarded = graphqls.filter((graphql) => !isEnhanced(graphql))
  const served = (/** @type {ModuleRef[]} */ of) => new Set(of.flatMap((graphql) => servedBy(graphql, modules)))
  const open = served(unguarded)
  const federated = served(unguarded.filter(isFederation))
  for (const graphql of graphqls) checkContext(graphql, isGuarded, modules)
  for (const module of served(graphqls)) {
    for (const resolver of hostsOf(module.providers).flatMap(resolversOf)) {
      if (resolver.name === TYPE_NAME) checkTypeName(resolver)
      else if (open.has(module)) check(resolver, isGuarded && (resolver.isReference || federated.has(module)))
    }
  }
}

/**
 * `@nestjs/apollo` puts the request into the context that it is given, if there is none in it yet.
 *
 * @param {ModuleRef} graphql
 * @param {boolean} isGuarded whether the application has a global guard
 * @param {readonly ModuleRef[]} modules
 */
function checkContext(graphql, isGuarded, modules) {
  const { context } = optionsOf(graphql) ?? {}
  if (typeof context !== 'object' || context === null) return
  const hosts = servedBy(graphql, modules).flatMap(({ providers }) => hostsOf(providers))
  const hasGuard = hosts.some(({ type, methods }) =>
    [type, ...methods.values()].some((level) => ourGuardsOn(level).length > 0)
  )
  if (!isGuarded && !hasGuard) return
  throw mistake(
    'GraphQLModule: its option context is an object, which all operations share: each would have the request, and the caller, of the first',
    'make it a function that returns a new object: context: ({ req }) => ({ req })'
  )
}

/** @param {ModuleRef} module */
function hasOptions({ providers }) {
  return providers.has(OPTIONS)
}

/** @param {ModuleRef} module */
function isNamedGraphql({ metatype }) {
  return chain(metatype).some(({ name }) => name === 'GraphQLModule')
}

/**
 * Whether Nest runs guards in front of the fields that a `GraphQLModule` serves: not if its options are not found.
 *
 * @param {ModuleRef} graphql
 */
function isEnhanced(graphql) {
  const enhancers = optionsOf(graphql)?.fieldResolverEnhancers
  return Array.isArray(enhancers) && enhancers.includes('guards')
}

/**
 * Whether a `GraphQLModule` serves a subgraph. Its driver is known by its name; with `forRootAsync` it is not in the options.
 *
 * @param {ModuleRef} graphql
 */
function isFederation(graphql) {
  const { autoSchemaFile, driver } = optionsOf(graphql) ?? {}
  const provided = [...graphql.providers].map(([token, { metatype }]) =>
    nameOf(token) === DRIVER ? metatype : undefined
  )
  const drivers = [driver, ...provided].filter((type) => typeof type === 'function')
  return Boolean(autoSchemaFile?.federation) || drivers.flatMap(chain).some(({ name }) => name.includes('Federation'))
}

/** @param {any} token of a provider */
function nameOf(token) {
  return typeof token === 'function' ? token.name : undefined
}

/**
 * The modules in the option `include`, with their imports; by default all.
 *
 * @param {ModuleRef} graphql
 * @param {readonly ModuleRef[]} modules
 * @returns {readonly ModuleRef[]}
 */
function servedBy(graphql, modules) {
  const { include, gateway } = optionsOf(graphql) ?? {}
  // A gateway has no resolvers of its own.
  if (gateway !== undefined) return []
  if (!Array.isArray(include) || include.length === 0) return modules
  const served = new Set(modules.filter(({ metatype }) => include.includes(metatype)))
  // What is added to a set while it is iterated over is visited too.
  for (const { imports } of served) for (const imported of imports) served.add(imported)
  return [...served]
}

/** @param {ModuleRef} graphql */
function optionsOf({ providers }) {
  return providers.get(OPTIONS)?.instance
}

/**
 * A method that resolves a field or a reference.
 *
 * @typedef {object} FieldResolver
 * @property {Function} type
 * @property {string} name
 * @property {Function} handler
 * @property {boolean} isReference
 */

/**
 * As Nest finds them: by the metadata of methods of providers.
 *
 * @param {Host} host
 * @returns {FieldResolver[]}
 */
function resolversOf({ type, methods }) {
  return [...methods]
    .map(([name, handler]) => ({ type, name, handler, isReference: Reflect.getMetadata(REFERENCE, handler) === true }))
    .filter(isField)
}

/** @param {FieldResolver} resolver */
function isField({ type, handler, isReference }) {
  const isProperty = Reflect.getMetadata(PROPERTY, handler) === true
  const typeName = Reflect.getMetadata(TYPE, handler) || Reflect.getMetadata(TYPE, type)
  return (isReference || isProperty) && !ROOTS.includes(typeName)
}

/** @param {FieldResolver} resolver */
function checkTypeName({ type, name, handler }) {
  if (!isGuardedAt(handler)) return
  throw mistake(
    `${type.name}.${name}: it has a guard or a requirement of entra-jwt-verify, and Nest runs no guards in front of ${name}`,
    'remove it there, and put it on the queries and mutations that return this type'
  )
}

/**
 * A client reaches a reference, and every field of a subgraph, through the query `_entities`. That is a handler of the library:
 * no guard is in front of it. So what is reached through it is open, whatever the global guard is.
 *
 * @param {FieldResolver} resolver in front of which Nest runs no guards
 * @param {boolean} isExpectedGuarded whether a global guard of the application is not in front of it
 */
function check({ type, name, handler, isReference }, isExpectedGuarded) {
  const route = routeOfHandler(type, handler)
  if (route.problem !== undefined) throw route.problem
  if (route.isPublic) return
  const kind = isReference ? 'references' : 'fields'
  const because = `Nest runs no guards in front of resolvers of ${kind} by default`
  if (route.isGuarded) {
    throw mistake(
      `${type.name}.${name}: its guard or requirement of entra-jwt-verify would have no effect, because ${because}`,
      `${ENHANCE}; or put the requirement on the queries and mutations that return this type, and nothing or @Public() on this resolver`
    )
  }
  if (!isExpectedGuarded) return
  throw mistake(
    `${type.name}.${name}: every client could reach it through _entities without the global guard, because ${because}`,
    `${ENHANCE}; or put @Public() on this resolver or its class if everyone may read it`
  )
}

const ENHANCE = "set fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot()"

module.exports = { checkFields }
