'use strict'

const { channel } = require('node:diagnostics_channel')

/** @import { AuthError } from '../..' */
/** @import { NativeVerifier } from '../../native' */

/** Ends of key fetches, and verdicts. Without subscribers each costs a look at one property. */
const keys = channel('entra-jwt-verify:keys')
const verify = channel('entra-jwt-verify:verify')

/**
 * Publishes a verdict, and the key fetches that ended since the last one.
 *
 * @param {NativeVerifier} core
 * @param {AuthError | undefined} error `undefined`: the token is valid
 * @param {boolean} waited
 */
function publish(core, error, waited) {
  publishKeys(core)
  publishVerdict(error, waited)
}

/**
 * Publishes a verdict that was reached without the core.
 *
 * @param {AuthError | undefined} error
 * @param {boolean} waited
 */
function publishVerdict(error, waited) {
  if (!verify.hasSubscribers) return
  const { code, claim, reason, hint } = error ?? {}
  verify.publish({ verified: error === undefined, code, claim, reason, hint, waited })
}

/**
 * Publishes the key fetches that ended since the last time.
 *
 * @param {NativeVerifier} core
 */
function publishKeys(core) {
  if (!keys.hasSubscribers) return
  for (const { age, keys: count, cause, reason } of core.keyEvents()) {
    keys.publish({ succeeded: cause === undefined, at: ago(age), keys: count, cause, reason })
  }
}

/** Whether there are subscribers. */
function isObserved() {
  return keys.hasSubscribers || verify.hasSubscribers
}

/**
 * The time that is so many seconds ago.
 *
 * @param {number} seconds
 */
function ago(seconds) {
  return new Date(Date.now() - seconds * 1000)
}

module.exports = { ago, isObserved, publish, publishKeys, publishVerdict }
