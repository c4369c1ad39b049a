// `npm test`: all checks, with one command, from a fresh clone.
//   npm test                        all steps
//   npm test -- --only rust,js      some groups of them; `--only help` lists the groups
// The last line is `N passed, N failed`, summed over all runners; the exit code says the same. Tests that were skipped
// are in neither number: they are listed, with the reason, above it. What failed is repeated above that list, because a
// server may keep only the end of a long output.
import { parseArgs } from 'node:util'
import { assertToolchain, ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs'
import { excerpt, outcomeOf } from './outcome.mjs'
import { run } from './process.mjs'
import { steps } from './steps.mjs'

/**
 * @typedef {import('./counts.mjs').Counts & { group?: string, name: string, seconds: number, excerpt?: string }} Result
 */

const groups = [...new Set(steps.map(({ group }) => group))]
const only = parseArgs({ options: { only: { type: 'string' } } }).values.only?.split(',') ?? groups

/** @type {Result[]} */
const results = []

if (only.every((group) => groups.includes(group))) {
  await runSteps(steps.filter(({ group }) => only.includes(group)))
} else {
  console.error(`--only takes some of: ${groups.join(',')}`)
  results.push(failure('the command line'))
}
report()

/** @param {import('./steps.mjs').Step[]} selected */
async function runSteps(selected) {
  if (!(await prepare('set-up', ensureInstalled))) return
  const usesCargo = selected.some(({ group }) => ['lint', 'rust', 'addon'].includes(group))
  if (usesCargo && !(await prepare('set-up', assertToolchain))) return
  const buildsAddon = selected.some(({ group }) => group === 'addon')
  if (!buildsAddon && selected.some(({ addon }) => addon) && !(await prepare('set-up', ensureBuilt))) return
  for (const step of selected) results.push(await runStep(step))
}

/**
 * Whether an action succeeded; if not, it is a failure of that name.
 *
 * @param {string} name
 * @param {() => void | Promise<void>} action
 */
async function prepare(name, action) {
  try {
    await action()
    return true
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    results.push(failure(name))
    return false
  }
}

/**
 * @param {import('./steps.mjs').Step} step
 * @returns {Promise<Result>}
 */
async function runStep({ group, name, command, count, addon, install, skip, note }) {
  console.log(`\n=== ${name}`)
  if (skip) {
    console.log(`skipped: ${skip}`)
    return { group, name, passed: 0, failed: 0, skipped: [{ count: 1, reason: skip }], seconds: 0 }
  }
  // The addon of an earlier build may still be there: results with it would be about other code.
  if (addon && results.some((result) => result.group === 'addon' && result.failed > 0)) {
    console.log('not run: the addon was not built')
    return failure(name)
  }
  if (install && !(await prepare(`set-up of ${name}`, () => ensureInstalled(install)))) {
    return results.pop() ?? failure(name)
  }
  if (note) console.log(`some tests are skipped: ${note}`)
  const start = performance.now()
  const env = addon ? unconfigured() : {}
  const ended = await run(command(), { env })
  const { problems, ...counts } = outcomeOf(ended, count)
  for (const problem of problems) console.log(`failed: ${problem}`)
  return { group, name, ...counts, seconds: (performance.now() - start) / 1000, excerpt: excerpt(ended.output) }
}

/**
 * The environment without what configures the package, as a shell does that is set up for an application: tests say for themselves
 * what they need.
 *
 * @returns {NodeJS.ProcessEnv} to be added to the environment of this process
 */
function unconfigured() {
  const configures = /^(ENTRA|AZURE)_(?!JWT_SHARED$)|^(IDENTITY|MSI)_ENDPOINT$|^(HTTPS?|ALL|NO)_PROXY$/i
  const names = Object.keys(process.env).filter((name) => configures.test(name))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/**
 * @param {string} name
 * @returns {Result}
 */
function failure(name) {
  return { name, passed: 0, failed: 1, skipped: [], seconds: 0 }
}

function report() {
  for (const { name, failed, excerpt } of results) {
    if (failed > 0 && excerpt) console.log(`\n=== once more, what failed in ${name}\n${excerpt}`)
  }
  console.log(`\n${row(['passed', 'failed', 'skipped', 'time', 'step'])}`)
  for (const { name, passed, failed, skipped, seconds } of results) {
    console.log(row([passed, failed, sum(skipped.map(({ count }) => count)), `${seconds.toFixed(0)} s`, name]))
  }
  for (const { name, skipped } of results) {
    for (const { count, reason } of skipped) console.log(`skipped: ${count} of ${name}: ${reason}`)
  }
  const passed = sum(results.map((result) => result.passed))
  const failed = sum(results.map((result) => result.failed))
  const skippedAll = results.every((result) => result.skipped.length > 0 && result.passed + result.failed === 0)
  if (failed > 0 || (passed === 0 && !skippedAll)) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}

/** @param {(string | number)[]} cells the last is a step's name */
function row(cells) {
  return cells.map((cell, index) => (index < cells.length - 1 ? String(cell).padStart(8) : `  ${cell}`)).join('')
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
