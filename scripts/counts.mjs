// What a runner printed -> how many checks passed and failed. Each takes the output without colours.

/** `cargo test`: one result line for each test binary. */
export function cargoTest(output) {
  return {
    passed: sum(output, /^test result: .*? (\d+) passed;/gm),
    failed: sum(output, /^test result: .*? (\d+) failed;/gm)
  }
}

/** ava's default reporter: a tick for each test that passed; its closing lines leave them out when another failed. */
export function ava(output) {
  return {
    passed: [...output.matchAll(/^ {2}[✔√] /gm)].length,
    failed: sum(
      output,
      /^ {2}(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending.*)$/gm
    )
  }
}

/** node:test, the spec and the TAP reporter. */
export function nodeTest(output) {
  return {
    passed: sum(output, /^[ℹ#] pass (\d+)$/gm),
    failed: sum(output, /^[ℹ#] (?:fail|cancelled) (\d+)$/gm)
  }
}

/** The shared vectors: a line for each file; only a deviation from a "must" case is a failure. */
export function vectors(output) {
  return {
    passed: sum(output, /^\S+ +total +\d+ .*? agree +(\d+) /gm),
    failed: sum(output, /^\S+ +total +\d+ .*? deviates: must (\d+),/gm)
  }
}

function sum(output, pattern) {
  let total = 0
  for (const [, number] of output.matchAll(pattern)) total += Number(number)
  return total
}
