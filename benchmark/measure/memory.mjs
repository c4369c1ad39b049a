// Runs in a child process with --expose-gc: what is left of tokens that were verified once and never come again.
import { setImmediate } from 'node:timers/promises'
import entra from '../../index.js'
import { optionsFor } from '../harness/ours.mjs'
import { createSigningKey, createTenant, issueToken } from '../harness/tokens.mjs'

// Valid tokens are signed here, one by one, with the algorithm that signs fastest.
const FAMILIES = {
  valid: { algorithm: 'ES256', next: (world, key) => issueToken(world, key, { algorithm: 'ES256' }), passes: true },
  garbage: { algorithm: 'RS256', next: forgeries(), passes: false }
}

/** Bytes after each number of distinct tokens. */
export default async function measure({ family, checkpoints }) {
  const { algorithm, next, passes } = FAMILIES[family]
  const key = createSigningKey(algorithm)
  const world = { ...createTenant(), jwk: key.jwk }
  const verifier = entra.createVerifier(optionsFor(world, { algorithm }))
  const points = []
  let count = 0
  for (const checkpoint of checkpoints) {
    for (; count < checkpoint; count++) {
      if (verifies(verifier, next(world, key)) !== passes) throw new Error(`unexpected verdict on a ${family} token`)
    }
    points.push({ family, tokens: count, ...(await memory()) })
  }
  return points
}

function verifies(verifier, token) {
  try {
    verifier.verifySync(token)
    return true
  } catch (error) {
    if (error.code === 'ERR_TOKEN_SIGNATURE') return false
    throw error
  }
}

/** Every payload is new, the signature always that of the first: as expensive to refuse as a token can be. */
function forgeries() {
  let parts
  let count = 0
  return (world, key) => {
    parts ??= issueToken(world, key).split('.')
    const [header, payload, signature] = parts
    const serial = Buffer.from(String(count++).padStart(12, '0')).toString('base64url')
    return [header, payload.slice(0, 200) + serial + payload.slice(200 + serial.length), signature].join('.')
  }
}

async function memory() {
  // Twice, with a turn of the event loop between: what a finalizer frees is free in the second.
  for (let i = 0; i < 2; i++) {
    globalThis.gc()
    await setImmediate()
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapUsed, external }
}
