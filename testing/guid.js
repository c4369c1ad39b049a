'use strict'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isGuid(value) {
  return typeof value === 'string' && GUID.test(value)
}

module.exports = { isGuid }
