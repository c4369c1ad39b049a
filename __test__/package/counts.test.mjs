// `npm test` counts what its runners printed. The recordings in __test__/fixtures/runners are real output of each runner.
import { readFileSync } from 'node:fs'
import test from 'ava'
import { asOneCheck, ava, cargoTest, nodeTest, printed, vectors } from '../../scripts/counts.mjs'
import { excerpt, outcomeOf } from '../../scripts/outcome.mjs'
import { run } from '../../scripts/process.mjs'

const recording = (name) => readFileSync(new URL(`../fixtures/runners/${name}.txt`, import.meta.url), 'utf8')

const noReason = { count: 1, reason: 'no reason given' }
const noVectors = (count) => ({ count, reason: 'needs the shared vectors' })

for (const [name, count, expected] of [
  ['cargo-ignored', cargoTest, { passed: 3, failed: 0, skipped: [noReason, noVectors(2)] }],
  ['cargo-included', cargoTest, { passed: 6, failed: 0, skipped: [] }],
  // One that fails, one that aborts, one that ends its binary with exit code 0.
  ['cargo-failing', cargoTest, { passed: 4, failed: 3, skipped: [noReason, noVectors(2)] }],
  ['cargo-exit', cargoTest, { passed: 3, failed: 1, skipped: [noReason, noVectors(2)] }],
  ['ava-skipped', ava, { passed: 1, failed: 0, skipped: [noVectors(1), { count: 1, reason: 'todo' }] }],
  ['ava-failing', ava, { passed: 3, failed: 1, skipped: [noVectors(1), { count: 1, reason: 'todo' }] }],
  ['ava-exception', ava, { passed: 1, failed: 1, skipped: [] }],
  ['ava-exit', ava, { passed: 0, failed: 1, skipped: [] }],
  ['ava-hook', ava, { passed: 0, failed: 2, skipped: [] }],
  ['node-skipped', nodeTest, { passed: 1, failed: 0, skipped: [{ count: 1, reason: 'npm is not installed' }] }],
  [
    'node-failing',
    nodeTest,
    {
      passed: 2,
      failed: 1,
      skipped: [
        { count: 1, reason: 'npm is not installed' },
        { count: 1, reason: 'no network' },
        noReason,
        { count: 1, reason: 'todo' }
      ]
    }
  ],
  ['matrix-failing', printed, { passed: 2, failed: 1, skipped: [{ count: 2, reason: 'needs bun' }] }],
  ['vectors', vectors, { passed: 712, failed: 0, skipped: [{ count: 43, reason: 'not applicable' }] }],
  ['vectors-failing', vectors, { passed: 371, failed: 285, skipped: [{ count: 43, reason: 'not applicable' }] }]
]) {
  test(`counts of ${name}`, (t) => {
    const counted = count(recording(name))
    const byReason = ({ skipped, ...others }) => ({
      ...others,
      skipped: skipped.toSorted((a, b) => (a.reason < b.reason ? -1 : 1))
    })
    t.deepEqual(byReason(counted), byReason(expected))
  })
}

test('a run that counts as one check passes when all of its tests do', (t) => {
  const count = asOneCheck(cargoTest)
  t.deepEqual(count(recording('cargo-ignored')), { passed: 1, failed: 0, skipped: [] })
  t.deepEqual(count(recording('cargo-failing')), { passed: 0, failed: 1, skipped: [] })
  t.deepEqual(count(''), { passed: 0, failed: 0, skipped: [] })
})

const ended = (more) => ({ code: 0, signal: null, output: '', ...more })

test('a runner that printed nothing ran no test, and failed', (t) => {
  for (const count of [cargoTest, ava, nodeTest, vectors, asOneCheck(cargoTest)]) {
    const { passed, failed, problems } = outcomeOf(ended(), count)
    t.deepEqual({ passed, failed, problems }, { passed: 0, failed: 1, problems: ['it ran no test'] })
  }
})

test('a runner that was ended by a signal failed, whatever it printed before', (t) => {
  const output = recording('ava-skipped')
  const { passed, failed, problems } = outcomeOf(ended({ code: null, signal: 'SIGKILL', output }), ava)
  t.deepEqual({ passed, failed, problems }, { passed: 1, failed: 1, problems: ['it was ended by SIGKILL'] })
})

test('an exit code without a failed test is a failure, and with one it is that test', (t) => {
  t.is(outcomeOf(ended({ code: 1, output: recording('ava-skipped') }), ava).failed, 1)
  t.is(outcomeOf(ended({ code: 1, output: recording('ava-failing') }), ava).failed, 1)
  t.is(outcomeOf(ended({ code: 101, output: recording('cargo-failing') }), cargoTest).failed, 3)
})

test('a test binary that leaves with exit code 0 before its tests ended is a failure', (t) => {
  t.is(outcomeOf(ended({ output: recording('cargo-exit') }), cargoTest).failed, 1)
})

test('a program without tests is one check, and warnings fail it', (t) => {
  t.like(outcomeOf(ended()), { passed: 1, failed: 0 })
  t.like(outcomeOf(ended({ code: 2 })), { passed: 0, failed: 1 })
  t.like(outcomeOf(ended({ output: 'warning: unused variable\n' })), { failed: 1, problems: ['it printed warnings'] })
})

test('what failed is found in a long output, and its end', (t) => {
  const passed = Array.from({ length: 100 }, (_, index) => `  ✔ a › test ${index}`)
  for (const [name, failure] of [
    ['ava-failing', '  ✘ [fail]: b › an expired token is rejected'],
    ['node-failing', '✖ fails (0.660995ms)'],
    ['cargo-failing', 'test fails ... FAILED'],
    ['cargo-failing', "thread 'fails' (22322) panicked at tests/broken.rs:4:14:"],
    ['matrix-failing', 'not ok - pm2 reload: no request is lost: lost requests']
  ]) {
    const repeated = excerpt([...passed, recording(name), ...passed].join('\n')).split('\n')
    t.true(
      repeated.some((line) => line.startsWith(failure)),
      name
    )
    t.is(repeated.at(-1), passed.at(-1))
    t.false(repeated.includes(passed[0]))
  }
  t.is(excerpt('warning: unused\n'), 'warning: unused')
})

test('run resolves to exit code, signal and output', async (t) => {
  const script = (text) => [process.execPath, '-e', text]
  t.deepEqual(await run(script('process.exitCode = 3')), { code: 3, signal: null, output: '' })
  if (process.platform === 'win32') return
  t.deepEqual(await run(script('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 60_000)')), {
    code: null,
    signal: 'SIGTERM',
    output: ''
  })
})
