'use strict'

const { TestAuthorityError } = require('./errors')
const { FAULT_KINDS } = require('./faults')

// Options and results are described in index.d.ts. Parts that a test file does not use are not loaded.

/** @type {typeof import('./index').startTestAuthority} */
const startTestAuthority = (options) => require('./authority').TestAuthority.start(options)

/** @type {typeof import('./index').createServerCertificate} */
const createServerCertificate = (options) => require('./certificates').createServerCertificate(options)

/** @type {typeof import('./index').createClientCertificate} */
const createClientCertificate = (options) => require('./certificates').createClientCertificate(options)

/** @type {typeof import('./index').verifiedToken} */
const verifiedToken = (token, answers) => require('./verified-token').verifiedToken(token, answers)

/** @type {typeof import('./index').useTestAuthority} */
const useTestAuthority = (hooks, options) => require('./hooks').useTestAuthority(hooks, options)

module.exports = {
  startTestAuthority,
  useTestAuthority,
  verifiedToken,
  createClientCertificate,
  createServerCertificate,
  TestAuthorityError,
  FAULT_KINDS
}
