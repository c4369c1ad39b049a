// SECURITY.md: what it names exists, and its numbers are those of the code.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/process.mjs'

const read = (...path) => readFileSync(join(root, ...path), 'utf8')
const security = read('SECURITY.md')

test('each test that SECURITY.md names exists, and each promise names one', (t) => {
  const rows = security
    .slice(security.indexOf('## Threat model'), security.indexOf('### What is trusted'))
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
  t.true(rows.length > 15)
  for (const row of rows) {
    const tests = [...row.matchAll(/`((?:__test__|tests)\/[\w./-]+)`/g)].map(([, file]) => file)
    t.true(tests.length > 0, row)
    for (const file of tests) t.true(existsSync(join(root, file)), `${file} does not exist`)
  }
})

test('the numbers of SECURITY.md are those of the code', (t) => {
  for (const [file, pattern, written] of [
    ['src/policy/builder.rs', /DEFAULT_MAX_TOKEN_LENGTH: usize = ([\d_]+);/, '16 384 bytes'],
    ['src/token/json.rs', /MAX_DEPTH: usize = (\d+);/, '16 levels'],
    ['src/keys/jwk_set.rs', /MAX_KEYS: usize = (\d+);/, '100 keys an answer'],
    ['src/keys/key_set.rs', /MAX_KEYS: usize = (\d+);/, '300 kept'],
    ['src/verifier.rs', /DEFAULT_TOKEN_CACHE: usize = ([\d_]+);/, '1000 tokens'],
    ['src/token_cache.rs', /ENTRY_BYTES: u64 = (\d+);/, '4096 bytes'],
    ['tests/properties/fuzz_targets.rs', /CASES: u32 = ([\d_]+);/, '3000 changes'],
    ['__test__/differential/differential.test.mjs', /SECONDS = (\d+)$/m, '20 s']
  ]) {
    const found = pattern.exec(read(...file.split('/')))?.[1]?.replaceAll('_', '')
    t.is(found, written.replaceAll(' ', '').match(/^\d+/)[0], file)
    t.true(security.includes(written), written)
  }
  t.is(
    Number(/MAX_BYTES: usize = ([\d_]+);/.exec(read('src', 'keys', 'jwk_set.rs'))[1].replaceAll('_', '')),
    256 * 1024
  )
  t.true(security.includes('256 KiB'))
})
