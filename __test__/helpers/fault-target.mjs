// A process that does nothing but verify what it is told to, so that what the process is like in the end comes from
// that. Messages: `{ id, name, options, tokens }`, answered with the outcomes; `{ id, name }`, whose verifier is forgotten;
// `{ id }`, answered with what the process uses.
import { readdirSync } from 'node:fs'
import process from 'node:process'
import { createVerifier } from 'entra-jwt-verify'
import { outcomeOf } from './keys-outcome.mjs'

const verifiers = new Map()

process.on('message', async ({ id, name, options, tokens }) => {
  if (name === undefined) return process.send({ id, answer: usage() })
  if (tokens === undefined) return process.send({ id, answer: verifiers.delete(name) })
  if (options) verifiers.set(name, createVerifier(options))
  const outcomes = tokens.map((token) => outcomeOf(verifiers.get(name).verify(token)))
  process.send({ id, answer: await Promise.all(outcomes) })
})
process.on('disconnect', () => process.exit())

/** Where the system does not tell, what it does not tell counts as nothing. */
function usage() {
  globalThis.gc()
  return {
    handles: process.getActiveResourcesInfo().length,
    descriptors: entries('/proc/self/fd'),
    threads: entries('/proc/self/task'),
    memory: process.memoryUsage.rss(),
    mostMemory: process.resourceUsage().maxRSS * 1024
  }
}

function entries(directory) {
  return process.platform === 'linux' ? readdirSync(directory).length : 0
}
