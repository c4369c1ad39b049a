// `npm test`: everything that has to hold, with one command, from a fresh clone.
//   npm test                        all steps
//   npm test -- --only rust,js      some groups of them; `--only help` lists the groups
// The last line is `N passed, N failed`, summed over all runners; the exit code says the same.
import { parseArgs } from 'node:util'
import { assertToolchain, ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs'
import { run } from './process.mjs'
import { steps } from './steps.mjs'

const groups = [...new Set(steps.map(({ group }) => group))]
const only = parseArgs({ options: { only: { type: 'string' } } }).values.only?.split(',') ?? groups
const results = []

if (only.every((group) => groups.includes(group))) {
  await runSteps(steps.filter(({ group }) => only.includes(group)))
} else {
  console.error(`--only takes some of: ${groups.join(',')}`)
  results.push({ name: 'the command line', passed: 0, failed: 1, seconds: 0 })
}
report()

async function runSteps(selected) {
  if (!(await prepare('set-up', ensureInstalled))) return
  const usesCargo = selected.some(({ group }) => ['lint', 'rust', 'addon'].includes(group))
  if (usesCargo && !(await prepare('set-up', assertToolchain))) return
  const buildsAddon = selected.some(({ group }) => group === 'addon')
  if (!buildsAddon && selected.some(({ addon }) => addon) && !(await prepare('set-up', ensureBuilt))) return
  for (const step of selected) results.push(await runStep(step))
}

async function prepare(name, action) {
  try {
    await action()
    return true
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    results.push({ name, passed: 0, failed: 1, seconds: 0 })
    return false
  }
}

async function runStep({ group, name, command, count, addon, install, skip }) {
  console.log(`\n=== ${name}`)
  if (skip) {
    console.log(`skipped: ${skip}`)
    return { group, name, passed: 0, failed: 0, seconds: 0, skip }
  }
  // An older addon may be lying there: its results would be about other code.
  if (addon && results.some((result) => result.group === 'addon' && result.failed > 0)) {
    console.log('not run: the addon was not built')
    return { group, name, passed: 0, failed: 1, seconds: 0 }
  }
  if (install && !(await prepare(`set-up of ${name}`, () => ensureInstalled(install)))) return results.pop()
  const start = performance.now()
  const { code, output } = await run(command())
  const seconds = (performance.now() - start) / 1000
  return { group, name, seconds, ...judge(code, output, count) }
}

function judge(code, output, count) {
  const { passed, failed } = count ? count(output) : { passed: code === 0 ? 1 : 0, failed: 0 }
  const problems = [
    code !== 0 && failed === 0 && `it ended with exit code ${code}`,
    code === 0 && passed + failed === 0 && 'it ran no test',
    code === 0 && /^warning\b/m.test(output) && 'it printed warnings'
  ].filter(Boolean)
  for (const problem of problems) console.log(`failed: ${problem}`)
  return { passed, failed: failed + problems.length }
}

function report() {
  const row = (passed, failed, time, name) => `${passed.padStart(7)} ${failed.padStart(7)} ${time.padStart(7)}  ${name}`
  console.log(`\n${row('passed', 'failed', 'time', 'step')}`)
  for (const { name, passed, failed, seconds, skip } of results) {
    console.log(row(String(passed), String(failed), `${seconds.toFixed(0)} s`, skip ? `${name} (skipped)` : name))
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
  const passed = total('passed')
  const failed = total('failed')
  const skippedAll = results.every(({ skip }) => skip)
  if (failed > 0 || (passed === 0 && !skippedAll)) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}
