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
