import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchmarkFolder } from '../harness/packages.mjs'
import { between } from './between.mjs'
import { drawCharts } from './charts.mjs'
import { markdown } from './markdown.mjs'
import { withNumbers } from './readme.mjs'

/**
 * Writes the results. Those of a full run are the documentation's: benchmark/results.json, docs/benchmark.md, docs/charts/ and the
 * numbers in README.md. Those of any other run go to benchmark/trial/.
 */
export async function write(measured, full) {
  const results = rounded(measured)
  const charts = await drawCharts(results)
  const folder = full ? benchmarkFolder : join(benchmarkFolder, 'trial')
  const pages = full ? join(benchmarkFolder, '..', 'docs') : folder
  mkdirSync(join(pages, 'charts'), { recursive: true })
  for (const { name, svg } of charts) writeFileSync(join(pages, 'charts', `${name}.svg`), `${svg}\n`)
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  if (full) {
    rewrite(join(pages, 'benchmark.md'), (page) => between(page, markdown(results, charts)))
    rewrite(join(pages, '..', 'README.md'), (page) => withNumbers(page, results))
  } else {
    writeFileSync(join(folder, 'results.md'), `# Results\n\n${markdown(results, charts)}`)
  }
  return full ? 'benchmark/results.json and docs/' : 'benchmark/trial/'
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

/** Five digits: the rest is noise, and would change with every run. */
function rounded(value) {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(5))
  if (Array.isArray(value)) return value.map(rounded)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]))
}
