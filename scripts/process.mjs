// Running other programs: Node built-ins only, so that it works before anything is installed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program, passes its output on as it comes, and resolves to `{ code, output }`; `output` has no colours. */
export function run([command, ...args], { env = {}, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...colours(), ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        output += text
        process[stream].write(text)
      })
    }
    child.on('error', (error) => {
      const text = `cannot run ${command}: ${error.message}\n`
      process.stderr.write(text)
      resolve({ code: 127, output: text })
    })
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: stripVTControlCharacters(signal ? `${output}ended by ${signal}\n` : output) })
    })
  })
}

// A piped program does not know whether somebody will see its colours. What the caller has set is kept.
function colours() {
  if (process.env.NO_COLOR || process.env.FORCE_COLOR) return {}
  if (process.stdout.isTTY) return { FORCE_COLOR: '1', CARGO_TERM_COLOR: 'always' }
  return { NO_COLOR: '1', CARGO_TERM_COLOR: 'never' }
}

/** The command line that runs npm, the very one that runs this script where there is one. */
export function npm(...args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, script, ...args]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', ...args]
}

/** The command line that runs an installed package's program with this Node.js: no shell, no `.cmd`. */
export function tool(name, ...args) {
  const { packageName = name, program = name } = TOOLS[name] ?? {}
  const folder = join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [process.execPath, join(folder, typeof bin === 'string' ? bin : bin[program]), ...args]
}

// Programs whose name is not their package's.
const TOOLS = {
  attw: { packageName: '@arethetypeswrong/cli' },
  biome: { packageName: '@biomejs/biome' },
  napi: { packageName: '@napi-rs/cli' },
  tsc: { packageName: 'typescript' }
}
