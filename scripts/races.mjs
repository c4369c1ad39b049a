// `npm run test:races`: keys that change while tokens are verified, in every order in which threads can run (tests/races.rs, loom).
// It compiles the core anew, with loom's atomics, into a folder of its own.
import { join } from 'node:path'
import { root, run } from './process.mjs'

const { code } = await run(
  [
    'cargo',
    'test',
    '--locked',
    '--no-default-features',
    '--test',
    'races',
    '--target-dir',
    join(root, 'target', 'loom')
  ],
  { env: { RUSTFLAGS: '--cfg loom' } }
)
process.exitCode = code ?? 1
