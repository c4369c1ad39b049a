'use strict'

const { isVerifiedToken } = require('../../core/verified-token')
const { continuing } = require('./continuing')

/** @import { ServerResponse } from 'node:http' */
/** @import { Request } from '../mcp' */

/** Milliseconds: a longer timer fires at once. */
const MAX_DELAY = 2 ** 31 - 1

/** Milliseconds in which a client has to take what was sent before its stream ended. */
const UNTIL_TAKEN = 1000

/** Milliseconds between looks at a response that has not begun when its token expires. */
const UNTIL_BEGUN = 1000

/**
 * `next` for a request whose response can stay open indefinitely: it ends when the token expires, and the client
 * reconnects with a new one. Running tools are not cut off.
 *
 * @param {Request} req
 * @param {ServerResponse} res
 * @param {(error?: unknown) => void} next
 * @param {number} clockTolerance seconds
 * @returns {(error?: unknown) => void}
 */
function endingStreams(req, res, next, clockTolerance) {
  const isAsked = isSubscription(req)
  // A POST calls tools. With another method a transport answers with a stream, or at once: the SDK's differ in whether
  // they look at the method or at `Accept`, both of which the client chooses.
  if (req.method === 'POST' && !isAsked) return next
  return continuing(next, () => {
    const { auth } = req
    if (isVerifiedToken(auth)) endAt(auth.expiresAt + clockTolerance, res, isAsked)
    next()
  })
}

/**
 * Whether a request asks for a stream of server messages by a message. Up to protocol version 2025-11-25 it is a GET that does.
 *
 * @param {Request} req
 */
function isSubscription({ body }) {
  return Array.isArray(body) ? body.some(isListen) : isListen(body)
}

/** @param {any} message */
function isListen(message) {
  return message?.method === 'subscriptions/listen'
}

/**
 * @param {number} seconds since 1970
 * @param {ServerResponse} res
 * @param {boolean} isStream whether it is one, whatever its type; otherwise its type decides
 */
function endAt(seconds, res, isStream) {
  const end = () => {
    if (isStream || (res.headersSent && !isOther(res))) finish(res)
    // An answer that is still being worked on: it may become a stream.
    else if (!res.headersSent) timer = setTimeout(end, UNTIL_BEGUN).unref()
  }
  let timer = setTimeout(end, Math.min(seconds * 1000 - Date.now(), MAX_DELAY)).unref()
  res.once('close', () => clearTimeout(timer))
}

/**
 * Ends a stream to which others go on writing, and cuts it off where its client does not read.
 *
 * @param {ServerResponse} res
 */
function finish(res) {
  res.on('error', () => undefined)
  res.end()
  const timer = setTimeout(() => res.destroy(), UNTIL_TAKEN).unref()
  res.once('close', () => clearTimeout(timer))
}

/**
 * Whether a response is known to be no stream of events, such as a download, which would be truncated. `getHeader` does
 * not know what was passed to `writeHead` of `node:http`.
 *
 * @param {ServerResponse} res
 */
function isOther(res) {
  const type = res.getHeader('Content-Type')
  return type !== undefined && !/event-stream/i.test(String(type))
}

module.exports = { endingStreams }
