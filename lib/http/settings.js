'use strict'

const { configError, kindOf } = require('../core/errors')
const { guarded } = require('../core/options')

/** @import { AuthError, Logger } from '../..' */
/** @import { MODES } from './answers' */
/** @import { Configuration } from '../core/options' */

/**
 * The validated options that JavaScript uses.
 *
 * @typedef {object} Settings
 * @property {Logger | undefined} logger
 * @property {keyof typeof MODES} mode how rejected requests are answered
 * @property {((error: AuthError, ...context: any[]) => unknown) | undefined} respond the application's own answer, in place
 *   of `mode`
 * @property {((request: any) => unknown) | undefined} getToken
 * @property {string | undefined} clientCertificateHeader
 * @property {boolean} optional
 * @property {unknown} resourceMetadata unchecked
 */

/**
 * @param {Configuration['own']} own
 * @returns {Settings}
 */
function settingsOf({ clientCertificateHeader, getToken, logger, optional, resourceMetadata, responses }) {
  if (getToken !== undefined && !isFunction(getToken)) {
    throw configError('getToken', `expected a function, got ${kindOf(getToken)}`)
  }
  if (optional !== undefined && typeof optional !== 'boolean') {
    throw configError('optional', `expected true or false, got ${kindOf(optional)}`)
  }
  if (clientCertificateHeader !== undefined && !isHeaderName(clientCertificateHeader)) {
    throw configError(
      'clientCertificateHeader',
      `expected the name of a header, got ${kindOf(clientCertificateHeader)}`
    )
  }
  const respond = isFunction(responses) ? responses : undefined
  return {
    logger: loggerOf(logger),
    mode: respond ? 'next' : modeOf(responses),
    respond,
    getToken,
    clientCertificateHeader,
    optional: optional ?? false,
    resourceMetadata
  }
}

/**
 * @param {unknown} logger
 * @returns {Logger | undefined}
 */
function loggerOf(logger = console) {
  if (logger === false) return undefined
  const hasError = () => typeof Reflect.get(/** @type {object} */ (logger), 'error') === 'function'
  if (logger === null || typeof logger !== 'object' || !guarded('logger', hasError)) {
    throw configError(
      'logger',
      `expected an object with a method error, such as console, or false, got ${kindOf(logger)}`
    )
  }
  return /** @type {Logger} */ (logger)
}

/**
 * @param {unknown} responses
 * @returns {keyof typeof MODES}
 */
function modeOf(responses) {
  if (responses === undefined) return 'classic'
  const { MODES } = require('./answers')
  if (typeof responses === 'string' && Object.hasOwn(MODES, responses)) {
    return /** @type {keyof typeof MODES} */ (responses)
  }
  const given = typeof responses === 'string' ? `'${responses.slice(0, 60)}'` : kindOf(responses)
  throw configError('responses', `expected ${Object.keys(MODES).join(', ')} or a function, got ${given}`)
}

/**
 * RFC 9110, section 5.6.2.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
function isHeaderName(value) {
  return typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value)
}

/**
 * @param {unknown} value
 * @returns {value is (...given: any[]) => unknown}
 */
function isFunction(value) {
  return typeof value === 'function'
}

module.exports = { settingsOf }
