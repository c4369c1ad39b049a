'use strict'

const { host } = require('./addresses')
const { audience, ofMicrosoft } = require('./audiences')
const { BELONGS, GUID_IN, entries, whole } = require('./belongs')
const { id } = require('./ids')
const { isGuid } = require('../../core/guid')
const { referenceIn } = require('../../core/text/reference')
const { secretIn } = require('../../core/secret')
const { about, failed } = require('../steps')
const { fits } = require('./names')

/**
 * @import { Variable, VariableOption } from '../../core/environment'
 * @import { Step } from '../steps'
 */

/** @typedef {Variable & { option: VariableOption }} Read a variable that was read */

const NAME = 'environment'

/** Placeholders from tutorials. */
const PLACEHOLDER =
  /^<.*>$|^\{[^}]*\}$|^your[-_ ]|^x{4,}|^(?:please[-_ ])?enter[-_ ].*here|^(?:changeme|replace[-_ ]?me|todo|tbd|none|null|undefined)$|^(?:tenant|client|directory|application)[-_ ]?(?:id|guid)$/i

/**
 * Probable mistakes in values; the first for each variable.
 *
 * @param {Read[]} variables
 * @returns {Step[]}
 */
function examineValues(variables) {
  return variables.flatMap((variable) => {
    for (const rule of RULES) {
      const step = rule(variable)
      if (step) return [about(variable.option, step)]
    }
    return []
  })
}

/** @typedef {(variable: Read) => Step | undefined} Rule */

/** In this order: what keeps a value from being read comes before what it is. @type {Rule[]} */
const RULES = [ownName, encoded, secret, reference, quotes, whiteSpace, placeholder, id, host, audience, ofMicrosoft]

/** @type {Rule} */
function ownName({ name, value, option }) {
  const [, before = '', after = ''] = /^([\w.-]+)\s*[=:]\s*(.*)$/s.exec(value) ?? []
  const isOwn = before.toUpperCase() === name
  if (!isOwn && !(before !== '' && fits(option, after) && !/^https?$|^api$/i.test(before))) return undefined
  const hint = whole('remove what is before the value', option, entries(option, after))
  return failed(NAME, `${name} has ${isOwn ? 'its own name' : 'a name'} in its value`, hint)
}

/** An id or a URL in base64. @type {Rule} */
function encoded({ name, value }) {
  if (!/^[\w+/-]{16,}={0,2}$/.test(value) || isGuid(String(value))) return undefined
  const plain = Buffer.from(value, 'base64').toString('latin1').trim()
  if (!isGuid(String(plain)) && !/^(?:api|https?):\/\/[ -~]+$/.test(plain)) return undefined
  const hint = `set it to ${plain} (in a Kubernetes secret, data is base64 and stringData is not)`
  return failed(NAME, `${name} is encoded with base64`, hint)
}

/** @type {Rule} */
function secret({ name, value, option }) {
  const found = entries(option, value)
    .map(secretIn)
    .find((each) => each !== undefined)
  if (!found) return undefined
  const what = found.isClientSecret ? 'a client secret' : 'a secret or a token'
  const hint = `set it to ${BELONGS[option]}. A verifier needs no secret; replace this one if others have seen it here`
  return failed(NAME, `${name} holds what looks like ${what} (${found.cut})`, hint)
}

/** @type {Rule} */
function reference({ name, value, option }) {
  // Also within a URI: api://${CLIENT_ID}.
  const found = entries(option, value)
    .flatMap((entry) => [referenceIn(entry), referenceIn(entry.replace(/^\w+:\/\//, ''))])
    .find((each) => each !== undefined)
  if (!found) return undefined
  const shown = found.name === undefined ? '' : `, ${found.name}`
  return failed(NAME, `${name} is a reference that was not replaced by its value${shown}`, found.advice)
}

/** @type {Rule} */
function quotes({ name, value, option }) {
  const quoted = /^["'`\u2018-\u201f\u00ab]|["'`\u2018-\u201f\u00bb]$/
  const plain = value.replace(/["'`\u2018-\u201f\u00ab\u00bb]/g, '')
  if (option === 'audience' && /^\s*\[.*\]\s*$/s.test(value)) {
    const hint = 'write its entries without brackets and quotes, separated by commas'
    return failed(NAME, `${name} is a JSON array`, whole(hint, option, plain.replace(/[[\]]/g, '').split(',')))
  }
  if (!entries(option, value).some((entry) => quoted.test(entry))) return undefined
  const where = option === 'audience' && value.includes(',') ? 'an entry' : 'its value'
  const hint = `${whole('remove them', option, entries(option, plain))} (\`docker --env-file\` keeps them, for example)`
  return failed(NAME, `${name} has quotes around ${where}`, hint)
}

/** @type {Rule} */
function whiteSpace({ name, value, option }) {
  const hidden = /\p{Cf}/u.exec(value)?.[0].codePointAt(0)
  if (hidden !== undefined) {
    const code = `U+${hidden.toString(16).toUpperCase().padStart(4, '0')}`
    const hint = whole('type the value, or copy it from here', option, entries(option, value.replace(/\p{Cf}/gu, '')))
    return failed(NAME, `${name} has an invisible character in it (${code})`, hint)
  }
  const dash = /[\u2010-\u2015\u2212]/.exec(value)?.[0]
  if (dash !== undefined) {
    const hint = whole('write hyphens', option, entries(option, value.replace(/[\u2010-\u2015\u2212]/g, '-')))
    return failed(NAME, `${name} has dashes in it in place of hyphens (U+${dash.charCodeAt(0).toString(16)})`, hint)
  }
  if (/\s#/.test(value)) {
    const hint = whole('remove it', option, entries(option, value.replace(/\s#.*$/s, '')))
    return failed(
      NAME,
      `${name} has a comment behind its value`,
      `${hint} (\`docker --env-file\` keeps comments, for example)`
    )
  }
  // White space around the entries of a list is removed.
  if (option === 'audience') return separators(name, value)
  if (value !== value.trim()) {
    const hint = `${whole('remove it', option, [value])} (a Windows CR line ending counts)`
    return failed(NAME, `${name} begins or ends with white space`, hint)
  }
  return /\s/.test(value) && !PLACEHOLDER.test(value)
    ? failed(NAME, `${name} has white space in it`, `set it to ${BELONGS[option]}`)
    : undefined
}

/**
 * @param {string} name
 * @param {string} value
 */
function separators(name, value) {
  const isSeparated = entries('audience', value).some((entry) => /[;|\s]/.test(entry) && !isPlaceholder(entry))
  if (!isSeparated) return undefined
  const hint = whole('write commas between its entries', 'audience', value.split(/[,;|\s]+/))
  return failed(NAME, `${name} has entries that are not separated by commas`, hint)
}

/** @type {Rule} */
function placeholder({ name, value, option }) {
  const isInBraces = /^\{.*\}$/.test(value) && GUID_IN.test(value)
  if (isInBraces || !entries(option, value).some(isPlaceholder)) return undefined
  return failed(NAME, `${name} is a placeholder`, `set it to ${BELONGS[option]}`)
}

/**
 * @param {string} entry
 */
function isPlaceholder(entry) {
  const id = entry.replace(/^api:\/\//i, '')
  // Ids of documentation: 11111111-1111-…, and Microsoft's aaaabbbb-0000-cccc-1111-dddd2222eeee.
  const isOfFours = isGuid(id) && /^(?:([\da-f])\1{3}){8}$/i.test(id.replaceAll('-', ''))
  return isOfFours || PLACEHOLDER.test(entry) || PLACEHOLDER.test(id)
}

module.exports = { examineValues }
