// The steps of `npm test`, in the order in which they run: the quick ones first.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { asOneCheck, ava, cargoTest, nodeTest, vectors } from './counts.mjs'
import { isInstalled } from './ensure.mjs'
import { npm, root, tool } from './process.mjs'
import { isNamed, sharedFile, sharedIsMissing } from './shared.mjs'

/**
 * @typedef {object} Step
 * @property {string} group what `--only` selects
 * @property {string} name
 * @property {() => import('./process.mjs').CommandLine} command made late: tools are there only once they are installed
 * @property {import('./counts.mjs').Count} [count] a step without it counts as one check
 * @property {boolean} [addon] whether it needs the built addon
 * @property {string} [install] a folder with dependencies of its own
 * @property {string | undefined} [skip] why the whole step is skipped here
 * @property {string | undefined} [note] why a part of it is skipped here
 */

const CORE_ONLY = '--no-default-features'

/**
 * @param {string} features
 * @returns {import('./process.mjs').CommandLine}
 */
function clippy(features) {
  return ['cargo', 'clippy', '--locked', '--all-targets', features, '--', '-D', 'warnings']
}

/**
 * Tests that need the shared vectors are `#[ignore]`d, so that cargo counts them as such where they cannot run.
 *
 * @param {string[]} options
 * @returns {import('./process.mjs').CommandLine}
 */
export function rustTests(...options) {
  const ignored = sharedIsMissing ? [] : ['--', '--include-ignored']
  return ['cargo', 'test', '--locked', ...options, ...ignored]
}

// Biome colours a pipe without being asked to.
const biomeColours = process.stdout.isTTY ? [] : ['--colors=off']

const vectorRunner = sharedFile('vectors', 'run.mjs')

const tests = join(root, '__test__')
const packageTests = join(tests, 'package')

/** @param {string} name */
const types = (name) => join('__test__', 'types', name)

/**
 * Tests with dependencies of their own: `__test__/frameworks`, `__test__/migrating` and each folder of `__test__/package` that has a
 * lock file, and in it the node:test file that is named like the folder. The step's name is the `description` in its package.json.
 *
 * @returns {Step[]}
 */
function testsWithDependencies() {
  return (
    [
      join(tests, 'frameworks'),
      join(tests, 'migrating'),
      ...readdirSync(packageTests).map((name) => join(packageTests, name))
    ]
      // Without such a file it is not a part of `npm test`: `npm run test:matrix` runs its own.
      .filter((folder) =>
        ['package-lock.json', `${basename(folder)}.mjs`].every((file) => existsSync(join(folder, file)))
      )
      .map((folder) => ({
        group: 'js',
        name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).description,
        install: folder,
        command: () => [process.execPath, '--test', '--test-reporter=spec', join(folder, `${basename(folder)}.mjs`)],
        count: nodeTest,
        addon: true
      }))
  )
}

/** @type {Step[]} */
export const steps = [
  {
    group: 'lint',
    name: 'JavaScript lint and format',
    command: () => tool('biome', 'ci', '--error-on-warnings', ...biomeColours, '.')
  },
  {
    group: 'lint',
    name: 'architecture',
    command: () => [process.execPath, join('scripts', 'architecture.mjs')]
  },
  { group: 'lint', name: 'Rust format', command: () => ['cargo', 'fmt', '--check'] },
  { group: 'types', name: 'types of the public API', command: () => tool('tsc', '-p', '.') },
  { group: 'types', name: 'types beside the MCP SDK', command: () => tool('tsc', '-p', types('beside-mcp')) },
  { group: 'types', name: 'types under NestJS', command: () => tool('tsc', '-p', types('nest')) },
  { group: 'types', name: 'types beside another middleware', command: () => tool('tsc', '-p', types('beside-auth0')) },
  { group: 'types', name: 'types of the page of explain', command: () => tool('tsc', '-p', 'tsconfig.page.json') },
  { group: 'lint', name: 'clippy, all features', command: () => clippy('--all-features') },
  { group: 'lint', name: 'clippy, core alone', command: () => clippy(CORE_ONLY) },
  {
    group: 'rust',
    // The same tests as below: they also pass without Node.js, network and clock.
    name: 'Rust tests, core alone (one check)',
    command: () => rustTests('--no-fail-fast', CORE_ONLY),
    count: asOneCheck(cargoTest)
  },
  {
    group: 'rust',
    name: 'Rust tests, all features',
    command: () => rustTests('--no-fail-fast', '--all-features'),
    count: cargoTest,
    note: sharedIsMissing
  },
  { group: 'addon', name: 'release build of the addon', command: () => npm('run', 'build') },
  {
    group: 'types',
    name: 'types of the JavaScript',
    command: () => tool('tsc', '-p', 'tsconfig.checkjs.json'),
    // The build writes native.d.ts.
    addon: true
  },
  {
    group: 'js',
    name: 'JavaScript tests',
    command: () => tool('ava'),
    count: ava,
    addon: true,
    note: sharedIsMissing
  },
  {
    group: 'js',
    name: 'what a panic costs',
    command: () => [process.execPath, '--test', '--test-reporter=spec', join(packageTests, 'panic.mjs')],
    count: nodeTest,
    addon: true
  },
  ...testsWithDependencies(),
  {
    group: 'vectors',
    name: 'shared test vectors',
    command: () => [process.execPath, vectorRunner, '__test__/helpers/vectors-adapter.mjs', '--no-raw'],
    count: vectors,
    addon: true,
    skip: isNamed || existsSync(vectorRunner) ? undefined : `there is no ${vectorRunner}`
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
    // No look-up of @types/entra-jwt-verify: the package has types of its own.
    command: () => tool('attw', '--pack', '.', '--no-definitely-typed', '--no-emoji', '--format', 'ascii'),
    addon: true
  },
  {
    group: 'package',
    name: 'the packed package, installed',
    command: () => [process.execPath, '--test', '--test-reporter=spec', join(packageTests, 'install.mjs')],
    count: nodeTest,
    addon: true
  },
  {
    // Whether the harness runs, not how fast anything is: this machine may be busy.
    group: 'bench',
    name: 'benchmark smoke',
    command: () => [process.execPath, join('benchmark', 'run.mjs'), '--quick', '--as-built'],
    addon: true,
    // The packages that it compares with are large, and not needed to run the tests.
    skip:
      process.env.CI || isInstalled(join(root, 'benchmark'))
        ? undefined
        : 'its dependencies are not installed; `npm run bench -- --quick` installs them'
  }
]
