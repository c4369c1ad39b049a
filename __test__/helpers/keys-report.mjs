// What a soak prints: one line for each thing that has to hold; the exit code says whether all did.

export function report(holds, text) {
  console.log(`${holds ? 'ok    ' : 'FAILED'}  ${text}`)
  if (!holds) process.exitCode = 1
}

export function milliseconds({ min, median, p99, max }) {
  return `min ${min}, median ${median}, p99 ${p99}, max ${max} ms`
}

export function onlyVerified(outcomes) {
  return Object.keys(outcomes).join() === 'verified'
}
