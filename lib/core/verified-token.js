'use strict'

/** Characters of tokens of which what was decoded is kept: a thousand of ordinary size. */
const KEPT_CHARACTERS = 1_500_000

/**
 * What was decoded of the tokens that the core remembers, by the numbers that it gave them: a caller sends its token with
 * each request, and its claims are decoded once. Bounded; what came first goes first. The tokens themselves are not kept.
 */
class DecodedTokens {
  #parts = new Map()
  #characters = 0

  /**
   * What was decoded of a token so far, for more to be added.
   *
   * @param {number | undefined} number the token's, if the core remembers it
   * @param {number} length of the token
   */
  of(number, length) {
    const known = this.#parts.get(number)
    if (known !== undefined) return known
    const parts = { length, header: undefined, claims: undefined, roles: undefined, scopes: undefined }
    if (number !== undefined) this.#keep(number, parts)
    return parts
  }

  #keep(number, parts) {
    this.#parts.set(number, parts)
    this.#characters += parts.length
    for (const [oldest, { length }] of this.#parts) {
      if (this.#characters <= KEPT_CHARACTERS) return
      this.#parts.delete(oldest)
      this.#characters -= length
    }
  }
}

/**
 * A token that was verified. Nothing is decoded until somebody reads it; what is decoded is kept and frozen, and
 * its objects have no prototype, so that a claim cannot pass for a method and a missing claim is `undefined`.
 */
class VerifiedToken {
  #token
  #decoded
  #number
  #respond
  #parts

  /**
   * @param {string} token one that the core accepted: its JSON is known to be sound
   * @param {DecodedTokens} decoded what was decoded of it, and of others
   * @param {number | undefined} number the token's, if the core remembers it
   * @param {Function} [respond] how the middleware answers that let it pass
   */
  constructor(token, decoded, number, respond) {
    this.#token = token
    this.#decoded = decoded
    this.#number = number
    this.#respond = respond
  }

  /** Whether a value is one of ours, and not something with our prototype. */
  static is(value) {
    return value !== null && typeof value === 'object' && #token in value
  }

  /** How the middleware answers that let this token pass; for the guards behind it. */
  static responder(verified) {
    return verified.#respond
  }

  get token() {
    return this.#token
  }

  get header() {
    const parts = this.#decodedParts()
    parts.header ??= decode(this.#token, 0)
    return parts.header
  }

  get claims() {
    const parts = this.#decodedParts()
    parts.claims ??= decode(this.#token, 1)
    return parts.claims
  }

  get tenantId() {
    return this.claims.tid
  }

  /** `appid` in v1 tokens, `azp` in v2 tokens; of a token of neither version, whichever is there. */
  get clientId() {
    const { ver, appid, azp } = this.claims
    let client = azp ?? appid
    if (ver === '1.0') client = appid
    if (ver === '2.0') client = azp
    return typeof client === 'string' ? client : undefined
  }

  get roles() {
    const parts = this.#decodedParts()
    parts.roles ??= Object.freeze(rolesIn(this.claims))
    return parts.roles
  }

  get scopes() {
    const parts = this.#decodedParts()
    parts.scopes ??= Object.freeze(scopesIn(this.claims))
    return parts.scopes
  }

  /** `idtyp` decides where the API asks for that optional claim; without it, an application is its own subject. */
  get isAppOnly() {
    const { idtyp, oid, sub, scp } = this.claims
    if (idtyp !== undefined) return idtyp === 'app'
    return oid !== undefined && oid === sub && scp === undefined
  }

  /** Groups that did not fit into the token are only pointed to. */
  get hasGroupsOverage() {
    const { hasgroups, _claim_names: names } = this.claims
    return hasgroups === true || hasgroups === 'true' || names?.groups !== undefined
  }

  hasRole(role) {
    return this.roles.includes(role)
  }

  hasScope(scope) {
    return this.scopes.includes(scope)
  }

  #decodedParts() {
    this.#parts ??= this.#decoded.of(this.#number, this.#token.length)
    return this.#parts
  }
}

function rolesIn({ roles }) {
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []
}

function scopesIn({ scp }) {
  return typeof scp === 'string' ? scp.split(' ').filter(Boolean) : []
}

function decode(token, segment) {
  return harden(JSON.parse(Buffer.from(token.split('.', 2)[segment], 'base64url').toString('utf8')))
}

/** Takes the prototypes off and freezes. The core has bounded the depth. */
function harden(value) {
  if (value === null || typeof value !== 'object') return value
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null)
  for (const member of Object.values(value)) harden(member)
  return Object.freeze(value)
}

module.exports = { DecodedTokens, VerifiedToken }
