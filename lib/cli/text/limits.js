'use strict'

/** Characters at which columns and fields end, and those at which the line of a terminal ends. */
const OF_FIELDS = [255, 256, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 4000, 8000, 8191, 8192]
const OF_TERMINALS = [4095, 4096]

/**
 * What the length of a text that was cut off says about what cut it; nothing for most.
 *
 * @param {number} length
 */
function limitAt(length) {
  if (OF_TERMINALS.includes(length)) return `; it has ${length} characters, as many as the line of a terminal takes`
  return OF_FIELDS.includes(length) ? `; it has exactly ${length} characters, the limit of many fields` : ''
}

module.exports = { limitAt }
