'use strict'

const { challenge } = require('./challenge')
const { ownOnly } = require('./own-only')

/** @import { AuthError as PublicAuthError, AuthErrorCode } from '../..' */

const INVALID_TOKEN = ownOnly(/** @type {const} */ ({ status: 401, error: 'invalid_token' }))

/**
 * Each code with its HTTP status and its RFC 6750 error code (section 3.1), if it has one. This is the only table of
 * codes; the statuses of the classic responses are in `lib/http/answers.js`.
 *
 * @type {Record<AuthErrorCode, { status: 400 | 401 | 403 | 500 | 503, error?: string }>}
 */
const CODES = {
  ERR_CONFIG: ownOnly({ status: 500 }),
  ERR_TOKEN_MISSING: ownOnly({ status: 401 }),
  ERR_TOKEN_MALFORMED: INVALID_TOKEN,
  ERR_TOKEN_ALGORITHM: INVALID_TOKEN,
  ERR_TOKEN_KEY_UNKNOWN: INVALID_TOKEN,
  ERR_TOKEN_SIGNATURE: INVALID_TOKEN,
  ERR_TOKEN_EXPIRED: INVALID_TOKEN,
  ERR_TOKEN_NOT_ACTIVE: INVALID_TOKEN,
  ERR_TOKEN_AUDIENCE: INVALID_TOKEN,
  ERR_TOKEN_ISSUER: INVALID_TOKEN,
  ERR_TOKEN_TENANT: INVALID_TOKEN,
  ERR_TOKEN_CLAIM: INVALID_TOKEN,
  ERR_TOKEN_USE: INVALID_TOKEN,
  ERR_TOKEN_GRAPH: INVALID_TOKEN,
  ERR_TOKEN_POLICY: ownOnly({ status: 403, error: 'insufficient_scope' }),
  ERR_KEYS_UNAVAILABLE: ownOnly({ status: 503 }),
  ERR_INTERNAL: ownOnly({ status: 500 })
}

/**
 * The parts of an error. From the core: `code`, `message`, `hint`, and where they apply `claim`, `reason` and
 * `retryAfter` (seconds). From JavaScript: `scope` (what would have been sufficient), `badRequest` (the request itself
 * is malformed), `insufficientClaims` (the parameters of a claims challenge) and `cause`.
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message
 * @property {string} hint
 * @property {string | undefined} [claim]
 * @property {string | undefined} [reason]
 * @property {number | undefined} [retryAfter]
 * @property {string | undefined} [scope]
 * @property {boolean} [badRequest]
 * @property {Record<string, string | undefined> | undefined} [insufficientClaims]
 * @property {unknown} [cause]
 */

/**
 * The token and verifier of an error, for the log. Private: never shown, and not reachable from outside.
 *
 * @typedef {object} Rejected
 * @property {object} verifier that rejected the token, or accepted it for a guard to reject
 * @property {string} token
 * @property {import('../../native').NativeRequirement} [requirement] of the guard
 */

/** Proof that a constructor is called from this file. */
const INTERNAL = Symbol('internal')

/** @type {(value: unknown) => value is PublicAuthError} */
let isAuthError
/** @type {(error: PublicAuthError) => string | undefined} */
let oauthError
/** @type {(error: PublicAuthError) => Rejected | undefined} */
let rejectedOf

/** The error class of this package. `code` says what happened. Made by the functions below, not from outside. */
class AuthError extends Error {
  #oauthError
  #rejected

  static {
    isAuthError = /** @type {typeof isAuthError} */ (
      (value) => value !== null && typeof value === 'object' && #oauthError in value
    )
    oauthError = (error) => /** @type {AuthError} */ (error).#oauthError
    rejectedOf = (error) => /** @type {AuthError} */ (error).#rejected
  }

  /**
   * @param {symbol} proof
   * @param {Failure} failure
   * @param {Rejected} [rejected]
   */
  constructor(proof, failure, rejected) {
    if (proof !== INTERNAL)
      throw new TypeError('Illegal constructor: errors of this class are made by entra-jwt-verify')
    super(failure.message)
    const { status, error } = meaningOf(failure)
    this.code = /** @type {AuthErrorCode} */ (failure.code)
    this.status = status
    this.headers = headersOf(failure, status, error)
    this.hint = failure.hint
    if (failure.claim) this.claim = failure.claim
    if (failure.reason) this.reason = failure.reason
    if ('cause' in failure) this.cause = failure.cause
    this.#oauthError = error
    this.#rejected = rejected
  }

  get statusCode() {
    return this.status
  }

  /** Whether the message is for the caller. What is wrong with the server is not. */
  get expose() {
    return this.status < 500
  }

  /** For logs and answers: without the hint, which is for the developer, and without the stack. */
  toJSON() {
    const { code, status, message, claim, reason } = this
    return { name: /** @type {const} */ ('AuthError'), code, status, message, claim, reason }
  }

  /** The answer of RFC 6750 as a fetch `Response`: status, challenge, JSON body. */
  toResponse() {
    return new Response(oauthBody(this), {
      status: this.status,
      headers: { ...this.headers, 'Content-Type': 'application/json' }
    })
  }
}
// On the prototype, where Error has it too, so that it is not printed as a property of each error.
Object.defineProperty(AuthError.prototype, 'name', { value: 'AuthError', writable: true, configurable: true })

/**
 * @param {Failure} given
 * @param {Rejected} [rejected]
 * @returns {PublicAuthError}
 */
function authError(given, rejected) {
  // Members that the core left out must not be inherited.
  const failure = ownOnly(given)
  // A rejected token is not a defect: a stack would only show where this package rejects tokens, and creating it costs
  // more than the rejection.
  const isOfToken = failure.code.startsWith('ERR_TOKEN_')
  const keepsStack = failure.code === 'ERR_CONFIG' || (meaningOf(failure).status >= 500 && !isOfToken)
  const create = () => /** @type {PublicAuthError} */ (new AuthError(INTERNAL, failure, rejected))
  return keepsStack ? create() : withoutStack(create)
}

/**
 * @template {Error} T
 * @param {() => T} create
 * @returns {T}
 */
function withoutStack(create) {
  const { stackTraceLimit } = Error
  const isSet = Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    const error = create()
    // With --frozen-intrinsics, V8 has created a stack.
    if (!isSet) Object.defineProperty(error, 'stack', { value: `${error.name}: ${error.message}` })
    return error
  } finally {
    if (stackTraceLimit === undefined) Reflect.deleteProperty(Error, 'stackTraceLimit')
    else Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

/** @param {Failure} failure */
function meaningOf({ code, retryAfter, badRequest, insufficientClaims }) {
  if (badRequest) return ownOnly(/** @type {const} */ ({ status: 400, error: 'invalid_request' }))
  // Not 403: clients only handle the challenge of a 401.
  if (insufficientClaims) return /** @type {const} */ ({ status: 401, error: 'insufficient_claims' })
  // The key may have been published a moment ago: the same token may be valid soon.
  if (code === 'ERR_TOKEN_KEY_UNKNOWN' && retryAfter !== undefined) return CODES.ERR_KEYS_UNAVAILABLE
  return Object.hasOwn(CODES, code) ? CODES[/** @type {keyof typeof CODES} */ (code)] : CODES.ERR_INTERNAL
}

/**
 * @param {Failure} failure
 * @param {number} status
 * @param {string | undefined} error
 * @returns {Record<string, string>}
 */
function headersOf({ message, retryAfter, scope, insufficientClaims }, status, error) {
  if (status === 503) return { 'Retry-After': String(retryAfter ?? 1) }
  if (status >= 500) return {}
  if (insufficientClaims) return { 'WWW-Authenticate': challenge({ ...insufficientClaims, error }) }
  // A request without a token gets the bare challenge (RFC 6750, section 3.1).
  return { 'WWW-Authenticate': challenge(error ? { error, error_description: message, scope } : {}) }
}

/**
 * The JSON body for an error. Without a token, it contains nothing else (RFC 6750, section 3.1).
 *
 * @param {PublicAuthError | AuthError} error
 * @returns {string}
 */
function oauthBody(error) {
  const code = oauthError(/** @type {PublicAuthError} */ (error))
  if (code !== undefined) return bodyOf(code, error.message)
  return error.status < 500 ? bodyOf('unauthorized') : bodyOf('server_error', serverErrorText(error))
}

/**
 * The cause is logged, not sent to the caller.
 *
 * @param {{ status: number }} error
 */
function serverErrorText({ status }) {
  return status === 503 ? 'the signing keys are unavailable' : 'internal error'
}

/**
 * @param {string} error
 * @param {string} [description]
 */
function bodyOf(error, description) {
  // Without a prototype, so that a polluted Object.prototype cannot add a `toJSON`.
  return JSON.stringify({ __proto__: null, error, error_description: description })
}

/**
 * The error for an option that JavaScript checks itself.
 *
 * @param {string} option its name, or 'options' for all of them
 * @param {string} problem such as "expected a string, got a number"
 * @param {object} [more]
 * @param {string} [more.variable] the environment variable that the option was read from
 * @param {unknown} [more.cause] what the application's own code threw
 * @param {string} [more.page] of the documentation that describes the option
 */
function configError(option, problem, { variable, cause, page = 'docs/options.md' } = {}) {
  const subject = option === 'options' ? option : `option ${option}`
  return authError({
    code: 'ERR_CONFIG',
    message: `${subject}: ${variable === undefined ? '' : `from ${variable}: `}${problem}`,
    hint: `correct ${variable ?? `the ${subject}`}; see ${page}`,
    ...(cause === undefined ? {} : { cause })
  })
}

/**
 * The error for wrong arguments.
 *
 * @param {string} called the function
 * @param {string} problem such as "expected a function, got a number"
 * @param {string} [page] of the documentation that describes the function
 */
function callError(called, problem, page = 'docs/api.md') {
  return authError({ code: 'ERR_CONFIG', message: `${called}: ${problem}`, hint: `correct the call; see ${page}` })
}

/**
 * The error for an unexpected exception, whose message is not sent to the caller.
 *
 * @param {unknown} cause
 * @param {string} [hint]
 */
function internalError(cause, hint = 'this is a defect of entra-jwt-verify; please report it') {
  return authError({ code: 'ERR_INTERNAL', message: 'internal error', hint, cause })
}

/**
 * Converts a thrown value to one that every framework treats as an error: some continue to the handler for a falsy
 * value, and Express gives some strings a special meaning ('route', 'router').
 *
 * @param {unknown} thrown
 * @returns {object}
 */
function errorOf(thrown) {
  return typeof thrown === 'object' && thrown !== null ? thrown : internalError(thrown)
}

/**
 * The kind of a value, for a message that must not contain the value.
 *
 * @param {unknown} value
 */
function kindOf(value) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return kindOfObject(value)
  return value === undefined ? 'undefined' : `a ${typeof value}`
}

/** @param {object} value */
function kindOfObject(value) {
  const { types } = require('node:util')
  if (types.isPromise(value)) return 'a promise: await it'
  return types.isRegExp(value) ? 'a regular expression' : 'an object'
}

/**
 * The option that an error of configuration is about, and the problem; empty if it is about something else.
 *
 * @param {{ message: string }} error
 */
function optionOf({ message }) {
  const [, option = '', problem = ''] = /^option (\w+): (.*)$/s.exec(message) ?? []
  return { option, problem }
}

module.exports = {
  AuthError,
  CODES,
  authError,
  callError,
  configError,
  errorOf,
  internalError,
  isAuthError,
  kindOf,
  oauthBody,
  oauthError,
  optionOf,
  rejectedOf,
  serverErrorText,
  withoutStack
}
