'use strict'

const { readFileSync } = require('node:fs')
const { proxyVariable } = require('../../core/environment')
const { readNoProxy } = require('../../core/proxies')
const { about, failed, warning } = require('../steps')

/** @import { Environment } from '../../core/environment' */
/** @import { Options } from '../../..' */

const NAME = 'environment'

/**
 * Checks the variables for proxies and trusted certificates.
 *
 * @param {Options} options
 * @param {Environment} environment
 */
function examineNetworkVariables(options, environment) {
  return [
    proxy(options, environment),
    noProxy(options, environment),
    extraCertificates(environment),
    verification(environment)
  ].flat()
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function proxy(options, environment) {
  const other = ['HTTP_PROXY', 'ALL_PROXY'].find((name) => proxyVariable(name, environment))
  if (!other || proxyVariable('HTTPS_PROXY', environment) || options.proxy !== undefined) return []
  return warning(
    NAME,
    `${other} is set and HTTPS_PROXY is not`,
    'set HTTPS_PROXY if key fetches, which use HTTPS, have to go through the proxy'
  )
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function noProxy(options, environment) {
  if (options.proxy !== undefined || !proxyVariable('HTTPS_PROXY', environment)) return []
  const { unmatched } = readNoProxy(proxyVariable('NO_PROXY', environment)?.value)
  if (unmatched.length === 0) return []
  const entries = unmatched.slice(0, 3).map((entry) => (entry.includes('@') ? '(not shown)' : entry.slice(0, 60)))
  return warning(
    NAME,
    `NO_PROXY has entries that match no host: ${entries.join(', ')}`,
    'write domain, .domain, *.domain, host:port, an address or a network such as 10.0.0.0/8, separated by commas'
  )
}

/** @param {Environment} environment */
function extraCertificates({ NODE_EXTRA_CA_CERTS: path }) {
  if (!path) return []
  const text = textOf(path)
  if (text === undefined) {
    return about(
      'ca',
      failed(NAME, 'the file of NODE_EXTRA_CA_CERTS cannot be read', 'set it to a readable file in PEM')
    )
  }
  if (text.includes('-----BEGIN CERTIFICATE-----') || text.includes('-----BEGIN TRUSTED CERTIFICATE-----')) return []
  const hint =
    'set it to a file in PEM, which begins with -----BEGIN CERTIFICATE-----; openssl x509 -inform der makes PEM of DER'
  return about('ca', failed(NAME, 'the file of NODE_EXTRA_CA_CERTS has no certificate in PEM in it', hint))
}

/** @param {Environment} environment */
function verification({ NODE_TLS_REJECT_UNAUTHORIZED }) {
  if (NODE_TLS_REJECT_UNAUTHORIZED !== '0') return []
  return warning(
    NAME,
    'NODE_TLS_REJECT_UNAUTHORIZED=0 makes this process accept any certificate',
    'unset it: key fetching still verifies certificates, the rest of this process does not; to trust a certificate, name it in \
NODE_EXTRA_CA_CERTS'
  )
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

module.exports = { examineNetworkVariables }
