'use strict'

/** Letters that may be wrong in a word that is meant to be another one. */
const MAX_DISTANCE = 2

/**
 * The name that was probably meant, if one is near: written in another way (`tenantId`), cut short, or misspelt.
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
  const [best] = names
    .map((name) => ({ name, distance: distance(wanted, plain(name)) }))
    .sort((a, b) => a.distance - b.distance)
  // Of a short word, not half of the letters.
  return best !== undefined && best.distance <= Math.min(MAX_DISTANCE, wanted.length / 3) ? best.name : undefined
}

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[-_]/g, '')
}

/**
 * How many letters have to be added, removed, replaced or swapped (optimal string alignment).
 *
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  const at = (/** @type {number} */ row, /** @type {number} */ column) => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= from.length; row++) {
    rows[row] = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const steps = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (isSame ? 0 : 1)]
      rows[row]?.push(Math.min(...steps, isSwapped ? at(row - 2, column - 2) + 1 : Infinity))
    }
  }
  return at(from.length, to.length)
}

module.exports = { nearest }
