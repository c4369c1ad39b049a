'use strict'

const { environmentVariable } = require('./options')

/**
 * What Node 22.15 added to `node:tls`.
 *
 * @typedef {{ getCACertificates?: (type: 'default') => string[] }} Newer
 */

/**
 * The certificates that this Node trusts, PEM: what `https` would use, so that it works in an image without
 * `ca-certificates`, and `NODE_EXTRA_CA_CERTS` means what it says; from Node 22.15 on, `--use-system-ca` and
 * `--use-openssl-ca` do too. Read at the first fetch, not at `require()`.
 *
 * @returns {string[]}
 */
function rootCertificates() {
  const tls = require('node:tls')
  const { getCACertificates } = /** @type {Newer} */ (tls)
  // It knows the flags and the variable.
  if (getCACertificates) return getCACertificates('default')
  return [...tls.rootCertificates, ...extraCertificates(environmentVariable('NODE_EXTRA_CA_CERTS'))]
}

/** @param {string | undefined} file */
function extraCertificates(file) {
  if (!file) return []
  try {
    return [require('node:fs').readFileSync(file, 'latin1')]
  } catch {
    // Node itself warns about a file that it cannot read, and goes on without it.
    return []
  }
}

module.exports = { rootCertificates }
