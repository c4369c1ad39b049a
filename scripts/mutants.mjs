// `npm run test:mutants`: changes the core in small ways and looks whether a test of it fails (cargo-mutants).
//   npm run test:mutants                                  src/rules and src/token; hours on two cores
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

/** Unit tests, and those that judge tokens, read keys and run the cache. The others need more time than they find mutants. */
const TESTS = [
  '--lib',
  ...['cache', 'conformance', 'keys', 'pipeline', 'properties', 'verifier'].flatMap((test) => ['--test', test])
]

const paths = positionals.length > 0 ? positionals : ['src/rules', 'src/token']
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
  ...options,
  '--',
  ...TESTS
])
process.exitCode = code ?? 1
