'use strict'

const { inspect } = require('node:util')
const { ownOnly } = require('./own-only')

/** @import { Claims, JoseHeader, VerifiedToken as PublicVerifiedToken } from '../..' */

/** Characters of tokens whose decoded parts are kept: about a thousand tokens of ordinary size. */
const MAX_CHARACTERS = 1_500_000

/** Entra's facet of an agent identity, in `xms_act_fct` (Microsoft's "Token claims reference for agents"). */
const AGENT_IDENTITY_FACET = '11'

/** Proof that a constructor is called from this file. */
const INTERNAL = Symbol('internal')

/** Marks the instances of every copy of this package, so that a guard can name the cause when it meets another copy's. */
const ANY_COPY = Symbol.for('entra-jwt-verify.VerifiedToken')

/** What was decoded of a token so far. Its members are its own, so that nothing inherited can stand in for a claim. */
class Parts {
  /** @type {JoseHeader | undefined} */
  header
  /** @type {Claims | undefined} */
  claims
  /** @type {readonly string[] | undefined} */
  roles
  /** @type {readonly string[] | undefined} */
  scopes
  /** @type {Caller | undefined} */
  caller

  /** @param {number} length characters of the token */
  constructor(length) {
    this.length = length
  }
}

/**
 * The caller, as the core read it with the rules by which it verified the token.
 *
 * @typedef {import('../../native').NativeCaller} Caller
 */

/**
 * Decoded parts of the tokens in the core's cache, by their ids: a client sends the same token with each request, and
 * its claims are decoded once. Bounded; the oldest are removed first. The tokens themselves are not kept.
 */
class DecodedTokens {
  /** @type {Map<number, Parts>} */
  #parts = new Map()
  #characters = 0
  #readCaller

  /** @param {(token: string, authority: number) => Caller | null} readCaller */
  constructor(readCaller) {
    this.#readCaller = readCaller
  }

  /**
   * @param {string} token
   * @param {number} authority position of the authority that judged it
   * @returns {Caller}
   */
  callerOf(token, authority) {
    // Without a client the member is missing, and must not be inherited.
    return ownOnly(this.#readCaller(token, authority) ?? { scopes: '', isAppOnly: false })
  }

  /**
   * The cached decoded parts of a token.
   *
   * @param {number | undefined} number the token's, if the core has cached it
   * @param {number} length of the token
   * @returns {Parts}
   */
  of(number, length) {
    if (number === undefined) return new Parts(length)
    const known = this.#parts.get(number)
    if (known !== undefined) return known
    const parts = new Parts(length)
    this.#keep(number, parts)
    return parts
  }

  /**
   * @param {number} number
   * @param {Parts} parts
   */
  #keep(number, parts) {
    this.#parts.set(number, parts)
    this.#characters += parts.length
    for (const [oldest, { length }] of this.#parts) {
      if (this.#characters <= MAX_CHARACTERS) return
      this.#parts.delete(oldest)
      this.#characters -= length
    }
  }
}

/** @type {(value: unknown) => value is PublicVerifiedToken} */
let isVerifiedToken
/** @type {(auth: PublicVerifiedToken) => object} */
let verifierOf
/**
 * The position, in its verifier, of the authority that verified a token.
 *
 * @type {(auth: PublicVerifiedToken) => number}
 */
let authorityOf

/**
 * A verified token. It is the proof that a request may pass, so only the verifier can create one. Claims are decoded on
 * first access, kept and frozen. These objects inherit only `hasOwnProperty`, so that a claim cannot be mistaken for a
 * method, and a missing claim is `undefined`.
 */
class VerifiedToken {
  #token
  #verifier
  #decoded
  #number
  #authority
  /** @type {Parts | undefined} */
  #parts

  static {
    isVerifiedToken = /** @type {typeof isVerifiedToken} */ (
      (value) => value !== null && typeof value === 'object' && #token in value
    )
    verifierOf = (auth) => /** @type {VerifiedToken} */ (auth).#verifier
    authorityOf = (auth) => /** @type {VerifiedToken} */ (auth).#authority
  }

  /**
   * @param {symbol} proof
   * @param {string} token that the core accepted: its JSON is known to be sound
   * @param {object} verifier that accepted it
   * @param {DecodedTokens} decoded what was decoded of this verifier's tokens
   * @param {number | undefined} number the token's, if the core has cached it
   * @param {number} authority position of the authority that judged it
   */
  constructor(proof, token, verifier, decoded, number, authority) {
    if (proof !== INTERNAL) throw new TypeError('Illegal constructor: only a verifier makes a VerifiedToken')
    this.#token = token
    this.#verifier = verifier
    this.#decoded = decoded
    this.#number = number
    this.#authority = authority
  }

  get token() {
    return proven(this).#token
  }

  get header() {
    const parts = proven(this).#decodedParts()
    parts.header ??= /** @type {JoseHeader} */ (decode(this.#token, 0))
    return parts.header
  }

  get claims() {
    const parts = proven(this).#decodedParts()
    parts.claims ??= /** @type {Claims} */ (decode(this.#token, 1))
    return parts.claims
  }

  get tenantId() {
    const { tid } = this.claims
    // Claims of issuers other than Entra can have any type.
    return typeof tid === 'string' ? tid : undefined
  }

  get clientId() {
    return proven(this).#caller().clientId
  }

  get roles() {
    const parts = proven(this).#decodedParts()
    parts.roles ??= Object.freeze(rolesIn(this.claims))
    return parts.roles
  }

  get scopes() {
    const parts = proven(this).#decodedParts()
    parts.scopes ??= Object.freeze(this.#caller().scopes.split(' ').filter(Boolean))
    return parts.scopes
  }

  get expiresAt() {
    return this.claims.exp
  }

  get isAppOnly() {
    return proven(this).#caller().isAppOnly
  }

  get isAgent() {
    const { xms_act_fct: facets } = this.claims
    return typeof facets === 'string' && facets.split(' ').includes(AGENT_IDENTITY_FACET)
  }

  /** Groups that do not fit into the token are only pointed to. */
  get hasGroupsOverage() {
    const { hasgroups, _claim_names: names } = this.claims
    const hasNames = names !== null && typeof names === 'object' && Object.hasOwn(names, 'groups')
    return hasgroups === true || hasgroups === 'true' || hasNames
  }

  /** @param {string} role */
  hasRole(role) {
    return proven(this).roles.includes(role)
  }

  /** @param {string} scope */
  hasScope(scope) {
    return proven(this).scopes.includes(scope)
  }

  /** Who calls and with which permissions: for logs and answers, without the token. */
  toJSON() {
    const { tenantId, clientId, roles, scopes, expiresAt } = proven(this)
    return { tenantId, clientId, roles, scopes, expiresAt }
  }

  /**
   * @param {number} _depth
   * @param {import('node:util').InspectOptions} options
   */
  [inspect.custom](_depth, options) {
    return isVerifiedToken(this) ? `VerifiedToken ${inspect(this.toJSON(), options)}` : 'VerifiedToken {}'
  }

  get [ANY_COPY]() {
    return true
  }

  #caller() {
    const parts = this.#decodedParts()
    parts.caller ??= this.#decoded.callerOf(this.#token, this.#authority)
    return parts.caller
  }

  #decodedParts() {
    this.#parts ??= this.#decoded.of(this.#number, this.#token.length)
    return this.#parts
  }
}

/**
 * Checks that the receiver of a getter or method is a verified token. It is not for a proxy, a copy, or a detached
 * method.
 *
 * @param {unknown} value
 * @returns {VerifiedToken}
 */
function proven(value) {
  if (isVerifiedToken(value)) return /** @type {VerifiedToken} */ (value)
  throw new TypeError(
    'expected a VerifiedToken as `this`: call methods as req.auth.hasRole(role); a proxy or a copy of a token is not one'
  )
}

/**
 * @param {string} token
 * @param {object} verifier
 * @param {DecodedTokens} decoded
 * @param {number | undefined} number
 * @param {number} authority
 * @param {typeof VerifiedToken} TokenClass that, or a class with more to read
 * @returns {PublicVerifiedToken}
 */
function verifiedToken(token, verifier, decoded, number, authority, TokenClass) {
  return new TokenClass(INTERNAL, token, verifier, decoded, number, authority)
}

/**
 * Whether a value is a verified token of another copy of this package, which guards of this one do not trust.
 *
 * @param {unknown} value
 */
function isOfAnotherCopy(value) {
  if (value === null || typeof value !== 'object' || !(ANY_COPY in value)) return false
  return !Object.prototype.isPrototypeOf.call(VerifiedToken.prototype, value)
}

/**
 * As in the core for `requiredRoles`: a list with an element that is not a string is not a list of roles.
 *
 * @param {Claims} claims
 */
function rolesIn({ roles }) {
  return Array.isArray(roles) && roles.every((role) => typeof role === 'string') ? [...roles] : []
}

/**
 * @param {string} token
 * @param {0 | 1} segment
 */
function decode(token, segment) {
  const [header, payload] = token.split('.', 2)
  const text = /** @type {string} */ (segment === 0 ? header : payload)
  return harden(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
}

/** What objects in claims inherit: programs call it to ask for a claim, Microsoft's samples among them. */
const INHERITED = Object.freeze(
  Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty, enumerable: false } })
)

/**
 * Removes prototypes and freezes. The core has limited the depth.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function harden(value) {
  if (value === null || typeof value !== 'object') return value
  if (!Array.isArray(value)) Object.setPrototypeOf(value, INHERITED)
  for (const member of Object.values(value)) harden(member)
  return Object.freeze(value)
}

module.exports = {
  DecodedTokens,
  VerifiedToken,
  authorityOf,
  isOfAnotherCopy,
  isVerifiedToken,
  verifiedToken,
  verifierOf
}
