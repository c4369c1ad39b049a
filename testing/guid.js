'use strict'

const { optionError, shown } = require('./errors')

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isGuid(value) {
  return typeof value === 'string' && GUID.test(value)
}

/**
 * @param {string} where the option
 * @param {unknown} given
 */
function assertGuid(where, given) {
  if (!isGuid(given)) throw optionError(`${where}: expected a GUID, got ${shown(given)}`)
}

module.exports = { assertGuid, isGuid }
