'use strict'

const { ERRORS } = require('./aadsts-errors')

/**
 * The number of the first AADSTS error in a text.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
function aadstsCode(text) {
  return /\bAADSTS(\d{4,8})\b/.exec(text)?.[1]
}

/**
 * The cause of an error of Entra, and what to do.
 *
 * @param {string} code its number
 * @returns {{ is: string, advice: string }}
 */
function explainAadsts(code) {
  const [, is, advice] = ERRORS.find(([numbers]) => numbers.includes(Number(code))) ?? []
  return {
    is: is ?? 'an error that is not in the table of this program',
    advice: advice ?? `look it up at https://login.microsoftonline.com/error?code=${code}`
  }
}

module.exports = { aadstsCode, explainAadsts }
