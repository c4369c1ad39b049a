// `npm run build`: the addon, built from the versions in Cargo.lock, without a path of this machine in it.
//   npm run build -- --target aarch64-apple-darwin     arguments go to `napi build`
import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run, tool } from './process.mjs'

/**
 * What the compiler writes in place of the folders that sources are in: panics name their file. Elsewhere these would be the
 * user's home and its cache, and two machines would build two addons from the same sources.
 *
 * @param {string[]} manifests paths of the Cargo.toml of every crate
 * @returns {string[]} flags of rustc
 */
export function remappedPaths(manifests) {
  // A crate's folder is named by name and version; what is above it depends on the machine.
  const folders = new Set(manifests.map((manifest) => dirname(dirname(manifest))))
  folders.delete(dirname(dirname(`${root}Cargo.toml`)))
  return [...folders]
    .map((folder) => `--remap-path-prefix=${folder}=/crates`)
    .concat(`--remap-path-prefix=${root.replace(/[\\/]$/, '')}=/entra-jwt-verify`)
    .filter((flag) => !/\s/.test(flag))
}

function manifests() {
  const metadata = execFileSync('cargo', ['metadata', '--locked', '--format-version', '1'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  /** @type {{ packages: { manifest_path: string }[] }} */
  const { packages } = JSON.parse(metadata)
  return packages.map(({ manifest_path: manifest }) => manifest)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // RUSTFLAGS are separated by white space: a folder with a blank in its name stays as it is.
  const flags = [process.env.RUSTFLAGS ?? '', ...remappedPaths(manifests())].join(' ').trim()
  const options = ['--platform', '--release', '--no-js', '--dts', 'native.d.ts', ...process.argv.slice(2)]
  const { code } = await run(tool('napi', 'build', ...options, '--', '--locked'), { env: { RUSTFLAGS: flags } })
  process.exitCode = code ?? 1
}
