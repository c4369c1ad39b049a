'use strict'

const { publishVerdict } = require('../core/diagnostics')
const { internalError, isAuthError } = require('../core/errors')
const { configure } = require('../core/options')
const { isVerifiedToken, verifierOf: verifierOfToken } = require('../core/verified-token')
const { identitiesOf } = require('../core/verifier')
const { bearerToken, hasUnreadToken, missingTokenError } = require('./authorization')
const { settingsOf } = require('./settings')
const { checkRequest, tokenFrom, verifierOf } = require('./verifier')

/** @import { AuthError, Options, VerifiedToken } from '../..' */
/** @import { Answer } from './answers' */
/** @import { Settings } from './settings' */
/** @import { AppRejectionLog } from './rejection-log' */
/** @import { RequestVerifier } from './verifier' */

/**
 * Loaded when an application configures its protection: `require()` of the package is faster without.
 *
 * @type {typeof import('./answers') | undefined}
 */
let loadedAnswers

function answers() {
  loadedAnswers ??= require('./answers')
  return loadedAnswers
}

/** Where the file of the log cannot be loaded. */
const NO_LOG = { answered() {}, debug() {}, failed() {}, passedWithoutToken() {} }

/** A requirement is met. Not `undefined`, which a mistake could produce. */
const MET = Symbol('met')

/** Instead of a verdict: there is no token, and the option `optional` admits the request. */
const ABSENT = Symbol('absent')

/**
 * For guards, which respond like the middleware in front of them. It is found by the token's verifier, or by the
 * request if that passed without a token.
 *
 * @type {WeakMap<object, Protection>}
 */
const PROTECTIONS = new WeakMap()

/** @typedef {Protection} AppProtection for files that have a value of the name of the class */

/**
 * The protection of an application, independent of its framework: from the value of an `Authorization` header to a
 * verdict, and from an error to a response.
 */
class Protection {
  /** @type {AppRejectionLog | undefined} */
  #log
  #settings

  /**
   * @param {RequestVerifier | undefined} verifier `undefined`: for guards without a middleware in front of them
   * @param {Settings} settings
   * @param {{ url: string, scope: string | undefined, answerTo: (method: unknown) => Answer }} [metadata]
   */
  constructor(verifier, settings, metadata) {
    this.verifier = verifier
    this.metadata = metadata
    this.#settings = settings
    if (verifier) PROTECTIONS.set(verifier, this)
  }

  /**
   * Never throws: a process without a file descriptor left cannot load a file, and still has to end its requests.
   *
   * @returns {Pick<AppRejectionLog, 'answered' | 'debug' | 'failed' | 'passedWithoutToken'>}
   */
  get log() {
    try {
      this.#log ??= new (require('./rejection-log').RejectionLog)(this.#settings.logger)
      return this.#log
    } catch {
      return NO_LOG
    }
  }

  /** The function in `responses`, if there is one. */
  get respond() {
    return this.#settings.respond
  }

  /**
   * The verdict on a request. Never throws.
   *
   * @param {unknown} authorization value of its `Authorization` header
   * @param {unknown} request for `getToken`
   * @param {unknown} [incoming] what has the connection and the headers, for the certificate that a token is bound to
   */
  check(authorization, request, incoming = request) {
    const token = this.#tokenOf(authorization, request)
    if (typeof token === 'string') {
      return checkRequest(/** @type {RequestVerifier} */ (this.verifier), token, incoming, this.#settings)
    }
    const { getToken } = this.#settings
    const error = token ?? this.#missingToken(getToken === undefined ? authorization : undefined)
    if (isAuthError(error)) publishVerdict(error, false)
    return error
  }

  /**
   * Whether a request still has the token that was verified, for guards that are called again for the same request.
   *
   * @param {VerifiedToken} auth
   * @param {unknown} authorization value of its `Authorization` header
   * @param {unknown} request
   */
  hasToken(auth, authorization, request) {
    return this.#tokenOf(authorization, request) === auth.token
  }

  /**
   * @param {unknown} authorization
   * @param {unknown} request
   * @returns {string | AuthError | undefined}
   */
  #tokenOf(authorization, request) {
    const { getToken } = this.#settings
    return getToken === undefined ? bearerToken(authorization) : tokenFrom(getToken, request)
  }

  /** @param {unknown} authorization */
  #missingToken(authorization) {
    const error = missingTokenError(authorization)
    // A scheme without a token is a malformed request, not a missing token.
    if (this.#settings.optional && error.status !== 400) {
      if (hasUnreadToken(error)) this.log.passedWithoutToken(error)
      return ABSENT
    }
    // The classic responses do not distinguish requests without a token by their header.
    const isKept = error.status !== 400 || this.#settings.mode !== 'classic'
    return isKept ? error : missingTokenError(authorization, false)
  }

  /**
   * The response to a rejected request; `undefined` if the framework or the application answers. Any value that is not
   * an `AuthError` is a defect.
   *
   * @param {unknown} verdict
   * @returns {{ error: AuthError, answer: Answer | undefined }}
   */
  reject(verdict) {
    const error = isAuthError(verdict) ? verdict : internalError(verdict)
    const { MODES, nameResourceMetadata } = answers()
    if (this.metadata) nameResourceMetadata(error, this.metadata)
    const answer = MODES[this.#settings.mode]?.(error)
    this.log.debug(error, answer?.status ?? error.status)
    if (answer) this.log.answered(error, answer.status)
    return { error, answer }
  }

  /**
   * The response if the error cannot be passed to the framework.
   *
   * @param {AuthError} error
   * @returns {Answer}
   */
  answer(error) {
    const answer = answers().MODES.rfc6750(error)
    this.log.answered(error, answer.status)
    return answer
  }

  /**
   * Remembers a request that passed without a token, so that guards answer it as this protection does.
   *
   * @param {object} request
   */
  passedWithoutToken(request) {
    PROTECTIONS.set(request, this)
  }
}

/**
 * @param {Options} [options]
 * @param {typeof import('../core/verified-token').VerifiedToken} [TokenClass] for tokens with more to read
 */
function createProtection(options, TokenClass) {
  const configuration = configure(options)
  const settings = settingsOf(configuration.own)
  const verifier = verifierOf(configuration, settings, TokenClass)
  const identities = identitiesOf(verifier)
  // Loaded only if it is published.
  const metadata =
    settings.resourceMetadata === undefined
      ? undefined
      : require('./resource-metadata').resourceMetadata(settings.resourceMetadata, identities)
  // Not only at the first rejection: the process may have no file descriptor left then.
  answers()
  require('./rejection-log')
  return new Protection(verifier, settings, metadata)
}

/** @type {Protection | undefined} */
let configured

/**
 * The protection configured by the environment, created at first use; all entries of this package share it.
 *
 * @throws {AuthError} `ERR_CONFIG`, each time until the environment configures one
 */
function environmentProtection() {
  try {
    configured ??= createProtection()
    return configured
  } catch (error) {
    throw isAuthError(error) ? Object.assign(error, { hint: `${error.hint}; ${DOCTOR}` }) : error
  }
}

const DOCTOR = '`npx entra-jwt-verify doctor` says what is wrong with the environment'

/** @type {typeof import('./answers').exposure} */
function exposure(answer, headerOf) {
  return answers().exposure(answer, headerOf)
}

/** For guards without a middleware in front of them: every request is rejected. */
const UNPROTECTED = standalone()

/**
 * A protection without a verifier, which rejects every request.
 *
 * @param {Settings['mode']} [responses]
 */
function standalone(responses) {
  return new Protection(undefined, settingsOf(Object.assign(Object.create(null), { responses })))
}

/**
 * The protection that admitted a request; guards respond like it.
 *
 * @param {unknown} auth the request's verified token, if it has one
 * @param {object} request
 * @returns {Protection}
 */
function protectionOf(auth, request) {
  return PROTECTIONS.get(isVerifiedToken(auth) ? verifierOfToken(auth) : request) ?? UNPROTECTED
}

module.exports = {
  ABSENT,
  MET,
  Protection,
  UNPROTECTED,
  createProtection,
  environmentProtection,
  exposure,
  protectionOf,
  standalone
}
