'use strict'

const { challenge } = require('./challenge')

/**
 * What each code means over HTTP, the only place that says so.
 *
 * `status` and `error` are those of RFC 6750, section 3.1; `classic` is the answer of the classic contract, where
 * `true` stands for a 500 with the error's message.
 */
const UNAUTHORIZED = { status: 401, body: 'Unauthorized' }
const EXPIRED_OR_AUDIENCE = { status: 401, body: 'Either token has expired, or wrong audience' }
const MESSAGE = { status: 500, body: (error) => `Internal Server Error, ${error.message}` }

const ERRORS = {
  ERR_CONFIG: {
    status: 500,
    classic: { status: 500, body: 'Internal Server Error, checkAuthToken is not configured' }
  },
  ERR_TOKEN_MISSING: { status: 401, classic: UNAUTHORIZED },
  ERR_TOKEN_MALFORMED: { status: 401, error: 'invalid_token', classic: MESSAGE },
  ERR_TOKEN_ALGORITHM: { status: 401, error: 'invalid_token', classic: MESSAGE },
  ERR_TOKEN_KEY_UNKNOWN: { status: 401, error: 'invalid_token', classic: MESSAGE },
  ERR_TOKEN_SIGNATURE: { status: 401, error: 'invalid_token', classic: MESSAGE },
  ERR_TOKEN_EXPIRED: { status: 401, error: 'invalid_token', classic: EXPIRED_OR_AUDIENCE },
  ERR_TOKEN_NOT_ACTIVE: { status: 401, error: 'invalid_token', classic: MESSAGE },
  ERR_TOKEN_AUDIENCE: { status: 401, error: 'invalid_token', classic: EXPIRED_OR_AUDIENCE },
  ERR_TOKEN_ISSUER: { status: 401, error: 'invalid_token', classic: UNAUTHORIZED },
  ERR_TOKEN_TENANT: { status: 401, error: 'invalid_token', classic: UNAUTHORIZED },
  ERR_TOKEN_CLAIM: { status: 401, error: 'invalid_token', classic: UNAUTHORIZED },
  ERR_TOKEN_USE: { status: 401, error: 'invalid_token', classic: UNAUTHORIZED },
  ERR_TOKEN_GRAPH: { status: 401, error: 'invalid_token', classic: UNAUTHORIZED },
  ERR_KEYS_UNAVAILABLE: { status: 503, classic: MESSAGE },
  ERR_INTERNAL: { status: 500, classic: MESSAGE }
}

/** The one error class of this package; `code` tells what happened. */
class AuthError extends Error {
  /** @param {{ code: string, message: string, hint: string, claim?: string, retryAfter?: number }} failure */
  constructor(failure) {
    super(failure.message)
    const { status, error } = ERRORS[failure.code]
    this.code = failure.code
    this.status = status
    this.headers = headersOf(status, error, failure)
    this.hint = failure.hint
    if (failure.claim) this.claim = failure.claim
  }
}
// On the prototype, where Error has it too, so that it is not printed as a property of each error.
Object.defineProperty(AuthError.prototype, 'name', { value: 'AuthError', writable: true, configurable: true })

function headersOf(status, error, { message, retryAfter }) {
  if (status === 401 || status === 403) {
    return { 'WWW-Authenticate': challenge('Bearer', error && { error, error_description: message }) }
  }
  return retryAfter ? { 'Retry-After': String(retryAfter) } : {}
}

/** The answer of the classic contract: status, body, headers. */
function classicAnswer(error) {
  const { status, body } = ERRORS[error.code].classic
  const headers = status === 401 || status === 403 ? error.headers : {}
  return { status, body: typeof body === 'function' ? body(error) : body, headers }
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

module.exports = { AuthError, classicAnswer, configError, internalError }
