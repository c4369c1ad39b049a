'use strict'

/** @typedef {import('./index').TestAuthorityError} Public */

/**
 * What the test authority itself throws. The errors it *answers* with are Entra's, see entra-errors.js.
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
 * A mistake in what the test passed in.
 *
 * @param {string} message
 */
function optionError(message) {
  return new TestAuthorityError('ERR_TESTING_OPTION', message)
}

/**
 * A misspelt option that is ignored makes a test that proves nothing.
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
 * The `code` of anything that was thrown.
 *
 * @param {unknown} error
 */
function codeOf(error) {
  return error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
}

module.exports = { TestAuthorityError, codeOf, optionError, refuseUnknownOptions }
