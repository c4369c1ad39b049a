'use strict'

/**
 * The `code` of anything that was thrown, if it is a string, as in Node's errors and ours.
 *
 * @param {unknown} error
 * @returns {string | undefined}
 */
function codeOf(error) {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/**
 * The message of anything that was thrown.
 *
 * @param {unknown} error
 * @returns {string}
 */
function messageOf(error) {
  return error !== null && typeof error === 'object' && 'message' in error ? String(error.message) : String(error)
}

module.exports = { codeOf, messageOf }
