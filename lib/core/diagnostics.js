'use strict'

const { channel } = require('node:diagnostics_channel')

/** Ends of key fetches and verdicts, for whoever listens; a check of one property where nobody does. */
const keys = channel('entra-jwt-verify:keys')
const verify = channel('entra-jwt-verify:verify')

/** Tells of a verdict, and of the key fetches that ended since the last one. */
function publish(core, error, waited) {
  publishKeys(core)
  publishVerdict(error, waited)
}

/** Tells of a verdict for which the core was not asked. */
function publishVerdict(error, waited) {
  if (verify.hasSubscribers)
    verify.publish({ verified: error === undefined, code: error?.code, claim: error?.claim, waited })
}

/** Tells of the key fetches that ended since the last time. */
function publishKeys(core) {
  if (!keys.hasSubscribers) return
  for (const { age, keys: count, cause } of core.keyEvents()) {
    keys.publish({ succeeded: cause === undefined, at: ago(age), keys: count, cause })
  }
}

/** Whether anybody listens. */
function isObserved() {
  return keys.hasSubscribers || verify.hasSubscribers
}

/** An instant that lies so many seconds back. */
function ago(seconds) {
  return new Date(Date.now() - seconds * 1000)
}

module.exports = { ago, isObserved, publish, publishKeys, publishVerdict }
