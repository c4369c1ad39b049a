// The numbers that the documentation gives are those that were measured last.
import { existsSync, readFileSync } from 'node:fs'
import test from 'ava'
import { withNumbers } from '../../benchmark/report/readme.mjs'

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const results = JSON.parse(read('benchmark/results.json'))

test('README.md has the numbers of benchmark/results.json', (t) => {
  const readme = read('README.md')
  t.is(withNumbers(readme, results), readme)
})

test('they are of a full run in which everybody ran, and the charts are there', (t) => {
  t.false(results.quick)
  t.deepEqual(results.failures, [])
  for (const [, path] of read('benchmark/results.md').matchAll(/\]\((charts\/[\w-]+\.svg)\)/g))
    t.true(existsSync(new URL(`../../benchmark/${path}`, import.meta.url)), path)
})
