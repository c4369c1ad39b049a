// The listings of docs/testing.md, each run by the program that its first line names.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { root } from '../../../scripts/process.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const markdown = readFileSync(join(root, 'docs', 'testing.md'), 'utf8')

/** `{ file, runner, code }` of each listing; an application or a client that others run has no runner. */
const listings = [...markdown.matchAll(/^```js\n\/\/ (\S+)(?: \(([^)]+)\))?\n([\s\S]*?)^```$/gm)].map(
  ([, file, runner, code]) => ({ file, runner, code })
)

const PACKAGES = [
  'entra-jwt-verify',
  '@azure/identity',
  '@azure/msal-node',
  'ava',
  'express',
  'fastify',
  'jest',
  'msw',
  'nock',
  'supertest',
  'vitest'
]

const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-docs-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
for (const name of PACKAGES) {
  const link = join(folder, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  const installed = [join(here, 'node_modules', name), join(root, 'node_modules', name)].find((path) =>
    existsSync(path)
  )
  symlinkSync(name === 'entra-jwt-verify' ? root : installed, link, 'junction')
}
for (const { file, code } of listings) writeFileSync(join(folder, file), code)

const installed = (...path) => join(folder, 'node_modules', ...path)

/** The arguments of Node.js for each way to run a listing. */
const RUNNERS = {
  node: (file) => [file],
  'node:test': (file) => ['--test', '--test-reporter=tap', file],
  ava: (file) => [installed('ava', 'entrypoints', 'cli.mjs'), file],
  Jest: (file) => [installed('jest', 'bin', 'jest.js'), '--ci', '--rootDir', folder, '--testMatch', join(folder, file)],
  Vitest: (file) => [installed('vitest', 'vitest.mjs'), 'run', '--root', folder, file]
}

test('every listing is a file, and all but what others run has a program that runs it', () => {
  assert.equal(listings.length, [...markdown.matchAll(/^```js$/gm)].length)
  const others = listings.filter(({ runner }) => !Object.hasOwn(RUNNERS, runner ?? '')).map(({ file }) => file)
  assert.deepEqual(others, ['app.js', 'client.mjs'])
})

for (const { file, runner } of listings.filter(({ runner: name }) => Object.hasOwn(RUNNERS, name ?? ''))) {
  test(`docs/testing.md: ${file}`, () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const options = { cwd: folder, env, encoding: 'utf8', timeout: 120_000 }
    const { status, stdout, stderr } = spawnSync(process.execPath, RUNNERS[runner](file), options)
    assert.equal(status, 0, stdout + stderr)
    // A runner that found no test has run none.
    const passed = {
      node: /./,
      'node:test': /^# pass [1-9]/m,
      ava: /[1-9]\d* tests? passed/,
      Jest: /[1-9]\d* passed/,
      Vitest: /[1-9]\d* passed/
    }
    assert.match(stdout + stderr, passed[runner])
  })
}
