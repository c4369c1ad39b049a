// `npm run test:matrix`: the package where a bug hides well. Each file of __test__/package/matrix/entries is a program that prints
// the versions of what it runs on, and `ok`, `not ok` or `skip` for each thing that has to hold (report.mjs in that folder).
//   npm run test:matrix                        all entries
//   npm run test:matrix -- --only cluster,pm2  some of them
// The last line is `N passed, N failed`; the exit code says the same.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { printed } from './counts.mjs'
import { ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs'
import { outcomeOf } from './outcome.mjs'
import { root, run } from './process.mjs'

/** Milliseconds after which an entry hangs. */
const TIME_LIMIT = 15 * 60_000

const folder = join(root, '__test__', 'package', 'matrix')
const entries = readdirSync(join(folder, 'entries'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
const only = parseArgs({ options: { only: { type: 'string' } } }).values.only?.split(',') ?? entries
const unknown = only.filter((name) => !entries.includes(name))

if (unknown.length > 0) {
  console.error(`--only takes some of: ${entries.join(',')}; got ${unknown.join(',')}`)
  process.exitCode = 1
} else if (await isReady()) {
  const results = []
  for (const name of only) results.push(await runEntry(name))
  report(results)
}

async function isReady() {
  try {
    await ensureInstalled()
    await ensureInstalled(folder)
    await ensureBuilt()
    return true
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exitCode = 1
    return false
  }
}

/** @param {string} name */
async function runEntry(name) {
  console.log(`\n=== ${name}`)
  const ended = await run([process.execPath, join(folder, 'entries', `${name}.mjs`)], { timeout: TIME_LIMIT })
  const { problems, ...counts } = outcomeOf(ended, printed)
  for (const problem of problems) console.log(`not ok - ${problem}`)
  const versions = /^# (.*)$/m.exec(ended.output)?.[1] ?? ''
  return { name, versions, ...counts }
}

/** @param {Awaited<ReturnType<typeof runEntry>>[]} results */
function report(results) {
  console.log('')
  for (const { name, versions, passed, failed, skipped } of results) {
    console.log(
      `${passed} passed, ${failed} failed, ${sum(skipped.map(({ count }) => count))} skipped  ${name}  (${versions})`
    )
    for (const { count, reason } of skipped) console.log(`skipped: ${count} of ${name}: ${reason}`)
  }
  const passed = sum(results.map((result) => result.passed))
  const failed = sum(results.map((result) => result.failed))
  if (failed > 0 || passed === 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
