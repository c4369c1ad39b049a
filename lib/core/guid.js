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
  return typeof other === 'string' && GUID.test(one) && GUID.test(other) && one.toLowerCase() === other.toLowerCase()
}

module.exports = { isSameId }
