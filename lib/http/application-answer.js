'use strict'

/** @import { AuthError } from '../..' */
/** @import { AppProtection } from './protection' */

/**
 * The response of the application's own function, for frameworks that send a returned response.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {unknown} request
 * @returns {Promise<object | undefined>} `undefined`: it returned none, so that the error is the framework's. Rejects with what
 *   the application throws
 */
async function applicationAnswer(protection, error, request) {
  // Called without a receiver, so that the application gets no internal object.
  const { respond } = protection
  const response = await respond?.(error, request)
  return typeof response === 'object' && response !== null ? response : undefined
}

module.exports = { applicationAnswer }
