'use strict'

const { errorOf } = require('../../core/errors')
const { endUpgrade } = require('../../http/callers')
const { exposure } = require('../../http/protection')

/** @import { FastifyReply, FastifyRequest } from 'fastify' */
/** @import { AuthError } from '../../..' */
/** @import { Answer } from '../../http/answers' */
/** @import { AppProtection } from '../../http/protection' */

/** @typedef {(error?: any) => void} Done goes on with the request, or with the framework's error handler */

/**
 * Answers a rejected request, or passes the error to the application's error handler. The route's handler is never
 * called: `done` is called with an error or not at all.
 *
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {FastifyRequest} request
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function reject(protection, verdict, request, reply, done) {
  const { error, answer } = protection.reject(verdict)
  // @fastify/websocket does so only if its hook runs before this one.
  endUpgrade(request.raw, reply.raw)
  // Too late for a response: only the end of the connection can end the request.
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
  expose(reply, answer)
  write(reply, answer)
}

/**
 * @param {FastifyReply} reply
 * @param {{ headers: Readonly<Record<string, string>> }} answer
 */
function expose(reply, answer) {
  const exposed = exposure(answer, (name) => reply.getHeader(name))
  if (exposed !== undefined) reply.header('Access-Control-Expose-Headers', exposed)
}

/**
 * @param {FastifyReply} reply
 * @param {Answer} answer
 */
function write(reply, { status, headers, body }) {
  reply.code(status).headers(headers).send(body)
}

/**
 * Passes an error to the application's error handler. Status and headers are set before, for handlers that only write a
 * body.
 *
 * @param {AuthError} error
 * @param {FastifyReply} reply
 * @param {Done} done
 */
function handOn(error, reply, done) {
  expose(reply, error)
  reply.code(error.status).headers(error.headers)
  done(error)
}

/**
 * Lets the application answer, like a Fastify handler: with `reply.send`, also later, or with its return value. If its
 * promise resolves without a response, the error is passed on; its exceptions go to the error handler.
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
  // Called without a receiver, so that the application gets no internal object.
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
 * Whether the application has answered, even if hooks still delay the response.
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
 * Sends the application's return value for a rejected request, with the status of the error unless the application set
 * another.
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
 * Ends a request that can no longer be answered.
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
 * @param {(method: unknown) => Answer} answerTo
 * @returns {(request: FastifyRequest, reply: FastifyReply) => void}
 */
function serve(answerTo) {
  return (request, reply) => write(reply, answerTo(request.method))
}

/**
 * Continues a request after its keys have been fetched, or the application has decided. No caller is left to catch an
 * exception: it would be an unhandled rejection, which ends the process.
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
      // Something else may have answered in the meantime, such as a time-out.
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

module.exports = { afterWaiting, reject, serve }
