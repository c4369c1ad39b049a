'use strict'

/**
 * Who calls a method, as far as its metadata says. Nest's packages, which are not dependencies, are known by the names of
 * their metadata, which are in the `constants` of each.
 */

/** `@nestjs/common`: what a route has. `@nestjs/websockets`, `@nestjs/microservices` and `@nestjs/graphql`: what a handler has. */
const GUARDED = [/^(?:path|method)$/, /^websockets:message_mapping$/, /^microservices:/, /^graphql:/]

/** `@nestjs/event-emitter`, `@nestjs/schedule`, `@nestjs/bull`, `@nestjs/bullmq` and `@nestjs/cqrs` run no guards. */
const UNGUARDED = [
  /^EVENT_LISTENER_METADATA$/,
  /^SCHEDULE/,
  /^bull(?:mq)?:/,
  /^__(?:command|event|query|saga|commandHandler|eventsHandler|queryHandler)__$/
]

/** Metadata that makes nobody call a method. */
const NEUTRAL = [
  /^(?:design|self|optional):/,
  /^swagger\//,
  // @nestjs/common's serializer, @nestjs/cache-manager, @nestjs/throttler.
  /^class_serializer:/,
  /^cache_module:/,
  /^THROTTLER:/,
  /^scope:options$/,
  /^__(?:guards|interceptors|pipes|exceptionFilters|injectable|catch|filterCatchExceptions|routeArguments)__$/,
  /^__(?:httpCode|headers|redirect|renderTemplate|responsePassthrough|version)__$/
]

/** `@nestjs/websockets`: what a gateway has. */
const GATEWAY = 'websockets:is_gateway'

/** The methods that Nest calls when a gateway starts, and when clients come and go. */
const LIFECYCLE = ['afterInit', 'handleConnection', 'handleDisconnect']

/**
 * `guarded`: a framework of Nest's, which runs guards. `unguarded`: one that runs none. `unknown`: another one, which may run them.
 * `nothing`: no framework.
 *
 * @typedef {'guarded' | 'unguarded' | 'unknown' | 'lifecycle' | 'nothing'} Caller
 */

/**
 * @param {Function} type
 * @param {string} name
 * @param {Function} handler
 * @returns {Caller}
 */
function callerOf(type, name, handler) {
  if (isGateway(type) && LIFECYCLE.includes(name)) return 'lifecycle'
  // Some frameworks describe a method by its class and name.
  const caller = callerBy([
    ...Reflect.getMetadataKeys(handler),
    ...Reflect.getMetadataKeys(type.prototype, name),
    ...Reflect.getMetadataKeys(type, name)
  ])
  // Handlers of CQRS and queue workers are named on the class.
  return caller === 'unknown' && callerOfClass(type) === 'unguarded' ? 'unguarded' : caller
}

/**
 * Who calls the methods of a class that have no metadata of their own.
 *
 * @param {Function} type
 * @returns {Caller}
 */
function callerOfClass(type) {
  return isGateway(type) ? 'lifecycle' : callerBy(Reflect.getMetadataKeys(type))
}

/**
 * @param {readonly unknown[]} keys of metadata
 * @returns {Caller}
 */
function callerBy(keys) {
  const telling = keys.map(nameOf).filter((key) => !isOne(NEUTRAL, key) && !key.startsWith('entra-jwt-verify:'))
  if (telling.length === 0) return 'nothing'
  if (telling.some((key) => isOne(GUARDED, key))) return 'guarded'
  return telling.some((key) => isOne(UNGUARDED, key)) ? 'unguarded' : 'unknown'
}

/** @param {Function} type */
function isGateway(type) {
  return Reflect.getMetadata(GATEWAY, type) === true
}

/** @param {unknown} key of metadata, which is often a symbol */
function nameOf(key) {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key)
}

/**
 * @param {readonly RegExp[]} patterns
 * @param {string} key
 */
function isOne(patterns, key) {
  return patterns.some((pattern) => pattern.test(key))
}

module.exports = { callerOf, callerOfClass, isGateway }
