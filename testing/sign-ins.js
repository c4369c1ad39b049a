'use strict'

const { randomBytes, randomInt } = require('node:crypto')
const { optionError } = require('./errors')

/**
 * @typedef {import('./index').TestUser} TestUser
 * @typedef {import('./scopes').Target} Target
 * @typedef {import('./claims').RequestedClaims} RequestedClaims
 */

/**
 * What a user let a client have.
 *
 * @typedef {object} SignIn
 * @property {string} clientId
 * @property {string} tenantId
 * @property {TestUser} user
 * @property {Target} target
 * @property {RequestedClaims} claims
 */

/**
 * Waits for the request that brings its code back. `challenge` is the PKCE challenge; `redirectUri` as it was asked for.
 *
 * @typedef {SignIn & {
 *   redirectUri: string,
 *   nonce: string | undefined,
 *   challenge: { method: string, value: string } | undefined,
 *   until: number,
 *   isRedeemed: boolean
 * }} Authorization
 */

/**
 * A device that waits for its user.
 *
 * @typedef {Omit<SignIn, 'user'> & { userCode: string, until: number, state: 'pending' | TestUser | 'declined' | 'redeemed' }} Device
 */

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Milliseconds, as at Entra. */
const LIFETIMES = { authorizationCode: 10 * MINUTE, deviceCode: 15 * MINUTE, refreshToken: 90 * DAY }

/** Of each kind; the oldest go first. */
const MAX_KEPT = 10_000

/** Letters that are not taken for one another. */
const USER_CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'

/** What users have let clients have: authorization codes, device codes and refresh tokens. */
class SignIns {
  /** @type {Map<string, Authorization>} */
  #codes = new Map()
  /** @type {Map<string, Device>} */
  #devices = new Map()
  /** @type {Map<string, { signIn: SignIn, until: number, session: number }>} */
  #refreshTokens = new Map()
  #session = 0

  /**
   * @param {Omit<Authorization, 'until' | 'isRedeemed'>} authorization
   * @returns {string} the code
   */
  authorize(authorization) {
    const until = Date.now() + LIFETIMES.authorizationCode
    return keep(this.#codes, `1.${opaque(60)}`, { ...authorization, until, isRedeemed: false })
  }

  /** @param {string} code */
  authorization(code) {
    return this.#codes.get(code)
  }

  /**
   * @param {Omit<Device, 'userCode' | 'until' | 'state'>} request
   */
  addDevice(request) {
    const userCode = Array.from({ length: 9 }, () => USER_CODE_LETTERS[randomInt(USER_CODE_LETTERS.length)]).join('')
    const until = Date.now() + LIFETIMES.deviceCode
    const deviceCode = keep(this.#devices, opaque(90), { ...request, userCode, until, state: 'pending' })
    return { userCode, deviceCode, expiresIn: LIFETIMES.deviceCode / 1000 }
  }

  /** @param {string} deviceCode */
  device(deviceCode) {
    return this.#devices.get(deviceCode)
  }

  /**
   * A user decides about a device: the one with this code, or the newest that waits.
   *
   * @param {string | undefined} userCode
   * @param {TestUser | 'declined'} decision
   */
  decide(userCode, decision) {
    const waiting = [...this.#devices.values()].filter(({ state, until }) => state === 'pending' && until > Date.now())
    const wanted = userCode?.trim().toUpperCase()
    const device = wanted === undefined ? waiting.at(-1) : waiting.find((other) => other.userCode === wanted)
    if (device === undefined) throw optionError('no device waits for a user with this code')
    device.state = decision
  }

  /**
   * @param {SignIn} signIn
   * @returns {string} the token
   */
  issueRefreshToken({ clientId, tenantId, user, target, claims }) {
    const until = Date.now() + LIFETIMES.refreshToken
    const signIn = { clientId, tenantId, user, target, claims }
    return keep(this.#refreshTokens, `1.${opaque(200)}`, { signIn, until, session: this.#session })
  }

  /**
   * @param {string} token
   * @returns {{ signIn: SignIn, isRevoked: boolean, isExpired: boolean } | undefined}
   */
  refreshToken(token) {
    const known = this.#refreshTokens.get(token)
    if (known === undefined) return undefined
    const { signIn, until, session } = known
    return { signIn, isRevoked: session !== this.#session, isExpired: until <= Date.now() }
  }

  /** Revokes every refresh token, as an administrator does with "Revoke sessions". */
  revoke() {
    this.#session++
  }
}

/**
 * @template T
 * @param {Map<string, T>} map
 * @param {string} key
 * @param {T} value
 */
function keep(map, key, value) {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break
    map.delete(oldest)
  }
  return key
}

/** @param {number} bytes */
function opaque(bytes) {
  return randomBytes(bytes).toString('base64url')
}

module.exports = { SignIns }
