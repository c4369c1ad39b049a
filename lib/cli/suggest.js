'use strict'

const { distance } = require('../distance')

/** Letters that may be wrong in a word that is meant to be another one. */
const MAX_DISTANCE = 2

/** Letters that a word needs to be the end of another one: `--id` may be any id. */
const MIN_LENGTH = 4

/**
 * The name that was probably meant, if one is similar: in another notation (`tenantId`), abbreviated (`--role`
 * for `--required-role`), or misspelt.
 *
 * @param {string} given
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
function nearest(given, names) {
  const wanted = plain(given)
  if (wanted.length < 2) return undefined
  const same = names.find((name) => plain(name) === wanted)
  if (same !== undefined) return same
  const begun = names.filter((name) => plain(name).startsWith(wanted))
  if (begun.length === 1) return begun[0]
  const ended = names.filter((name) => wanted.length >= MIN_LENGTH && plain(name).endsWith(wanted))
  if (ended.length === 1) return ended[0]
  const [best] = names
    .map((name) => ({ name, distance: distance(wanted, plain(name)) }))
    .sort((a, b) => a.distance - b.distance)
  // In a short word, less than half of the letters.
  return best !== undefined && best.distance <= Math.min(MAX_DISTANCE, wanted.length / 3) ? best.name : undefined
}

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[-_]/g, '')
}

module.exports = { nearest }
