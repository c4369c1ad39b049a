// The package as npm installs it, in a folder of its own, without npm: what the tests of the loader break.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addonFile, platform } from '../../scripts/platform.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** As `entra-jwt-verify-linux-x64-gnu`. */
export const platformPackage = `entra-jwt-verify-${platform}`

const LOAD = `
try {
  const { createVerifier } = require('entra-jwt-verify')
  console.log(JSON.stringify({ loaded: typeof createVerifier === 'function' }))
} catch ({ code, message, cause }) {
  console.log(JSON.stringify({ code, message, cause: cause && { code: cause.code, message: cause.message } }))
}`

/** Installs both packages into a new folder; returns the paths of what a test may break. */
export function install(t, inside = '.') {
  const app = realpathSync(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-loader-')))
  t.teardown(() => rmSync(app, { recursive: true, force: true }))
  return installIn(app, inside)
}

export function installIn(app, inside = '.') {
  const modules = join(app, inside, 'node_modules')
  const main = join(modules, 'entra-jwt-verify')
  const addon = join(modules, platformPackage)
  mkdirSync(main, { recursive: true })
  mkdirSync(addon)
  for (const name of ['index.js', 'lib', 'package.json'])
    cpSync(join(root, name), join(main, name), { recursive: true })
  cpSync(join(root, 'npm', platform, 'package.json'), join(addon, 'package.json'))
  cpSync(join(root, addonFile), join(addon, addonFile))
  const start = join(app, inside, 'load.cjs')
  writeFileSync(start, LOAD)
  return { app, modules, main, addon, file: join(addon, addonFile), start }
}

/** Loads the package in a process of its own: `{ loaded }` or `{ code, message, cause }`. */
export async function load({ start }, { flags = [], env = {}, command = process.execPath } = {}) {
  const output = await outputOf(command, [...flags, start], env)
  return JSON.parse(
    output.split('\n').find((line) => line.startsWith('{')) ?? `{ "output": ${JSON.stringify(output)} }`
  )
}

function outputOf(command, args, env) {
  const { NODE_OPTIONS: _, ...rest } = process.env
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...rest, ...env }, timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve(`${stdout}${stderr}`)
    )
  })
}
