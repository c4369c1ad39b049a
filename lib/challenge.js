'use strict'

/**
 * A Bearer challenge for `WWW-Authenticate` (RFC 6750, section 3): the scheme and its parameters as quoted strings
 * (RFC 9110, section 5.6.4). What `error_description` must not hold — quotes, backslashes, anything outside printable
 * ASCII — is replaced. Parameters that are `undefined` are left out.
 *
 * @param {Record<string, string | undefined>} [parameters]
 * @returns {string}
 */
function challenge(parameters = {}) {
  const list = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${printable(value)}"`)
  return list.length ? `Bearer ${list.join(', ')}` : 'Bearer'
}

/** A challenge with parameters added to one that was made before. */
function extendChallenge(header, parameters) {
  const more = challenge(parameters).slice('Bearer '.length)
  return header === 'Bearer' ? `Bearer ${more}` : `${header}, ${more}`
}

function printable(value) {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, ' ')
}

module.exports = { challenge, extendChallenge }
