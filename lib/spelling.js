'use strict'

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

module.exports = { distance, nearest }
