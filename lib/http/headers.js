'use strict'

const { isMap } = require('node:util/types')

/**
 * The values of a header, one for each time that its name is there, in anything that has headers: a fetch `Headers`, a `Map`, or an
 * object. Names compare without case (RFC 9110, section 5.1). A fetch `Headers` has joined what was there twice.
 *
 * @param {any} headers
 * @param {string} name in lower case
 * @returns {unknown[]}
 */
function headerValues(headers, name) {
  // A `Map` compares names with case.
  if (typeof headers?.get === 'function' && !isMap(headers)) return [headers.get(name)]
  return (isMap(headers) ? [...headers] : Object.entries(headers ?? {}))
    .filter(([key]) => String(key).toLowerCase() === name)
    .map(([, value]) => value)
}

module.exports = { headerValues }
