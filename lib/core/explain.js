'use strict'

const { withHint } = require('./environment')
const { internalError } = require('./errors')
const { ownOnly } = require('./own-only')
const { textFinding } = require('./text')

/**
 * Gets an explanation from the core, and waits if keys are being fetched.
 *
 * @param {import('../../native').NativeVerifier} core
 * @param {() => Promise<void>} fetchEnded resolves when the fetch that is under way has ended
 * @param {string} token
 * @param {number | undefined} given seconds since 1970, in place of the current time
 * @param {() => number} secondsSince1970
 * @param {import('./environment').Hints | undefined} hints
 * @param {readonly { authority: string }[]} identities of the authorities
 * @returns {Promise<import('../..').Explanation>}
 */
async function explain(core, fetchEnded, token, given, secondsSince1970, hints, identities) {
  try {
    const isGiven = given !== undefined
    const now = () => given ?? secondsSince1970()
    let explanation = core.explain(token, now(), undefined, isGiven)
    while (explanation === null) {
      const { tickets } = core
      await fetchEnded()
      explanation = core.explain(token, now(), tickets, isGiven)
    }
    // A missing member must not be inherited.
    return explanationOf(withTextFinding(ownOnly(explanation), token), hints, identities)
  } catch (cause) {
    throw internalError(cause)
  }
}

/**
 * A text that the core does not recognise may not be a JWT at all.
 *
 * @param {import('../../native').NativeExplanation} explanation
 * @param {string} text
 * @returns {import('../../native').NativeExplanation}
 */
function withTextFinding(explanation, text) {
  const { failure, checks, findings } = explanation
  if (failure?.code !== 'ERR_TOKEN_MALFORMED' || findings.length > 0) return explanation
  const finding = textFinding(text)
  if (finding === undefined) return explanation
  const { name, message, hint } = finding
  const isFirst = (/** @type {{ status: string }} */ check) =>
    check === checks.find(({ status }) => status === 'failed')
  return {
    ...explanation,
    checks: checks.map((check) => (isFirst(check) ? { ...check, hint } : check)),
    findings: [{ name, checks: [...finding.checks], message, hint }]
  }
}

/**
 * @param {import('../../native').NativeExplanation} explanation
 * @param {import('./environment').Hints | undefined} hints
 * @param {readonly { authority: string }[]} identities
 * @returns {import('../..').Explanation}
 */
function explanationOf({ failure, checks, findings, authority }, hints, identities) {
  const judge = identities.length > 1 && authority !== undefined ? identities[authority] : undefined
  // The core's strings are those that the public types list; a test compares them.
  return /** @type {import('../..').Explanation} */ ({
    verdict: verdictOf(failure),
    code: failure?.code,
    message: failure?.message,
    authority: judge?.authority,
    checks: checks.map((check) => withHint(check, hints)),
    findings: findings.map((finding) => withHint(finding, hints))
  })
}

/**
 * There is no verdict without keys, or if the key may have been published a moment ago.
 *
 * @param {import('../../native').Failure | undefined} failure
 * @returns {import('../..').Explanation['verdict']}
 */
function verdictOf(failure) {
  if (failure === undefined) return 'valid'
  return failure.retryAfter === undefined ? 'refused' : 'unknown'
}

module.exports = { explain }
