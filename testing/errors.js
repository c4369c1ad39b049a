'use strict'

/** @typedef {import('./index').TestAuthorityError} Public */

/**
 * Errors that the test authority throws. The errors in its responses are Entra's, see entra-errors.js.
 *
 * @implements {Public}
 */
class TestAuthorityError extends Error {
  /** @type {'TestAuthorityError'} */
  name = 'TestAuthorityError'

  /**
   * @param {import('./index').TestAuthorityError['code']} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.code = code
  }
}

/**
 * An invalid argument of the test.
 *
 * @param {string} message
 */
function optionError(message) {
  return new TestAuthorityError('ERR_TESTING_OPTION', message)
}

/**
 * With an ignored misspelt option, a test would prove nothing.
 *
 * @param {object} given
 * @param {string[]} known
 * @param {string} where the function that they were given to
 */
function refuseUnknownOptions(given, known, where) {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw optionError(`${where}: unknown option '${name}'; known are ${known.join(', ')}`)
    }
  }
}

/**
 * The `code` of a thrown value.
 *
 * @param {unknown} error
 */
function codeOf(error) {
  return error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
}

module.exports = { TestAuthorityError, codeOf, optionError, refuseUnknownOptions }
