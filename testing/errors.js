'use strict'

/** What the test authority itself throws. The errors it *answers* with are Entra's, see entra-errors.js. */
class TestAuthorityError extends Error {
  constructor(code, message, options) {
    super(message, options)
    this.name = 'TestAuthorityError'
    this.code = code
  }
}

/** A mistake in what the test passed in. */
function optionError(message) {
  return new TestAuthorityError('ERR_TESTING_OPTION', message)
}

/** A misspelt option that is ignored makes a test that proves nothing. */
function refuseUnknownOptions(given, known, where) {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw optionError(`${where}: unknown option '${name}'; known are ${known.join(', ')}`)
    }
  }
}

module.exports = { TestAuthorityError, optionError, refuseUnknownOptions }
