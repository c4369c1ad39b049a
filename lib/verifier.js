'use strict'

const native = require('../native.js')
const { configure } = require('./config')
const { isObserved, publish } = require('./diagnostics')
const { AuthError, configError, internalError } = require('./errors')
const { statsOf } = require('./stats')
const { rootCertificates } = require('./trust')
const { VerifiedToken } = require('./verified-token')

const { VERIFIED, WAIT } = native

/** Verifies tokens against one configuration. Made by `createVerifier`. */
class Verifier {
  #core
  #settled

  /** @param {import('../native').NativeVerifier} core */
  constructor(core) {
    if (!(core instanceof native.NativeVerifier)) throw configError('options', 'make a verifier with createVerifier()')
    this.#core = core
  }

  async verify(token, options) {
    const error = await this.#judge(token, secondsOf(options))
    if (error) throw error
    return new VerifiedToken(token)
  }

  verifySync(token, options) {
    const verdict = this.#judge(token, secondsOf(options))
    if (verdict === undefined) return new VerifiedToken(token)
    if (verdict instanceof AuthError) throw verdict
    throw new AuthError({
      code: 'ERR_KEYS_UNAVAILABLE',
      message: 'signing keys unavailable: they are being fetched',
      hint: 'verifySync cannot wait; call preload() when the process starts, or use verify()',
      retryAfter: 1
    })
  }

  async preload() {
    let status = this.#core.demand()
    if (status === WAIT) {
      await this.#settle()
      status = this.#core.outcome()
    }
    if (isObserved()) publish(this.#core)
    if (status !== VERIFIED) throw new AuthError(this.#core.failure())
  }

  stats() {
    return statsOf(this.#core)
  }

  /**
   * For the middleware: no promise where none is needed. Never throws.
   *
   * @returns {undefined | AuthError | Promise<undefined | AuthError>} `undefined` for a token that may pass
   */
  static judge(verifier, token) {
    return verifier.#judge(token)
  }

  #judge(token, now) {
    try {
      if (typeof token !== 'string') return malformed()
      const status = now === undefined ? this.#core.check(token) : this.#core.checkAgain(token, now)
      return status === WAIT ? this.#judgeLater(token, now) : this.#verdict(status, false)
    } catch (cause) {
      return internalError(cause)
    }
  }

  /** Not async up to `settle`: the ticket is that of the call which said `WAIT`. */
  #judgeLater(token, now) {
    const ticket = this.#core.ticket
    return this.#settle()
      .then(() => {
        const status = this.#core.checkAgain(token, now, ticket)
        return status === WAIT ? this.#judgeLater(token, now) : this.#verdict(status, true)
      })
      .catch(internalError)
  }

  #verdict(status, waited) {
    const error = status === VERIFIED ? undefined : new AuthError(this.#core.failure())
    if (isObserved()) publish(this.#core, error, waited)
    return error
  }

  /** Resolves when the fetch that is under way has ended; one promise for everybody who waits. */
  #settle() {
    if (this.#core.needsRoots()) this.#core.trust(rootCertificates())
    this.#settled ??= this.#core.settled().then(() => {
      this.#settled = undefined
    })
    return this.#settled
  }
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
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw configError('currentDate', 'accepted is a valid Date')
  return date.getTime() / 1000
}

function malformed() {
  return new AuthError({ code: 'ERR_TOKEN_MALFORMED', message: 'jwt malformed', hint: 'the token must be a string' })
}

module.exports = { Verifier, compile, createVerifier }
