// Runs other programs. Node built-ins only, so that it works before anything is installed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

/** The top folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * A program and its arguments.
 *
 * @typedef {[command: string, ...args: string[]]} CommandLine
 */

/**
 * How a program ended: with an exit code, or by a signal. `output` is what it wrote to both streams, without colours.
 *
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, output: string }} Ended
 */

/**
 * Runs a program to its end, and passes its output on as it comes.
 *
 * @param {CommandLine} commandLine
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeout?: number }} [options] `env` is added to the environment of this
 *   process; after `timeout` milliseconds the program is ended by SIGTERM
 * @returns {Promise<Ended>}
 */
export function run([command, ...args], { env = {}, cwd = root, timeout = 0 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      timeout,
      env: { ...colours(), ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
      child[name].setEncoding('utf8').on('data', (text) => {
        output += text
        process[name].write(text)
      })
    }
    child.on('error', (error) => {
      const text = `cannot run ${command}: ${error.message}\n`
      process.stderr.write(text)
      resolve({ code: 127, signal: null, output: text })
    })
    child.on('close', (code, signal) => {
      resolve({ code, signal, output: stripVTControlCharacters(output) })
    })
  })
}

/**
 * The variables that make a program colour its output, which goes through a pipe, exactly where this process would. What
 * the caller has set is kept.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function colours() {
  if (process.env.NO_COLOR || process.env.FORCE_COLOR) return {}
  if (process.stdout.isTTY) return { FORCE_COLOR: '1', CARGO_TERM_COLOR: 'always' }
  return { NO_COLOR: '1', CARGO_TERM_COLOR: 'never' }
}

/**
 * The command line that runs npm: the one that runs this script, if npm does.
 *
 * @param {string[]} args
 * @returns {CommandLine}
 */
export function npm(...args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, script, ...args]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', ...args]
}

/**
 * The command line that runs an installed package's program with this Node.js: no shell, no `.cmd`.
 *
 * @param {string} name of the program
 * @param {string[]} args
 * @returns {CommandLine}
 */
export function tool(name, ...args) {
  const folder = join(root, 'node_modules', PACKAGE_OF[name] ?? name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [process.execPath, join(folder, typeof bin === 'string' ? bin : bin[name]), ...args]
}

/**
 * Programs that are not named like their package.
 *
 * @type {Record<string, string>}
 */
const PACKAGE_OF = {
  attw: '@arethetypeswrong/cli',
  biome: '@biomejs/biome',
  napi: '@napi-rs/cli',
  tsc: 'typescript'
}
