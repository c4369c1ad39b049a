// `npm run bench:instructions`: how many instructions a token costs, counted by valgrind's callgrind.
//
// Counts do not depend on what else the machine does, so they can be compared from commit to commit: they go into
// benchmark/instructions.json, where a reviewer sees them change. They do depend on compiler and processor.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './process.mjs'

const RESULTS = join(root, 'benchmark', 'instructions.json')
const TIMES = 200

if (spawnSync('valgrind', ['--version']).status !== 0) {
  console.error('valgrind is missing; on Debian: apt-get install valgrind')
  process.exit(1)
}

const program = build()
const nothing = count('nothing')
const instructions = Object.fromEntries(
  ['first-sight', 'first-sight-8-kb', 'second-sight'].map((what) => [what, Math.round((count(what) - nothing) / TIMES)])
)
const rustc = execFileSync('rustc', ['--version'], { encoding: 'utf8' }).trim()
const before = previous()
for (const [what, now] of Object.entries(instructions)) {
  const change = before?.[what] ? ` (${((now / before[what] - 1) * 100).toFixed(1)} %)` : ''
  console.log(`${what.padEnd(16)} ${String(now).padStart(9)} instructions${change}`)
}
writeFileSync(RESULTS, `${JSON.stringify({ rustc, instructions }, null, 2)}\n`)

/**
 * Builds the bench program, optimized as the addon is; cargo prints its path last.
 *
 * @returns {string}
 */
function build() {
  const options = ['bench', '--no-default-features', '--bench', 'instructions', '--no-run', '--message-format', 'json']
  const output = execFileSync('cargo', options, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 })
  const artifacts = output.split('\n').filter((line) => line.includes('"executable":"'))
  return JSON.parse(artifacts.at(-1) ?? '{}').executable
}

/** @param {string} what the program's argument */
function count(what) {
  const folder = mkdtempSync(join(tmpdir(), 'instructions-'))
  try {
    const file = join(folder, 'callgrind.out')
    execFileSync('valgrind', ['--tool=callgrind', `--callgrind-out-file=${file}`, program, what, String(TIMES)], {
      stdio: 'ignore'
    })
    return Number(/^summary: (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @returns {Record<string, number> | undefined} */
function previous() {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8')).instructions
  } catch {
    return undefined
  }
}
