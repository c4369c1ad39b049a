'use strict'

const { callError, configError, kindOf } = require('../core/errors')
const { isPlainObject, ownMembers } = require('../core/options')
const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { requirements } = require('../http/guards')
const { ABSENT, MET, createProtection, environmentProtection, protectionOf } = require('../http/protection')
const { afterWaiting, reject, serve } = require('./fastify/replies')

/** @import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify' */
/** @import { VerifiedToken } from '../..' */
/** @import { FastifyOptions } from '../../fastify' */
/** @import { AppProtection } from '../http/protection' */
/** @import { Done } from './fastify/replies' */

/** On an instance whose requests have `auth` from this plug-in, and on nested ones. */
const DECORATED = Symbol.for('entra-jwt-verify.fastify')

/** Where applications find the verified token. */
const PLACE = 'request.auth'

/** Options of `register` that are Fastify's own. */
const OF_FASTIFY = ['prefix', 'logLevel', 'logSerializers']

/** The properties that fastify-plugin sets: hook and decorator belong to the scope in which the plug-in is registered. */
const CONVENTIONS = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'entra-jwt-verify',
  [Symbol.for('plugin-meta')]: { name: 'entra-jwt-verify', fastify: '5.x' }
}

/**
 * A plug-in for one configuration.
 *
 * @param {FastifyOptions} [options]
 * @param {unknown[]} more what Fastify passes, if this is registered instead of called
 */
function createCheckAuthToken(options, ...more) {
  const refused = more.length > 0 && refuseMore(options, more)
  if (refused) return refused
  const protection = createProtection(options)
  const { verifier, metadata } = protection
  const plugin = pluginOf((own) => {
    if (own === undefined) return protection
    throw configError(
      `${Object.keys(own)}`,
      'expected it among the options of createCheckAuthToken, got it in register()'
    )
  })
  return Object.assign(plugin, { verifier }, metadata && { resourceMetadata: serve(metadata.answerTo) })
}

/**
 * @param {unknown} options what a framework passes, for `fastify.register(createCheckAuthToken)`
 * @param {unknown[]} more
 * @returns {any} a rejected promise for Fastify, nothing if there are only options
 */
function refuseMore(options, more) {
  const { assertOneArgument, pluginNotCalled, refuse } = require('../http/misuse')
  if (more.some((given) => typeof given === 'function')) return refuse(options, pluginNotCalled(options))
  assertOneArgument('createCheckAuthToken', more)
}

/** The plug-in configured by the environment when it is registered; options of `register` take precedence. */
const checkAuthToken = pluginOf((own) => (own === undefined ? environmentProtection() : createProtection(own)))
Object.defineProperty(checkAuthToken, 'verifier', {
  get() {
    return environmentProtection().verifier
  }
})

/**
 * @param {(own: FastifyOptions | undefined) => AppProtection} protectionFor options of this package that `register` was given
 */
function pluginOf(protectionFor) {
  /**
   * @param {FastifyInstance} instance
   * @param {unknown} options
   * @param {Done} done
   */
  function checkAuthToken(instance, options, done) {
    // Called, or added as a hook, instead of registered, or a middleware of another framework: restify has no use for an exception.
    if (typeof instance?.addHook !== 'function') {
      const error = callError(
        'checkAuthToken',
        "this is the Fastify plug-in. In Express, import from 'entra-jwt-verify'; in Fastify, write fastify.register(checkAuthToken)"
      )
      return require('../http/misuse').report(done, error)
    }
    try {
      const { preload, own } = read(options)
      protect(instance, protectionFor(own), preload)
    } catch (error) {
      return done(error)
    }
    done()
  }
  return Object.assign(checkAuthToken, CONVENTIONS)
}

/**
 * The options of `register`: the plug-in's own, and those of this package, if there are any.
 *
 * @param {unknown} options
 */
function read(options) {
  if (!isPlainObject(options)) throw configError('options', `expected a plain object, got ${kindOf(options)}`)
  const own = Object.create(null)
  let preload = false
  for (const [name, value] of ownMembers(options, 'options')) {
    if (name !== 'preload') {
      if (!OF_FASTIFY.includes(name)) own[name] = value
      continue
    }
    if (typeof value !== 'boolean') throw configError('preload', `expected true or false, got ${kindOf(value)}`)
    preload = value
  }
  return { preload, own: Object.keys(own).length === 0 ? undefined : own }
}

/**
 * @param {FastifyInstance} instance
 * @param {AppProtection} protection
 * @param {boolean} preload
 */
function protect(instance, protection, preload) {
  if (!instance.hasDecorator(DECORATED)) {
    if (instance.hasRequestDecorator('auth')) {
      throw callError('checkAuthToken', 'expected to decorate request.auth, but another plug-in has decorated it')
    }
    instance.decorateRequest('auth', null)
    instance.decorate(DECORATED, true)
  }
  instance.addHook('onRequest', (request, reply, done) => authenticate(protection, request, reply, done))
  if (preload) instance.addHook('onReady', () => protection.verifier?.preload())
}

/**
 * The hook. It continues the request, at once if the key is cached, or it answers and never calls `done`. It returns no
 * promise: if one resolved, Fastify would call the handler while hooks of the application still delay the response.
 *
 * @param {AppProtection} protection
 * @param {FastifyRequest} request
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function authenticate(protection, request, reply, done) {
  if (isPublic(request)) return goOnWithout(protection, request, done)
  const verdict = protection.check(request.headers.authorization, request)
  if (isVerifiedToken(verdict)) return goOn(verdict, request, done)
  if (verdict === ABSENT) return goOnWithout(protection, request, done)
  if (!isPending(verdict)) return refuse(protection, verdict, request, reply, done)
  afterWaiting(protection, verdict.verdict, reply, done, (ended) => {
    if (isVerifiedToken(ended)) goOn(ended, request, done)
    else refuse(protection, ended, request, reply, done)
  })
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {FastifyRequest} request
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function refuse(protection, verdict, request, reply, done) {
  // What an earlier plug-in set is not the token of a rejected request.
  if (isVerifiedToken(request.auth)) setAuth(request, null)
  reject(protection, verdict, request, reply, done)
}

/**
 * Whether a route has exactly `config: { auth: false }`, as an own property.
 *
 * @param {FastifyRequest} request
 */
function isPublic(request) {
  const { config } = request.routeOptions
  return Object.hasOwn(config, 'auth') && config.auth === false
}

/**
 * @param {VerifiedToken} auth
 * @param {FastifyRequest} request
 * @param {Done} done
 */
function goOn(auth, request, done) {
  setAuth(request, auth)
  done()
}

/**
 * @param {AppProtection} protection
 * @param {FastifyRequest} request
 * @param {Done} done
 */
function goOnWithout(protection, request, done) {
  protection.passedWithoutToken(request)
  setAuth(request, null)
  done()
}

/**
 * Replaces a value set by another plug-in; if that is not possible, the request fails.
 *
 * @param {FastifyRequest} request
 * @param {VerifiedToken | null} auth
 */
function setAuth(request, auth) {
  request.auth = auth
  if (request.auth !== auth) throw new Error('request.auth cannot be set')
}

/**
 * A hook for a route behind `checkAuthToken`. Without `checkAuthToken`, it rejects every request.
 *
 * @param {import('../http/requirements').Requirement} requirement
 */
function guard(requirement) {
  const { decide, isUndecided, warnOfUnprotected, warnOfUnverified } = requirements()
  /**
   * @param {FastifyRequest} request
   * @param {FastifyReply} reply
   * @param {Done} done
   */
  return (request, reply, done) => {
    // A response of node:http, which Express and others pass, or `next`, which Koa and Hono pass.
    const isForeign = reply?.raw === undefined && (typeof reply === 'function' || 'setHeader' in Object(reply))
    if (isForeign) {
      const { report, wrongGuard } = require('../http/misuse')
      return report(done, wrongGuard('entra-jwt-verify/fastify'))
    }
    const { auth } = request
    const decision = decide(requirement, auth, PLACE)
    if (decision === MET) return done()
    const protection = protectionOf(auth, request)
    if (!isUndecided(decision)) {
      warnOfUnverified(auth, PLACE)
      warnOfUnprotected(protection, auth, request.headers?.authorization, 'fastify.register(checkAuthToken)')
      return reject(protection, decision, request, reply, done)
    }
    afterWaiting(protection, decision.decision, reply, done, (decided) => {
      if (decided === MET) done()
      else reject(protection, decided, request, reply, done)
    })
  }
}

module.exports = { checkAuthToken, createCheckAuthToken, guard }
