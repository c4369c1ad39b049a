import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchmarkFolder } from '../harness/packages.mjs'
import { drawCharts } from './charts.mjs'
import { markdown } from './markdown.mjs'
import { withNumbers } from './readme.mjs'

/**
 * Writes results.json, results.md and charts/. Only a full run replaces those that the documentation shows, and writes its
 * numbers into README.md.
 */
export async function write(measured, full) {
  const results = rounded(measured)
  const folder = full ? benchmarkFolder : join(benchmarkFolder, 'trial')
  mkdirSync(join(folder, 'charts'), { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  const charts = await drawCharts(results)
  for (const { name, svg } of charts) writeFileSync(join(folder, 'charts', `${name}.svg`), `${svg}\n`)
  writeFileSync(join(folder, 'results.md'), markdown(results, charts))
  if (full) {
    const readme = join(benchmarkFolder, '..', 'README.md')
    writeFileSync(readme, withNumbers(readFileSync(readme, 'utf8'), results))
  }
  return full ? 'benchmark/' : 'benchmark/trial/'
}

/** Five digits: the rest is noise, and would change with every run. */
function rounded(value) {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(5))
  if (Array.isArray(value)) return value.map(rounded)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]))
}
