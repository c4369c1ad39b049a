'use strict'

const WARNED = new Set()

/**
 * Warns the operator once in a process, as Node.js warns.
 *
 * @param {string} code
 * @param {string} text
 */
function warnOnce(code, text) {
  if (WARNED.has(text)) return
  WARNED.add(text)
  process.emitWarning(text, { type: 'EntraJwtVerifyWarning', code })
}

module.exports = { warnOnce }
