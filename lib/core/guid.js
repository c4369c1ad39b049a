'use strict'

const GUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/**
 * Whether two application ids are the same: GUIDs compare without case, anything else exactly. The core compares
 * `allowedClients` by the same rule (`src/policy/guid.rs`).
 *
 * @param {string} one
 * @param {unknown} other
 */
function isSameId(one, other) {
  if (one === other) return true
  return isGuid(one) && isGuid(other) && one.toLowerCase() === other.toLowerCase()
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isGuid(value) {
  return typeof value === 'string' && GUID.test(value)
}

module.exports = { isGuid, isSameId }
