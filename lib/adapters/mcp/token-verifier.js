'use strict'

const { serverErrorText } = require('../../core/errors')

/** @import { AuthError } from '../../..' */
/** @import { AppProtection } from '../../http/protection' */

/** @typedef {Record<'InsufficientScopeError' | 'InvalidTokenError' | 'ServerError', new (message: string) => Error>} SdkErrors */

/**
 * The SDK's error classes. The SDK recognises errors by class, and has different classes for `import` and `require`.
 * `undefined`: it is not installed.
 *
 * @typedef {() => SdkErrors | undefined | Promise<SdkErrors | undefined>} LoadErrors
 */

/**
 * The interface that the SDK's `requireBearerAuth` expects of its `verifier`.
 *
 * @param {AppProtection} protection
 * @param {string} token
 * @param {LoadErrors} loadErrors
 */
async function verifyAccessToken(protection, token, loadErrors) {
  try {
    return await protection.verifier?.verify(token)
  } catch (problem) {
    const { error } = protection.reject(problem)
    throw sdkError(error, await loadErrors())
  }
}

/**
 * Converts an error to the SDK's class, with the original as cause. A failure of the server must not be reported as an
 * invalid token, because the client would request a new one for nothing.
 *
 * @param {AuthError} cause
 * @param {SdkErrors | undefined} errors
 */
function sdkError(cause, errors) {
  // Without the SDK, no caller needs its classes.
  if (errors === undefined) return cause
  const { InsufficientScopeError, InvalidTokenError, ServerError } = errors
  if (cause.status >= 500) return Object.assign(new ServerError(serverErrorText(cause)), { cause })
  const SdkError = cause.status === 403 ? InsufficientScopeError : InvalidTokenError
  return Object.assign(new SdkError(cause.message), { cause })
}

module.exports = { verifyAccessToken }
