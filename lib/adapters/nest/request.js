'use strict'

const { isVerifiedToken } = require('../../core/verified-token')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { VerifiedToken } from '../../..' */

/** Metadata of a method that resolves a reference: `RESOLVER_REFERENCE_METADATA` of `@nestjs/graphql`. */
const REFERENCE = 'graphql:resolve_reference'

/**
 * The tokens of calls, by an object that only one call has and by its handler. Not on the request alone: several calls may share that,
 * of other tokens, as the fields of an operation and the messages of a connection do.
 *
 * @type {WeakMap<object, WeakMap<Function, { auth: VerifiedToken | undefined }>>}
 */
const ADMITTED = new WeakMap()

/**
 * The token of an operation of GraphQL, by its context, for fields without a guard; `null` where it has several.
 *
 * @type {WeakMap<object, VerifiedToken | null>}
 */
const OF_OPERATION = new WeakMap()

/**
 * The request of all messages of a connection to a handler; `null` where they have several.
 *
 * @type {WeakMap<object, WeakMap<Function, object | null>>}
 */
const OF_CONNECTION = new WeakMap()

/**
 * What a guard has set on a request that calls share.
 *
 * @type {WeakMap<object, VerifiedToken>}
 */
const SET = new WeakMap()

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
 */
function setAuth(context, request, auth) {
  request.auth = auth
  if (request.auth !== auth) throw new Error('request.auth cannot be set')
  if (auth === undefined || isOfOneCall(context)) return
  SET.set(request, auth)
  const operation = isGraphql(context) ? objectOf(operationOf(context)) : undefined
  if (operation) addToOperation(operation, auth)
}

/**
 * Whether the request is that of one call.
 *
 * @param {ExecutionContext} context
 */
function isOfOneCall(context) {
  return context.getType() === 'http'
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
  const { call, isConnection } = callOf(context)
  const handler = context.getHandler()
  if (call === undefined || (isConnection && !isOfConnection(call, handler, request))) return
  member(ADMITTED, call).set(handler, { auth })
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
 * Whether all messages of a connection have the same request. Otherwise a message without an object is not told from others.
 *
 * @param {object} connection
 * @param {Function} handler
 * @param {object} request
 */
function isOfConnection(connection, handler, request) {
  const requests = member(OF_CONNECTION, connection)
  const known = requests.get(handler)
  requests.set(handler, known === undefined || known === request ? request : null)
  return requests.get(handler) === request
}

/**
 * Before a call is judged: an earlier message of the connection may have been admitted.
 *
 * @param {ExecutionContext} context
 */
function forget(context) {
  if (isOfOneCall(context)) return
  const { call } = callOf(context)
  if (call) ADMITTED.get(call)?.delete(context.getHandler())
}

/**
 * An object that only one call has; guards and parameter decorators have contexts of their own. For a message without an object it is
 * that of the connection.
 *
 * @param {ExecutionContext} context
 * @returns {{ call: object | undefined, isConnection: boolean }}
 */
function callOf(context) {
  const given = context.getArgs()
  const [first, second] = given
  switch (/** @type {string} */ (context.getType())) {
    case 'graphql':
      return { call: objectOf(given.at(-1)), isConnection: false }
    case 'ws':
      return { call: objectOf(second) ?? objectOf(first), isConnection: objectOf(second) === undefined }
    case 'rpc':
      return { call: objectOf(first) ?? objectOf(second), isConnection: objectOf(first) === undefined }
    default:
      return { call: objectOf(first), isConnection: false }
  }
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
 * @template T
 * @param {WeakMap<object, WeakMap<Function, T>>} map
 * @param {object} key
 * @returns {WeakMap<Function, T>}
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
  const { call } = callOf(context)
  const admitted = call && ADMITTED.get(call)?.get(context.getHandler())
  if (admitted) return admitted.auth
  const ofOperation = isGraphql(context) && OF_OPERATION.get(operationOf(context))
  if (ofOperation) return ofOperation
  const request = requestOf(context)
  const auth = request?.auth
  // What another call has left there is not the token of this one.
  return isVerifiedToken(auth) && SET.get(request) !== auth ? auth : undefined
}

module.exports = { REFERENCE, authOf, forget, remember, requestOf, setAuth }
