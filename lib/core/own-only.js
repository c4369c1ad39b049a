'use strict'

/**
 * A copy that inherits nothing: a member that is not there cannot be supplied by `Object.prototype`.
 *
 * @template {object} T
 * @param {T} members
 * @returns {T}
 */
function ownOnly(members) {
  return Object.assign(Object.create(null), members)
}

module.exports = { ownOnly }
