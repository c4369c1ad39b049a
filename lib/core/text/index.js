'use strict'

const { principalIn } = require('./principal')
const { otherCredential } = require('./sealed')
const { unsetValue } = require('./unset')

/** @import { Finding } from '../../..' */

/** Maximum number of characters to check: no placeholder or secret is longer. */
const MAX_LENGTH = 65_536

/**
 * Recognises a text that was sent instead of a token and is not a JWT: a missing value as text, a placeholder, a credential of
 * another kind. The core recognises texts in the form of a JWT.
 *
 * @param {string} text
 * @returns {Finding | undefined}
 */
function textFinding(text) {
  const trimmed = text.slice(0, MAX_LENGTH).trim()
  return unsetValue(trimmed) ?? otherCredential(trimmed) ?? principalIn(trimmed)
}

module.exports = { textFinding }
