import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchmarkFolder = fileURLToPath(new URL('..', import.meta.url))

const OURS = 'entra-jwt-verify'

/** Loads packages by name from a folder's node_modules; without a folder, ours from this checkout and the peers from here. */
export function loadPackages(names, folder = benchmarkFolder) {
  const require = createRequire(join(folder, 'index.js'))
  const inCheckout = folder === benchmarkFolder
  const isOurs = (name) => inCheckout && (name === OURS || name.startsWith(`${OURS}/`))
  const pathOf = (name) => `../${name.slice(OURS.length + 1) || 'index'}.js`
  return Object.fromEntries(names.map((name) => [name, require(isOurs(name) ? pathOf(name) : name)]))
}

/** The package of what is loaded: `hono/jwk` is of `hono`. */
export function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The version of an installed package. */
export function versionOf(name) {
  const file = name === OURS ? ['..'] : ['node_modules', name]
  return JSON.parse(readFileSync(join(benchmarkFolder, ...file, 'package.json'), 'utf8')).version
}
