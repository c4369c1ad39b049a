'use strict'

const { extendChallenge } = require('../core/challenge')
const { oauthBody } = require('../core/errors')
const { ownOnly } = require('../core/own-only')

/** @import { AuthError, AuthErrorCode } from '../..' */

/**
 * The response to a rejected request.
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers without Content-Length
 * @property {string} body
 */

/** @typedef {{ status: number, body: string, addsMessage?: boolean }} ClassicAnswer */

/** @type {ClassicAnswer} */
const UNAUTHORIZED = ownOnly({ status: 401, body: 'Unauthorized' })
/** @type {ClassicAnswer} */
const FORBIDDEN = ownOnly({ status: 403, body: 'Forbidden' })
/** @type {ClassicAnswer} */
const EXPIRED_OR_AUDIENCE = ownOnly({ status: 401, body: 'Either token has expired, or wrong audience' })
/** @type {ClassicAnswer} */
const WITH_MESSAGE = ownOnly({ status: 500, body: 'Internal Server Error, ', addsMessage: true })

/**
 * The classic responses, those of the common hand-written middleware. The only table of them.
 *
 * @type {Record<AuthErrorCode, ClassicAnswer>}
 */
const CLASSIC = {
  ERR_CONFIG: ownOnly({ status: 500, body: 'Internal Server Error, checkAuthToken is not configured' }),
  ERR_TOKEN_MISSING: UNAUTHORIZED,
  ERR_TOKEN_MALFORMED: WITH_MESSAGE,
  ERR_TOKEN_ALGORITHM: WITH_MESSAGE,
  ERR_TOKEN_KEY_UNKNOWN: WITH_MESSAGE,
  ERR_TOKEN_SIGNATURE: WITH_MESSAGE,
  ERR_TOKEN_EXPIRED: EXPIRED_OR_AUDIENCE,
  ERR_TOKEN_NOT_ACTIVE: WITH_MESSAGE,
  ERR_TOKEN_AUDIENCE: EXPIRED_OR_AUDIENCE,
  ERR_TOKEN_ISSUER: UNAUTHORIZED,
  ERR_TOKEN_TENANT: UNAUTHORIZED,
  ERR_TOKEN_CLAIM: UNAUTHORIZED,
  ERR_TOKEN_USE: UNAUTHORIZED,
  ERR_TOKEN_GRAPH: UNAUTHORIZED,
  ERR_TOKEN_POLICY: FORBIDDEN,
  ERR_KEYS_UNAVAILABLE: WITH_MESSAGE,
  ERR_INTERNAL: WITH_MESSAGE
}

/**
 * Plain text.
 *
 * @param {AuthError} error
 * @returns {Answer}
 */
function classicAnswer(error) {
  const meant = CLASSIC[error.code]
  // A claims challenge is ERR_TOKEN_POLICY, and clients only handle it with status 401.
  const { status, body, addsMessage } = meant === FORBIDDEN && error.status === 401 ? UNAUTHORIZED : meant
  const headers = status < 500 ? error.headers : {}
  return {
    status,
    headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
    body: addsMessage ? body + error.message : body
  }
}

/**
 * Status and challenge of RFC 6750, section 3, and a JSON body. An outage of the authority is a 503.
 *
 * @param {AuthError} error
 * @returns {Answer}
 */
function rfc6750Answer(error) {
  return {
    status: error.status,
    headers: { ...error.headers, 'Content-Type': 'application/json' },
    body: oauthBody(error)
  }
}

/** The responses for each value of the option `responses`. `next` passes the error to the framework instead. */
const MODES = { classic: classicAnswer, rfc6750: rfc6750Answer, next: undefined }

/**
 * The value of `Access-Control-Expose-Headers` for a response: if CORS lets a page read the response, the page also
 * needs the reason of the rejection and the time to retry.
 *
 * @param {{ headers: Readonly<Record<string, string>> }} answer
 * @param {(name: string) => unknown} headerOf a header of the response that was set before
 * @returns {string | undefined} `undefined`: none
 */
function exposure({ headers }, headerOf) {
  const exposed = Object.keys(headers).filter((name) => name !== 'Content-Type')
  if (exposed.length === 0 || !headerOf('Access-Control-Allow-Origin')) return undefined
  const before = headerOf('Access-Control-Expose-Headers')
  return [...(before ? [before] : []), ...exposed].join(', ')
}

/**
 * Adds the URL of the protected resource metadata to an error's challenge (RFC 9728, section 5.1), and to a 401 the
 * scopes to request; otherwise clients request none from Entra.
 *
 * @param {AuthError} error
 * @param {{ url: string, scope: string | undefined }} metadata
 */
function nameResourceMetadata(error, { url, scope }) {
  const challenge = error.headers['WWW-Authenticate']
  if (challenge === undefined || challenge.includes('resource_metadata=')) return
  const isOpen = error.status === 401 && !/\b(?:scope|claims)=/.test(challenge)
  const extended = extendChallenge(challenge, { scope: isOpen ? scope : undefined, resource_metadata: url })
  Object.assign(error, { headers: { ...error.headers, 'WWW-Authenticate': extended } })
}

module.exports = { MODES, exposure, nameResourceMetadata }
