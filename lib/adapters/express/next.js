'use strict'

const { toString: sourceOf } = Function.prototype

/** Names of a promise's `resolve`, and of one that is bound. */
const RESOLVES = ['', 'bound ']

const NATIVE = /\{\s*\[native code\]\s*\}$/

/**
 * Whether a `next` does something else with an error than without. One without a parameter does not. The function that resolves a
 * promise has a parameter, and goes on to the handler with whatever it is given:
 * `await new Promise((resolve) => checkAuthToken(req, res, resolve))`.
 *
 * @param {((error?: unknown) => void) | undefined} next
 */
function takesError(next) {
  if (next === undefined || next.length === 0) return false
  return !(RESOLVES.includes(next.name) && NATIVE.test(sourceOf.call(next)))
}

module.exports = { takesError }
