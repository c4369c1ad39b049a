'use strict'

/**
 * A challenge for `WWW-Authenticate` (RFC 9110, section 11.6.1): the scheme and its parameters as quoted strings.
 * What a quoted string or `error_description` (RFC 6750, section 3) must not hold is replaced by a space or an
 * apostrophe.
 *
 * @param {string} scheme
 * @param {Record<string, string>} [parameters]
 * @returns {string}
 */
function challenge(scheme, parameters) {
  if (!parameters) return scheme
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${printable(value)}"`)
  return `${scheme} ${list.join(', ')}`
}

function printable(value) {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')
}

module.exports = { challenge }
