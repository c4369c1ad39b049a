'use strict'

/** @satisfies {Record<string, [on: number, off: number]>} */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] }

/** @typedef {Record<keyof typeof CODES, (text: string) => string>} Colours */

/** Columns that text is wrapped to, unless the terminal is narrower. */
const WIDTH = 100

/**
 * Functions that colour text, or leave it alone: `FORCE_COLOR` decides, then `NO_COLOR` (https://no-color.org), then
 * whether the stream is a terminal.
 *
 * @param {{ isTTY?: boolean }} stream
 * @param {Record<string, string | undefined>} environment
 * @returns {Colours}
 */
function colours(stream, environment) {
  const isColoured = wantsColour(stream, environment)
  /** @type {(codes: [on: number, off: number]) => (text: string) => string} */
  const paint = ([on, off]) => (isColoured ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : (text) => text)
  const { bold, dim, red, green, yellow, cyan } = CODES
  return {
    bold: paint(bold),
    dim: paint(dim),
    red: paint(red),
    green: paint(green),
    yellow: paint(yellow),
    cyan: paint(cyan)
  }
}

/**
 * @param {{ isTTY?: boolean }} stream
 * @param {Record<string, string | undefined>} environment
 */
function wantsColour(stream, { FORCE_COLOR, NO_COLOR, TERM }) {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR) return false
  return Boolean(stream.isTTY) && TERM !== 'dumb'
}

/**
 * Wraps text to the width of the stream, every line but the first behind an indentation.
 *
 * @param {string} text
 * @param {number} indentation
 * @param {{ columns?: number }} stream
 */
function wrap(text, indentation, stream) {
  const width = Math.max(Math.min(stream.columns || WIDTH, WIDTH) - indentation, 30)
  const [first = '', ...words] = text.split(' ')
  const lines = []
  let line = first
  for (const word of words) {
    if (line === '') line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indentation)}`)
}

module.exports = { colours, wrap }
