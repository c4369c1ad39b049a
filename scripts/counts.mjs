// Reads what a test runner printed, without colours, into counts.

/**
 * `skipped` has one entry for each reason.
 *
 * @typedef {{ count: number, reason: string }} Skipped
 * @typedef {{ passed: number, failed: number, skipped: Skipped[] }} Counts
 * @typedef {(output: string) => Counts} Count
 */

const NO_REASON = 'no reason given'

/**
 * `cargo test`: one result line for each test binary. A binary that ends before it prints one, by a signal or by
 * `exit(0)`, leaves the tests that it announced without a result; they failed.
 *
 * @type {Count}
 */
export function cargoTest(output) {
  const passed = sum(output, /^test result: .*? (\d+) passed;/gm)
  const failed = sum(output, /^test result: .*? (\d+) failed;/gm)
  const ignored = sum(output, /^test result: .*? (\d+) ignored;/gm)
  const measured = sum(output, /^test result: .*? (\d+) measured;/gm)
  const announced = sum(output, /^running (\d+) tests?$/gm)
  const withoutResult = Math.max(0, announced - passed - failed - ignored - measured)
  const reasons = texts(output, /^test .* \.\.\. ignored(?:, (.*))?$/gm)
  return { passed, failed: failed + withoutResult, skipped: grouped(reasons, ignored) }
}

/**
 * ava's default reporter: a tick for each test that passed, because the closing lines leave them out when another failed.
 * The reason for a skipped test stands in parentheses at the end of its title (`__test__/helpers/shared.mjs`).
 *
 * @type {Count}
 */
export function ava(output) {
  const failed =
    sum(output, /^ {2}(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?)$/gm) +
    sum(output, /^ {2}✘ (\d+) tests? remaining in /gm)
  const skipped = texts(output, /^ {2}- \[skip\] .*?(?: \((needs [^)]*)\))?$/gm)
  const planned = texts(output, /^ {2}- \[(todo)\] /gm)
  return {
    passed: [...output.matchAll(/^ {2}[✔√] /gm)].length,
    failed,
    skipped: grouped([...skipped, ...planned])
  }
}

/**
 * node:test, the spec reporter. A test marked `todo` may fail unnoticed: it is not one that passed.
 *
 * @type {Count}
 */
export function nodeTest(output) {
  const skipped = sum(output, /^ℹ skipped (\d+)$/gm)
  const planned = sum(output, /^ℹ todo (\d+)$/gm)
  const reasons = texts(output, /^ *﹣ .* # (?!SKIP$)(.*)$/gm)
  return {
    passed: sum(output, /^ℹ pass (\d+)$/gm),
    failed: sum(output, /^ℹ (?:fail|cancelled) (\d+)$/gm),
    skipped: [...grouped(reasons, skipped), ...grouped([], planned, 'todo')]
  }
}

/**
 * The shared vectors: a line for each file; only a deviation from a "must" case is a failure.
 *
 * @type {Count}
 */
export function vectors(output) {
  return {
    passed: sum(output, /^\S+ +total +\d+ .*? agree +(\d+) /gm),
    failed: sum(output, /^\S+ +total +\d+ .*? deviates: must (\d+),/gm),
    skipped: grouped([], sum(output, /^\S+ +total +\d+ +n\/a +(\d+) /gm), 'not applicable')
  }
}

/**
 * Lines that begin with `ok`, `not ok` or `skip`, as an entry of `npm run test:matrix` prints them.
 *
 * @type {Count}
 */
export function printed(output) {
  return {
    passed: texts(output, /^ok - (.*)$/gm).length,
    failed: texts(output, /^not ok - (.*)$/gm).length,
    skipped: grouped(texts(output, /^skip - .*?: (.*)$/gm))
  }
}

/**
 * Counts a whole run as one check. For tests that another run counts one by one.
 *
 * @param {Count} count
 * @returns {Count}
 */
export function asOneCheck(count) {
  return (output) => {
    const { passed, failed } = count(output)
    return { passed: failed === 0 && passed > 0 ? 1 : 0, failed: failed > 0 ? 1 : 0, skipped: [] }
  }
}

/**
 * @param {string} output
 * @param {RegExp} pattern global, its group a number
 */
function sum(output, pattern) {
  let total = 0
  for (const [, number] of output.matchAll(pattern)) total += Number(number)
  return total
}

/**
 * @param {string} output
 * @param {RegExp} pattern global; its group may not take part in the match
 */
function texts(output, pattern) {
  return [...output.matchAll(pattern)].map(([, text]) => text ?? NO_REASON)
}

/**
 * @param {string[]} reasons
 * @param {number} [total] those without a line of their own get the reason `otherwise`
 * @returns {Skipped[]}
 */
function grouped(reasons, total = reasons.length, otherwise = NO_REASON) {
  const all = [...reasons, ...Array.from({ length: Math.max(0, total - reasons.length) }, () => otherwise)]
  return [...new Set(all)].map((reason) => ({ reason, count: all.filter((each) => each === reason).length }))
}
