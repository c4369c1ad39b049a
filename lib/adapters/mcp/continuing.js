'use strict'

const { takesError } = require('../../http/callers')

/**
 * A `next` that calls another function if there is no error. As for Express, that is every value that is falsy: `null` is what a
 * callback of Node passes on. It has a parameter if the original has one, because middleware checks that before it passes an error.
 *
 * @param {(error?: unknown) => void} next
 * @param {() => void} proceed
 * @returns {(error?: unknown) => void}
 */
function continuing(next, proceed) {
  return takesError(next) ? (error) => (error ? next(error) : proceed()) : () => proceed()
}

module.exports = { continuing }
