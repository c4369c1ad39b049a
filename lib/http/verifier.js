'use strict'

const { internalError, isAuthError, kindOf } = require('../core/errors')
const { configure } = require('../core/options')
const { INTERNAL, TokenVerifier, compileCore } = require('../core/verifier')
const { authorizationOf, bearerToken, missingTokenError } = require('./authorization')
const { settingsOf } = require('./settings')

/** @import { AuthError, Options } from '../..' */
/** @import { Configuration } from '../core/options' */
/** @import { Settings } from './settings' */

/** @typedef {Verifier} RequestVerifier */

/** What the package exports: verifies tokens, and the tokens of requests. Made by `createVerifier`. */
class Verifier extends TokenVerifier {
  #getToken

  /**
   * @param {symbol} proof
   * @param {import('../../native').NativeVerifier} core
   * @param {Settings['getToken']} getToken
   */
  constructor(proof, core, getToken) {
    super(proof, core)
    this.#getToken = getToken
  }

  /**
   * Verifies the token of anything that has headers.
   *
   * @param {unknown} request
   */
  async authenticate(request) {
    if (this.#getToken === undefined) {
      const authorization = authorizationOf(request)
      return this.verify(bearerToken(authorization) ?? raise(missingTokenError(authorization)))
    }
    const token = tokenFrom(this.#getToken, request)
    if (isAuthError(token)) throw token
    return this.verify(token ?? raise(missingTokenError(undefined)))
  }
}

/**
 * The token that the application's `getToken` finds; `undefined` where there is none, an error where what it does is no
 * answer.
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
  return internalError(
    undefined,
    `the option getToken has to return a string or undefined; it returned ${kindOf(token)}`
  )
}

/**
 * @param {Configuration} configuration
 * @param {Settings} settings
 */
function verifierOf(configuration, settings) {
  return new Verifier(INTERNAL, compileCore(configuration), settings.getToken)
}

/** @param {Options} [options] */
function createVerifier(options) {
  const configuration = configure(options)
  return verifierOf(configuration, settingsOf(configuration.own))
}

/**
 * @param {AuthError} error
 * @returns {never}
 */
function raise(error) {
  throw error
}

module.exports = { Verifier, createVerifier, tokenFrom, verifierOf }
