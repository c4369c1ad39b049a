// `npm run test:mutants`: changes the core in small ways and looks whether a test of it fails (cargo-mutants).
//   npm run test:mutants                                  the rules, the token, the policy and the keys: hours
//   npm run test:mutants -- src/keys/cache.rs             other files or folders
//   npm run test:mutants -- --shard 0/8 src/policy        a part of them
//   npm run test:mutants -- --changed main                only lines that differ from a branch
// A mutant that survives gets a test, or its reason in docs/contributing/mutants.md. Needs cargo-mutants
// (`cargo install --locked cargo-mutants`).
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, run } from './process.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shard: { type: 'string' }, changed: { type: 'string' } }
})

/** Without those that need other files, or more time than they find mutants. */
const TESTS = [
  'cache',
  'cache_properties',
  'conformance',
  'explain',
  'keys',
  'oracle',
  'pipeline',
  'properties',
  'races',
  'several_authorities',
  'verifier'
]

const paths = positionals.length > 0 ? positionals : ['src/rules', 'src/token', 'src/policy', 'src/keys']
for (const path of paths) {
  if (!existsSync(join(root, path))) {
    console.error(`expected a file or folder of the repository, got ${path}`)
    process.exit(2)
  }
}
const globs = paths.map((path) => (statSync(join(root, path)).isDirectory() ? `${path}/**` : path))
const output = join(root, 'target', 'mutants')
mkdirSync(output, { recursive: true })

/** @type {string[]} */
const options = globs.flatMap((glob) => ['--file', glob])
if (values.shard !== undefined) options.push('--shard', values.shard)
if (values.changed !== undefined) {
  const diff = join(output, 'changes.diff')
  writeFileSync(diff, execFileSync('git', ['diff', values.changed, '--', 'src'], { cwd: root }))
  options.push('--in-diff', diff)
}
const { code } = await run([
  'cargo',
  'mutants',
  '--jobs=1',
  '--no-shuffle',
  '--colors=never',
  '--output',
  output,
  // To both phases, so that the first one builds no other test.
  '--cargo-arg=--lib',
  ...TESTS.map((test) => `--cargo-arg=--test=${test}`),
  ...options
])
process.exitCode = code ?? 1
