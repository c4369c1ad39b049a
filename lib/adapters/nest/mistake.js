'use strict'

const { authError } = require('../../core/errors')

/**
 * A mistake in how an application uses this adapter.
 *
 * @param {string} message
 * @param {string} hint
 * @param {unknown} [cause]
 */
function mistake(message, hint, cause) {
  return authError({ code: 'ERR_CONFIG', message, hint, ...(cause === undefined ? {} : { cause }) })
}

module.exports = { mistake }
