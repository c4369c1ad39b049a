// `npm run fuzz:rust`: the fuzz targets of the Rust core (tests/targets, fuzz/), one after the other.
//   npm run fuzz:rust                                  each for a minute
//   npm run fuzz:rust -- --seconds 600 token json      some of them, each for ten
//   npm run fuzz:rust -- --sanitizer address           with AddressSanitizer: slower, and for the C code only
// Needs cargo-fuzz (`cargo install --locked cargo-fuzz`). libFuzzer asks for flags that stable compilers have, but do not
// accept without RUSTC_BOOTSTRAP.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, run } from './process.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, sanitizer: { type: 'string', default: 'none' } }
})

const folder = join(root, 'fuzz')
const names = [...readFileSync(join(folder, 'Cargo.toml'), 'utf8').matchAll(/\[\[bin\]\]\nname = "(\w+)"/g)].map(
  ([, name]) => String(name)
)
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`there is no target ${unknown.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}

await run([process.execPath, join(folder, 'corpus.mjs')])
const rows = []
for (const name of positionals.length > 0 ? positionals : names) rows.push(await fuzz(name))
console.log('\n   executions  coverage  corpus  target')
for (const { name, executions, coverage, corpus, failed } of rows) {
  const columns = [String(executions).padStart(13), String(coverage).padStart(9), String(corpus).padStart(7)]
  console.log(`${columns.join(' ')}  ${name}${failed ? ' FAILED' : ''}`)
}
if (rows.some(({ failed }) => failed)) process.exitCode = 1

/** @param {string} name */
async function fuzz(name) {
  mkdirSync(join(folder, 'corpus', name), { recursive: true })
  const options = [`-max_total_time=${values.seconds}`, '-max_len=20000', '-print_final_stats=1']
  const { code, output } = await run(
    // With --release the profile in fuzz/Cargo.toml says which crates have assertions; without it all of them have.
    ['cargo', 'fuzz', 'run', '--release', '--sanitizer', values.sanitizer, name, '--', ...options],
    { env: { RUSTC_BOOTSTRAP: '1' } }
  )
  return {
    name,
    executions: lastNumber(output, /stat::number_of_executed_units:\s+(\d+)/g),
    coverage: lastNumber(output, /\bcov: (\d+)/g),
    corpus: readdirSync(join(folder, 'corpus', name)).length,
    failed: code !== 0
  }
}

/**
 * @param {string} output
 * @param {RegExp} pattern
 */
function lastNumber(output, pattern) {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0)
}
