'use strict'

const { serverErrorText } = require('../../core/errors')

/** @import { AuthError } from '../../..' */
/** @import { AppProtection } from '../../http/protection' */

/** @typedef {Record<'InsufficientScopeError' | 'InvalidTokenError' | 'ServerError', new (message: string) => Error>} SdkErrors */

/**
 * The SDK's errors. It recognises them by class, and has other classes for `import` than for `require`. `undefined`: it is not
 * installed.
 *
 * @typedef {() => SdkErrors | undefined | Promise<SdkErrors | undefined>} LoadErrors
 */

/**
 * What the SDK's `requireBearerAuth` asks of its `verifier`.
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
 * An error by its class for the SDK, with the one that it stands for as its cause. What is wrong on this side is no invalid
 * token: a client would get another one for nothing.
 *
 * @param {AuthError} cause
 * @param {SdkErrors | undefined} errors
 */
function sdkError(cause, errors) {
  // Without the SDK there is no caller that asks for its classes.
  if (errors === undefined) return cause
  const { InsufficientScopeError, InvalidTokenError, ServerError } = errors
  if (cause.status >= 500) return Object.assign(new ServerError(serverErrorText(cause)), { cause })
  const SdkError = cause.status === 403 ? InsufficientScopeError : InvalidTokenError
  return Object.assign(new SdkError(cause.message), { cause })
}

module.exports = { verifyAccessToken }
