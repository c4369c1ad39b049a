// Every check of `npm test`, in the order in which it runs: the quick ones first.
//   group    what `--only` selects
//   command  a command line, made late: tools are there only once they are installed
//   count    output -> { passed, failed }; a step without it counts as one check
//   addon    true when it loads the built addon
//   install  a folder with dependencies of its own
//   skip     a reason not to run it here
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ava, cargoTest, nodeTest, vectors } from './counts.mjs'
import { isInstalled } from './ensure.mjs'
import { npm, root, tool } from './process.mjs'

const CORE_ONLY = '--no-default-features'
const clippy = (features) => ['cargo', 'clippy', '--locked', '--all-targets', features, '--', '-D', 'warnings']
const rustTests = (features) => ['cargo', 'test', '--locked', '--no-fail-fast', features]

// Biome is the only one that colours a pipe unasked.
const biomeColours = process.stdout.isTTY ? [] : ['--colors=off']

const named = process.env.ENTRA_JWT_SHARED
const sharedVectors = join(resolve(root, named ?? '../shared'), 'vectors', 'run.mjs')
const noVectors = 'there is no ../shared/vectors; ENTRA_JWT_SHARED can name another folder than ../shared'

const runners = join(root, '__test__', 'package', 'runners')

const bundlers = join(root, '__test__', 'package', 'bundlers')

const noPeers = 'on a CI server it runs; here `npm run bench -- --quick` installs what it needs, and then it does too'

export const steps = [
  {
    group: 'lint',
    name: 'JavaScript lint and format',
    command: () => tool('biome', 'ci', '--error-on-warnings', ...biomeColours, '.')
  },
  { group: 'lint', name: 'Rust format', command: () => ['cargo', 'fmt', '--check'] },
  { group: 'types', name: 'types of the public API', command: () => tool('tsc', '-p', '.') },
  { group: 'lint', name: 'clippy, all features', command: () => clippy('--all-features') },
  { group: 'lint', name: 'clippy, core alone', command: () => clippy(CORE_ONLY) },
  { group: 'rust', name: 'Rust tests, core alone', command: () => rustTests(CORE_ONLY), count: cargoTest },
  { group: 'rust', name: 'Rust tests, all features', command: () => rustTests('--all-features'), count: cargoTest },
  { group: 'addon', name: 'release build of the addon', command: () => npm('run', 'build') },
  { group: 'js', name: 'JavaScript tests', command: () => tool('ava'), count: ava, addon: true },
  {
    group: 'js',
    name: 'test runners: Jest, Vitest',
    install: runners,
    command: () => [process.execPath, '--test', '--test-reporter=spec', join(runners, 'runners.mjs')],
    count: nodeTest,
    addon: true
  },
  {
    group: 'vectors',
    name: 'shared test vectors',
    command: () => [process.execPath, sharedVectors, '__test__/helpers/vectors-adapter.mjs', '--no-raw'],
    count: vectors,
    addon: true,
    // Who names a folder wants them run: then a missing one is a failure.
    skip: named || existsSync(sharedVectors) ? undefined : noVectors
  },
  {
    group: 'package',
    name: 'publint',
    command: () => tool('publint', 'run', '--strict', '--pack', 'npm'),
    addon: true
  },
  {
    group: 'package',
    name: 'are the types wrong',
    // No look-up of @types/entra-jwt-verify: the package brings its own.
    command: () => tool('attw', '--pack', '.', '--no-definitely-typed', '--no-emoji', '--format', 'ascii'),
    addon: true
  },
  {
    group: 'package',
    name: 'the packed package, installed',
    command: () => [process.execPath, '--test', '--test-reporter=spec', join('__test__', 'package', 'install.mjs')],
    count: nodeTest,
    addon: true
  },
  {
    group: 'package',
    name: 'bundlers',
    install: bundlers,
    command: () => [process.execPath, '--test-reporter=spec', join(bundlers, 'run.mjs')],
    count: nodeTest,
    addon: true
  },
  {
    // Whether the harness runs, not how fast anything is: this machine may be busy.
    group: 'bench',
    name: 'benchmark smoke',
    command: () => [process.execPath, join('benchmark', 'run.mjs'), '--quick', '--as-built'],
    addon: true,
    // Nobody has to install what we are measured against to run the tests.
    skip: process.env.CI || isInstalled(join(root, 'benchmark')) ? undefined : noPeers
  }
]
