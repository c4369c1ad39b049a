'use strict'

/** @satisfies {Record<string, [on: number, off: number]>} */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] }

/**
 * @typedef {Record<string, string | undefined>} Environment
 * @typedef {{ isTTY?: boolean, columns?: number }} Stream
 * @typedef {Record<keyof typeof CODES, (text: string) => string>} Colours
 */

/** Columns that text is wrapped to where the stream is no terminal, and at most. */
const WIDTH = { usual: 100, most: 120 }

/** Columns that are left for text at least, however far it is indented. */
const MIN_WIDTH = 30

/** What must not reach a terminal as it is: it could control it, or show something else than it says. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * Functions that colour text, or return it unchanged: `FORCE_COLOR` decides, then `NO_COLOR` (https://no-color.org),
 * then whether the stream is a terminal.
 *
 * @param {Stream} stream
 * @param {Environment} environment
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
 * @param {Stream} stream
 * @param {Environment} environment
 */
function wantsColour(stream, { FORCE_COLOR, NO_COLOR, TERM }) {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  if (NO_COLOR) return false
  return Boolean(stream.isTTY) && TERM !== 'dumb'
}

/**
 * Whether the terminal reads UTF-8, by the locale; on Windows by the terminal program.
 *
 * @param {Environment} environment
 * @param {string} [platform]
 */
function speaksUnicode(environment, platform = process.platform) {
  const { LC_ALL, LC_CTYPE, LANG, WT_SESSION, TERM_PROGRAM } = environment
  if (platform === 'win32') return Boolean(WT_SESSION) || TERM_PROGRAM === 'vscode'
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '')
}

/**
 * A text that is safe to print: control and invisible characters are escaped, and all characters except ASCII if the
 * terminal only has ASCII.
 *
 * @param {string} text
 * @param {boolean} [isUnicode]
 */
function printable(text, isUnicode = true) {
  const shown = text.replace(UNPRINTABLE, escaped)
  return isUnicode ? shown : shown.replaceAll('…', '...').replace(/[^ -~]/gu, escaped)
}

/** @param {string} character */
function escaped(character) {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/**
 * JSON that is safe to print: control and invisible characters are escape sequences.
 *
 * @param {unknown} value
 */
function json(value) {
  return JSON.stringify(value, null, 2).replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
    ).join('')
  )
}

/**
 * Wraps text to the width of the stream, every line but the first behind an indentation. A word is never broken: an address or a
 * list of values has to be copied whole, and one that is longer than a line stands alone in it.
 *
 * @param {string} text
 * @param {number} indentation
 * @param {Stream} stream
 */
function wrap(text, indentation, stream) {
  const width = Math.max(Math.min(stream.columns || WIDTH.usual, WIDTH.most) - indentation, MIN_WIDTH)
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line === '') line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indentation)}`)
}

module.exports = { colours, json, printable, speaksUnicode, wrap }
