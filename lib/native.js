/// <reference path="./native/packages.d.ts" />
'use strict'

const { closeSync, existsSync, openSync, readSync } = require('node:fs')
const { createRequire } = require('node:module')
const { isAbsolute, join } = require('node:path')

/**
 * @typedef {typeof import('../native')} Addon
 * @typedef {{ manifest: { version: string }, addon: Addon }} Loaded
 * @typedef {{ cause: unknown }} NotLoaded
 * @typedef {{ target: string, version: string, file: string | undefined, bundled: boolean }} Place
 *   target of the running process, expected version, the file this code stands in
 */

/** Compared with the platform package. package.json is not read for it: in a bundle, '../package.json' is another file. */
const VERSION = '0.2.0'

/**
 * Bundlers find packages by literal names, and skip one that is not installed only if its `require` is inside a `try`
 * of the same function. Turbopack fails on the .node file itself; a comment makes it ignore that `require`.
 *
 * @type {Record<string, () => Loaded | NotLoaded>}
 */
const PACKAGES = {
  'darwin-arm64': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-darwin-arm64/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-darwin-arm64')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'darwin-x64': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-darwin-x64/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-darwin-x64')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'linux-arm64-gnu': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-linux-arm64-gnu/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-linux-arm64-gnu')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'linux-arm64-musl': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-linux-arm64-musl/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-linux-arm64-musl')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'linux-x64-gnu': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-linux-x64-gnu/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-linux-x64-gnu')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'linux-x64-musl': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-linux-x64-musl/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-linux-x64-musl')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'win32-arm64-msvc': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-win32-arm64-msvc/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-win32-arm64-msvc')
      }
    } catch (cause) {
      return { cause }
    }
  },
  'win32-x64-msvc': () => {
    try {
      return {
        manifest: require('entra-jwt-verify-win32-x64-msvc/package.json'),
        addon: require(/* turbopackIgnore: true */ 'entra-jwt-verify-win32-x64-msvc')
      }
    } catch (cause) {
      return { cause }
    }
  }
}

/** The Rust core: built in this checkout, or from the package for this platform. */
function load() {
  const target = currentTarget()
  const built = builtAddon(target)
  if (built !== undefined) return built
  const installed = Object.hasOwn(PACKAGES, target) ? PACKAGES[target] : undefined
  if (installed === undefined) throw errors().unsupportedPlatform(target, Object.keys(PACKAGES))
  let loaded = installed()
  if (isNotLoaded(loaded)) loaded = loadAtRunTime(target, loaded)
  if (isNotLoaded(loaded)) throw errors().notLoaded(placeOf(target), loaded.cause)
  const { manifest, addon } = loaded
  if (manifest.version !== VERSION) throw errors().versionMismatch(placeOf(target), manifest.version)
  if (!isAddon(addon)) throw errors().notAnAddon(placeOf(target), addon)
  return addon
}

/**
 * @param {Loaded | NotLoaded} loaded
 * @returns {loaded is NotLoaded}
 */
function isNotLoaded(loaded) {
  return Object.hasOwn(loaded, 'cause')
}

/** Needed only for a failure. */
function errors() {
  return require('./native/errors')
}

/** As napi-rs names platforms. */
function currentTarget() {
  const { platform, arch } = process
  if (platform === 'win32') return `${platform}-${arch}-msvc`
  if (platform === 'linux') return `${platform}-${arch}-${isMusl() ? 'musl' : 'gnu'}`
  return `${platform}-${arch}`
}

/** By the dynamic linker that the running executable names in its ELF header: a report would take 9 ms. */
function isMusl() {
  try {
    const bytes = Buffer.allocUnsafe(2048)
    const executable = openSync(process.execPath, 'r')
    try {
      readSync(executable, bytes)
    } finally {
      closeSync(executable)
    }
    const start = bytes.toString('latin1')
    if (start.includes('/ld-musl-')) return true
    if (start.includes('/ld-linux-')) return false
  } catch {
    // Not readable under --permission, for example.
  }
  return require('./native/libc').glibcVersion() === undefined
}

/**
 * What `npm run build` wrote into the package root; the published package contains no such file.
 *
 * @param {string} target
 * @returns {Addon | undefined}
 */
function builtAddon(target) {
  // The parent folder of a bundle is not this package.
  if (isBundled()) return undefined
  const built = join(__filename, '..', '..', `entra-jwt-verify.${target}.node`)
  // Not by `require`: bundlers warn of an argument that they cannot evaluate.
  return existsSync(built) ? createRequire(__filename)(built) : undefined
}

/** Whether this code stands in a file that a bundler wrote. */
function isBundled() {
  return typeof __filename !== 'string' || !isAbsolute(__filename) || !/[\\/]lib[\\/]native\.js$/.test(__filename)
}

/**
 * @param {string} target
 * @returns {Place}
 */
function placeOf(target) {
  const inPlace = !isBundled() && existsSync(__filename)
  return { target, version: VERSION, file: inPlace ? __filename : callSite(), bundled: !inPlace }
}

/**
 * The file that contains this code, from V8: an ES module, as Rollup writes it, has no `__filename`, and bundlers can
 * replace `__filename` by that of the source.
 *
 * @returns {string | undefined}
 */
function callSite() {
  const { prepareStackTrace } = Error
  try {
    Error.prepareStackTrace = (_, [site]) => site?.getFileName()
    return /** @type {any} */ (new Error('for its call site')).stack
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

/**
 * The package may be installed next to a bundle, although the bundler did not find it, or left the `require` calls in
 * an ES module.
 *
 * @param {string} target
 * @param {NotLoaded} notLoaded
 * @returns {Loaded | NotLoaded}
 */
function loadAtRunTime(target, notLoaded) {
  const { file, bundled } = placeOf(target)
  if (!bundled || file === undefined) return notLoaded
  const name = `entra-jwt-verify-${target}`
  for (const from of [() => file, () => createRequire(file).resolve('entra-jwt-verify')]) {
    try {
      const requireFrom = createRequire(from())
      return { manifest: requireFrom(`${name}/package.json`), addon: requireFrom(name) }
    } catch (cause) {
      if (/** @type {any} */ (cause)?.code !== 'MODULE_NOT_FOUND') return { cause }
    }
  }
  return notLoaded
}

// biome-ignore lint/correctness/noUnusedVariables: not called; Turbopack copies what it names into the output of Next.js
function namedForTurbopack(/** @type {string} */ target) {
  const folder = join(__dirname, '..', '..', `entra-jwt-verify-${target}`)
  return existsSync(join(folder, 'package.json')) && existsSync(join(folder, `entra-jwt-verify.${target}.node`))
}

/**
 * Bundlers can be told to replace a .node file by its path, its content or nothing.
 *
 * @param {unknown} addon
 */
function isAddon(addon) {
  return (
    typeof addon === 'object' && addon !== null && Object.values(addon).some((value) => typeof value === 'function')
  )
}

module.exports = load()
