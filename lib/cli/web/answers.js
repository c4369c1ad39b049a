'use strict'

const { claimRows, headerRows } = require('./claims')
const { requestsFor } = require('./requests')
const { isAuthError } = require('../../core/errors')
const { identitiesOf } = require('../../core/verifier')
const { createVerifier } = require('../../http/verifier')
const { explainText } = require('../explain/explanation')
const { notesOf, reasonOf } = require('../explain/reason')
const { printable } = require('../output')
const { readText } = require('../text')
const { decoded } = require('../text/jwt')

/** @import { Options } from '../../..' */

/**
 * What the page shows about a pasted text: the explanation, what is in the token, its times and those of the clocks, and how to
 * get the right token.
 *
 * @param {string} text
 * @param {Options} options
 */
async function explanationFor(text, options) {
  const told = await explainText(text, options)
  const { token = '' } = readText(text)
  const [header, payload] = token.split('.')
  const claims = decoded(payload)
  const verifier = verifierFor(options)
  const [identity] = verifier ? identitiesOf(verifier) : []
  return {
    told,
    // What the token says of itself is not escaped yet.
    reason: reasonOf(told).map(({ label, text: said }) => ({ label, text: printable(said) })),
    notes: notesOf(told),
    header: headerRows(decoded(header) ?? {}),
    claims: claimRows(claims ?? {}),
    times: {
      now: Date.now() / 1000,
      clockAhead: verifier?.stats().secondsAheadOfAuthority,
      notBefore: seconds(claims?.nbf ?? claims?.iat),
      expires: seconds(claims?.exp)
    },
    requests: identity ? requestsFor(identity, claims) : []
  }
}

/** @param {Options} options */
function verifierFor(options) {
  try {
    return createVerifier(options)
  } catch (error) {
    if (isAuthError(error)) return undefined
    throw error
  }
}

/** @param {unknown} value */
function seconds(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

module.exports = { explanationFor }
