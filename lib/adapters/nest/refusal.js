'use strict'

const { STATUS_CODES } = require('node:http')
const { Readable } = require('node:stream')
const { withoutStack } = require('../../core/errors')
const { exposure } = require('../../http/protection')
const {
  BadRequestException,
  ForbiddenException,
  InternalServerErrorException,
  ServiceUnavailableException,
  StreamableFile,
  UnauthorizedException
} = require('./common')

/** @import { ExecutionContext } from '@nestjs/common' */
/** @import { AuthError } from '../../..' */
/** @import { Answer } from '../../http/answers' */
/** @import { AppProtection } from '../../http/protection' */

const EXCEPTIONS = {
  400: BadRequestException,
  401: UnauthorizedException,
  403: ForbiddenException,
  500: InternalServerErrorException,
  503: ServiceUnavailableException
}

/**
 * Rejects a request: throws one of Nest's exceptions with the status and with the body that the default exception
 * filter sends. Status and headers are set on the response before, so they do not depend on the application's filters.
 *
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {ExecutionContext} context
 * @param {unknown} [request]
 * @param {boolean} [mayWait] whether whoever calls the guard awaits a promise
 * @returns {Promise<never>} only where the application answers itself; then it never settles, because nothing is left to do
 * @throws {import('@nestjs/common').HttpException}
 */
function refuse(protection, verdict, context, request, mayWait = true) {
  const { error, answer } = protection.reject(verdict)
  const isHttp = context.getType() === 'http'
  const response = isHttp ? context.switchToHttp().getResponse() : undefined
  if (protection.respond && isHttp && mayWait) return respond(protection, error, request, response)
  throw refusal(protection, error, answer, response)
}

/**
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {Answer | undefined} answer
 * @param {any} response
 */
function refusal(protection, error, answer, response) {
  // Nest's exception filters do not log an HttpException, but an outage has to be logged.
  if (answer === undefined && error.status >= 500) protection.log.answered(error, error.status)
  const exception = exceptionOf(error, answer)
  prepare(response, exception.statusCode, exception.headers)
  return exception
}

/**
 * @param {AuthError} error
 * @param {Answer} [answer] `undefined`: the application's exception filter decides on a body
 */
function exceptionOf(error, answer) {
  const { status, headers } = answer ?? error
  const Exception = EXCEPTIONS[/** @type {keyof typeof EXCEPTIONS} */ (status)]
  const body = answer ? new AnswerBody(answer) : publicMessage(error)
  // The error of a rejected token is logged without a stack, even if a filter of the application logs it.
  const exception = withoutStack(() => new Exception(body, { cause: error, description: String(STATUS_CODES[status]) }))
  if (answer) exception.message = answer.body
  // For error handlers that do not know HttpException, or only that of another copy of @nestjs/common.
  return Object.assign(exception, { statusCode: status, headers: named(headers) })
}

/**
 * From 500 on, the message is only for the log.
 *
 * @param {AuthError} error
 */
function publicMessage({ expose, message }) {
  return expose ? message : undefined
}

/** @param {Answer['headers']} headers */
function named(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Content-Type'))
}

/**
 * A body that Nest sends byte for byte, on Express and on Fastify. For filters of the application, and as JSON, it is
 * an object: `{ statusCode, message }`, as the body of Nest's own exceptions, or what RFC 6750 answers.
 */
class AnswerBody extends StreamableFile {
  #text
  /** @type {Readable | undefined} */
  #stream

  /** @param {Answer} answer */
  constructor({ status, headers, body }) {
    const type = String(headers['Content-Type'])
    // Without a stream, because not every rejection is answered with one.
    super(/** @type {any} */ ({}), { type, length: Buffer.byteLength(body) })
    this.#text = body
    for (const name of Object.keys(this)) Object.defineProperty(this, name, { enumerable: false })
    Object.assign(this, type === 'application/json' ? JSON.parse(body) : { statusCode: status, message: body })
  }

  getStream() {
    if (this.#stream === undefined) {
      this.#stream = new Readable()
      this.#stream.push(this.#text)
      this.#stream.push(null)
    }
    return this.#stream
  }
}

/**
 * Sets status and headers on both platforms: on a response of `node:http` under Express, on a reply under Fastify.
 *
 * @param {any} response `undefined` where there is none
 * @param {number} status
 * @param {Record<string, string>} headers
 */
function prepare(response, status, headers) {
  try {
    if (response === undefined || response.headersSent || response.sent) return
    const method = typeof response.setHeader === 'function' ? 'setHeader' : 'header'
    const set = (/** @type {string} */ name, /** @type {string} */ value) => response[method](name, value)
    response.statusCode = status
    for (const [name, value] of Object.entries(headers)) set(name, value)
    const exposed = exposure({ headers }, (name) => response.getHeader(name))
    if (exposed !== undefined) set('Access-Control-Expose-Headers', exposed)
  } catch {
    // The exception has these headers too.
  }
}

/**
 * Lets the application answer, with the request and the response of its platform. Its exceptions and rejections are
 * passed to Nest; its `next` passes on the error.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {unknown} request
 * @param {unknown} response
 * @returns {Promise<never>}
 */
function respond(protection, error, request, response) {
  // Called without a receiver, so that the application gets no internal object.
  const { respond: answer } = protection
  return new Promise((_resolve, reject) => {
    /** @param {unknown} [problem] */
    const handOn = (problem) => {
      const isOther = typeof problem === 'object' && problem !== null && problem !== error
      reject(isOther ? problem : refusal(protection, error, undefined, response))
    }
    try {
      const answering = /** @type {any} */ (answer?.(error, request, response, handOn))
      if (typeof answering?.then === 'function') answering.then(undefined, reject)
    } catch (problem) {
      reject(problem)
    }
  })
}

module.exports = { refuse }
