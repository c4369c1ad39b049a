'use strict'

const { decoded, isHeader, signatureLengths } = require('./jwt')

/** @import { Finding } from '../../..' */

/** Characters at which columns and fields end, and those at which the line of a terminal ends. */
const FIELD_LIMITS = [255, 256, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 4000, 8000, 8191, 8192]
const TERMINAL_LIMITS = [4095, 4096]

/**
 * A token of which something is missing or changed, so that it cannot be read or verified.
 *
 * @param {string} text without white space around it
 * @returns {Finding | undefined}
 */
function brokenToken(text) {
  if (isShortened(text)) return cut(text, 'something stands in place of a part of it')
  if (!/^[\w.+/=-]+$/.test(text)) return undefined
  const segments = text.split('.')
  const header = decoded(segments[0])
  if (isHeader(header)) return segments.length > 3 ? undefined : withoutEnd(text, segments, header)
  return otherCase(text) ?? withoutBeginning(text, segments) ?? withinHeader(text)
}

/**
 * A token that a log or a page has shortened: `eyJ0…`, `eyJ0...`, `eyJ0[truncated]`.
 *
 * @param {string} text
 */
function isShortened(text) {
  return /^eyJ[\w.-]*(?:\.{2,}|…|[[<(](?:\.\.\.|…|trunc|snip|cut|redact))/i.test(text)
}

/**
 * @param {string} text
 * @param {string[]} segments
 * @param {Record<string, unknown> | undefined} header
 */
function withoutEnd(text, [, claims, signature], header = {}) {
  if (claims === undefined) return cut(text, 'only the header is there')
  const isWhole = decoded(claims) !== undefined
  if (signature === undefined) return cut(text, isWhole ? 'the signature is missing' : 'it ends within the claims')
  const [shortest = 0] = signatureLengths(header)
  // One without any signature may be one that was never signed, which the core says.
  if (!isWhole || signature === '' || signature.length >= shortest) return undefined
  return cut(text, `at least ${shortest - signature.length} characters of the signature are missing`)
}

/**
 * @param {string} text
 * @param {string[]} segments
 */
function withoutBeginning(text, [first = '', second, third]) {
  const isGone =
    isClaims(decoded(first)) || (third !== undefined && !first.startsWith('eyJ') && isClaims(decoded(second)))
  return isGone ? cut(text, 'the beginning is missing') : undefined
}

/** @param {string} text */
function withinHeader(text) {
  const start = /^eyJ[\w-]{12,}$/.test(text) ? Buffer.from(text, 'base64url').toString() : ''
  return /^\{"(?:typ|alg|kid|x5t|nonce|enc|cty)"/.test(start) ? cut(text, 'it ends within the header') : undefined
}

/**
 * A text that begins and is divided as tokens are, with all its letters in one case.
 *
 * @param {string} text
 * @returns {Finding | undefined}
 */
function otherCase(text) {
  if (!/^eyj[\w-]{16,}\.[\w-]{16,}\.[\w-]*$/i.test(text)) return undefined
  const to = { [text.toLowerCase()]: 'lower', [text.toUpperCase()]: 'upper' }[text]
  if (to === undefined) return undefined
  return {
    name: 'changed-token',
    checks: ['form', 'header'],
    message: `a token whose letters were all changed to ${to} case, which cannot be undone`,
    hint: 'look for what changes it on the way: a gateway, a database, a function such as toLowerCase around the header'
  }
}

/** @param {Record<string, unknown> | undefined} object */
function isClaims(object) {
  return object !== undefined && 'iss' in object && ('aud' in object || 'exp' in object)
}

/**
 * @param {string} text
 * @param {string} what
 * @returns {Finding}
 */
function cut(text, what) {
  return {
    name: 'cut-off-token',
    checks: ['form', 'signature'],
    message: `a token that is cut off: ${what}${limit(text.length)}`,
    hint: 'copy the whole token again, through a pipe or a file rather than from a terminal or a log; if it was stored, store \
it where longer texts fit'
  }
}

/** @param {number} length */
function limit(length) {
  if (TERMINAL_LIMITS.includes(length)) return `; it has ${length} characters, as many as the line of a terminal takes`
  return FIELD_LIMITS.includes(length) ? `; it has exactly ${length} characters, the limit of many fields` : ''
}

module.exports = { brokenToken, isShortened }
