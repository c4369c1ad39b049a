// Random tokens, judged by the verifier, the model, jose and jsonwebtoken, for longer than `npm test` takes.
//   npm run fuzz                           an hour
//   npm run fuzz -- 600                    600 seconds
//   npm run fuzz -- --seed 7 --tokens 1    the token of one seed, as a failure names it
import { parseArgs } from 'node:util'
import { described, summary } from './report.mjs'
import { run } from './run.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, tokens: { type: 'string' } }
})
const seconds = positive(positionals[0] ?? '3600')
const seed = Number(values.seed ?? Date.now() % 2 ** 32)
const tokens = values.tokens === undefined ? Infinity : positive(values.tokens)

console.log(`seed ${seed}, ${seconds} s`)
const tally = await run({ seed, seconds, tokens })
console.log(summary(tally))
for (const found of tally.problems) console.log(described(found))
if (tally.problems.length > 0) process.exitCode = 1

/** @param {string} text */
function positive(text) {
  const number = Number(text)
  if (number > 0) return number
  console.error(`expected a number above 0, got ${text}`)
  process.exit(2)
}
