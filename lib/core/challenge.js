'use strict'

/**
 * A Bearer challenge for `WWW-Authenticate` (RFC 6750, section 3): the scheme and its parameters as quoted strings
 * (RFC 9110, section 5.6.4). Characters that `error_description` must not contain (quotes, backslashes, anything outside
 * printable ASCII) are replaced. Parameters that are `undefined` are left out.
 *
 * @param {Record<string, string | undefined>} [parameters]
 * @returns {string}
 */
function challenge(parameters = {}) {
  const list = []
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) list.push(`${name}="${quotable(value)}"`)
  }
  return list.length ? `Bearer ${list.join(', ')}` : 'Bearer'
}

/**
 * A challenge with parameters appended.
 *
 * @param {string} header made by `challenge`
 * @param {Record<string, string | undefined>} parameters
 */
function extendChallenge(header, parameters) {
  const more = challenge(parameters).slice('Bearer '.length)
  return header === 'Bearer' ? `Bearer ${more}` : `${header}, ${more}`
}

/** @param {string} value */
function quotable(value) {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')
}

module.exports = { challenge, extendChallenge }
