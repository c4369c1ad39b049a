// The first thing that README.md asks for.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'

test('the demo runs, and every answer is as it expects', (t) => {
  const demo = fileURLToPath(new URL('../../examples/demo.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8', timeout: 60_000 })
  t.is(status, 0, stdout + stderr)
  t.regex(stdout, /\n\d+ answers, all as expected\n/)
})
