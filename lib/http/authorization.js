'use strict'

const { authError, callError, kindOf } = require('../core/errors')

/** @import { AuthError } from '../..' */

const SPACE = 0x20

/** Characters that would continue the name of a scheme (RFC 9110, section 5.6.2). */
const SCHEME_CHARACTER = /[!#$%&'*+.^_`|~\da-z-]/i

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, section 2.1), or `undefined`. The scheme compares without case
 * (RFC 9110, section 11.1). Tokens are not looked for anywhere else: not in the query, not in the body.
 *
 * @param {unknown} authorization value of the header
 * @returns {string | undefined}
 */
function bearerToken(authorization) {
  if (typeof authorization !== 'string' || !hasBearerScheme(authorization)) return undefined
  if (authorization.charCodeAt(6) !== SPACE) return undefined
  let start = 7
  while (authorization.charCodeAt(start) === SPACE) start++
  return start < authorization.length ? authorization.slice(start) : undefined
}

/**
 * Whether a header has the scheme, with any text after it: `Bearer:token` is an invalid token, not a missing one.
 *
 * @param {string} authorization
 */
function hasBearerScheme(authorization) {
  // The form that nearly every client sends; the general case below is slower.
  if (authorization.startsWith('Bearer ')) return true
  return authorization.slice(0, 6).toLowerCase() === 'bearer' && !SCHEME_CHARACTER.test(authorization.charAt(6))
}

/** The start of a JWT. */
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]/

/**
 * What may be in front of it where `Bearer` was meant: nothing, a quotation mark, `Bearer:`, a scheme of other frameworks. What comes with
 * DPoP or Signature was meant to be that.
 */
const MEANT_BEARER = /^["']?(?:(?:bearer|token|jwt)[:=]?)?[\s"']*$/i
/** Characters of that. */
const MAX_BEFORE = 40

/**
 * Errors of requests whose header has a token that is not read, for the log.
 *
 * @type {WeakSet<AuthError>}
 */
const UNREAD = new WeakSet()

/**
 * Why there is no token. The scheme without a token is a malformed request.
 *
 * @param {unknown} authorization value of the header
 * @param {boolean} [mayBeBadRequest] whether the answer distinguishes such a request
 * @returns {AuthError}
 */
function missingTokenError(authorization, mayBeBadRequest = true) {
  const header = typeof authorization === 'string' ? authorization : ''
  const start = header.indexOf('eyJ')
  const hasToken =
    start >= 0 && start <= MAX_BEFORE && MEANT_BEARER.test(header.slice(0, start)) && JWT.test(header.slice(start))
  const error = authError({
    code: 'ERR_TOKEN_MISSING',
    message: 'no bearer token',
    hint: hasToken
      ? "send the header Authorization: Bearer <access token>, with one space after 'Bearer' and without quotation marks"
      : 'send the header Authorization: Bearer <access token>',
    badRequest: mayBeBadRequest && hasBearerScheme(header)
  })
  if (hasToken) UNREAD.add(error)
  return error
}

/**
 * Whether the header of a request without a bearer token has a token in another form.
 *
 * @param {AuthError} error
 */
function hasUnreadToken(error) {
  return UNREAD.has(error)
}

/**
 * The value of the `Authorization` header of anything that has headers: a request of `node:http`, a fetch `Request`, an
 * event of AWS Lambda. Names compare without case (RFC 9110, section 5.1).
 *
 * @param {unknown} request
 * @returns {unknown}
 * @throws {AuthError} `ERR_CONFIG` for what has no headers; `ERR_TOKEN_MISSING` (400) where the header is there twice
 */
function authorizationOf(request) {
  // A list has as many; two that are joined make no token.
  // Loaded by those that call `authenticate`.
  const { headerValues } = require('./headers')
  const values = headerValues(headersOf(request), 'authorization').flatMap((value) => value ?? [])
  if (values.length > 1) throw ambiguousError()
  return values[0]
}

/**
 * @param {unknown} request
 * @returns {any} an object
 */
function headersOf(request) {
  const isRequest = request !== null && typeof request === 'object'
  let headers = isRequest ? Reflect.get(request, 'headers') : undefined
  // Some load balancers and gateways send this instead of `headers`.
  if (isRequest && (headers ?? undefined) === undefined) headers = Reflect.get(request, 'multiValueHeaders') ?? headers
  // A test invocation of AWS API Gateway has `null` there.
  if (headers === null) return {}
  if (typeof headers === 'object') return headers
  const given = headers === undefined ? kindOf(request) : `headers that are ${kindOf(headers)}`
  throw callError('authenticate', `expected a request with headers, got ${given}`)
}

function ambiguousError() {
  return authError({
    code: 'ERR_TOKEN_MISSING',
    message: 'more than one Authorization header',
    hint: 'send one Authorization header',
    badRequest: true
  })
}

module.exports = { authorizationOf, bearerToken, hasUnreadToken, missingTokenError }
