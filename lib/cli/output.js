'use strict'

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] }

/** Columns that text is wrapped to where the terminal is wider or there is none. */
const WIDTH = 100

/**
 * Functions that colour text, or leave it alone: `FORCE_COLOR` decides, then `NO_COLOR` (https://no-color.org), then
 * whether the stream is a terminal.
 *
 * @param {{ isTTY?: boolean }} stream
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<keyof typeof CODES, (text: string) => string>}
 */
function colours(stream, environment) {
  const isColoured = wantsColour(stream, environment)
  const paint = ([on, off]) => (isColoured ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : (text) => text)
  return Object.fromEntries(Object.entries(CODES).map(([name, codes]) => [name, paint(codes)]))
}

function wantsColour(stream, { FORCE_COLOR, NO_COLOR, TERM }) {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR) return false
  return Boolean(stream.isTTY) && TERM !== 'dumb'
}

/** Wraps text to the width of the stream, every line but the first behind an indentation. */
function wrap(text, indentation, stream) {
  const width = Math.max(Math.min(stream.columns || WIDTH, WIDTH) - indentation, 30)
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indentation)}`)
}

module.exports = { colours, wrap }
