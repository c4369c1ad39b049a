// Folders in which nothing is installed but what one contender needs.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { execute, packRelease } from '../../scripts/pack.mjs'
import { npm } from '../../scripts/process.mjs'
import { benchmarkFolder } from './packages.mjs'

/**
 * A temporary folder with these packages and their dependencies, and how large that is.
 *
 * @returns {Promise<{ folder: string, packages: number, files: number, bytes: number, remove(): void }>}
 */
export async function isolate(names) {
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-benchmark-'))
  if (names.includes('entra-jwt-verify')) await installOurs(folder)
  else for (const source of closure(names, benchmarkFolder)) copy(source, folder)
  return { folder, ...sizeOf(closure(names, folder)), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The two packages that a user gets, packed and installed as a release is. */
async function installOurs(folder) {
  const packed = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-benchmark-'))
  try {
    const { main, addon } = await packRelease(packed)
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=peer']
    await execute(npm('install', ...flags, main.tarball, addon.tarball), folder)
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}

/** The folders of packages with all that they depend on, found as Node.js finds them. */
function closure(names, from) {
  const found = new Set()
  const visit = (name, folder) => {
    const installed = find(name, folder)
    if (!installed || found.has(installed)) return
    found.add(installed)
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      readFileSync(join(installed, 'package.json'), 'utf8')
    )
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      visit(needed, installed)
  }
  for (const name of names) visit(name, from)
  return found
}

function find(name, folder) {
  const candidate = join(folder, 'node_modules', name)
  if (existsSync(join(candidate, 'package.json'))) return candidate
  const parent = dirname(folder)
  return parent === folder ? undefined : find(name, parent)
}

function copy(source, folder) {
  const destination = join(folder, relative(benchmarkFolder, source))
  mkdirSync(dirname(destination), { recursive: true })
  // What is nested comes by itself, where it is needed.
  const nested = join(source, 'node_modules')
  cpSync(source, destination, { recursive: true, filter: (path) => path !== nested && !path.startsWith(nested + sep) })
}

function sizeOf(folders) {
  const files = [...folders].flatMap(filesOf)
  return {
    packages: folders.size,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0)
  }
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesOf(path)
    return [path]
  })
}
