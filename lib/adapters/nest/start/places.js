'use strict'

const { mistake } = require('../mistake')
const { callerOf, callerOfClass, isGateway } = require('./callers')
const { hostsOf } = require('./container')
const { ourGuardsOn } = require('./guards')

/** @import { Caller } from './callers' */
/** @import { Host, ModuleRef } from './container' */

const HAS = 'it has a guard or a requirement of entra-jwt-verify'

/** @type {Record<Exclude<Caller, 'guarded' | 'unknown'>, { because: string, hint: string }>} */
const UNREACHED = {
  lifecycle: {
    because: 'Nest runs no guards in front of handleConnection, handleDisconnect and afterInit of a gateway',
    hint: 'put it on the handlers of messages; to reject a connection, verify its token with EntraVerifier in handleConnection'
  },
  unguarded: {
    because: 'Nest runs no guards in front of event listeners, scheduled jobs, queue workers and handlers of CQRS',
    hint: 'remove it there, and put it on the routes, resolvers or message handlers that lead to it'
  },
  nothing: {
    because: 'Nest runs no guards in front of methods that are not a route, a resolver or a message handler',
    hint: 'remove it there, and put it on the routes, resolvers or message handlers that call it'
  }
}

/**
 * Finds guards and requirements where Nest runs no guards, which it does not say.
 *
 * @param {readonly ModuleRef[]} modules
 * @param {any} creator of the contexts of resolvers
 * @throws {import('../../../..').AuthError} `ERR_CONFIG`
 */
function checkPlaces(modules, creator) {
  for (const module of modules) {
    const { metatype, providers, controllers, injectables, middlewares } = module
    checkModuleClass(metatype)
    for (const { type, methods } of hostsOf(controllers)) checkMethods(type, methods)
    for (const host of hostsOf(injectables)) checkHost(host)
    for (const host of hostsOf(middlewares)) checkHost(host)
    for (const host of hostsOf(providers)) {
      checkHost(host)
      checkInjectables(host, registryOf(host.type, module, modules, creator))
    }
  }
}

/** @param {Function} type */
function checkModuleClass(type) {
  if (ourGuardsOn(type).length === 0) return
  throw mistake(
    `${type.name}: ${HAS}, and Nest runs no guards for a module`,
    'remove it there, and put it on the controllers, resolvers and gateways of the module'
  )
}

/** @param {Host} host */
function checkHost(host) {
  checkMethods(host.type, host.methods)
  checkClass(host)
}

/**
 * @param {Function} type
 * @param {Map<string, Function>} methods
 */
function checkMethods(type, methods) {
  for (const [name, handler] of methods) {
    if (ourGuardsOn(handler).length === 0) continue
    const caller = callerOf(type, name, handler)
    if (isReached(caller)) continue
    throw unreached(`${type.name}.${name}`, caller)
  }
}

/** @param {Host} host */
function checkClass({ type, methods }) {
  if (ourGuardsOn(type).length === 0) return
  if ([...methods].some(([name, handler]) => isReached(callerOf(type, name, handler)))) return
  const caller = callerOfClass(type)
  if (!isReached(caller)) throw unreached(type.name, caller)
}

/**
 * Whether guards run, as far as that is known.
 *
 * @param {Caller} caller
 * @returns {caller is 'guarded' | 'unknown'}
 */
function isReached(caller) {
  return caller === 'guarded' || caller === 'unknown'
}

/**
 * @param {string} place
 * @param {Exclude<Caller, 'guarded' | 'unknown'>} caller
 */
function unreached(place, caller) {
  const { because, hint } = UNREACHED[caller]
  return mistake(`${place}: ${HAS}, and ${because}`, hint)
}

/**
 * Nest makes the guards that are on a class when it reads the providers of a module, for those that it knows to be a class.
 * Without a word it leaves out guards that it has not made.
 *
 * @param {Host} host
 * @param {Map<unknown, unknown> | undefined} registry
 */
function checkInjectables({ type, methods }, registry) {
  for (const level of [type, ...methods.values()]) {
    const isMissing = (/** @type {unknown} */ guard) => typeof guard === 'function' && !registry?.has(guard)
    if (!ourGuardsOn(level).some(isMissing)) continue
    throw mistake(
      `${level === type ? type.name : `${type.name}.${level.name}`}: ${HAS}, and Nest makes no guards for a provider that is ` +
        'registered by useValue, useFactory or under another token',
      `list the class itself in the module: providers: [${type.name}]`
    )
  }
}

/**
 * Where Nest looks for the guards of a provider: in its module. Earlier versions find the module of a resolver by its class.
 *
 * @param {Function} type
 * @param {ModuleRef} module
 * @param {readonly ModuleRef[]} modules
 * @param {any} creator
 */
function registryOf(type, module, modules, creator) {
  const isOwn = isGateway(type) || typeof creator?.getHostModuleKey === 'function'
  return (isOwn ? module : modules.find(({ providers }) => providers.has(type)))?.injectables
}

module.exports = { checkPlaces }
