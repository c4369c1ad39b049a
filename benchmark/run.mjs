// npm run bench [-- --quick] [-- --only verify,http]
//
// --only       some sections of: verify, peers, refusals, http, frameworks, event-loop, scaling, cold-start
// --quick      shows in a minute that everything runs, not how fast
// --as-built   measures the addon that is there, also when the sources are newer
//
// A run of everything writes results.json, docs/benchmark.md, docs/charts/ and the numbers in README.md; any other writes to trial/,
// which git ignores.
// Whatever is slow, the run has passed; it fails when something did not run.
import { parseArgs } from 'node:util'
import { ensureBuilt, ensureInstalled, SetupError } from '../scripts/ensure.mjs'
import { ensurePeers } from './harness/ensure.mjs'

const SECTIONS = ['verify', 'peers', 'refusals', 'http', 'frameworks', 'event-loop', 'scaling', 'cold-start']

try {
  const { quick, only, asBuilt } = readArguments()
  await ensureInstalled()
  if (!asBuilt) await ensureBuilt()
  await ensurePeers()
  process.exitCode = (await bench(only, quick)) ? 0 : 1
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

function readArguments() {
  const options = { only: { type: 'string' }, quick: { type: 'boolean' }, 'as-built': { type: 'boolean' } }
  let values
  try {
    values = parseArgs({ options }).values
  } catch (error) {
    throw new SetupError(error.message)
  }
  const only = values.only?.split(',') ?? SECTIONS
  const unknown = only.find((name) => !SECTIONS.includes(name))
  if (unknown !== undefined) throw new SetupError(`no section '${unknown}'; there are ${SECTIONS.join(', ')}`)
  return { quick: values.quick ?? false, only, asBuilt: values['as-built'] ?? false }
}

/** Resolves to whether everything ran. */
async function bench(only, quick) {
  // Not before the peers are installed: these modules use some.
  const [{ profileOf }, { describeMachine }, { budgetOf, printBudget }, { write }] = await Promise.all([
    import('./harness/profile.mjs'),
    import('./harness/machine.mjs'),
    import('./report/budget.mjs'),
    import('./report/write.mjs')
  ])
  const profile = profileOf(quick)
  const results = { date: new Date().toISOString(), quick, ...describeMachine(), sections: {}, failures: [] }
  for (const name of SECTIONS.filter((section) => only.includes(section))) {
    const { failures = [], ...measured } = await runSection(name, profile)
    results.sections[name] = measured
    results.failures.push(...failures.map(({ id }) => ({ section: name, id })))
  }
  results.budget = budgetOf(results)
  printBudget(results)
  const folder = await write(results, only.length === SECTIONS.length && !quick)
  console.log(`\nWritten to ${folder}`)
  for (const { section, id } of results.failures) console.error(`did not run: ${section}, ${id}`)
  return results.failures.length === 0
}

/** A section that fails takes no other with it. */
async function runSection(name, profile) {
  try {
    const { run } = await import(`./sections/${name}.mjs`)
    return assertFinite(await run({ profile }))
  } catch (error) {
    console.error(error)
    return { failures: [{ id: 'all' }] }
  }
}

/** A number that is none has not been measured; JSON would write it as null. */
function assertFinite(value) {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`measured ${value}`)
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) assertFinite(member)
  return value
}
