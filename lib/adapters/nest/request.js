'use strict'

const { isVerifiedToken } = require('../../core/verified-token')
const { routeOf } = require('./route')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { VerifiedToken } from '../../..' */

/** Metadata of a method that resolves a reference: `RESOLVER_REFERENCE_METADATA` of `@nestjs/graphql`. */
const REFERENCE = 'graphql:resolve_reference'

/**
 * Where a guard of the application found the request of a call, by an object that only this call has and by its handler. Not by the
 * handler alone: other calls of it are under way, and a guard may be made for each request.
 *
 * @type {WeakMap<object, WeakMap<Function, any>>}
 */
const REQUESTS = new WeakMap()

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
      const shared = context.getArgByIndex(isReference(context) ? 1 : 2)
      return shared?.req ?? shared?.request ?? shared?.reply?.request
    }
    case 'ws':
      return context.switchToWs().getClient()?.request
    default:
      return undefined
  }
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
 * @param {ExecutionContext} context
 * @param {any} request
 */
function rememberRequest(context, request) {
  const call = callOf(context)
  if (call === undefined) return
  const requests = REQUESTS.get(call) ?? new WeakMap()
  REQUESTS.set(call, requests.set(context.getHandler(), request))
}

/**
 * An object that only one call has; guards and parameter decorators have contexts of their own. For WebSockets without a payload it is
 * that of the connection.
 *
 * @param {ExecutionContext} context
 * @returns {object | undefined}
 */
function callOf(context) {
  const [first, second] = context.getArgs()
  const candidates = { graphql: [context.getArgs().at(-1)], ws: [second, first], rpc: [second, first] }
  const type = /** @type {keyof typeof candidates} */ (context.getType())
  return (candidates[type] ?? [first]).find((candidate) => typeof candidate === 'object' && candidate !== null)
}

/**
 * The value of the parameter decorator `@Auth()`.
 *
 * @param {ExecutionContext} context
 * @returns {VerifiedToken | undefined}
 */
function authOf(context) {
  // The request of a connection has the token of an earlier message.
  if (context.getType() === 'ws' && routeOf(context).isPublic) return undefined
  const found = REQUESTS.get(callOf(context) ?? REQUESTS)?.get(context.getHandler())
  const auth = (found ?? requestOf(context))?.auth
  return isVerifiedToken(auth) ? auth : undefined
}

module.exports = { REFERENCE, authOf, rememberRequest, requestOf }
