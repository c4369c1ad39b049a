'use strict'

/** @type {typeof import('../../native')} */
const native = require('../native')

/**
 * A value that looks like a secret: `cut` has its first characters and its length, which may be shown.
 *
 * @param {string} text
 * @returns {{ cut: string, isClientSecret: boolean } | undefined}
 */
function secretIn(text) {
  return native.secret(text) ?? undefined
}

/**
 * The text, shortened if it looks like a secret, so that it may be shown.
 *
 * @param {string} text
 */
function withoutSecret(text) {
  const secret = secretIn(text)
  return secret ? `(${secret.cut})` : text
}

module.exports = { secretIn, withoutSecret }
