// The package as an application has it: published files, and the addon, below the application's node_modules. There the
// frameworks that it requires are the application's.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { addonFile } from '../../scripts/platform.mjs'
import { root } from '../../scripts/process.mjs'

/** Copies it below a folder that has a node_modules. */
export function installCopy(folder) {
  const { name, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const copy = join(folder, 'node_modules', name)
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const file of [...files, 'package.json', addonFile]) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file), { recursive: true })
  }
}
