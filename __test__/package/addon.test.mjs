// What the built addon must not have in it.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { remappedPaths } from '../../scripts/build.mjs'
import { addonFile } from '../../scripts/platform.mjs'
import { root } from '../../scripts/process.mjs'

/** Everything that looks like text, as `strings` prints it. */
function textsIn(file) {
  return readFileSync(file, 'latin1').match(/[\x20-\x7e]{6,}/g) ?? []
}

test('the addon has no path of the machine that built it', (t) => {
  const texts = textsIn(join(root, addonFile))
  t.true(texts.length > 1000)
  // Files are named by their crate, and the standard library by its commit.
  t.true(texts.some((text) => text.includes('/crates/')))
  const own = [homedir(), process.env.CARGO_HOME, root.slice(0, -1)].filter(
    (path) => path !== undefined && path.length > 1
  )
  const machines = [
    /[\\/]\.cargo[\\/]/,
    /registry[\\/]src/,
    /index\.crates\.io/,
    /^\/(?:home|root|Users|tmp|work|builds?)\//,
    /^[A-Z]:\\/
  ]
  for (const text of texts) {
    t.false(
      own.some((path) => text.includes(path)) || machines.some((pattern) => pattern.test(text)),
      text.slice(0, 200)
    )
  }
})

test('each folder with sources is renamed, also where sources lie outside the cache of crates', (t) => {
  const flags = remappedPaths([
    '/home/a/.cargo/registry/src/x/serde-1/Cargo.toml',
    '/vendored/url-2/Cargo.toml',
    join(root, 'Cargo.toml')
  ])
  t.deepEqual(flags, [
    '--remap-path-prefix=/home/a/.cargo/registry/src/x=/crates',
    '--remap-path-prefix=/vendored=/crates',
    `--remap-path-prefix=${root.slice(0, -1)}=/entra-jwt-verify`
  ])
  t.deepEqual(remappedPaths(['/a folder/url-2/Cargo.toml']).length, 1, 'flags are separated by blanks')
})
