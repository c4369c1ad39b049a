'use strict'

const { publishVerdict } = require('../core/diagnostics')
const { authError, internalError, isAuthError, kindOf } = require('../core/errors')
const { configure } = require('../core/options')
const {
  INTERNAL,
  TokenVerifier,
  check,
  compileCore,
  isHeader,
  isMtls,
  isPending,
  tokenOrThrow
} = require('../core/verifier')
const { authorizationOf, bearerToken, missingTokenError } = require('./authorization')
const { settingsOf } = require('./settings')

/** @import { AuthError, Options } from '../..' */
/** @import { Configuration } from '../core/options' */
/** @import { Settings } from './settings' */

/** @typedef {Verifier} RequestVerifier for files that have a value of the name of the class */

// Loaded only for tokens that are bound to certificates, and not at a request: the process may have no file descriptor left.
const clientCertificate = () => require('./client-certificate')

/** The exported class, created by `createVerifier`: verifies tokens, and the tokens of requests. */
class Verifier extends TokenVerifier {
  #settings

  /**
   * @param {symbol} proof
   * @param {import('../../native').NativeVerifier} core
   * @param {Configuration} configuration
   * @param {Settings} settings
   * @param {typeof import('../core/verified-token').VerifiedToken} [TokenClass]
   */
  constructor(proof, core, configuration, settings, TokenClass) {
    super(proof, core, configuration, TokenClass)
    this.#settings = settings
    if (isMtls(this)) clientCertificate()
  }

  /**
   * Verifies the token of anything that has headers.
   *
   * @param {unknown} request
   */
  async authenticate(request) {
    const { getToken } = this.#settings
    const token = getToken === undefined ? headerToken(request) : tokenFrom(getToken, request)
    if (typeof token === 'string') {
      const verdict = checkRequest(this, token, request, this.#settings)
      return tokenOrThrow(isPending(verdict) ? await verdict.verdict : verdict)
    }
    const error = token ?? missingTokenError(undefined)
    publishVerdict(error, false)
    throw error
  }
}

/**
 * @param {unknown} request
 * @returns {string | AuthError}
 */
function headerToken(request) {
  try {
    const authorization = authorizationOf(request)
    return bearerToken(authorization) ?? missingTokenError(authorization)
  } catch (error) {
    return isAuthError(error)
      ? error
      : internalError(error, 'reading the headers of the request threw an exception; see the cause of this error')
  }
}

/** What to do about a whole header that `getToken` returns: the client may have sent it as it should. */
const HEADER_OF_GET_TOKEN =
  "return the token alone from the option getToken, without 'Bearer ' in front of it; or, if it reads the header Authorization, leave " +
  'getToken out'

/**
 * The verdict on the token of a request.
 *
 * @param {Verifier} verifier
 * @param {string} token
 * @param {unknown} request
 * @param {Settings} settings
 */
function checkRequest(verifier, token, request, { clientCertificateHeader, getToken }) {
  const verdict = check(verifier, token)
  if (getToken !== undefined && isAuthError(verdict) && isHeader(verdict, token)) {
    const { code, message, reason } = verdict
    // Without the token, so that the log keeps this hint: what a token is recognised as has advice for clients.
    return authError({ code, message, reason, hint: HEADER_OF_GET_TOKEN })
  }
  return isMtls(verifier) ? clientCertificate().withCertificate(verdict, request, clientCertificateHeader) : verdict
}

/**
 * The token returned by the application's `getToken`; `undefined` if there is none, an error if it fails or returns
 * another value.
 *
 * @param {NonNullable<Settings['getToken']>} getToken
 * @param {unknown} request
 * @returns {string | AuthError | undefined}
 */
function tokenFrom(getToken, request) {
  let token
  try {
    token = getToken(request)
  } catch (cause) {
    return internalError(cause, 'the option getToken threw an exception; see the cause of this error')
  }
  if (token === undefined || token === null || token === '') return undefined
  if (typeof token === 'string') return token
  const given = isHandledPromise(token) ? 'a promise' : kindOf(token)
  return internalError(undefined, `the option getToken has to return a string or undefined; it returned ${given}`)
}

/**
 * Whether a value is a promise. If so, its rejection is handled, because an unhandled one would end the process.
 *
 * @param {any} value
 */
function isHandledPromise(value) {
  try {
    if (typeof value.then !== 'function') return false
    value.then(undefined, () => {})
    return true
  } catch {
    return false
  }
}

/**
 * @param {Configuration} configuration
 * @param {Settings} settings
 * @param {typeof import('../core/verified-token').VerifiedToken} [TokenClass]
 */
function verifierOf(configuration, settings, TokenClass) {
  return new Verifier(INTERNAL, compileCore(configuration), configuration, settings, TokenClass)
}

/**
 * @param {Options} [options]
 * @param {unknown[]} more
 */
function createVerifier(options, ...more) {
  if (more.length > 0) require('./misuse').assertOneArgument('createVerifier', more)
  const configuration = configure(options)
  return verifierOf(configuration, settingsOf(configuration.own))
}

module.exports = { Verifier, checkRequest, createVerifier, tokenFrom, verifierOf }
