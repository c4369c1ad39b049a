'use strict'

const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

/** Literal names: tools that collect what a service needs find packages by them. */
const PACKAGES = {
  'darwin-arm64': () => require('entra-jwt-verify-darwin-arm64'),
  'darwin-x64': () => require('entra-jwt-verify-darwin-x64'),
  'linux-arm64-gnu': () => require('entra-jwt-verify-linux-arm64-gnu'),
  'linux-arm64-musl': () => require('entra-jwt-verify-linux-arm64-musl'),
  'linux-x64-gnu': () => require('entra-jwt-verify-linux-x64-gnu'),
  'linux-x64-musl': () => require('entra-jwt-verify-linux-x64-musl'),
  'win32-arm64-msvc': () => require('entra-jwt-verify-win32-arm64-msvc'),
  'win32-x64-msvc': () => require('entra-jwt-verify-win32-x64-msvc')
}

/** The Rust core: built here, or of the package for this platform. */
function load(target = platform()) {
  const built = join(__dirname, '..', `entra-jwt-verify.${target}.node`)
  if (existsSync(built)) return require(built)
  const installed = PACKAGES[target]
  if (installed === undefined) {
    throw new Error(`entra-jwt-verify has no addon for ${target}; there is one for ${Object.keys(PACKAGES).join(', ')}`)
  }
  try {
    return installed()
  } catch (cause) {
    const problem = cause.code === 'MODULE_NOT_FOUND' ? 'is not installed' : 'cannot be loaded'
    throw new Error(
      `entra-jwt-verify-${target} ${problem}. It is an optional dependency of entra-jwt-verify: install on the platform ` +
        'that the service runs on, with optional dependencies (npm install --include=optional)',
      { cause }
    )
  }
}

/** As the platform packages are named. */
function platform() {
  const { platform, arch } = process
  if (platform === 'win32') return `${platform}-${arch}-msvc`
  if (platform === 'linux') return `${platform}-${arch}-${isMusl() ? 'musl' : 'gnu'}`
  return `${platform}-${arch}`
}

/** By the script that each C library brings; where there is none, by what Node reports. */
function isMusl() {
  try {
    return readFileSync('/usr/bin/ldd', 'utf8').includes('musl')
  } catch {
    return glibcVersion() === undefined
  }
}

function glibcVersion() {
  const { report } = process
  const { excludeNetwork } = report
  // To look up what is connected can take seconds.
  report.excludeNetwork = true
  try {
    return report.getReport().header.glibcVersionRuntime
  } finally {
    report.excludeNetwork = excludeNetwork
  }
}

module.exports = load()
