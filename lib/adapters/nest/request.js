'use strict'

const { isVerifiedToken } = require('../../core/verified-token')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { VerifiedToken } from '../../..' */

/** Metadata of a method that resolves a reference: `RESOLVER_REFERENCE_METADATA` of `@nestjs/graphql`. */
const REFERENCE = 'graphql:resolve_reference'

/** Metadata of a handler of a gateway: `MESSAGE_MAPPING_METADATA` of `@nestjs/websockets`. */
const MESSAGE = 'websockets:message_mapping'

/**
 * What a guard has admitted.
 *
 * @typedef {object} Entry
 * @property {any} request
 * @property {VerifiedToken | undefined} auth
 */

/**
 * The tokens of calls, by what only one call has. Not on the request alone: several calls may share that, of other tokens, as the
 * fields of an operation and the messages of a connection do.
 *
 * @type {WeakMap<object, any>}
 */
const ADMITTED = new WeakMap()

/**
 * The token of an operation of GraphQL, by its context, for fields without a guard; `null` where it has several.
 *
 * @type {WeakMap<object, VerifiedToken | null>}
 */
const OF_OPERATION = new WeakMap()

/** In place of the token of a connection. */
const SEVERAL = Symbol('several tokens')

/**
 * The token of all messages of a connection to a handler; `null`: they come without one.
 *
 * @type {WeakMap<object, WeakMap<Function, string | null | typeof SEVERAL>>}
 */
const OF_CONNECTION = new WeakMap()

/**
 * What a guard has set on a request that calls share.
 *
 * @type {WeakMap<object, VerifiedToken>}
 */
const SET = new WeakMap()

/**
 * What the application had set there before.
 *
 * @type {WeakMap<object, VerifiedToken>}
 */
const REPLACED = new WeakMap()

/**
 * The request of a call, if the transport has one: for HTTP, for GraphQL (drivers put it into the context), for
 * Socket.IO the request that opened the connection.
 *
 * @param {ExecutionContext} context
 * @returns {any}
 */
function requestOf(context) {
  switch (/** @type {string} */ (context.getType())) {
    case 'http':
      return context.switchToHttp().getRequest()
    case 'graphql': {
      const shared = operationOf(context)
      return shared?.req ?? shared?.request ?? shared?.reply?.request
    }
    case 'ws':
      return context.switchToWs().getClient()?.request
    default:
      return undefined
  }
}

/**
 * The context of an operation of GraphQL.
 *
 * @param {ExecutionContext} context
 */
function operationOf(context) {
  return context.getArgByIndex(isReference(context) ? 1 : 2)
}

/**
 * Whether a call of GraphQL resolves a reference: that has no arguments in front of its context. Both are compared,
 * because arguments come from the client.
 *
 * @param {ExecutionContext} context
 */
function isReference(context) {
  return context.getArgs().length === 3 && Reflect.getMetadata(REFERENCE, context.getHandler()) === true
}

/**
 * Sets `request.auth`, where handlers of the application find it.
 *
 * @param {ExecutionContext} context
 * @param {any} request
 * @param {VerifiedToken | undefined} auth
 * @param {boolean} isElsewhere whether a guard of the application has found the request
 */
function setAuth(context, request, auth, isElsewhere) {
  const isShared = isElsewhere || !isOfOneCall(context)
  const before = isShared ? applicationsOf(request) : undefined
  request.auth = auth
  if (request.auth !== auth) throw new Error('request.auth cannot be set')
  if (before) REPLACED.set(request, before)
  if (auth === undefined || !isShared) return
  SET.set(request, auth)
  const operation = isGraphql(context) && request === requestOf(context) ? objectOf(operationOf(context)) : undefined
  if (operation) addToOperation(operation, auth)
}

/**
 * The token that the application has set on a request.
 *
 * @param {any} request
 * @returns {VerifiedToken | undefined}
 */
function applicationsOf(request) {
  const auth = request?.auth
  return isVerifiedToken(auth) && SET.get(request) !== auth ? auth : undefined
}

/**
 * Whether the request is that of one call. That of a connection is not, also where a guard passes it on as one of HTTP.
 *
 * @param {ExecutionContext} context
 */
function isOfOneCall(context) {
  return context.getType() === 'http' && Reflect.getMetadata(MESSAGE, context.getHandler()) === undefined
}

/**
 * Remembers the token of a call for its handler. A request of HTTP is that of one call, and has it already.
 *
 * @param {ExecutionContext} context
 * @param {any} request
 * @param {VerifiedToken | undefined} auth
 * @param {boolean} isElsewhere whether a guard of the application has found the request
 */
function remember(context, request, auth, isElsewhere) {
  if (isOfOneCall(context) && !isElsewhere) return
  const { objects, connection } = callOf(context)
  if (objects.length === 0) return
  // While this message waited for its key, another one may have been admitted.
  if (connection && !isOfConnection(connection, context.getHandler(), auth)) return forget(context)
  entriesOf(context, objects).set(context.getHandler(), { request, auth })
}

/**
 * @param {object} operation
 * @param {VerifiedToken} auth
 */
function addToOperation(operation, auth) {
  const known = OF_OPERATION.get(operation)
  OF_OPERATION.set(operation, known === undefined || known?.token === auth.token ? auth : null)
}

/**
 * Whether all messages of a connection to a handler have the same token. Otherwise one without an object is not told from others.
 *
 * @param {object} connection
 * @param {Function} handler
 * @param {VerifiedToken | undefined} auth
 */
function isOfConnection(connection, handler, auth) {
  const tokens = member(OF_CONNECTION, connection)
  const token = auth?.token ?? null
  const isSame = !tokens.has(handler) || tokens.get(handler) === token
  tokens.set(handler, isSame ? token : SEVERAL)
  return isSame
}

/**
 * Before a call is judged: an earlier message of the connection may have been admitted.
 *
 * @param {ExecutionContext} context
 */
function forget(context) {
  if (isOfOneCall(context)) return
  knownOf(context, callOf(context).objects)?.delete(context.getHandler())
}

/**
 * The objects that only one call has together; guards and parameter decorators have contexts of their own. A message without an object
 * only has that of its connection.
 *
 * @param {ExecutionContext} context
 * @returns {{ objects: object[], connection?: object | undefined }}
 */
function callOf(context) {
  const [first, second] = [0, 1].map((index) => objectOf(context.getArgByIndex(index)))
  const those = (/** @type {(object | undefined)[]} */ ...objects) => objects.filter((object) => object !== undefined)
  switch (/** @type {string} */ (context.getType())) {
    case 'graphql':
      return { objects: those(infoOf(context)) }
    case 'ws':
      return { objects: those(first, second), connection: second === undefined ? first : undefined }
    case 'rpc':
      return { objects: those(first, second) }
    default:
      return { objects: those(first), connection: isOfOneCall(context) ? undefined : first }
  }
}

/**
 * The `info` of a resolver: an object of its own for each call.
 *
 * @param {ExecutionContext} context
 */
function infoOf(context) {
  return objectOf(context.getArgByIndex(isReference(context) ? 2 : 3))
}

/**
 * The entries of a call, by handler: of the class, because an inherited handler is the same function for several.
 *
 * @param {ExecutionContext} context
 * @param {object[]} objects
 * @returns {WeakMap<Function, Entry>}
 */
function entriesOf(context, objects) {
  return [...objects, context.getClass()].reduce(member, ADMITTED)
}

/**
 * The same, if there are any.
 *
 * @param {ExecutionContext} context
 * @param {object[]} objects
 * @returns {WeakMap<Function, Entry> | undefined}
 */
function knownOf(context, objects) {
  /** @type {any} */
  let found = objects.length > 0 ? ADMITTED : undefined
  for (const key of [...objects, context.getClass()]) found = found?.get(key)
  return found
}

/**
 * What the call was admitted with. A guard of a gateway may have asked with a context that only has the request of the connection.
 *
 * @param {ExecutionContext} context
 * @returns {Entry | undefined}
 */
function entryOf(context) {
  const entry = knownOf(context, callOf(context).objects)?.get(context.getHandler())
  const request = entry === undefined && context.getType() === 'ws' ? objectOf(requestOf(context)) : undefined
  return request === undefined ? entry : knownOf(context, [request])?.get(context.getHandler())
}

/** @param {ExecutionContext} context */
function isGraphql(context) {
  return /** @type {string} */ (context.getType()) === 'graphql'
}

/** @param {unknown} value */
function objectOf(value) {
  return typeof value === 'object' && value !== null ? value : undefined
}

/**
 * @param {WeakMap<object, any>} map
 * @param {object} key
 * @returns {WeakMap<any, any>}
 */
function member(map, key) {
  const found = map.get(key) ?? new WeakMap()
  map.set(key, found)
  return found
}

/**
 * The value of the parameter decorator `@Auth()`.
 *
 * @param {ExecutionContext} context
 * @returns {VerifiedToken | undefined}
 */
function authOf(context) {
  const entry = entryOf(context)
  const request = entry ? entry.request : requestOf(context)
  const applications = applicationsOf(request)
  if (applications) return applications
  if (entry) return entry.auth
  const ofOperation = isGraphql(context) && OF_OPERATION.get(operationOf(context))
  // What another call has left there is not the token of this one.
  return ofOperation || REPLACED.get(request)
}

module.exports = { REFERENCE, authOf, forget, remember, requestOf, setAuth }
