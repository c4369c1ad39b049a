// Brings a fresh clone to the point where something can run: dependencies installed, addon built.
// Both are left alone when they are up to date. Node built-ins only.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { addonFile } from './platform.mjs'
import { npm, root, run } from './process.mjs'

const OLDEST_NODE = 20

/** Thrown with a message for the person at the terminal, to whom its stack is of no use. */
export class SetupError extends Error {}

/**
 * Installs the packages that the folder's lock file names.
 *
 * @throws {SetupError}
 */
export async function ensureInstalled(folder = root) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new SetupError(`Node.js ${OLDEST_NODE} or newer is needed; this is ${process.version}.`)
  }
  if (isInstalled(folder)) return
  console.log(
    `Installing ${folder === root ? 'the development dependencies' : `what ${relative(root, folder)} needs`} (npm ci), ` +
      'because node_modules does not hold what package-lock.json names.'
  )
  const { code } = await run(npm('ci', '--include=dev', '--no-audit', '--no-fund'), { cwd: folder })
  if (code !== 0)
    throw new SetupError('npm ci failed, see above. It needs a registry, or a cache that has every package.')
}

/**
 * Builds the addon unless it is newer than its sources.
 *
 * @throws {SetupError}
 */
export async function ensureBuilt() {
  if (isBuilt()) return
  assertToolchain()
  console.log('Building the Rust core in release mode. From nothing that takes a few minutes.')
  const { code } = await run(npm('run', 'build'))
  if (code !== 0) throw new SetupError('The addon was not built, see above.')
}

/** npm writes what it installed into node_modules/.package-lock.json. Times would not do: git sets them at every checkout. */
export function isInstalled(folder = root) {
  const wanted = packagesIn(join(folder, 'package-lock.json'))
  const installed = packagesIn(join(folder, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version
  )
}

/**
 * The `packages` of a lock file, by path.
 *
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

function isBuilt() {
  const built = [addonFile, 'native.d.ts'].map((file) => join(root, file))
  if (!built.every((file) => existsSync(file))) return false
  const oldest = Math.min(...built.map(changedAt))
  return sources().every((file) => changedAt(file) <= oldest)
}

function sources() {
  const inCore = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((file) => join('src', file))
  return [...inCore, 'Cargo.toml', 'Cargo.lock', 'build.rs', join('.cargo', 'config.toml')]
    .map((file) => join(root, file))
    .filter((file) => existsSync(file))
}

/** @param {string} file */
function changedAt(file) {
  return statSync(file).mtimeMs
}

/** @throws {SetupError} without Rust or a C compiler */
export function assertToolchain() {
  if (!runs('cargo')) {
    throw new SetupError(
      'The Rust core has to be built and there is no `cargo`. Install Rust from https://rustup.rs, ' +
        'open a new terminal and run this again.'
    )
  }
  // On Windows the compiler is found through the registry, not through PATH: cargo itself says when it is missing.
  if (process.platform !== 'win32' && ![process.env.CC, 'cc', 'gcc', 'clang'].some(runs)) {
    throw new SetupError(
      'The cryptography of the Rust core (AWS-LC) is written in C and there is no C compiler. Install one: ' +
        '`apt install build-essential`, `apk add build-base`, or on macOS `xcode-select --install`.'
    )
  }
}

/** @param {string | undefined} command */
function runs(command) {
  return command !== undefined && command !== '' && spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}
