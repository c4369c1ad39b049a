'use strict'

/**
 * A copy without a prototype, so that `Object.prototype` cannot supply a missing member.
 *
 * @template {object} T
 * @param {T} members
 * @returns {T}
 */
function ownOnly(members) {
  return Object.assign(Object.create(null), members)
}

module.exports = { ownOnly }
