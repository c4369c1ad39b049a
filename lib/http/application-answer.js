'use strict'

/** @import { AuthError } from '../..' */
/** @import { AppProtection } from './protection' */

/**
 * The response with which the application answers for itself, where a framework sends what a function returns.
 *
 * @param {AppProtection} protection
 * @param {AuthError} error
 * @param {unknown} request
 * @returns {Promise<object | undefined>} `undefined`: it returned none, so that the error is the framework's. Rejects with what
 *   the application throws
 */
async function applicationAnswer(protection, error, request) {
  // Called without a receiver: the application gets nothing of what is inside.
  const { respond } = protection
  const response = await respond?.(error, request)
  return typeof response === 'object' && response !== null ? response : undefined
}

module.exports = { applicationAnswer }
