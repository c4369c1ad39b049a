'use strict'

const { isDate } = require('node:util/types')
const native = require('../native')
const { configure } = require('./options')
const { isObserved, publish, publishKeys } = require('./diagnostics')
const { AuthError, configError, internalError } = require('./errors')
const { DecodedTokens, VerifiedToken } = require('./verified-token')

// Each file takes a fifth of a millisecond: those that few need are loaded when they do.
const explain = (...given) => require('./explain').explain(...given)
const statsOf = (core) => require('./stats').statsOf(core)
const rootCertificates = () => require('./root-certificates').rootCertificates()

const { REMEMBERED, VERIFIED, WAIT } = native

/** Beside the core's statuses: it was not asked. */
const NO_STRING = -1

/** In place of a verdict: a key is being fetched. */
const PENDING = Symbol('pending')

/** Verifies tokens against one configuration. Made by `createVerifier`. */
class Verifier {
  #core
  #check
  #decoded = new DecodedTokens()
  #settled = new Map()

  /** @param {import('../native').NativeVerifier} core */
  constructor(core) {
    if (!(core instanceof native.NativeVerifier)) throw configError('options', 'make a verifier with createVerifier()')
    this.#core = core
    this.#check = core.checker()
  }

  async verify(token, options) {
    const now = secondsOf(options)
    let verdict = this.#judge(token, now)
    if (verdict === PENDING) verdict = await this.#judgeLater(token, now)
    return tokenOrThrow(verdict)
  }

  verifySync(token, options) {
    return tokenOrThrow(this.#judgeNow(token, secondsOf(options)))
  }

  async explain(token, options) {
    if (typeof token !== 'string') throw malformed()
    return explain(this.#core, () => this.#settle(), token, secondsOf(options) ?? clock())
  }

  async preload() {
    let status = this.#core.demand()
    if (status === WAIT) {
      await this.#settle()
      status = this.#core.outcome()
    }
    publishKeys(this.#core)
    if (status !== VERIFIED) throw new AuthError(this.#core.failure())
  }

  stats() {
    return statsOf(this.#core)
  }

  /**
   * For the middleware: no promise where none is needed. Never throws.
   *
   * @param {Function} respond how the middleware answers
   * @returns {VerifiedToken | AuthError | typeof PENDING} `PENDING`: a key is being fetched; `judgeLater` goes on, if it
   *   is called before anything else is asked of this verifier
   */
  static judge(verifier, token, respond) {
    return verifier.#judge(token, undefined, respond)
  }

  /**
   * After `PENDING`.
   *
   * @returns {Promise<VerifiedToken | AuthError>} never rejects
   */
  static judgeLater(verifier, token, respond) {
    return verifier.#judgeLater(token, undefined, respond)
  }

  #judge(token, now, respond) {
    try {
      const status = this.#status(token, now)
      return status === WAIT ? PENDING : this.#verdict(status, token, respond, false)
    } catch (cause) {
      return internalError(cause)
    }
  }

  /** A verdict without waiting. A fetch that is due begins all the same; nobody is told of its end. */
  #judgeNow(token, now) {
    try {
      const status = this.#status(token, now)
      if (status !== WAIT) return this.#verdict(status, token, undefined, false)
      this.#trust()
      const error = new AuthError({
        code: 'ERR_KEYS_UNAVAILABLE',
        message: 'signing keys unavailable: they are being fetched',
        hint: 'verifySync cannot wait; call preload() when the process starts, or use verify()',
        retryAfter: 1
      })
      if (isObserved()) publish(this.#core, error, false)
      return error
    } catch (cause) {
      return internalError(cause)
    }
  }

  #status(token, now) {
    if (typeof token !== 'string') return NO_STRING
    return now === undefined ? this.#check(token, clock()) : this.#core.checkAgain(token, now)
  }

  /** Up to the first `await`: ticket and source are those of the call which said `WAIT`. */
  async #judgeLater(token, now, respond) {
    try {
      let status
      do {
        const { ticket, source } = this.#core
        await this.#settle(source)
        status = this.#core.checkAgain(token, now ?? clock(), ticket)
      } while (status === WAIT)
      return this.#verdict(status, token, respond, true)
    } catch (cause) {
      return internalError(cause)
    }
  }

  /** A verified token only for the two statuses that say so; whatever else the core answers is a refusal. */
  #verdict(status, token, respond, waited) {
    const isRemembered = status >= REMEMBERED
    const isVerified = isRemembered || status === VERIFIED
    const verdict = isVerified
      ? new VerifiedToken(token, this.#decoded, isRemembered ? status : undefined, respond)
      : this.#refusal(status)
    if (isObserved()) publish(this.#core, isVerified ? undefined : verdict, waited)
    return verdict
  }

  #refusal(status) {
    return status === NO_STRING ? malformed() : new AuthError(this.#core.failure())
  }

  /** Resolves when the fetch of a source (of all, if none is named) has ended; one promise for all who wait for it. */
  #settle(source) {
    this.#trust()
    let settled = this.#settled.get(source)
    if (settled === undefined) {
      settled = this.#core.settled(source).then(() => {
        this.#settled.delete(source)
      })
      this.#settled.set(source, settled)
    }
    return settled
  }

  /** Before the first fetch of the process, the core has to be told whom Node trusts. */
  #trust() {
    if (this.#core.needsRoots()) this.#core.trust(rootCertificates())
  }
}

/** Proves that a verdict is a verified token; throws whatever is not. */
function tokenOrThrow(verdict) {
  if (VerifiedToken.is(verdict)) return verdict
  throw AuthError.is(verdict) ? verdict : internalError(verdict)
}

/** Seconds since 1970, by the clock that the application sees, which its tests may have replaced. */
function clock() {
  return Date.now() / 1000
}

/** Compiles options to a verifier, and to what JavaScript itself makes of them. */
function compile(options) {
  const { core, noProxy, ...configuration } = configure(options)
  const compiled = native.compile(core, noProxy)
  if (!(compiled instanceof native.NativeVerifier)) throw new AuthError(compiled)
  return { verifier: new Verifier(compiled), configuration }
}

function createVerifier(options) {
  return compile(options).verifier
}

function secondsOf(options) {
  const date = options?.currentDate
  if (date === undefined) return undefined
  if (!isDate(date)) throw configError('currentDate', 'accepted is a valid Date')
  // Read once, past whatever a subclass makes of it.
  const milliseconds = Date.prototype.getTime.call(date)
  if (Number.isNaN(milliseconds)) throw configError('currentDate', 'accepted is a valid Date')
  return milliseconds / 1000
}

function malformed() {
  return new AuthError({ code: 'ERR_TOKEN_MALFORMED', message: 'jwt malformed', hint: 'the token must be a string' })
}

module.exports = { PENDING, Verifier, compile, createVerifier }
