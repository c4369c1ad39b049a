'use strict'

const { principalIn } = require('./principal')
const { otherCredential } = require('./sealed')
const { unsetValue } = require('./unset')

/** @import { Finding } from '../../..' */

/** Characters of a text that are looked at: nobody's placeholder or secret is longer than that. */
const MAX_LENGTH = 65_536

/**
 * What a text is that was sent in place of a token and has nothing of a JWT: the text of nothing, a placeholder, a credential
 * of another kind. What has the form of a JWT is the core's to recognise.
 *
 * @param {string} text
 * @returns {Finding | undefined}
 */
function textFinding(text) {
  const trimmed = text.slice(0, MAX_LENGTH).trim()
  return unsetValue(trimmed) ?? otherCredential(trimmed) ?? principalIn(trimmed)
}

module.exports = { textFinding }
