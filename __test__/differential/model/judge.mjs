// All rules about a token, from ARCHITECTURE.md ("What is verified"), the RFCs and Microsoft's documentation; written without
// the Rust source, and in another way: it collects every rule that a token breaks, not only the first.
import { order } from '../rules.mjs'
import { fits, isSignedBy } from '../signers.mjs'
import { acceptsAudience } from './audience.mjs'
import { decode } from './base64url.mjs'
import { callerOf, checkCaller } from './callers.mjs'
import { acceptsIssuer, checkEntra, checkForeign, namesTenant } from './issuers.mjs'
import { readObject } from './json.mjs'
import { checkTypes, isText } from './types.mjs'

/** RFC 7515, 4.1.9; RFC 9068, 2.1; RFC 8725, 3.11: media types compare without case, `application/` may be left out. */
const TYPES = ['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']

const EMPTY = { header: undefined, payload: undefined, key: undefined }

/**
 * @typedef {object} Judgement
 * @property {string[]} broken ids of the rules that the token breaks, in the order in which they are asked; none: it is valid
 * @property {Map<string, any> | undefined} header as far as it can be read
 * @property {Map<string, any> | undefined} payload as far as it can be read
 * @property {Record<string, any> | undefined} key
 * @property {ReturnType<typeof callerOf> | undefined} caller of a valid token
 */

/**
 * By several authorities (docs/authorities.md): the one whose issuer the token names judges it, whole and alone; a token that names
 * none of theirs is rejected before anything else is looked at.
 *
 * @param {string} token
 * @param {import('./policy.mjs').ModelPolicy[]} policies
 * @param {number} now seconds
 * @returns {Judgement & { policy: import('./policy.mjs').ModelPolicy }}
 */
export function judgeByOneOf(token, policies, now) {
  const [first] = policies
  if (policies.length > 1 && formProblem(token, first) === undefined) {
    const unverified = new Set()
    const payload = readSegment('payload', token.split('.')[1], unverified)
    // What cannot be read names nothing.
    if (unverified.size > 0) return { ...EMPTY, broken: [...unverified], caller: undefined, policy: first }
    const named = policies.find((policy) => acceptsIssuer(payload, policy))
    if (named === undefined) {
      return { ...EMPTY, payload, broken: [problemOfNone(payload, policies)], caller: undefined, policy: first }
    }
    return { ...judge(token, named, now), policy: named }
  }
  return { ...judge(token, first, now), policy: first }
}

/**
 * @param {string} token
 * @param {import('./policy.mjs').ModelPolicy} policy
 * @param {number} now seconds
 * @returns {Judgement}
 */
export function judge(token, policy, now) {
  const form = formProblem(token, policy)
  if (form !== undefined) return { ...EMPTY, broken: [form], caller: undefined }

  const broken = new Set()
  const [headerText, payloadText, signatureText] = token.split('.')
  const header = readSegment('header', headerText, broken)
  const payload = readSegment('payload', payloadText, broken)
  const signature = readBytes('signature', signatureText, broken)
  const key = header && checkHeader(header, policy, broken)
  if (key && !isSignedBy(key, header.get('alg'), `${headerText}.${payloadText}`, signature)) broken.add('signature')
  if (payload) checkClaims(payload, key, policy, now, broken)

  const sorted = [...broken].sort((one, other) => order(one) - order(other))
  const caller = sorted.length === 0 && payload ? callerOf(payload, policy) : undefined
  return { broken: sorted, header, payload, key, caller }
}

/** Why no authority is the token's: `iss` is no text, it names another tenant of a cloud, or something else. */
function problemOfNone(payload, policies) {
  if (payload.has('iss') && !isText(payload.get('iss'))) return 'registered-types'
  return policies.some((policy) => namesTenant(payload, policy)) ? 'tenant-not-allowed' : 'authority'
}

function formProblem(token, { maxTokenLength }) {
  if (token === '') return 'empty'
  if (Buffer.byteLength(token) > maxTokenLength) return 'length'
  for (const character of token) if (character > '\x7f') return 'ascii'
  const segments = token.split('.')
  // RFC 7515, 3.1; an Unsecured JWT (RFC 7519, 6) has no signature, and is never accepted.
  return segments.length === 3 && segments.every((segment) => segment !== '') ? undefined : 'segments'
}

function readBytes(segment, text, broken) {
  const { bytes, problem } = decode(text)
  if (problem) broken.add(`${segment}-${problem}`)
  return bytes
}

function readSegment(segment, text, broken) {
  const { value, problems } = readObject(readBytes(segment, text, broken))
  for (const problem of problems) broken.add(`${segment}-${problem}`)
  return value
}

/** The key that the header names, if there is one and it may be used. */
function checkHeader(header, policy, broken) {
  if (header.has('crit')) broken.add('crit')
  if (header.has('b64')) broken.add('b64')
  if (header.has('enc') || header.has('zip')) broken.add('encryption')
  const alg = header.get('alg')
  if (!policy.algorithms.includes(alg)) broken.add('algorithm')
  const typ = header.get('typ')
  if (header.has('typ') && !(isText(typ) && TYPES.includes(asciiLowerCase(typ)))) broken.add('type')
  if (policy.isEntra && header.has('nonce')) broken.add('nonce')

  const name = ['kid', 'x5t'].find((member) => header.has(member))
  const candidates = policy.jwks.keys.filter((jwk) => mayVerify(jwk))
  if (name === undefined) return keyWithoutName(candidates, alg, policy, broken)
  if (!isText(header.get(name))) return refuse(broken, 'key-reference')
  const named = candidates.filter((jwk) => nameOf(jwk, name) === header.get(name))
  if (named.length === 0) return refuse(broken, 'key-unknown')
  const key = named.find((jwk) => fits(jwk, alg) && (jwk.alg === undefined || jwk.alg === alg))
  if (key === undefined) return refuse(broken, 'key-unfit')
  const cloud = key.cloud_instance_name
  if (policy.isEntra && policy.cloud && cloud !== undefined && cloud !== policy.cloud) broken.add('key-cloud')
  return key
}

/** RFC 7517, 4.2 and 4.3. */
function mayVerify({ use = 'sig', key_ops: operations = ['verify'] }) {
  return use === 'sig' && operations.includes('verify')
}

/** Entra's keys have the thumbprint as `kid` too; where `x5t` is left out, `kid` is it. */
function nameOf(jwk, member) {
  return member === 'kid' ? jwk.kid : (jwk.x5t ?? jwk.kid)
}

/** docs/b2c-and-external-id.md: under a foreign issuer the one key that fits, if there is exactly one. */
function keyWithoutName(candidates, alg, { isEntra }, broken) {
  const fitting = candidates.filter((jwk) => fits(jwk, alg) && (jwk.alg === undefined || jwk.alg === alg))
  if (isEntra || fitting.length !== 1) return refuse(broken, 'key-not-named')
  return fitting[0]
}

function refuse(broken, rule) {
  broken.add(rule)
  return undefined
}

function checkClaims(payload, key, policy, now, broken) {
  checkTypes(payload, policy, broken)
  const tolerance = policy.clockTolerance
  const exp = payload.get('exp')
  // RFC 7519, 4.1.4: "on or after which the JWT MUST NOT be accepted"; 4.1.5: "before which".
  if (exp === undefined) broken.add('exp-missing')
  else if (typeof exp === 'number' && now >= exp + tolerance) broken.add('expired')
  const nbf = payload.get('nbf')
  if (typeof nbf === 'number' && now + tolerance < nbf) broken.add('not-active')

  if (policy.isEntra) checkEntra(payload, key, policy, broken)
  else checkForeign(payload, key, policy, broken)
  if (payload.has('cnf') && policy.boundTokens !== 'ignore') broken.add('bound')
  if (!acceptsAudience(payload, policy)) broken.add('audience')
  checkCaller(payload, policy, broken)
}

/** Of ASCII alone: U+212A is no `k`. */
export function asciiLowerCase(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
