'use strict'

const { TestAuthority } = require('./authority')
const { createClientCertificate, createServerCertificate } = require('./certificates')
const { TestAuthorityError } = require('./errors')
const { FAULT_KINDS } = require('./faults')

/**
 * Starts an Entra look-alike on loopback, for demos and tests. Options and result are described in index.d.ts.
 *
 * @type {typeof import('./index').startTestAuthority}
 */
function startTestAuthority(options) {
  return TestAuthority.start(options)
}

module.exports = {
  startTestAuthority,
  createClientCertificate,
  createServerCertificate,
  TestAuthorityError,
  FAULT_KINDS
}
