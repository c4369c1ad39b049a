'use strict'

const { debuglog } = require('node:util')
const { isAuthError } = require('../core/errors')
const { findingOf } = require('../core/verifier')
const { hasUnreadToken } = require('./authorization')

/** @import { AuthError, Logger } from '../..' */

/** Interval in milliseconds in which a code is logged once, so that requests cannot fill a disk. */
const ERROR_INTERVAL = 1000

/** Interval in which a text is logged once, and the number of different texts of a code and reason in it. */
const WARN_INTERVAL = 60_000
const MAX_TEXTS = 5

/** After the first few, how often it is determined whether the text is another one: that costs more than a rejection. */
const FINDING_INTERVAL = 1000

const TIMES = ['ERR_TOKEN_EXPIRED', 'ERR_TOKEN_NOT_ACTIVE']

const TEXT = 'Error in checkAuthToken'

const debug = debuglog('entra-jwt-verify')

/** @typedef {RejectionLog} AppRejectionLog for files that have a value of the name of the class */

/** Logs why requests are rejected, for the operator: never a token, and a bounded number of lines for each code. */
class RejectionLog {
  #logger
  #takesObjectFirst
  #errors = new RateLimit(ERROR_INTERVAL)
  #warnings = new TextLimit()

  /** @param {Logger | undefined} logger `undefined`: silent */
  constructor(logger) {
    this.#logger = logger
    this.#takesObjectFirst = logger !== undefined && isPinoLike(logger)
  }

  /**
   * Logs a rejection and the status of its response. Requests without a token are only logged with `NODE_DEBUG`,
   * because every scanner sends them, unless there is one that is not read.
   *
   * @param {AuthError} error
   * @param {number} status of the answer
   */
  answered(error, status) {
    if (status >= 500) this.failed(error, error.code)
    else if (error.code !== 'ERR_TOKEN_MISSING' || hasUnreadToken(error)) this.#warn(error, `refused ${status}`, status)
  }

  /**
   * Logs a request with a token that is not read, which passed as one without a token.
   *
   * @param {AuthError} error
   */
  passedWithoutToken(error) {
    this.#debug(error, 'admitted anonymously')
    this.#warn(error, 'admitted anonymously')
  }

  /**
   * Logs the exception that caused a 500.
   *
   * @param {unknown} error
   * @param {string} [code] under which it counts
   */
  failed(error, code = '') {
    if (this.#logger === undefined) return
    const omitted = this.#errors.admit(code)
    if (omitted === undefined) return
    if (isAuthError(error)) tellAction(error)
    const more = omitted > 0 ? { omitted } : undefined
    const object = { err: error, ...(isAuthError(error) && keptOf(error)), ...more }
    this.#write('error', this.#takesObjectFirst ? [object, TEXT] : [`${TEXT}: `, error, ...list(more)])
  }

  /**
   * Prints a rejection if NODE_DEBUG=entra-jwt-verify is set.
   *
   * @param {AuthError} error
   * @param {number} status
   */
  debug(error, status) {
    this.#debug(error, `rejected ${status}`)
  }

  /**
   * @param {AuthError} error
   * @param {string} what
   */
  #debug(error, what) {
    if (!debug.enabled) return
    const { code, claim, reason } = error
    const { message, hint } = unread(error) ?? error
    debug('%s', line(`${what} ${code}`, { claim, reason }, message, hint))
  }

  /**
   * @param {AuthError} error
   * @param {string} what
   * @param {number} [status] of the answer, if this is a rejection
   */
  #warn(error, what, status) {
    if (!this.#canWarn()) return
    const { code, claim, reason } = error
    /** @type {{ name?: string, message: string, hint: string } | undefined} */
    let finding
    // Also by reason and text, so that one mistake does not hide another. There are few reasons.
    const omitted = this.#warnings.admit(`${code} ${reason}`, () => {
      finding = unread(error) ?? recognised(error)
      // Its text has a duration: one mistake would count as several.
      if (finding?.name && TIMES.includes(code)) return finding.name
      const { message, hint } = finding ?? error
      return `${message} ${hint}`
    })
    if (omitted === undefined) return
    const { message, hint } = finding ?? error
    const text = line(`checkAuthToken ${what} ${code}`, omitted > 0 ? { omitted } : {}, message, hint)
    this.#write(
      'warn',
      this.#takesObjectFirst ? [{ code, status, claim, reason, finding: finding?.name, omitted }, text] : [text]
    )
  }

  #canWarn() {
    try {
      return typeof this.#logger?.warn === 'function'
    } catch {
      return false
    }
  }

  /**
   * @param {'error' | 'warn'} level
   * @param {unknown[]} parts
   */
  #write(level, parts) {
    try {
      const { [level]: write } = /** @type {Record<string, Function>} */ (/** @type {unknown} */ (this.#logger))
      const written = write?.apply(this.#logger, parts)
      // For an async logger: an unhandled rejection would end the process.
      if (typeof written?.then === 'function') written.then(undefined, () => {})
    } catch {
      // A logger that fails must not keep the request from being answered.
    }
  }
}

/** @type {import('node:perf_hooks').Performance | undefined} */
let clock

/**
 * The time by a clock that fake timers of an application leave alone. It is loaded at the first rejection, since that takes a
 * millisecond; a built-in module needs no file descriptor.
 */
function milliseconds() {
  clock ??= require('node:perf_hooks').performance
  return clock.now()
}

/** Admits the first event of each kind, and then one in each interval. */
class RateLimit {
  #interval
  /** @type {Map<string, { since: number, omitted: number }>} */
  #kinds = new Map()

  /** @param {number} interval milliseconds */
  constructor(interval) {
    this.#interval = interval
  }

  /**
   * The number omitted since the last admitted one; `undefined` if this one is omitted too.
   *
   * @param {string} kind one of a small number
   * @returns {number | undefined}
   */
  admit(kind) {
    const now = milliseconds()
    const last = this.#kinds.get(kind)
    if (last !== undefined && now - last.since < this.#interval) {
      last.omitted++
      return undefined
    }
    this.#kinds.set(kind, { since: now, omitted: 0 })
    return last?.omitted ?? 0
  }
}

/** Admits a few different texts of each kind in an interval, each of them once. */
class TextLimit {
  /** @type {Map<string, { admitted: Map<string, number>, looks: number, lookedAt: number, omitted: number }>} */
  #kinds = new Map()

  /**
   * The number omitted since the last admitted one; `undefined` if this one is omitted too.
   *
   * @param {string} kind one of a small number
   * @param {() => string} textOf is not called for all that are omitted
   * @returns {number | undefined}
   */
  admit(kind, textOf) {
    const now = milliseconds()
    const state = this.#kinds.get(kind) ?? { admitted: new Map(), looks: 0, lookedAt: now, omitted: 0 }
    this.#kinds.set(kind, state)
    const { admitted, omitted } = state
    for (const [text, since] of admitted) if (now - since >= WARN_INTERVAL) admitted.delete(text)
    if (admitted.size === 0) state.looks = 0
    state.omitted++
    const isDue = state.looks < MAX_TEXTS || now - state.lookedAt >= FINDING_INTERVAL
    if (admitted.size === MAX_TEXTS || !isDue) return undefined
    state.looks++
    state.lookedAt = now
    const text = textOf()
    if (admitted.has(text)) return undefined
    admitted.set(text, now)
    state.omitted = 0
    return omitted
  }
}

/**
 * What a header without a bearer token has, if it has another token.
 *
 * @param {AuthError} error
 */
function unread(error) {
  if (!hasUnreadToken(error)) return undefined
  return { message: "a token came without 'Bearer ' in front of it", hint: error.hint }
}

/**
 * The finding of `explain` for the token of an error. Only determined for lines that are written, because it costs more
 * than the rejection.
 *
 * @param {AuthError} error
 */
function recognised(error) {
  try {
    return findingOf(error)
  } catch {
    // A failure here must not prevent the response.
    return undefined
  }
}

/**
 * Replaces the hint of a logged error by that of the finding. Its message stays, because it is part of the classic
 * responses.
 *
 * @param {AuthError} error
 */
function tellAction(error) {
  const finding = recognised(error)
  // The application may have frozen it.
  if (finding) Reflect.set(error, 'hint', `${finding.hint} (it looks like ${finding.message})`)
}

/**
 * Whether a logger takes an object first and the message second: pino and bunyan. Given a message first, they drop the
 * error behind it.
 *
 * @param {object} logger
 */
function isPinoLike(logger) {
  const has = (/** @type {string} */ method) => typeof Reflect.get(logger, method) === 'function'
  try {
    return has('child') && (has('bindings') || has('addStream'))
  } catch {
    return false
  }
}

/**
 * Members that bunyan's error serializer, or JSON, omits.
 *
 * @param {AuthError} error
 */
function keptOf({ code, hint }) {
  return { code, hint }
}

/**
 * One line: what happened, why, and what to do.
 *
 * @param {string} what
 * @param {Record<string, string | number | undefined>} details
 * @param {string} message
 * @param {string} hint
 */
function line(what, details, message, hint) {
  const known = Object.entries(details).filter(([, value]) => value !== undefined)
  const inBrackets = known.length ? ` (${known.map(([name, value]) => `${name} ${value}`).join(', ')})` : ''
  const todo = hint.charAt(0).toUpperCase() + hint.slice(1)
  return `${what}${inBrackets}: ${message}. ${todo}`.replace(/\p{C}|\p{Zl}|\p{Zp}/gu, '?')
}

/**
 * @template T
 * @param {T | undefined} value
 * @returns {T[]}
 */
function list(value) {
  return value === undefined ? [] : [value]
}

module.exports = { RejectionLog }
