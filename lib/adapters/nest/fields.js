'use strict'

const { mistake } = require('./mistake')
const { IS_OURS, chain, isGuardedAt, routeOfHandler } = require('./route')

/**
 * What is used of Nest's container.
 *
 * @typedef {{ instance?: any }} Provider
 * @typedef {object} ModuleRef
 * @property {Function} metatype
 * @property {Map<unknown, Provider>} providers
 * @property {Map<unknown, Provider>} injectables
 * @property {Iterable<ModuleRef>} imports
 */

/** What `@nestjs/graphql`, which is not a dependency, calls its options and its metadata: its `graphql.constants`. */
const OPTIONS = 'GqlModuleOptions'
const TYPE = 'graphql:resolver_type'
const PROPERTY = 'graphql:resolve_property'
const REFERENCE = 'graphql:resolve_reference'

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
 * @param {Iterable<ModuleRef>} all modules of the application
 * @param {readonly unknown[]} globalGuards those of `app.useGlobalGuards()`
 * @throws {import('../../..').AuthError} `ERR_CONFIG`
 */
function checkFields(all, globalGuards) {
  const modules = [...all]
  const unguarded = new Set(modules.filter(isGraphql).flatMap((module) => unguardedBy(module, modules)))
  const hasGlobalGuard = globalGuards.some(isOrHasOurs) || modules.some(providesGlobalGuard)
  for (const module of modules.filter(isGraphql).flatMap((graphql) => servedBy(graphql, modules))) {
    for (const resolver of resolversIn(module)) check(resolver, !unguarded.has(module), hasGlobalGuard)
  }
}

/** @param {ModuleRef} module */
function isGraphql({ metatype, providers }) {
  return providers.has(OPTIONS) || chain(metatype).some(({ name }) => name === 'GraphQLModule')
}

/**
 * The modules whose fields a `GraphQLModule` serves without guards. Where its options are not found, those are all.
 *
 * @param {ModuleRef} graphql
 * @param {readonly ModuleRef[]} modules
 */
function unguardedBy(graphql, modules) {
  const enhancers = optionsOf(graphql)?.fieldResolverEnhancers
  return Array.isArray(enhancers) && enhancers.includes('guards') ? [] : servedBy(graphql, modules)
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

/** @param {ModuleRef} module */
function providesGlobalGuard({ providers, injectables }) {
  return [...providers, ...injectables].some(
    ([token, { instance }]) => String(token).startsWith('APP_GUARD') && isOrHasOurs(instance)
  )
}

/**
 * Whether a guard is ours, or one that asks ours, which it has in a property.
 *
 * @param {any} guard
 */
function isOrHasOurs(guard) {
  const isOurs = (/** @type {any} */ it) => it?.[IS_OURS] === true
  return isOurs(guard) || Object.values(Object(guard)).some(isOurs)
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
 * @param {ModuleRef} module
 * @returns {FieldResolver[]}
 */
function resolversIn({ providers }) {
  return [...providers.values()].flatMap(({ instance }) =>
    typeof instance === 'object' && instance !== null ? resolversOf(Object.getPrototypeOf(instance)) : []
  )
}

/**
 * @param {object | null} prototype
 * @returns {FieldResolver[]}
 */
function resolversOf(prototype) {
  /** @type {Map<string, FieldResolver>} */
  const found = new Map()
  for (let level = prototype; level !== null && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { value: handler }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (found.has(name) || typeof handler !== 'function') continue
      const isReference = Reflect.getMetadata(REFERENCE, handler) === true
      found.set(name, { type: /** @type {object} */ (prototype).constructor, name, handler, isReference })
    }
  }
  return [...found.values()].filter(isField)
}

/** @param {FieldResolver} resolver */
function isField({ type, handler, isReference }) {
  const isProperty = Reflect.getMetadata(PROPERTY, handler) === true
  const typeName = Reflect.getMetadata(TYPE, handler) || Reflect.getMetadata(TYPE, type)
  return (isReference || isProperty) && !ROOTS.includes(typeName)
}

/**
 * @param {FieldResolver} resolver
 * @param {boolean} isEnhanced whether Nest runs guards in front of it
 * @param {boolean} hasGlobalGuard
 */
function check({ type, name, handler, isReference }, isEnhanced, hasGlobalGuard) {
  const path = `${type.name}.${name}`
  if (name === TYPE_NAME) {
    if (!isGuardedAt(handler)) return
    throw mistake(
      `${path}: it has a guard or a requirement of entra-jwt-verify, and Nest runs no guards in front of ${TYPE_NAME}`,
      'remove it there, and put it on the queries and mutations that return this type'
    )
  }
  if (isEnhanced) return
  const route = routeOfHandler(type, handler)
  if (route.problem !== undefined) throw route.problem
  // `_entities`, the query that leads to a reference, is a handler of the library: no guard is in front of that either.
  if (route.isPublic || !(route.isGuarded || (isReference && hasGlobalGuard))) return
  const kind = isReference ? 'references' : 'fields'
  throw mistake(
    `${path}: its guard or requirement of entra-jwt-verify would have no effect, because Nest runs no guards in front of resolvers ` +
      `of ${kind} by default`,
    "set fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot(); or put the requirement on the queries and mutations that " +
      'return this type, and nothing or @Public() on this resolver'
  )
}

module.exports = { REFERENCE, checkFields }
