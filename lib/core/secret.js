'use strict'

/** @type {typeof import('../../native')} */
const native = require('../native')

/**
 * What looks like a secret: `cut` is its first characters and its length, which may be shown.
 *
 * @param {string} text
 * @returns {{ cut: string, isClientSecret: boolean } | undefined}
 */
function secretIn(text) {
  return native.secret(text) ?? undefined
}

/**
 * A text that may be shown, cut where it looks like a secret.
 *
 * @param {string} text
 */
function withoutSecret(text) {
  const secret = secretIn(text)
  return secret ? `(${secret.cut})` : text
}

module.exports = { secretIn, withoutSecret }
