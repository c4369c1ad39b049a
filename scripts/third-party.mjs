// The licenses of what the addon contains apart from our own code, which the platform packages have to name.
//   node scripts/third-party.mjs     writes THIRD-PARTY-LICENSES.txt into each folder of npm/; a release does
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseTriple } from '@napi-rs/cli'
import { root } from './process.mjs'

export const THIRD_PARTY = 'THIRD-PARTY-LICENSES.txt'

const LICENSE_FILE = /^(?:licen[cs]e|copying|copyright|notice|unlicense)(?:[.-]|$)/i

/**
 * The fields that are read here of what `cargo metadata` prints about a package.
 *
 * @typedef {object} Crate
 * @property {string} id
 * @property {string} name
 * @property {string} version
 * @property {string | null} license
 * @property {string | null} repository
 * @property {string} manifest_path
 * @property {{ kind: string[] }[]} targets
 */

/** @typedef {{ id: string, deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }} CrateNode in the graph of dependencies */

/**
 * The targets that have an addon: triples, as rustc names them.
 *
 * @returns {string[]}
 */
export function targets() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).napi.targets
}

/**
 * The text for the addon of one target.
 *
 * @param {string} target
 */
export function thirdPartyLicenses(target) {
  const crates = cratesIn(target)
  /** @type {Map<string, string[]>} the crates under each text */
  const texts = new Map()
  for (const crate of crates) {
    for (const text of textsOf(crate)) texts.set(text, [...(texts.get(text) ?? []), `${crate.name} ${crate.version}`])
  }
  const list = crates.map(({ name, version, license, repository }) => `${name} ${version}: ${license}, ${repository}`)
  return [
    'The addon of entra-jwt-verify contains the Rust standard library (MIT OR Apache-2.0, https://www.rust-lang.org) and:',
    list.join('\n'),
    'Their licenses. Where there is a choice, it is MIT.',
    ...[...texts].map(([text, names]) => `${'-'.repeat(80)}\n${names.join(', ')}\n\n${text}`),
    ''
  ].join('\n\n')
}

/**
 * The packages that are linked, sorted: dependencies that are neither tests', build scripts' nor macros.
 *
 * @param {string} target
 */
export function cratesIn(target) {
  const options = ['metadata', '--locked', '--format-version', '1', '--filter-platform', target]
  /** @type {{ packages: Crate[], resolve: { root: string, nodes: CrateNode[] } }} */
  const { packages, resolve } = JSON.parse(
    execFileSync('cargo', options, { cwd: root, encoding: 'utf8', maxBuffer: 1e9 })
  )
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]))
  const macros = new Set(packages.filter(isMacro).map(({ id }) => id))
  /** @type {Set<string>} */
  const found = new Set()
  /** @param {string} id */
  const visit = (id) => {
    if (found.has(id) || macros.has(id)) return
    found.add(id)
    for (const { pkg, dep_kinds: kinds } of nodeOf.get(id)?.deps ?? []) {
      if (kinds.some(({ kind }) => kind === null)) visit(pkg)
    }
  }
  visit(resolve.root)
  found.delete(resolve.root)
  return packages.filter(({ id }) => found.has(id)).sort((a, b) => a.name.localeCompare(b.name))
}

/** @param {Crate} crate */
function isMacro({ targets }) {
  return targets.some(({ kind }) => kind.includes('proc-macro'))
}

/**
 * The license files of a package; where its user may choose, those of MIT.
 *
 * @param {Crate} crate
 */
function textsOf({ manifest_path: manifest, license }) {
  const files = readdirSync(dirname(manifest), { recursive: true, encoding: 'utf8' })
    .filter((file) => LICENSE_FILE.test(basename(file)))
    .sort()
  const chosen = / OR |\//.test(license ?? '') ? files.filter((file) => /mit$|mit[.]/i.test(file)) : []
  return (chosen.length > 0 ? chosen : files)
    .map((file) => join(dirname(manifest), file))
    .filter((file) => existsSync(file) && !file.endsWith('.rs'))
    .map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim())
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const target of targets()) {
    writeFileSync(join(root, 'npm', parseTriple(target).platformArchABI, THIRD_PARTY), thirdPartyLicenses(target))
  }
}
