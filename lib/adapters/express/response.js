'use strict'

// The response: whether there is one, what is written to it, and when it is closed, for those who await the middleware.

const { NativePromise, endUpgrade, isResponse } = require('../../http/callers')
const { exposure } = require('../../http/protection')

/** @import { ServerResponse } from 'node:http' */
/** @import { RequestHandler } from '../../..' */
/** @import { Answer } from '../../http/answers' */
/** @import { Request } from '../express' */

/** What happened already. */
const OVER = (async () => {})()

/**
 * A promise for callers that await it. restify and hyper-express await it and continue when it resolves, even for a
 * request that `next` has continued, or whose error an application is still answering: its handler would run twice, or
 * without a verified token. So they get no promise, and continue only by `next`.
 *
 * @template {Promise<void> | undefined} T
 * @param {T} outcome
 * @param {any} req
 * @param {any} res
 */
function awaitable(outcome, req, res) {
  // restify puts its functions on the prototype of every request of the process, but `formatters` on its own responses.
  const isRestify = typeof req?.startHandlerTimer === 'function' && Object.hasOwn(Object(res), 'formatters')
  const isHyperExpress = typeof res?.atomic === 'function'
  return isRestify || isHyperExpress ? undefined : outcome
}

/**
 * Resolves when the response is closed. If nothing has answered by then, because the client is gone, it never settles:
 * h3 would continue to the handler.
 *
 * @param {ServerResponse} res
 * @returns {Promise<void> | undefined} `undefined` where it is over, or where nothing says when it is
 */
function closed(res) {
  try {
    const { once } = res
    // A response that a test made up has no connection, and is never closed.
    if (typeof once !== 'function' || res.writableFinished) return undefined
    if (res.closed || res.destroyed) return isAnswered(res) ? undefined : new NativePromise(() => {})
    return new NativePromise((resolve) => {
      once.call(res, 'close', () => {
        if (isAnswered(res)) resolve()
      })
    })
  } catch {
    return undefined
  }
}

/**
 * The same for a request whose error was passed on. h3 does not notice that, and would continue to the handler while an
 * error handler is still answering.
 *
 * @param {ServerResponse} res
 */
function closedIfConnected(res) {
  const { socket, stream, req } = /** @type {any} */ (res)
  // The response to a pipelined request has no socket before its turn; the request has.
  const connection = socket ?? stream ?? req?.socket
  return typeof connection?.on === 'function' || res.destroyed ? closed(res) : undefined
}

/** @param {ServerResponse} res */
function isAnswered(res) {
  return res.headersSent || res.writableEnded
}

/**
 * Whether nothing has answered yet.
 *
 * @param {any} res
 */
function isOpen(res) {
  try {
    return !isAnswered(res)
  } catch {
    return false
  }
}

/** @param {ServerResponse} res */
function isUnconnected(res) {
  return res?.writableFinished && res.socket === null
}

/** @param {any} res what is passed where there is no response */
function isMissing(res) {
  return (
    res === undefined ||
    res === null ||
    (Object.getPrototypeOf(res) === Object.prototype && Object.keys(res).length === 0)
  )
}

/** @param {any} res Fastify's reply has the response of node:http in `raw` */
function isReply(res) {
  return res?.raw !== undefined && isResponse(res.raw)
}

/**
 * Uses only the functions of node:http, so that it works under any framework based on it.
 *
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {Answer} answer
 */
function send(req, res, answer) {
  expose(res, answer)
  write(res, answer)
  endUpgrade(req, res)
}

/**
 * @param {ServerResponse} res
 * @param {{ headers: Readonly<Record<string, string>> }} answer
 */
function expose(res, answer) {
  const exposed = exposure(answer, (name) => res.getHeader(name))
  if (exposed !== undefined) res.setHeader('Access-Control-Expose-Headers', exposed)
}

/**
 * @param {ServerResponse} res
 * @param {Answer} answer
 */
function write(res, { status, headers, body }) {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(body)
}

/**
 * @param {(method: unknown) => Answer} answerTo
 * @returns {RequestHandler}
 */
function serve(answerTo) {
  return (req, res) => write(res, answerTo(req.method))
}

/**
 * Removes the length of a response that could not be sent, so that the client does not wait for a body of that length.
 *
 * @param {ServerResponse} res
 */
function withdraw(res) {
  try {
    if (!isAnswered(res)) res.removeHeader?.('Content-Length')
  } catch {
    // Then there is no such header.
  }
}

module.exports = {
  OVER,
  awaitable,
  closed,
  closedIfConnected,
  expose,
  isAnswered,
  isMissing,
  isOpen,
  isReply,
  isUnconnected,
  send,
  serve,
  withdraw
}
