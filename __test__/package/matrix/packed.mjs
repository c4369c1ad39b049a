// The package as users have it: packed, and installed in a folder of its own. ENTRA_JWT_VERIFY may name a folder with another copy.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execute, packRelease } from '../../../scripts/pack.mjs'
import { npm, root } from '../../../scripts/process.mjs'

/** A folder that is gone when the entry ends. */
export function scratch() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-matrix-')))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Makes a folder in which the package is installed.
 *
 * @param {string} folder for what is written
 * @param {string[]} beside packages of this checkout that the programs in the folder use
 * @returns {Promise<string>}
 */
export async function application(folder, beside = []) {
  const app = join(folder, 'app')
  mkdirSync(join(app, 'node_modules'), { recursive: true })
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n')
  const copy = process.env.ENTRA_JWT_VERIFY
  if (copy === undefined) {
    const { main, addon } = await packRelease(folder)
    await execute(npm('install', '--offline', '--ignore-scripts', main.tarball, addon.tarball), app)
  } else link(resolve(copy), app, 'entra-jwt-verify')
  for (const name of beside) link(join(root, 'node_modules', name), app, name)
  return app
}

function link(target, app, name) {
  const path = join(app, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}
