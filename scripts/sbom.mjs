// Software bills of materials (CycloneDX 1.6, JSON) of the main package and of each platform package.
//   node scripts/sbom.mjs <folder>     writes them there; a release does
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseTriple } from '@napi-rs/cli'
import { root } from './process.mjs'
import { cratesIn, targets } from './third-party.mjs'

/** @typedef {import('./third-party.mjs').Crate} Crate */
/** @typedef {{ name: string, version: string, license: string, dependencies?: Record<string, string> }} Manifest */

/** @param {string[]} path */
const manifestOf = (...path) =>
  /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8')))

/** The bill of the main package: it depends on the platform packages, of which one is installed, and on nothing else. */
export function mainBill() {
  const main = manifestOf()
  const platforms = targets().map((target) => npmComponent(manifestOf('npm', parseTriple(target).platformArchABI)))
  const components = platforms.map((component) => ({ ...component, scope: 'optional' }))
  return bill(npmComponent(main), components)
}

/**
 * The bill of a platform package: the crates that are linked into its addon, with the digests that Cargo.lock has.
 *
 * @param {string} target a triple
 */
export function platformBill(target) {
  const platform = npmComponent(manifestOf('npm', parseTriple(target).platformArchABI))
  const digests = digestsOfCrates()
  const crates = cratesIn(target).map((crate) => crateComponent(crate, digests.get(`${crate.name} ${crate.version}`)))
  return bill(platform, crates)
}

/**
 * @param {ReturnType<typeof npmComponent>} subject
 * @param {{ 'bom-ref': string }[]} components
 */
function bill(subject, components) {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    // No timestamp and no serial number: the same sources give the same bill.
    metadata: { component: { ...subject, type: 'library' } },
    components,
    dependencies: [{ ref: subject['bom-ref'], dependsOn: components.map((component) => component['bom-ref']) }]
  }
}

/** @param {Manifest} manifest */
function npmComponent({ name, version, license }) {
  const purl = `pkg:npm/${name}@${version}`
  return { type: 'library', 'bom-ref': purl, name, version, licenses: [{ license: { id: license } }], purl }
}

/**
 * @param {Crate} crate
 * @param {string | undefined} digest
 */
function crateComponent({ name, version, license }, digest) {
  const purl = `pkg:cargo/${name}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    // Some crates still write a slash where SPDX has OR.
    ...(license === null ? {} : { licenses: [{ expression: license.replaceAll(/ ?\/ ?/g, ' OR ') }] }),
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: digest }] }),
    purl
  }
}

/** The digest of each crate's archive, by name and version. */
function digestsOfCrates() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  const entries = lock.matchAll(/\nname = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g)
  return new Map([...entries].map(([, name, version, digest]) => [`${name} ${version}`, digest]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? 'sbom'
  mkdirSync(folder, { recursive: true })
  const write = (/** @type {string} */ name, /** @type {object} */ document) =>
    writeFileSync(join(folder, `${name}.cdx.json`), `${JSON.stringify(document, null, 2)}\n`)
  write(manifestOf().name, mainBill())
  for (const target of targets())
    write(manifestOf('npm', parseTriple(target).platformArchABI).name, platformBill(target))
}
