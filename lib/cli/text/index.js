'use strict'

const { noToken } = require('./json')
const { isShortened, isToken, tokensIn } = require('./jwt')
const { takeLayer } = require('./layers')
const { errorInText } = require('./oauth-error')
const { unsetValue } = require('../../core/text/unset')
const { secretIn } = require('../../core/secret')

/** @import { Finding } from '../../..' */

/**
 * What a pasted text is.
 *
 * @typedef {object} Reading
 * @property {string | undefined} token `undefined` where there is no token in the text
 * @property {string} rest what no layer comes off any more, the token or another text: the core is asked about it
 * @property {string[]} taken what the token was taken out of, the outer first
 * @property {string[]} damage what would have spoiled it if it was sent like this, as in "a token, but …"
 * @property {Finding | undefined} finding what the text is where it is no token; `no-token` where the core may know more
 */

/** Layers that are taken off at most: more of them are not a slip. */
const MAX_LAYERS = 12

/** Characters that are not seen, and that editors, chats and PDFs leave in what is copied from them. */
const INVISIBLE = /\p{Cf}/gu

/**
 * Finds the token in a pasted text, or says what the text is.
 *
 * @param {string} pasted
 * @returns {Reading}
 */
function readText(pasted) {
  /** @type {string[]} */
  const taken = []
  /** @type {string[]} */
  const damage = []
  // A byte order mark is the file's.
  let text = pasted.replace(/^\ufeff/, '').trim()
  if (text.replace(INVISIBLE, '') !== text) {
    text = text.replace(INVISIBLE, '').trim()
    damage.push('with invisible characters in it')
  }
  for (let layers = 0; layers < MAX_LAYERS && !isToken(text); layers++) {
    // A placeholder looks like what it is made with: <token>, [object Object], {{token}}. A promise that is printed has its value.
    if (unsetValue(text) && tokensIn(text).length === 0) break
    if (isShortened(text)) break
    const layer = takeLayer(text)
    if (layer === undefined) break
    if ('finding' in layer) return { token: undefined, rest: text, taken, damage, finding: layer.finding }
    text = layer.text.trim()
    if (layer.taken) taken.push(layer.taken)
    if (layer.damage) damage.push(layer.damage)
  }
  if (isToken(text)) return { token: text, rest: text, taken, damage, finding: undefined }
  return { token: undefined, rest: text, taken, damage, finding: errorInText(text) ?? noToken(kindOf(text)) }
}

/** @param {string} text */
function kindOf(text) {
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text))
    return 'a GUID, the id of an application, tenant or object'
  if (/^<(?:!doctype html|html)/i.test(text)) return 'an HTML page'
  if (/^https?:\/\/\S+$/i.test(text)) return 'an address without a token in it'
  if (/^api:\/\/\S+$/i.test(text)) return 'an App ID URI or a scope'
  if (/^[\w.-]+@[\w.-]+\.\w+$/.test(text)) return 'a user name'
  const secret = secretIn(text)
  if (secret) return `what looks like a secret or an opaque token (${secret.cut})`
  return `a text of ${text.length} ${text.length === 1 ? 'character' : 'characters'}`
}

/**
 * Why a token would be refused as it was pasted, although there is one in the text.
 *
 * @param {string[]} damage
 * @param {boolean} isValid whether the token itself is
 * @returns {Finding | undefined}
 */
function damagedToken(damage, isValid) {
  if (damage.length === 0) return undefined
  return {
    name: 'not-only-a-token',
    checks: ['form', 'header', 'signature'],
    message: `a token, but ${[...new Set(damage)].join(', and ')}${isValid ? '; the token itself is valid' : ''}`,
    hint: 'send it as the token endpoint returned it: Authorization: Bearer, one space, the token and nothing else'
  }
}

module.exports = { damagedToken, readText }
