'use strict'

const { isVerifiedToken } = require('../../core/verified-token')
const { continuing } = require('./continuing')

/** @import { ServerResponse } from 'node:http' */
/** @import { Request } from '../mcp' */

/** Milliseconds: a longer timer fires at once. */
const MAX_DELAY = 2 ** 31 - 1

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
  if (!isSubscription(req)) return next
  return continuing(next, () => {
    const { auth } = req
    if (isVerifiedToken(auth)) endAt(auth.expiresAt + clockTolerance, res)
    next()
  })
}

/**
 * Whether a request opens a stream of server messages: up to protocol version 2025-11-25 a GET, since then a message.
 *
 * @param {Request} req
 */
function isSubscription({ method, headers, body }) {
  if (method === 'GET') return /\btext\/event-stream\b/i.test(headers.accept ?? '')
  return body?.method === 'subscriptions/listen'
}

/**
 * @param {number} seconds since 1970
 * @param {ServerResponse} res
 */
function endAt(seconds, res) {
  const timer = setTimeout(() => res.end(), Math.min(seconds * 1000 - Date.now(), MAX_DELAY))
  timer.unref()
  res.once('close', () => clearTimeout(timer))
}

module.exports = { endingStreams }
