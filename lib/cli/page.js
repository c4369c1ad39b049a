'use strict'

const { colours, printable, speaksUnicode, wrap } = require('./output')

/** @import { Environment, Stream } from './output' */

/** Marks in front of what passed, failed, needs a look, was left out; and what points at something. */
const MARKS = {
  unicode: { passed: '✓', failed: '✗', warning: '!', skipped: '·', arrow: '→' },
  ascii: { passed: '+', failed: 'x', warning: '!', skipped: '-', arrow: '->' }
}

/** @typedef {keyof typeof MARKS.unicode} Mark */

/** Columns of a label: the longest is `wanted`. */
const LABEL = 8

/**
 * Lines for a terminal. All text is escaped, so that it cannot control the terminal.
 *
 * @param {Stream} stream
 * @param {Environment} environment
 */
function createPage(stream, environment) {
  const colour = colours(stream, environment)
  const isUnicode = speaksUnicode(environment)
  const marks = isUnicode ? MARKS.unicode : MARKS.ascii
  /** @type {Record<string, (text: string) => string>} */
  const paints = {
    passed: colour.green,
    failed: colour.red,
    warning: colour.yellow,
    skipped: (text) => text,
    arrow: colour.cyan
  }
  /** @type {string[]} */
  const lines = []

  /** @param {string} text */
  const safe = (text) => printable(text, isUnicode)

  return {
    colour,
    safe,
    /** An empty line, unless the last one is. */
    gap() {
      if (lines.at(-1) !== '') lines.push('')
    },
    /**
     * A line with a mark: its title in the colour of the mark, then text.
     *
     * @param {Mark} mark
     * @param {string} title
     * @param {string} [text]
     * @param {{ indentation?: number, width?: number }} [layout]
     */
    entry(mark, title, text = '', { indentation = 0, width = 0 } = {}) {
      const paint = paints[mark] ?? String
      const head = `${marks[mark]} ${safe(title).padEnd(width)}`
      const start = indentation + head.length + 2
      const rest = text === '' ? '' : `  ${wrap(safe(text), start, stream)}`
      lines.push(
        `${' '.repeat(indentation)}${paint(head.trimEnd())}${text === '' ? '' : ' '.repeat(head.length - head.trimEnd().length)}${rest}`
      )
    },
    /**
     * A line with a label, such as `do`. Nothing without a text.
     *
     * @param {string} label
     * @param {string | undefined} text
     * @param {number} [indentation]
     */
    row(label, text, indentation = 2) {
      if (text === undefined || text === '') return
      const start = indentation + LABEL
      lines.push(`${' '.repeat(indentation)}${colour.cyan(label.padEnd(LABEL))}${wrap(safe(text), start, stream)}`)
    },
    /**
     * @param {string} text
     * @param {number} [indentation]
     */
    line(text, indentation = 0) {
      lines.push(`${' '.repeat(indentation)}${wrap(safe(text), indentation, stream)}`)
    },
    /** The lines so far, which are then forgotten. */
    take() {
      return lines
        .splice(0)
        .map((line) => `${line}\n`)
        .join('')
    }
  }
}

module.exports = { createPage }
