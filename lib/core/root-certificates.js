'use strict'

const { readFileSync, readdirSync } = require('node:fs')
const { delimiter, join } = require('node:path')
const tls = require('node:tls')
const { environmentVariable } = require('./environment')

/**
 * The functions that Node 22.15 added to `node:tls`.
 *
 * @typedef {{ getCACertificates?: (type: 'default' | 'bundled' | 'extra' | 'system') => string[] }} Newer
 */

/** What decides which certificates Node trusts. */
const PROCESS = {
  environment: process.env,
  execArgv: process.execArgv,
  platform: process.platform,
  /** Preprocessor definitions with which Node was built. */
  defines: /** @type {{ target_defaults?: { defines?: unknown } }} */ (process.config)?.target_defaults?.defines
}

/** Where the OpenSSL of Node's own builds, and those of distributions, look without `SSL_CERT_FILE` and `SSL_CERT_DIR`. */
const OPENSSL = {
  files: ['/etc/ssl/cert.pem', '/etc/pki/tls/cert.pem', '/usr/lib/ssl/cert.pem'],
  directories: ['/etc/ssl/certs', '/etc/pki/tls/certs', '/usr/lib/ssl/certs']
}

/**
 * The certificates that this Node trusts, PEM: what `https` would use, so that it works in an image without
 * `ca-certificates`, and `NODE_EXTRA_CA_CERTS`, `--use-system-ca`, `--use-openssl-ca` and `tls.setDefaultCACertificates` mean
 * what they say. Read at the first fetch, not at `require()`.
 *
 * @param {typeof PROCESS} [node]
 * @returns {string[]}
 */
function rootCertificates(node = PROCESS) {
  const { getCACertificates } = /** @type {Newer} */ (tls)
  const { isFlag, isBuild } = opensslStore(node)
  const isOpenssl = isFlag || isBuild
  if (!getCACertificates) {
    const own = isOpenssl ? opensslCertificates(node.environment) : tls.rootCertificates
    return [...own, ...fileContent(environmentVariable('NODE_EXTRA_CA_CERTS', node.environment))]
  }
  const trusted = getCACertificates('default')
  if (!isOpenssl) return trusted
  // Node does not report the certificates that OpenSSL trusts. Its list only shows whether
  // `tls.setDefaultCACertificates` replaced it.
  if (!placeholders(isFlag, getCACertificates).some((list) => isSame(list, trusted))) return trusted
  // OpenSSL trusts the system's certificates, except on Windows and macOS, which have their own stores.
  const hasOwnStore = node.platform === 'win32' || node.platform === 'darwin'
  const own = hasOwnStore ? opensslCertificates(node.environment) : getCACertificates('system')
  return [...own, ...getCACertificates('extra')]
}

/**
 * The list that Node reports if it leaves trust to OpenSSL.
 *
 * @param {boolean} isFlag and not how Node was built
 * @param {NonNullable<Newer['getCACertificates']>} getCACertificates
 */
function placeholders(isFlag, getCACertificates) {
  const extra = getCACertificates('extra')
  if (isFlag) return [extra]
  const bundled = getCACertificates('bundled')
  return [
    [...bundled, ...extra],
    // With `--use-system-ca`.
    [...bundled, ...getCACertificates('system'), ...extra]
  ]
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
function isSame(one, other) {
  return one.length === other.length && one.every((certificate, index) => certificate === other[index])
}

/**
 * Whether Node leaves trust to OpenSSL: by a flag, also in `NODE_OPTIONS`, or because it was built so, as Debian, Fedora and
 * Alpine build it.
 *
 * @param {typeof PROCESS} node
 */
function opensslStore({ environment, execArgv, defines }) {
  const flags = [...splitArguments(environmentVariable('NODE_OPTIONS', environment) ?? ''), ...execArgv].map((flag) =>
    flag.replaceAll('_', '-')
  )
  const last = flags.findLast((flag) => /^--use-(openssl|bundled)-ca$/.test(flag))
  const isBuilt = Array.isArray(defines) && defines.includes('NODE_OPENSSL_CERT_STORE')
  return { isFlag: last === '--use-openssl-ca', isBuild: isBuilt && last === undefined }
}

/**
 * `NODE_OPTIONS` as Node reads it: arguments are separated by spaces, double quotes keep spaces, and inside of them a
 * backslash keeps what follows.
 *
 * @param {string} text
 */
function splitArguments(text) {
  return (text.match(/(?:"(?:\\.|[^"\\])*"?|[^ "])+/gs) ?? []).map((argument) =>
    argument.replace(/"((?:\\.|[^"\\])*)"?/gs, (_, inside) => inside.replace(/\\(.)/gs, '$1'))
  )
}

/**
 * The certificates that OpenSSL trusts by default: a file, and directories in which certificates are found by a hash of
 * their names.
 *
 * @param {Record<string, string | undefined>} environment
 * @returns {string[]}
 */
function opensslCertificates(environment) {
  const file = environmentVariable('SSL_CERT_FILE', environment)
  const list = environmentVariable('SSL_CERT_DIR', environment)
  const files = file ? [file] : OPENSSL.files
  const directories = list ? list.split(delimiter) : OPENSSL.directories
  return [...firstOf(files, fileContent), ...(list ? directories.flatMap(hashed) : firstOf(directories, hashed))]
}

/**
 * @param {string[]} paths
 * @param {(path: string) => string[]} read
 */
function firstOf(paths, read) {
  for (const path of paths) {
    const found = read(path)
    if (found.length) return found
  }
  return []
}

/** @param {string} directory */
function hashed(directory) {
  try {
    const names = readdirSync(directory).filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name))
    return names.flatMap((name) => fileContent(join(directory, name)))
  } catch {
    // As for OpenSSL, a directory that cannot be read has no certificates.
    return []
  }
}

/**
 * @param {string | undefined} file
 * @returns {string[]}
 */
function fileContent(file) {
  if (!file) return []
  try {
    return [readFileSync(file, 'latin1')]
  } catch {
    // Node itself warns about a file that it cannot read, and goes on without it.
    return []
  }
}

module.exports = { opensslStore, rootCertificates, splitArguments }
