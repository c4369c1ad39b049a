'use strict'

const { existsSync, readdirSync, readFileSync } = require('node:fs')
const { basename, dirname, join, sep } = require('node:path')
const { fileURLToPath } = require('node:url')

/**
 * @typedef {import('../native').Place} Place
 * @typedef {'npm' | 'pnpm' | 'yarn' | 'yarn1' | 'bun'} Manager
 */

/**
 * Settings that omit optional dependencies.
 *
 * @type {Partial<Record<Manager, string>>}
 */
const OMITTING = {
  npm: '--omit=optional, --no-optional and omit=optional in .npmrc',
  pnpm: '--no-optional and optional=false in .npmrc',
  yarn1: '--ignore-optional',
  bun: '--omit=optional'
}

/**
 * Why the package for this platform is missing, as far as the file system shows, and what to do.
 *
 * @param {string} name
 * @param {Place} place
 * @returns {string[]}
 */
function installAdvice(name, place) {
  const what = `${name} ${place.version}, which contains the addon for this platform, is not installed.`
  const [why, ...actions] = place.bundled ? bundleAdvice(place) : managerAdvice(name, place)
  return [why === '' ? what : `${what} ${why}`, ...actions]
}

/** @param {Place} place */
function bundleAdvice({ file }) {
  const folder = file === undefined ? 'the bundle' : dirname(file.startsWith('file:') ? fileURLToPath(file) : file)
  return [
    `This code was bundled; neither the bundle nor a node_modules folder in or above ${folder} contains the addon.`,
    'Install entra-jwt-verify for the target platform before bundling, and handle .node files ' +
      '(esbuild: --loader:.node=copy; webpack: node-loader).',
    'Or mark entra-jwt-verify as external, and install it next to the bundle.'
  ]
}

/**
 * @param {string} name
 * @param {Place} place
 */
function managerAdvice(name, { target, version, file = '' }) {
  const modules = dirname(dirname(dirname(file)))
  const manager = managerOf(file, modules)
  const others = otherPlatforms(modules, name)
  const instead = others.length > 0 ? [`${modules} contains ${others.join(', ')} instead.`] : []
  const lock = manager === 'npm' ? lockWithout(dirname(modules), name) : undefined
  if (lock !== undefined) {
    const lost = `${lock} does not list it: it may be from npm 10 or older, which can drop the packages of other platforms.`
    return [
      [...instead, lost].join(' '),
      `Complete package-lock.json: npm install entra-jwt-verify@${version}`,
      'Or delete package-lock.json and node_modules, and run: npm install'
    ]
  }
  const omitting = OMITTING[manager]
  return [
    instead.join(' '),
    ...(others.length > 0 || omitting === undefined ? [] : [`Install optional dependencies: remove ${omitting}.`]),
    `Install on the platform that runs the service${installFor(manager, target)}`
  ]
}

/**
 * By what each leaves on disk.
 *
 * @param {string} file
 * @param {string} modules
 * @returns {Manager}
 */
function managerOf(file, modules) {
  if (process.versions.pnp !== undefined || existsSync(join(modules, '.yarn-state.yml'))) return 'yarn'
  if (existsSync(join(modules, '.yarn-integrity'))) return 'yarn1'
  if (file.includes(`${sep}.pnpm${sep}`)) return 'pnpm'
  const project = dirname(modules)
  return existsSync(join(project, 'bun.lock')) || existsSync(join(project, 'bun.lockb')) ? 'bun' : 'npm'
}

/**
 * Installed packages of other platforms.
 *
 * @param {string} modules
 * @param {string} name
 * @returns {string[]}
 */
function otherPlatforms(modules, name) {
  if (basename(modules) !== 'node_modules') return []
  try {
    return readdirSync(modules).filter(
      (other) => /^entra-jwt-verify-(?:darwin|linux|win32)-/.test(other) && other !== name
    )
  } catch {
    return []
  }
}

/**
 * The lock file of npm, if it lists entra-jwt-verify without the package for this platform.
 *
 * @param {string} project
 * @param {string} name
 * @returns {string | undefined}
 */
function lockWithout(project, name) {
  const lock = join(project, 'package-lock.json')
  try {
    const paths = Object.keys(JSON.parse(readFileSync(lock, 'utf8')).packages)
    const lists = (/** @type {string} */ wanted) => paths.some((path) => path.endsWith(`node_modules/${wanted}`))
    return lists('entra-jwt-verify') && !lists(name) ? lock : undefined
  } catch {
    return undefined
  }
}

/**
 * @param {Manager} manager
 * @param {string} target
 */
function installFor(manager, target) {
  const [os, cpu, abi] = target.split('-')
  const libc = { gnu: 'glibc', musl: 'musl' }[abi ?? '']
  if (manager === 'yarn') {
    const settings = [`os: [current, ${os}]`, `cpu: [current, ${cpu}]`, ...(libc ? [`libc: [current, ${libc}]`] : [])]
    return `, or put supportedArchitectures: { ${settings.join(', ')} } into .yarnrc.yml and run: yarn install`
  }
  if (manager === 'yarn1') return ': yarn install'
  // Bun has no --libc: it installs both.
  const flags = [`--os=${os}`, `--cpu=${cpu}`, ...(libc && manager !== 'bun' ? [`--libc=${libc}`] : [])]
  return `, or for it: ${manager} install ${flags.join(' ')}`
}

module.exports = { installAdvice }
