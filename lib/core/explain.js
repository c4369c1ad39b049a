'use strict'

const { internalError } = require('./errors')

/**
 * Asks the core for an explanation, waiting for keys where they are being fetched.
 *
 * @param {import('../native').NativeVerifier} core
 * @param {() => Promise<void>} settled resolves when the fetch that is under way has ended
 * @param {string} token
 * @param {number | undefined} now seconds since 1970
 */
async function explain(core, settled, token, now) {
  try {
    let explanation = core.explain(token, now)
    while (explanation === null) {
      const { ticket } = core
      await settled()
      explanation = core.explain(token, now, ticket)
    }
    return explanationOf(explanation)
  } catch (cause) {
    throw internalError(cause)
  }
}

function explanationOf({ failure, checks, findings }) {
  return { verdict: verdictOf(failure), code: failure?.code, message: failure?.message, checks, findings }
}

/** Without keys nobody can tell. */
function verdictOf(failure) {
  if (failure === undefined) return 'valid'
  return failure.code === 'ERR_KEYS_UNAVAILABLE' ? 'unknown' : 'refused'
}

module.exports = { explain }
