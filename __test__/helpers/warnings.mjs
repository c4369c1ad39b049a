// The warnings of this process.

const emitted = []
process.on('warning', (warning) => emitted.push(warning))

/** The texts of the warnings so far that have a code and mention something, as tests run at the same time. */
export async function warningsAbout(mentioned, code) {
  // They are emitted in the next tick.
  await new Promise(setImmediate)
  return emitted
    .filter((warning) => warning.code === code && warning.message.includes(mentioned))
    .map(({ message }) => message)
}
