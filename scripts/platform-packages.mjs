// Writes npm/: one package for each of package.json's `napi.targets`. Run it when the targets or their common fields change:
//   node scripts/platform-packages.mjs
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tool } from './process.mjs'
import { THIRD_PARTY } from './third-party.mjs'

const npmFolder = join(root, 'npm')

rmSync(npmFolder, { recursive: true, force: true })
const { code } = await run(tool('napi', 'create-npm-dirs'))
if (code !== 0) process.exit(code ?? 1)

for (const platform of readdirSync(npmFolder)) {
  const folder = join(npmFolder, platform)
  const { name, version, license, engines, os, cpu, libc, main, files } = readJson(join(folder, 'package.json'))
  const description = `The ${platform} addon of entra-jwt-verify`
  const all = [...files, THIRD_PARTY]
  // Yarn Plug'n'Play: an addon cannot be loaded from inside a zip archive.
  const manifest = {
    name,
    version,
    description,
    license,
    main,
    files: all,
    preferUnplugged: true,
    engines,
    os,
    cpu,
    libc
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(folder, 'README.md'), readme(name, platform))
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/**
 * @param {string} name
 * @param {string} platform
 */
function readme(name, platform) {
  return `# ${name}

The native addon of [entra-jwt-verify](https://www.npmjs.com/package/entra-jwt-verify) for ${platform}.
Package managers install it with that package; do not install it directly.
`
}
