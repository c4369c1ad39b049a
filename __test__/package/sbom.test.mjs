// The bills of materials of a release (scripts/sbom.mjs).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/process.mjs'
import { mainBill, platformBill } from '../../scripts/sbom.mjs'
import { targets } from '../../scripts/third-party.mjs'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('the main package depends on its eight addons and on nothing else', (t) => {
  const { metadata, components, bomFormat, specVersion } = mainBill()
  t.deepEqual([bomFormat, specVersion], ['CycloneDX', '1.6'])
  t.is(metadata.component.purl, `pkg:npm/entra-jwt-verify@${version}`)
  t.is(components.length, 8)
  for (const { name, scope, licenses } of components) {
    t.regex(name, /^entra-jwt-verify-/)
    t.deepEqual([scope, licenses], ['optional', [{ license: { id: 'MIT' } }]])
  }
})

test('an addon has crates with licence and digest, and those of its platform only', (t) => {
  const bills = new Map(targets().map((target) => [target, platformBill(target)]))
  for (const [target, { metadata, components, dependencies }] of bills) {
    t.regex(metadata.component.name, /^entra-jwt-verify-/)
    t.true(components.length > 50, target)
    for (const { name, purl, licenses, hashes } of components) {
      t.regex(purl, new RegExp(`^pkg:cargo/${name}@\\d`))
      t.regex(licenses[0].expression, /^[^/]+$/, name)
      t.regex(hashes[0].content, /^[0-9a-f]{64}$/, name)
    }
    t.deepEqual(
      dependencies[0].dependsOn,
      components.map(({ purl }) => purl)
    )
    const names = components.map(({ name }) => name)
    for (const linked of ['aws-lc-sys', 'rustls', 'serde_json', 'napi'])
      t.true(names.includes(linked), `${target} ${linked}`)
    for (const other of ['proptest', 'divan', 'napi-build', 'serde_derive'])
      t.false(names.includes(other), `${target} ${other}`)
    t.is(names.includes('windows-sys'), target.includes('windows'), target)
  }
})
