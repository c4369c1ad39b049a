// What an entry prints: the versions of what it runs on, and one line for each thing that has to hold. `scripts/matrix.mjs` counts
// the lines.

/** Prints versions, by name. */
export function versions(all) {
  const list = Object.entries({ Node: process.versions.node, ...all }).map(([name, version]) => `${name} ${version}`)
  console.log(`# ${list.join(', ')}`)
}

/**
 * Prints `ok` or `not ok`, with what was thrown. The entry goes on, and its exit code says that something did not hold.
 *
 * @param {string} name
 * @param {() => unknown} action
 */
export async function check(name, action) {
  try {
    await action()
    console.log(`ok - ${name}`)
  } catch (error) {
    process.exitCode = 1
    console.log(`not ok - ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`)
  }
}

/** Prints that something cannot be checked here. */
export function skip(name, reason) {
  console.log(`skip - ${name}: ${reason}`)
}
