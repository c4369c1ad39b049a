'use strict'

const { dirname } = require('node:path')
const { installAdvice } = require('./install')
const { damageOf, fileOf, noexecMount } = require('./file')
const { glibcVersion } = require('./libc')

/**
 * @typedef {import('../native').Place} Place
 * @typedef {{ code: string, lines: string[] }} Finding what happened in the first line, what to do in the others
 * @typedef {{ place: Place, name: string, code: unknown, message: string, cause: any, file: string | undefined }} Failure
 */

const CODES = {
  /** No package exists for this platform. */
  platform: 'ERR_NATIVE_PLATFORM',
  /** The package for this platform is not installed, or not where a bundle looks for it. */
  notInstalled: 'ERR_NATIVE_NOT_INSTALLED',
  /** The platform package has another version than this package. */
  version: 'ERR_NATIVE_VERSION',
  /** The runtime was started without the permission to load addons. */
  disabled: 'ERR_NATIVE_DISABLED',
  /** The C library of this system is too old, or another one than the addon needs. */
  libc: 'ERR_NATIVE_LIBC',
  /** The file is damaged, missing, or made for another processor or operating system. */
  file: 'ERR_NATIVE_FILE',
  /** The operating system refuses to map the file for execution. */
  blocked: 'ERR_NATIVE_BLOCKED',
  /** A bundler replaced the addon by something else. */
  bundle: 'ERR_NATIVE_BUNDLE',
  /** Anything else. */
  load: 'ERR_NATIVE_LOAD'
}

/**
 * @param {string} target
 * @param {string[]} targets
 */
function unsupportedPlatform(target, targets) {
  return nativeError({
    code: CODES.platform,
    lines: [`entra-jwt-verify has no addon for ${target}.`, `Use one of: ${targets.join(', ')}`]
  })
}

/**
 * @param {Place} place
 * @param {string} found
 */
function versionMismatch({ target, version }, found) {
  const name = `entra-jwt-verify-${target}`
  return nativeError({
    code: CODES.version,
    lines: [
      `entra-jwt-verify ${version} needs ${name} ${version}, got ${found}.`,
      `Remove ${name} from dependencies, overrides and resolutions of your package.json; entra-jwt-verify brings it.`,
      `Install both again: npm install entra-jwt-verify@${version}`
    ]
  })
}

/**
 * @param {Place} place
 * @param {unknown} value
 */
function notAnAddon({ target }, value) {
  const got = typeof value === 'string' ? 'a string' : 'an object without functions'
  return nativeError({
    code: CODES.bundle,
    lines: [
      `expected an addon from entra-jwt-verify-${target}, got ${got}: a bundler replaced the .node file.`,
      'esbuild: use --loader:.node=copy. webpack: use node-loader for .node files, not an asset type.',
      'Any bundler: mark entra-jwt-verify as external and install it next to the bundle.'
    ]
  })
}

/**
 * @param {Place} place
 * @param {any} cause
 */
function notLoaded(place, cause) {
  const name = `entra-jwt-verify-${place.target}`
  const message = String(cause?.message ?? cause)
  const file = fileOf(name, place.file, message)
  /** @type {Failure} */
  const failure = { place, name, code: cause?.code, message, cause, file }
  for (const recognise of RECOGNISERS) {
    const finding = recognise(failure)
    if (finding) return nativeError(finding, cause)
  }
  return nativeError({ code: CODES.load, lines: [`${name} cannot be loaded: ${message}`] }, cause)
}

/**
 * The order matters: an error of a runtime that disables addons says nothing about the file, and for a damaged file the
 * system often reports another cause.
 *
 * @type {((failure: Failure) => Finding | undefined)[]}
 */
const RECOGNISERS = [disabled, unreadable, notUnplugged, incomplete, notInstalled, damaged, oldLibc, otherLibc, blocked]

/** @param {Failure} failure */
function disabled({ name, code, message }) {
  if (/--allow-ffi/.test(message)) {
    return {
      code: CODES.disabled,
      lines: [`Deno was started without the permission to load ${name}.`, 'Add --allow-ffi.']
    }
  }
  if (code !== 'ERR_DLOPEN_DISABLED') return undefined
  const permissions = /** @type {any} */ (process).permission !== undefined
  return {
    code: CODES.disabled,
    lines: [
      `Node.js was started without the permission to load addons, such as ${name}.`,
      permissions
        ? 'Add --allow-addons next to --permission.'
        : 'Remove --no-addons from the command line, NODE_OPTIONS or execArgv.'
    ]
  }
}

/** @param {Failure} failure */
function unreadable({ name, code, cause, place }) {
  if (code !== 'ERR_ACCESS_DENIED') return undefined
  const { file, bundled } = place
  const modules = file === undefined || bundled ? 'node_modules' : dirname(dirname(dirname(file)))
  return {
    code: CODES.disabled,
    lines: [
      `Node.js was started without the permission to read ${cause.resource ?? name}.`,
      `Add --allow-fs-read=${modules}/* and --allow-addons next to --permission.`
    ]
  }
}

/** @param {Failure} failure */
function notUnplugged({ name, file, place }) {
  if (process.versions.pnp === undefined || !/\.zip[\\/]/.test(file ?? '')) return undefined
  return {
    code: CODES.notInstalled,
    lines: [
      `${name} is inside a zip archive of Yarn Plug'n'Play, from which the operating system cannot load it.`,
      `Put "dependenciesMeta": { "${name}@${place.version}": { "unplugged": true } } into package.json and run: yarn install`
    ]
  }
}

/** @param {Failure} failure */
function incomplete({ code, cause }) {
  if (code !== 'MODULE_NOT_FOUND' || !String(cause.path).endsWith('package.json')) return undefined
  return {
    code: CODES.file,
    lines: [
      `${dirname(cause.path)} is installed without its .node file.`,
      'Remove *.node from .dockerignore and from the rules of whatever copies or cleans node_modules.',
      'Delete that folder and install again: npm ci'
    ]
  }
}

/** What Node.js, and the code that bundlers put in the place of a `require`, throw. */
const MISSING =
  /^(?:Cannot (?:find|require) (?:module|package)|Could not resolve|Dynamic require of)|require is not defined/

/** @param {Failure} failure */
function notInstalled({ place, name, cause, code, message }) {
  if (
    code !== 'MODULE_NOT_FOUND' &&
    code !== 'ERR_MODULE_NOT_FOUND' &&
    cause?.pnpCode === undefined &&
    !MISSING.test(message)
  )
    return undefined
  return { code: CODES.notInstalled, lines: installAdvice(name, place) }
}

/** @param {Failure} failure */
function damaged({ file, place }) {
  const damage = file && damageOf(file, place.target)
  if (!damage) return undefined
  return {
    code: CODES.file,
    lines: [`${file} is damaged or foreign: ${damage}.`, `Delete ${dirname(file)} and install again: npm ci`]
  }
}

/** @param {Failure} failure */
function oldLibc({ name, message }) {
  const [, required] = /version `GLIBC_([\d.]+)' not found/.exec(message) ?? []
  if (required === undefined) return undefined
  return {
    code: CODES.libc,
    lines: [
      `${name} needs glibc ${required} or newer, got ${glibcVersion() ?? 'an unknown version'}.`,
      'Use a newer base image or operating system.'
    ]
  }
}

/** @param {Failure} failure */
function otherLibc({ name, message }) {
  const needsMusl = /(?:ld|libc\.)-?musl/.test(message)
  const needsGlibc =
    /ld-linux[\w.-]{0,20}\.so|libc\.so\.6|gnu_get_libc_version/.test(message) && glibcVersion() === undefined
  if (!needsMusl && !needsGlibc) return undefined
  return {
    code: CODES.libc,
    lines: [
      `${name} contains an addon for ${needsMusl ? 'musl' : 'glibc'}, got a process that runs on ${needsMusl ? 'glibc' : 'musl'}.`,
      'Run npm ci in the image that runs the service; do not copy node_modules between Alpine and other images.'
    ]
  }
}

/** @param {Failure} failure */
function blocked({ name, message, file }) {
  if (!/failed to map segment|operation not permitted|permission denied|system policy/i.test(message)) return undefined
  const mount = file && noexecMount(file)
  if (mount) {
    return {
      code: CODES.blocked,
      lines: [
        `${name} cannot be loaded: the file system at ${mount} is mounted with noexec.`,
        `Mount it with exec (mount -o remount,exec ${mount}; docker run --tmpfs ${mount}:exec), or install elsewhere.`
      ]
    }
  }
  return {
    code: CODES.blocked,
    lines: [
      `The operating system refuses to load ${file ?? name}: ${message}`,
      'Check the permissions of the file and the rules of SELinux, AppArmor, fapolicyd or other security software.'
    ]
  }
}

/**
 * @param {Finding} finding
 * @param {unknown} [cause]
 */
function nativeError({ code, lines: [what, ...actions] }, cause) {
  const message = [what, ...actions.map((action) => `- ${action}`)].join('\n')
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code })
}

module.exports = { CODES, notAnAddon, notLoaded, unsupportedPlatform, versionMismatch }
