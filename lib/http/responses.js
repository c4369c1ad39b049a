'use strict'

const { AuthError, classicAnswer, configError, extendChallenge } = require('../core/errors')

/** The ways to answer, by the value of the option `responses`. Each ends the request, or hands it on with the error. */
const WAYS = {
  /** The classic contract: plain text. */
  classic(error, { res, log }) {
    const { status, body, headers } = classicAnswer(error)
    if (status >= 500) log(error)
    send(res, status, headers, 'text/plain; charset=utf-8', body)
  },

  /** RFC 6750: JSON. An outage of the authority is a 503, and not the caller's fault. */
  rfc6750(error, { res, log }) {
    if (error.status >= 500) log(error)
    const code = AuthError.oauthError(error) ?? (error.status >= 500 ? 'server_error' : undefined)
    // A request without a token is not told what is wrong with it (section 3.1).
    const body = code ? JSON.stringify({ error: code, error_description: publicMessage(error) }) : ''
    send(res, error.status, error.headers, 'application/json', body)
  },

  /** Express's own way: the error handler decides. What that throws is its own. */
  next(error, { next }) {
    next(error)
  }
}

/**
 * Answers requests in one way.
 *
 * @param {{ responses?: string, logger?: { error: Function }, resourceMetadata?: string, authority?: string }} settings
 * @returns {(error: import('..').AuthError, res: object, next: Function) => void}
 */
function responder({ responses = 'classic', logger, resourceMetadata, authority }) {
  if (typeof responses !== 'string' || !Object.hasOwn(WAYS, responses)) {
    const given = typeof responses === 'string' ? `'${responses.slice(0, 60)}'` : `a ${typeof responses}`
    throw configError('responses', `given was ${given}; accepted are ${Object.keys(WAYS).join(', ')}`)
  }
  const respond = WAYS[responses]
  const log = (error) => {
    try {
      logger?.error('Error in checkAuthToken: ', error)
    } catch {
      // A logger that fails must not leave the request without an answer.
    }
  }
  const answer = (error, res, next) => {
    const challenge = error.headers['WWW-Authenticate']
    if (resourceMetadata && challenge) {
      const extended = extendChallenge(challenge, { resource_metadata: resourceMetadata })
      error.headers = { ...error.headers, 'WWW-Authenticate': extended }
    }
    if (respond === WAYS.next) return isAnswered(res) ? undefined : respond(error, { next })
    try {
      if (!isAnswered(res)) respond(error, { res, log })
    } catch (problem) {
      fail(problem, res, next)
    }
  }
  return Object.assign(answer, { authority, log })
}

/**
 * An exception that is not about the token: what others made of `req` or `res` threw. A `next` that takes an error gets it,
 * as in Express and Connect; one that takes nothing could only go on to the handler, so the request is answered here.
 */
function fail(error, res, next) {
  if (next?.length > 0) return next(error)
  abort(res)
}

/** A bare 500, or the end of the connection where that cannot be said any more. */
function abort(res) {
  try {
    if (isAnswered(res)) throw new Error('answered')
    res.statusCode = 500
    res.end('Internal Server Error')
  } catch {
    if (!res.writableEnded) res.destroy?.()
  }
}

function isAnswered(res) {
  return res.headersSent || res.writableEnded
}

/** Only what node:http has is used, so that it works under anything like it. */
function send(res, status, headers, type, body) {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  const names = Object.keys(headers)
  if (names.length > 0 && res.getHeader('Access-Control-Allow-Origin')) expose(res, names)
  if (body) res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(body)
}

/** Where CORS lets a page read the answer, it lets it read why it was refused, and when to come again. */
function expose(res, names) {
  const exposed = res.getHeader('Access-Control-Expose-Headers')
  res.setHeader('Access-Control-Expose-Headers', [...(exposed ? [exposed] : []), ...names].join(', '))
}

/** What is wrong with the server is told to its logger, not to the caller. */
function publicMessage(error) {
  if (error.status === 503) return 'the signing keys are unavailable'
  return error.status >= 500 ? 'internal error' : error.message
}

module.exports = { abort, fail, isAnswered, responder }
