// Many tokens, counted by class of disagreement.
import { compare } from './compare.mjs'
import { sampleOf } from './grammar.mjs'

/** More than these are the same defect seen again. */
const MAX_PROBLEMS = 20

/**
 * @typedef {object} Tally
 * @property {number} tokens
 * @property {number} valid
 * @property {Map<string, number>} first how often a rule was the first that a token broke
 * @property {Map<string, number>} alone how often it was the only one
 * @property {Map<string, number>} classes of disagreements with peers
 * @property {{ seed: number, problem: import('./compare.mjs').Problem, sample: import('./grammar.mjs').Sample }[]} problems
 */

/**
 * Judges the tokens of this seed and those after it until the time is over, or something is found that nothing explains.
 *
 * @param {{ seed: number, seconds?: number, tokens?: number, verify?: any }} limits
 * @returns {Promise<Tally>}
 */
export async function run({ seed, seconds = Infinity, tokens = Infinity, verify }) {
  /** @type {Tally} */
  const tally = { tokens: 0, valid: 0, first: new Map(), alone: new Map(), classes: new Map(), problems: [] }
  const end = performance.now() + seconds * 1000
  while (tally.tokens < tokens && performance.now() < end && tally.problems.length < MAX_PROBLEMS) {
    const sample = sampleOf((seed + tally.tokens) >>> 0)
    const { broken, classes, problems } = await compare(sample, verify)
    tally.tokens += 1
    if (broken.length === 0) tally.valid += 1
    else count(tally.first, broken[0])
    if (broken.length === 1) count(tally.alone, broken[0])
    for (const name of classes) count(tally.classes, name)
    for (const problem of problems) tally.problems.push({ seed: sample.seed, problem, sample })
  }
  return tally
}

function count(counts, name) {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
