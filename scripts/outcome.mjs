/**
 * What a program that ran to its end means: the counts of its tests, and in `problems` the failures that those do not
 * show, which are counted too.
 *
 * @param {import('./process.mjs').Ended} ended
 * @param {import('./counts.mjs').Count} [count] a program without it is one check
 * @returns {import('./counts.mjs').Counts & { problems: string[] }}
 */
export function outcomeOf({ code, signal, output }, count) {
  const succeeded = code === 0
  const { passed, failed, skipped } = count?.(output) ?? { passed: succeeded ? 1 : 0, failed: 0, skipped: [] }
  const problems = []
  if (signal) problems.push(`it was ended by ${signal}`)
  else if (!succeeded && failed === 0) problems.push(`it ended with exit code ${code}`)
  if (succeeded && passed + failed + skipped.length === 0) problems.push('it ran no test')
  if (succeeded && /^warning\b/m.test(output)) problems.push('it printed warnings')
  return { passed, failed: failed + problems.length, skipped, problems }
}

const LAST_LINES = 40
const NAMES_FAILURE = /^ *[✘✖] |^test .* FAILED$|^not ok - | panicked at /

/**
 * What to read first of a program that failed: its lines that name a failure, and its last ones, where most runners tell why.
 *
 * @param {string} output without colours
 */
export function excerpt(output) {
  const lines = output.trimEnd().split('\n')
  const tail = lines.length - LAST_LINES
  return lines.filter((line, index) => index >= tail || NAMES_FAILURE.test(line)).join('\n')
}
