'use strict'

/** @typedef {import('./index').TestAuthorityError} Public */

/**
 * Errors that the test authority throws. The errors in its responses are Entra's, see entra-errors.js.
 *
 * @implements {Public}
 */
class TestAuthorityError extends Error {
  /** @type {'TestAuthorityError'} */
  name = 'TestAuthorityError'

  /**
   * @param {import('./index').TestAuthorityError['code']} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.code = code
  }
}

/**
 * An invalid argument of the test.
 *
 * @param {string} message
 */
function optionError(message) {
  return new TestAuthorityError('ERR_TESTING_OPTION', message)
}

/**
 * With an ignored misspelt option, a test would prove nothing.
 *
 * @param {unknown} given
 * @param {string[]} known
 * @param {string} where the function that they were given to
 */
function refuseUnknownOptions(given, known, where) {
  assertOptions(where, given)
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw optionError(`${where}: unknown option '${name}'; ${meant(name, known)} (docs/testing.md)`)
    }
  }
}

/** Claims that have no option, because their value is that of the claim. */
const CLAIMS = [
  ...['acrs', 'appid', 'azp', 'cnf', 'email', 'exp', 'groups', 'hasgroups', 'iat', 'idtyp', 'iss', 'nbf', 'oid'],
  ...['preferred_username', 'sub', 'upn', 'ver', 'wids', 'xms_cc']
]

/** @type {Record<string, string>} Claims by the option that sets them. */
const OPTION_OF_CLAIM = { aud: 'audience', scp: 'scopes', tid: 'tenantId' }

/**
 * @param {string} name
 * @param {string[]} known
 */
function meant(name, known) {
  if (name === 'user' && known.includes('delegated')) {
    return 'the user is set once, with startTestAuthority({ user: … }); for single claims, write claims: { … }'
  }
  if (known.includes('claims') && CLAIMS.includes(name)) return `it is a claim: write claims: { ${name}: … }`
  const ofClaim = Object.hasOwn(OPTION_OF_CLAIM, name) ? OPTION_OF_CLAIM[name] : undefined
  // Loaded for an error only.
  const near = known.find((each) => each === ofClaim) ?? require('../lib/spelling').nearest(name, known)
  return near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`
}

/**
 * @param {string} where the option
 * @param {unknown} given
 * @param {string} [expected]
 */
function assertText(where, given, expected = 'a non-empty string') {
  if (typeof given !== 'string' || given === '')
    throw optionError(`${where}: expected ${expected}, got ${shown(given)}`)
}

/**
 * @param {string} where the option
 * @param {unknown} given
 */
function assertBoolean(where, given) {
  if (typeof given !== 'boolean') throw optionError(`${where}: expected true or false, got ${shown(given)}`)
}

/**
 * A number or a text itself, of anything else its kind.
 *
 * @param {unknown} given
 */
function shown(given) {
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : kindOf(given)
}

/**
 * A promise or a map has no options of its own, so that the defaults would apply.
 *
 * @param {string} where the function or option
 * @param {unknown} given
 * @returns {asserts given is object}
 */
function assertOptions(where, given) {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  if (!isObject) throw optionError(`${where}: expected an object, got ${kindOf(given)}`)
  const tag = Object.prototype.toString.call(given)
  if (tag !== '[object Object]') throw optionError(`${where}: expected a plain object, got a ${tag.slice(8, -1)}`)
}

/** @param {unknown} value */
function kindOf(value) {
  if (typeof value === 'string') return `'${value}'`
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/**
 * The `code` of a thrown value.
 *
 * @param {unknown} error
 */
function codeOf(error) {
  return error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
}

module.exports = {
  TestAuthorityError,
  assertBoolean,
  assertText,
  codeOf,
  kindOf,
  optionError,
  refuseUnknownOptions,
  shown
}
