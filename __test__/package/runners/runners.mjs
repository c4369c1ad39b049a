// A cold start under Jest and in each of Vitest's pools, where the package is loaded into another realm than the addon:
// forged tokens are refused, a good one passes. The test authority under jsdom. `npm test` installs what is needed; `node --test __test__/package/runners/runners.mjs`.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTestAuthority } from '../../../testing/index.js'
import { coldStartOf, expectedOf } from '../../helpers/cold-start-tokens.mjs'
import './docs.mjs'

const folder = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const jest = [join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js'), '--ci', '--runInBand']
const vitest = [join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs'), 'run']

const runners = {
  Jest: [...jest, '--config', join(folder, 'jest.config.cjs')],
  'Vitest, forks': [...vitest, '--pool=forks'],
  'Vitest, threads': [...vitest, '--pool=threads'],
  'Vitest, vmForks': [...vitest, '--pool=vmForks'],
  'Vitest, vmThreads': [...vitest, '--pool=vmThreads']
}

for (const [name, command] of Object.entries(runners)) {
  test(name, async (t) => {
    const authority = await startTestAuthority({ quiet: true })
    const scratch = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
    t.after(() => {
      rmSync(scratch, { recursive: true })
      return authority.close()
    })
    const result = join(scratch, 'result.json')
    const given = { COLD_START: JSON.stringify(coldStartOf(authority)), COLD_START_RESULT: result }
    const { status, output } = await ended(command, { ...process.env, ...given })
    assert.equal(status, 0, output)
    assert.deepEqual(JSON.parse(readFileSync(result, 'utf8')), expectedOf(authority))
  })
}

test('Jest with jsdom: the test authority, a verifier, and verified tokens for unit tests', async () => {
  const config = join(folder, 'jest.jsdom.config.cjs')
  const { status, output } = await ended([...jest, '--config', config], process.env)
  assert.equal(status, 0, output)
  assert.match(output, /4 passed, 4 total/)
})

/** Not synchronous: the authority answers from this process. */
async function ended(command, env) {
  const child = spawn(process.execPath, command, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const [status] = await once(child, 'close')
  return { status, output }
}
