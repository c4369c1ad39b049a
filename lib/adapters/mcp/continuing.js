'use strict'

/**
 * A `next` that does something else where there is no error. A `next` without a parameter takes no error, and middleware looks at
 * that before it hands one on.
 *
 * @param {(error?: unknown) => void} next
 * @param {() => void} proceed
 * @returns {(error?: unknown) => void}
 */
function continuing(next, proceed) {
  return next?.length > 0 ? (error) => (error === undefined ? proceed() : next(error)) : () => proceed()
}

module.exports = { continuing }
