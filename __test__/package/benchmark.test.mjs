// The numbers that the documentation gives are those that were measured last.
import { existsSync, readFileSync } from 'node:fs'
import test from 'ava'
import { between } from '../../benchmark/report/between.mjs'
import { markdown } from '../../benchmark/report/markdown.mjs'
import { withNumbers } from '../../benchmark/report/readme.mjs'
import { specifications } from '../../benchmark/report/specifications.mjs'

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const results = JSON.parse(read('benchmark/results.json'))
const charts = specifications(results)

test('README.md has the numbers of benchmark/results.json', (t) => {
  const readme = read('README.md')
  t.is(withNumbers(readme, results), readme)
})

test('docs/benchmark.md has the tables of benchmark/results.json', (t) => {
  const page = read('docs/benchmark.md')
  t.is(between(page, markdown(results, charts)), page)
})

test('they are of a full run in which everybody ran, and the charts are there', (t) => {
  t.false(results.quick)
  t.deepEqual(results.failures, [])
  t.true(charts.length > 5)
  for (const { name } of charts) {
    t.true(existsSync(new URL(`../../docs/charts/${name}.svg`, import.meta.url)), name)
    t.true(read('docs/benchmark.md').includes(`](charts/${name}.svg)`), name)
  }
})
