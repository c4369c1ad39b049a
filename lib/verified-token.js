'use strict'

/**
 * A token that was verified. Nothing is decoded until somebody reads it; what is decoded is kept and frozen, and
 * its objects have no prototype, so that a claim cannot pass for a method and a missing claim is `undefined`.
 */
class VerifiedToken {
  #token
  #respond
  #header
  #claims

  /**
   * @param {string} token one that the core accepted: its JSON is known to be sound
   * @param {Function} [respond] how the middleware answers that let it pass
   */
  constructor(token, respond) {
    this.#token = token
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
    this.#header ??= decode(this.#token, 0)
    return this.#header
  }

  get claims() {
    this.#claims ??= decode(this.#token, 1)
    return this.#claims
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
    const { roles } = this.claims
    return Array.isArray(roles) ? Object.freeze(roles.filter((role) => typeof role === 'string')) : NONE
  }

  get scopes() {
    const { scp } = this.claims
    return typeof scp === 'string' && scp !== '' ? Object.freeze(scp.split(' ').filter(Boolean)) : NONE
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
}

const NONE = Object.freeze([])

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

module.exports = { VerifiedToken }
