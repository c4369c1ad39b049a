'use strict'

const { configError, internalError, kindOf } = require('../core/errors')
const { isPlainObject, ownMembers } = require('../core/options')
const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { exposure } = require('../http/answers')
const { requirements } = require('../http/guards')
const { ABSENT, MET, createProtection, environmentProtection, protectionOf } = require('../http/protection')

/** @import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify' */
/** @import { AuthError, VerifiedToken } from '../..' */
/** @import { FastifyOptions } from '../../fastify' */
/** @import { Answer } from '../http/answers' */
/** @import { AppProtection } from '../http/protection' */

/** @typedef {(error?: any) => void} Done goes on with the request, or with the framework's error handler */

/** On an instance whose requests have `auth` from here, and on those below it. */
const DECORATED = Symbol.for('entra-jwt-verify.fastify')

/** Options of `register` that are Fastify's own. */
const OF_FASTIFY = ['prefix', 'logLevel', 'logSerializers']

/** What fastify-plugin would add: hook and decorator belong to the scope in which the plug-in is registered. */
const CONVENTIONS = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'entra-jwt-verify',
  [Symbol.for('plugin-meta')]: { name: 'entra-jwt-verify', fastify: '5.x' }
}

/**
 * A plug-in for one configuration.
 *
 * @param {FastifyOptions} [options]
 */
function createCheckAuthToken(options) {
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

/** The plug-in that the environment configures when it is registered; options of `register` win over it. */
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
    // Called, or added as a hook, where it should be registered.
    if (typeof instance?.addHook !== 'function') {
      throw configError('checkAuthToken', 'it is a plug-in: write fastify.register(checkAuthToken)')
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
      throw configError('checkAuthToken', 'expected to decorate request.auth, but another plug-in has decorated it')
    }
    instance.decorateRequest('auth', null)
    instance.decorate(DECORATED, true)
  }
  instance.addHook('onRequest', (request, reply, done) => authenticate(protection, request, reply, done))
  if (preload) instance.addHook('onReady', () => protection.verifier?.preload())
}

/**
 * The hook. It goes on with the request, at once when the key is cached, or it answers and never calls `done`: a promise that
 * is resolved would lead to the handler while hooks of the application still hold the answer back.
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
  if (!isPending(verdict)) return reject(protection, verdict, request, reply, done)
  afterWaiting(protection, verdict.verdict, reply, done, (ended) => {
    if (isVerifiedToken(ended)) goOn(ended, request, done)
    else reject(protection, ended, request, reply, done)
  })
}

/**
 * Whether a route says `config: { auth: false }`, itself and exactly.
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
  request.auth = auth
  done()
}

/**
 * @param {AppProtection} protection
 * @param {FastifyRequest} request
 * @param {Done} done
 */
function goOnWithout(protection, request, done) {
  protection.passedWithoutToken(request)
  request.auth = null
  done()
}

/**
 * Goes on with a request once its keys have been fetched, or the application has decided. The caller is gone then: what is
 * thrown would be an unhandled rejection, which ends the process.
 *
 * @param {AppProtection} protection
 * @param {Promise<unknown>} waiting never rejects
 * @param {FastifyReply} reply
 * @param {Done} done
 * @param {(ended: unknown) => void} go
 */
function afterWaiting(protection, waiting, reply, done, go) {
  waiting.then((ended) => {
    contain(protection, reply, done, () => {
      // Something else may have answered meanwhile, a time limit for example.
      if (!reply.sent) go(ended)
    })
  })
}

/**
 * @param {AppProtection} protection
 * @param {FastifyReply} reply
 * @param {Done} done
 * @param {() => void} action
 */
function contain(protection, reply, done, action) {
  try {
    try {
      action()
    } catch (problem) {
      done(errorOf(problem))
    }
  } catch (problem) {
    abort(protection, problem, reply)
  }
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {FastifyRequest} request
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function reject(protection, verdict, request, reply, done) {
  const { error, answer } = protection.reject(verdict)
  // Too late for an answer: only the end of the connection can end the request.
  if (reply.raw.headersSent) return abort(protection, error, reply)
  if (answer) send(reply, answer)
  else if (protection.respond) respond(protection, error, request, reply, done)
  else handOn(error, reply, done)
}

/**
 * @param {FastifyReply} reply
 * @param {Answer} answer
 */
function send(reply, answer) {
  const exposed = exposure(answer, (name) => reply.getHeader(name))
  if (exposed !== undefined) reply.header('Access-Control-Expose-Headers', exposed)
  write(reply, answer)
}

/**
 * @param {FastifyReply} reply
 * @param {Answer} answer
 */
function write(reply, { status, headers, body }) {
  reply.code(status).headers(headers).send(body)
}

/**
 * Hands an error to the application's error handler. Status and headers are set before, for handlers that only write a body.
 *
 * @param {AuthError} error
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function handOn(error, reply, done) {
  reply.code(error.status).headers(error.headers)
  done(error)
}

/**
 * Lets the application answer, as a handler of Fastify does: by `reply.send`, also later, or with what it returns. A promise
 * that ends without an answer hands the error on; what the application throws is the error handler's.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {FastifyRequest} request
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function respond(protection, error, request, reply, done) {
  const isAnswered = watch(reply)
  const handBack = (/** @type {unknown} */ problem) => {
    if (isAnswered()) protection.log.failed(problem)
    else if (problem === error) handOn(error, reply, done)
    else done(errorOf(problem))
  }
  // Called without a receiver: the application gets nothing of what is inside.
  const { respond: answer } = protection
  let answering
  try {
    answering = /** @type {any} */ (answer?.(error, request, reply))
  } catch (problem) {
    return handBack(problem)
  }
  if (typeof answering?.then !== 'function') {
    if (answering !== undefined) sendValue(answering, error, reply)
    return
  }
  answering.then(
    (/** @type {unknown} */ value) =>
      contain(protection, reply, done, () => {
        if (isAnswered()) return
        if (value === undefined) handOn(error, reply, done)
        else sendValue(value, error, reply)
      }),
    (/** @type {unknown} */ problem) => contain(protection, reply, done, () => handBack(problem))
  )
}

/**
 * Whether the application has answered, also while hooks hold the answer back.
 *
 * @param {FastifyReply} reply
 */
function watch(reply) {
  const { send } = reply
  let isCalled = false
  reply.send = (payload) => {
    isCalled = true
    reply.send = send
    return reply.send(payload)
  }
  return () => isCalled || reply.sent || reply.raw.headersSent
}

/**
 * Sends what the application returned for a rejected request, which is no success where it says nothing else.
 *
 * @param {unknown} value
 * @param {AuthError} error
 * @param {FastifyReply} reply
 */
function sendValue(value, error, reply) {
  if (reply.statusCode === 200) reply.code(error.status)
  for (const [name, header] of Object.entries(error.headers)) {
    if (!reply.hasHeader(name)) reply.header(name, header)
  }
  reply.send(value)
}

/**
 * The end of a request that can be answered no more.
 *
 * @param {AppProtection} protection
 * @param {unknown} problem for the log
 * @param {FastifyReply} reply
 */
function abort(protection, problem, reply) {
  protection.log.failed(problem)
  if (!reply.raw.writableEnded) reply.raw.destroy()
}

/**
 * Whatever was thrown, as an error to Fastify, which goes on to the handler for a value that counts as false.
 *
 * @param {unknown} thrown
 */
function errorOf(thrown) {
  return typeof thrown === 'object' && thrown !== null ? thrown : internalError(thrown)
}

/**
 * @param {(method: unknown) => Answer} answerTo
 * @returns {(request: FastifyRequest, reply: FastifyReply) => void}
 */
function serve(answerTo) {
  return (request, reply) => write(reply, answerTo(request.method))
}

/**
 * A hook for a route behind `checkAuthToken`. Without that, every request is rejected.
 *
 * @param {import('../http/requirements').Requirement} requirement
 */
function guard(requirement) {
  const { decide, isUndecided, warnOfAnotherCopy } = requirements()
  /**
   * @param {FastifyRequest} request
   * @param {FastifyReply} reply
   * @param {Done} done
   */
  return (request, reply, done) => {
    const { auth } = request
    const decision = decide(requirement, auth)
    if (decision === MET) return done()
    const protection = protectionOf(auth, request)
    if (!isUndecided(decision)) {
      warnOfAnotherCopy(auth)
      return reject(protection, decision, request, reply, done)
    }
    afterWaiting(protection, decision.decision, reply, done, (decided) => {
      if (decided === MET) done()
      else reject(protection, decided, request, reply, done)
    })
  }
}

module.exports = { checkAuthToken, createCheckAuthToken, guard }
