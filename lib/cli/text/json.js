'use strict'

const { tokensIn } = require('./jwt')
const { oauthError } = require('./oauth-error')
const { principalFinding } = require('../../core/text/principal')
const { credentialNamed } = require('../../core/text/sealed')

/** @import { Finding } from '../../..' */
/** @import { Layer } from './layers' */

/** Members that hold what was meant, the best first, and what the member is called. */
const MEMBERS = [
  'access_token',
  'accessToken',
  'AccessToken',
  'bearerToken',
  'authenticationToken',
  'token',
  'jwt',
  'id_token',
  'idToken',
  'rawIdToken',
  'secret',
  'refresh_token',
  'refreshToken',
  'SAMLResponse'
]

/** Values that are looked at in search of a token: a HAR file has some ten thousand. */
const MAX_VALUES = 100_000

/**
 * What was meant in JSON.
 *
 * @param {unknown} value
 * @returns {Layer | undefined}
 */
function inJson(value) {
  if (value === null || typeof value !== 'object') return undefined
  const object = /** @type {Record<string, unknown>} */ (value)
  const failed = errorIn(object)
  if (failed) return { finding: failed }
  const header = headerIn(value)
  if (header !== undefined) return { text: header, taken: `the Authorization header in ${kindOf(object)}` }
  const member = memberIn(value)
  const credential = member && credentialNamed(member.name)
  if (credential) return { finding: credential }
  if (member) return { text: member.text, taken: `${member.name} in ${kindOf(object)}` }
  return { finding: principalFinding(object) ?? decodedToken(object) ?? document(object) ?? withoutToken() }
}

/** @param {Record<string, unknown>} object */
function errorIn(object) {
  const inner = object.error
  const finding = oauthError(object)
  if (finding) return finding
  // RFC 6750, section 3.1: what an API answers.
  if (inner === 'invalid_token' || inner === 'insufficient_scope') return apiError()
  if (inner === null || typeof inner !== 'object') return undefined
  return oauthError(/** @type {Record<string, unknown>} */ (inner)) ?? apiError()
}

/** @returns {Finding} */
function apiError() {
  return {
    name: 'api-error',
    checks: ['form'],
    message: 'an error of an API, not a token',
    hint: 'pass the token that was sent to that API, not its answer'
  }
}

/**
 * The value of an `Authorization` header: of a HAR file, a request of curl or fetch as JSON, an event of AWS Lambda, a collection of
 * Postman. Of several, the first with a token in it.
 *
 * @param {unknown} root
 */
function headerIn(root) {
  /** @type {string | undefined} */
  let first
  for (const [name, value, object] of members(root)) {
    if (typeof value !== 'string') continue
    const isNamed = /^(?:name|key)$/i.test(name) && /^authorization$/i.test(value) && typeof object.value === 'string'
    const isHeader = /^(?:proxy-)?authorization$/i.test(name)
    if (!isHeader && !isNamed) continue
    const header = isHeader ? value : String(object.value)
    if (tokensIn(header).length > 0) return header
    first ??= header
  }
  return first
}

/** @param {unknown} root */
function memberIn(root) {
  /** @type {{ name: string, text: string } | undefined} */
  let best
  for (const [name, value] of members(root)) {
    if (typeof value !== 'string' || !MEMBERS.includes(name)) continue
    // Of MSAL's cache; elsewhere it is what its name says.
    if (name === 'secret' && tokensIn(value).length === 0) continue
    if (best === undefined || MEMBERS.indexOf(name) < MEMBERS.indexOf(best.name)) best = { name, text: value }
  }
  return best
}

/**
 * All members of all objects in a value, the outer ones first.
 *
 * @param {unknown} root
 * @returns {Generator<[name: string, value: unknown, object: Record<string, unknown>]>}
 */
function* members(root) {
  const queue = [root]
  for (let at = 0; at < queue.length && queue.length < MAX_VALUES; at++) {
    const value = queue[at]
    if (value === null || typeof value !== 'object') continue
    const object = /** @type {Record<string, unknown>} */ (value)
    for (const [name, member] of Object.entries(object)) {
      if (!Array.isArray(value)) yield [name, member, object]
      if (member !== null && typeof member === 'object') queue.push(member)
    }
  }
}

/** @param {Record<string, unknown>} object */
function kindOf(object) {
  if (object.log !== null && typeof object.log === 'object' && 'entries' in object.log) return 'a HAR file'
  if ('expiresOn' in object && 'accessToken' in object) return 'the output of az account get-access-token'
  if ('token_type' in object || 'expires_in' in object) return "the token endpoint's answer"
  return 'JSON'
}

/**
 * A token that was decoded already.
 *
 * @param {Record<string, unknown>} object
 * @returns {Finding | undefined}
 */
function decodedToken(object) {
  const isHeader = 'alg' in object && ('typ' in object || 'kid' in object) && !('kty' in object)
  const isClaims = 'iss' in object && ('aud' in object || 'exp' in object)
  if (!isHeader && !isClaims) return undefined
  return {
    name: 'decoded-token',
    checks: ['form'],
    message: `the ${isHeader ? 'header' : 'claims'} of a token, decoded: without the signature nothing can be verified`,
    hint: 'pass the token itself, as it was sent: three parts with dots between them that begin with eyJ'
  }
}

/**
 * @param {Record<string, unknown>} object
 * @returns {Finding | undefined}
 */
function document(object) {
  const kind = [
    { what: 'a set of signing keys (JWKS)', is: Array.isArray(object.keys) },
    { what: 'a signing key (JWK)', is: 'kty' in object },
    { what: 'the metadata of an authority (openid-configuration)', is: 'issuer' in object && 'jwks_uri' in object },
    {
      what: 'the start of a device code sign-in, before the user has entered the code',
      is: 'device_code' in object && 'user_code' in object
    },
    {
      what: 'a token in the JSON form of JWS, which Entra does not make',
      is: 'payload' in object && 'signatures' in object
    }
  ].find(({ is }) => is)
  return kind && noToken(kind.what)
}

function withoutToken() {
  return noToken('JSON without a token in it')
}

/**
 * @param {string} what
 * @returns {Finding}
 */
function noToken(what) {
  return {
    name: 'no-token',
    checks: ['form'],
    message: `no token: ${what}`,
    hint: 'pass the access_token that the token endpoint returned'
  }
}

module.exports = { inJson, noToken }
