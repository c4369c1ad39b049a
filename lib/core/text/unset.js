'use strict'

const { referenceIn } = require('./reference')

/** @import { Finding } from '../../..' */

const CHECKS = ['form']

/** What languages make of a value that is not there, in lower case. */
const NOTHING = [
  ...['undefined', 'null', 'nan', 'none', 'nil', 'false', 'true', '(null)', 'nothing', 'empty', '{}', '[]', '""', "''"],
  '[object undefined]',
  '[object null]'
]

/** Objects that were turned into a string in place of what they hold, and what to do. */
const OBJECTS = [
  {
    pattern: /^\[object Promise\]$|^Promise \{|^System\.Threading\.Tasks\.Task|^<coroutine object|^<Future/i,
    what: 'a promise',
    advice: 'await the promise before the token is put into the header'
  },
  {
    pattern: /^System\.Security\.SecureString$/i,
    what: 'a SecureString of PowerShell',
    advice:
      'put its text into the header: (Get-AzAccessToken -ResourceUrl <App ID URI>).Token | ConvertFrom-SecureString -AsPlainText'
  },
  {
    pattern:
      /^\[object \w+\]$|^\[Object: null prototype\]|^System\.\w|^\w+(?:\.\w+)+@[\da-f]{4,}$|^<[\w.]+ object at 0x/,
    what: 'an object',
    advice:
      'put the string into the header: result.accessToken of MSAL, token.token of @azure/identity, not the whole result'
  },
  {
    pattern: /^(?:async )?(?:function\b|\([\w\s,]*\) ?=>|\w+ ?=>)/,
    what: 'a function',
    advice: 'call the function, and put what it returns into the header'
  }
]

/** Characters of the longest placeholder. */
const MAX_PLACEHOLDER = 100

/** What tutorials write in place of a token. */
const PLACEHOLDER =
  /^<[\w '’.-]+>$|^\{[\w -]+\}$|^(?:your|my|the|paste|insert|enter|put|some)[-_ .].*|^(?:access|bearer|id|jwt)?[-_ ]?token$|^(?:x{3,}|\.{3}|…|\*{3,}|changeme|todo|jwt|redacted|\[?redacted\]?)$/i

/** The same in brackets, if it has the word token in it. */
const IN_BRACKETS = /^\[[\w -]+\]$/

/**
 * A text that shows that a value was missing, such as `undefined`.
 *
 * @param {string} text without white space around it
 * @returns {Finding | undefined}
 */
function unsetValue(text) {
  if (text === '') return finding('no-value', 'no token at all: nothing follows', 'look at what the client puts there')
  if (/^bearer:?$/i.test(text)) {
    const advice = 'look at the client: the variable with the token is empty'
    return finding('no-value', 'no token at all: nothing follows the scheme Bearer', advice)
  }
  if (NOTHING.includes(text.toLowerCase())) {
    const advice =
      'look at the client: its variable was not set, it reads another member of the answer, or asking for the \
token failed and the client went on'
    return finding('no-value', `no token at all: the client sent the text ${text}`, advice)
  }
  const object = OBJECTS.find(({ pattern }) => pattern.test(text))
  if (object) return finding('no-value', `no token at all: the client sent ${object.what} as text`, object.advice)
  const reference = referenceIn(text)
  if (reference) {
    const name = reference.name === undefined ? '' : `, ${reference.name}`
    const message = `no token at all: a reference that was not replaced by its value${name}`
    return finding('variable-not-replaced', message, reference.advice)
  }
  if (isPlaceholder(text)) {
    const advice = 'put a token there; the token endpoint gives one as access_token'
    return finding('placeholder', 'no token at all: a placeholder, as instructions have it', advice)
  }
  return undefined
}

/** @param {string} text */
function isPlaceholder(text) {
  if (text.length > MAX_PLACEHOLDER) return false
  return PLACEHOLDER.test(text) || (IN_BRACKETS.test(text) && /token/i.test(text))
}

/** @type {(name: string, message: string, hint: string) => Finding} */
const finding = (name, message, hint) => ({ name, checks: CHECKS, message, hint })

module.exports = { unsetValue }
