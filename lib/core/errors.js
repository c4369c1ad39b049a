'use strict'

const INVALID_TOKEN = { status: 401, error: 'invalid_token' }
const UNAUTHORIZED = { status: 401, body: 'Unauthorized' }
const FORBIDDEN = { status: 403, body: 'Forbidden' }
const EXPIRED_OR_AUDIENCE = { status: 401, body: 'Either token has expired, or wrong audience' }
const WITH_MESSAGE = { status: 500, body: 'Internal Server Error, ', message: true }

/**
 * What each code means over HTTP, the only place that says so: `status` and `error` are those of RFC 6750, section 3.1,
 * `classic` is the answer of the classic contract.
 */
const ERRORS = {
  ERR_CONFIG: {
    status: 500,
    classic: { status: 500, body: 'Internal Server Error, checkAuthToken is not configured' }
  },
  ERR_TOKEN_MISSING: { status: 401, classic: UNAUTHORIZED },
  ERR_TOKEN_MALFORMED: { ...INVALID_TOKEN, classic: WITH_MESSAGE },
  ERR_TOKEN_ALGORITHM: { ...INVALID_TOKEN, classic: WITH_MESSAGE },
  ERR_TOKEN_KEY_UNKNOWN: { ...INVALID_TOKEN, classic: WITH_MESSAGE },
  ERR_TOKEN_SIGNATURE: { ...INVALID_TOKEN, classic: WITH_MESSAGE },
  ERR_TOKEN_EXPIRED: { ...INVALID_TOKEN, classic: EXPIRED_OR_AUDIENCE },
  ERR_TOKEN_NOT_ACTIVE: { ...INVALID_TOKEN, classic: WITH_MESSAGE },
  ERR_TOKEN_AUDIENCE: { ...INVALID_TOKEN, classic: EXPIRED_OR_AUDIENCE },
  ERR_TOKEN_ISSUER: { ...INVALID_TOKEN, classic: UNAUTHORIZED },
  ERR_TOKEN_TENANT: { ...INVALID_TOKEN, classic: UNAUTHORIZED },
  ERR_TOKEN_CLAIM: { ...INVALID_TOKEN, classic: UNAUTHORIZED },
  ERR_TOKEN_USE: { ...INVALID_TOKEN, classic: UNAUTHORIZED },
  ERR_TOKEN_GRAPH: { ...INVALID_TOKEN, classic: UNAUTHORIZED },
  ERR_TOKEN_POLICY: { status: 403, error: 'insufficient_scope', classic: FORBIDDEN },
  ERR_KEYS_UNAVAILABLE: { status: 503, classic: WITH_MESSAGE },
  ERR_INTERNAL: { status: 500, classic: WITH_MESSAGE }
}

/**
 * The one error class of this package; `code` tells what happened.
 *
 * A failure is what the core hands over: `code`, `message`, `hint` and perhaps `claim` and `retryAfter` (seconds).
 * JavaScript adds `scope` (what would have been sufficient), `badRequest` (the header itself was malformed) and
 * `insufficientClaims` (the parameters of a claims challenge).
 */
class AuthError extends Error {
  #oauthError

  constructor(failure) {
    super(failure.message)
    const { status, error } = meaningOf(failure)
    this.code = failure.code
    this.status = status
    this.headers = headersOf(failure, status, error)
    this.hint = failure.hint
    if (failure.claim) this.claim = failure.claim
    this.#oauthError = error
  }

  /** Whether a value is one of ours, whatever realm looks at it. */
  static is(value) {
    return value !== null && typeof value === 'object' && #oauthError in value
  }

  /** The error code of RFC 6750 that belongs into a body, if there is one. */
  static oauthError(error) {
    return error.#oauthError
  }
}
// On the prototype, where Error has it too, so that it is not printed as a property of each error.
Object.defineProperty(AuthError.prototype, 'name', { value: 'AuthError', writable: true, configurable: true })

function meaningOf({ code, badRequest, insufficientClaims }) {
  if (badRequest) return { status: 400, error: 'invalid_request' }
  // Not 403: the client acts on nothing but a 401.
  if (insufficientClaims) return { status: 401, error: 'insufficient_claims' }
  return ERRORS[code]
}

function headersOf({ message, retryAfter, scope, insufficientClaims }, status, error) {
  if (status === 503) return { 'Retry-After': String(retryAfter ?? 1) }
  if (status >= 500) return {}
  if (insufficientClaims) return { 'WWW-Authenticate': challenge({ ...insufficientClaims, error }) }
  // A request without a token gets the bare challenge (RFC 6750, section 3.1).
  return { 'WWW-Authenticate': challenge(error && { error, error_description: message, scope }) }
}

/**
 * A Bearer challenge for `WWW-Authenticate` (RFC 6750, section 3): the scheme and its parameters as quoted strings
 * (RFC 9110, section 5.6.4). What `error_description` must not hold — quotes, backslashes, anything outside printable
 * ASCII — is replaced. Parameters that are `undefined` are left out.
 *
 * @param {Record<string, string | undefined>} [parameters]
 * @returns {string}
 */
function challenge(parameters = {}) {
  const list = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${printable(value)}"`)
  return list.length ? `Bearer ${list.join(', ')}` : 'Bearer'
}

/** A challenge with parameters added to one that was made before. */
function extendChallenge(header, parameters) {
  const more = challenge(parameters).slice('Bearer '.length)
  return header === 'Bearer' ? `Bearer ${more}` : `${header}, ${more}`
}

function printable(value) {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')
}

/** The answer of the classic contract: status, body, headers. */
function classicAnswer(error) {
  const meant = ERRORS[error.code].classic
  const { status, body, message } = meant === FORBIDDEN && error.status === 401 ? UNAUTHORIZED : meant
  return { status, body: message ? body + error.message : body, headers: status < 500 ? error.headers : {} }
}

/** A mistake in an option that JavaScript reads itself. */
function configError(option, problem) {
  return new AuthError({
    code: 'ERR_CONFIG',
    message: `option ${option}: ${problem}`,
    hint: `correct the option ${option}; README.md has the table of options`
  })
}

/** An exception that nothing here should throw: contained, its text kept out of answers. */
function internalError(cause) {
  const error = new AuthError({
    code: 'ERR_INTERNAL',
    message: 'internal error',
    hint: 'this is a defect of entra-jwt-verify; please report it'
  })
  error.cause = cause
  return error
}

module.exports = { AuthError, challenge, classicAnswer, configError, extendChallenge, internalError }
