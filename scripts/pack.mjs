// Packs what a release publishes for this platform, with the commands that a release uses.
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseTriple } from '@napi-rs/cli'
import { addonFile, platform } from './platform.mjs'
import { npm, root, tool } from './process.mjs'
import { THIRD_PARTY, targets, thirdPartyLicenses } from './third-party.mjs'

/** @typedef {{ tarball: string, files: string[] }} Packed a package: the path of its tarball, the sorted paths in it */

/**
 * Packs the main package and that of this platform; everything is written below `folder`.
 *
 * @param {string} folder
 * @returns {Promise<{ main: Packed, addon: Packed }>}
 */
export async function packRelease(folder) {
  const release = await unpack(await pack(root, folder), join(folder, 'release'))
  cpSync(join(root, 'npm'), join(release, 'npm'), { recursive: true })
  copyFileSync(join(root, addonFile), join(release, 'npm', platform, addonFile))
  // The other platforms' addons are not here; `napi pre-publish` only looks whether there are files.
  for (const name of readdirSync(join(release, 'npm')).filter((other) => other !== platform)) {
    for (const file of [`entra-jwt-verify.${name}.node`, THIRD_PARTY])
      writeFileSync(join(release, 'npm', name, file), 'stand-in')
  }
  const target = targets().find((triple) => parseTriple(triple).platformArchABI === platform)
  if (target === undefined) throw new Error(`package.json names no target for ${platform}`)
  writeFileSync(join(release, 'npm', platform, THIRD_PARTY), thirdPartyLicenses(target))
  // Writes the platform packages into optionalDependencies. They cannot stand there before they are published.
  await execute(
    tool('napi', 'pre-publish', '--tag-style', 'npm', '--no-gh-release', '--skip-optional-publish'),
    release
  )
  const main = await pack(release, folder)
  const addon = await pack(join(release, 'npm', platform), folder)
  return { main, addon }
}

/**
 * @param {string} packageFolder
 * @param {string} destination
 * @returns {Promise<Packed>}
 */
async function pack(packageFolder, destination) {
  const { stdout } = await execute(
    npm('pack', '--json', '--ignore-scripts', '--pack-destination', destination),
    packageFolder
  )
  const [{ filename, files }] = JSON.parse(stdout)
  const paths = files.map((/** @type {{ path: string }} */ { path }) => path)
  return { tarball: join(destination, filename), files: paths.sort() }
}

/**
 * @param {Packed} packed
 * @param {string} destination
 */
async function unpack({ tarball }, destination) {
  mkdirSync(destination)
  await execute(['tar', '-xzf', tarball, '--strip-components', '1'], destination)
  return destination
}

/**
 * Runs a program to its end; rejects with an error that has `stdout`, and in its message all that was printed.
 *
 * @param {import('./process.mjs').CommandLine} commandLine
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function execute([command, ...args], cwd, env = process.env) {
  // Set for the scripts that npm runs: another npm would take that folder for its own.
  const { npm_config_local_prefix: _, ...rest } = env
  try {
    return await promisify(execFile)(command, args, { cwd, env: rest })
  } catch (error) {
    const { message, stdout } = /** @type {Error & { stdout: string }} */ (error)
    throw Object.assign(new Error(`${message}\n${stdout}`), { stdout })
  }
}
