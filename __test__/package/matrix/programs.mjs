// The programs that the matrix has from npm: runtimes and package managers, with the versions that they print. npm may be told to run
// no install scripts, so executables are taken from where packages bring them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute } from '../../../scripts/pack.mjs'

const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules')

/** This process, and the other major versions of Node.js for which npm has an executable for this platform. */
export const NODES = {
  'this Node': process.execPath,
  ...Object.fromEntries(
    [20, 22, 24, 26].map((major) => [
      `Node ${major}`,
      join(modules, `node${major}-${process.platform}-${process.arch}`, 'bin', 'node')
    ])
  )
}

export const bun = executable('@oven', /^bun-/, ['bin', 'bun'])
export const deno = executable('@deno', /^/, ['deno'])
export const pnpm = executable('@pnpm', /^exe\./, ['pnpm'])

/** The executable of a scope's package for this platform, or `undefined`. */
function executable(scope, name, path) {
  const folder = join(modules, scope)
  const [found] = existsSync(folder) ? readdirSync(folder).filter((entry) => name.test(entry)) : []
  const file = found && join(folder, found, ...path)
  return file && existsSync(file) ? file : undefined
}

/** The script of a package's program, and its version. */
export function script(name, program) {
  const folder = join(modules, name)
  const { bin, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { file: join(folder, typeof bin === 'string' ? bin : bin[program]), version, folder }
}

/** What a program prints for `--version`, its first number. */
export async function versionOf(...command) {
  const { stdout } = await execute([...command, '--version'], modules)
  return /\d+\.\d+\.\d+\S*/.exec(stdout)[0]
}
