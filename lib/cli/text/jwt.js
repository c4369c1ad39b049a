'use strict'

/** What is in a segment of a token; also of one that was encoded with plain base64, which the core then rejects. */
const SEGMENT = /^[\w+/-]*={0,2}$/

/** A token somewhere in a text: a header in base64url begins with `eyJ`, which is `{"`. */
const EMBEDDED = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*(?:\.[\w-]+\.[\w-]+)?/g

/**
 * Characters of a signature in base64url, by the algorithm: what a key of a usual size makes.
 *
 * @type {Record<string, number[]>}
 */
const SIGNATURES = {
  RS: [342, 512, 683],
  PS: [342, 512, 683],
  ES256: [86],
  ES384: [128],
  ES512: [176],
  HS256: [43],
  HS384: [64],
  HS512: [86]
}

/**
 * A segment as the JSON object that it encodes.
 *
 * @param {string | undefined} segment
 * @returns {Record<string, unknown> | undefined}
 */
function decoded(segment) {
  if (!segment || !SEGMENT.test(segment)) return undefined
  return jsonObject(Buffer.from(segment, 'base64url').toString())
}

/**
 * @param {string} text
 * @returns {Record<string, unknown> | undefined}
 */
function jsonObject(text) {
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether a text has the form of a token, signed (three segments) or encrypted (five): what the core is asked about.
 *
 * @param {string} text
 */
function isToken(text) {
  const segments = text.split('.')
  if (segments.length !== 3 && segments.length !== 5) return false
  return segments.every((segment) => SEGMENT.test(segment)) && isHeader(decoded(segments[0]))
}

/** @param {Record<string, unknown> | undefined} object */
function isHeader(object) {
  return object !== undefined && ('alg' in object || 'typ' in object || 'kid' in object)
}

/**
 * The tokens in a text, each once.
 *
 * @param {string} text
 */
function tokensIn(text) {
  return [...new Set(text.match(EMBEDDED))].filter(isToken)
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
 * How long the signature of a token has to be; none where its algorithm is not known.
 *
 * @param {Record<string, unknown>} header
 */
function signatureLengths({ alg }) {
  const name = typeof alg === 'string' ? alg : ''
  const kind = /^[RP]S(?:256|384|512)$/.test(name) ? name.slice(0, 2) : name
  return Object.hasOwn(SIGNATURES, kind) ? (SIGNATURES[kind] ?? []) : []
}

module.exports = { decoded, isHeader, isShortened, isToken, jsonObject, signatureLengths, tokensIn }
