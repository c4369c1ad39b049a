// What the addon is made of besides our own code, and under which licenses: the platform packages have to say so.
//   node scripts/third-party.mjs     writes THIRD-PARTY-LICENSES.txt into each folder of npm/; a release does
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseTriple } from '@napi-rs/cli'
import { root } from './process.mjs'

export const THIRD_PARTY = 'THIRD-PARTY-LICENSES.txt'

const LICENSE_FILE = /^(?:licen[cs]e|copying|copyright|notice|unlicense)(?:[.-]|$)/i

/** The targets that there are addons for, triples as rustc names them. */
export function targets() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).napi.targets
}

/** The text for the addon of one target. */
export function thirdPartyLicenses(target) {
  const crates = cratesIn(target)
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

/** The packages that are linked, sorted: dependencies that are neither tests', build scripts' nor macros. */
function cratesIn(target) {
  const options = ['metadata', '--locked', '--format-version', '1', '--filter-platform', target]
  const { packages, resolve } = JSON.parse(execFileSync('cargo', options, { cwd: root, maxBuffer: 1e9 }))
  const packageOf = new Map(packages.map((each) => [each.id, each]))
  const nodeOf = new Map(resolve.nodes.map((each) => [each.id, each]))
  const found = new Set()
  const visit = (id) => {
    if (found.has(id) || isMacro(packageOf.get(id))) return
    found.add(id)
    for (const { pkg, dep_kinds: kinds } of nodeOf.get(id).deps) if (kinds.some(({ kind }) => kind === null)) visit(pkg)
  }
  visit(resolve.root)
  found.delete(resolve.root)
  return [...found].map((id) => packageOf.get(id)).sort((a, b) => a.name.localeCompare(b.name))
}

function isMacro({ targets }) {
  return targets.some(({ kind }) => kind.includes('proc-macro'))
}

/** What a package brings; of texts to choose from, that of MIT. */
function textsOf({ manifest_path: manifest, license }) {
  const files = readdirSync(dirname(manifest), { recursive: true })
    .filter((file) => LICENSE_FILE.test(file.split(/[/\\]/).at(-1)))
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
