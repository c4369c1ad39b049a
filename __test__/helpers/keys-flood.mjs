// Load on the key cache, short for the tests, long for __test__/soak.
import { setTimeout as sleep } from 'node:timers/promises'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { outcomeOf } from './keys-outcome.mjs'
import { fetches, namingUnknownKey, optionsFor } from './keys-setup.mjs'

/**
 * Tokens with random kids against a good authority, and a good token, each its own, with every hundred of them. Spread
 * over `seconds`, so that the cooldown passes several times.
 */
export async function flood({ tokens, seconds, cooldown = 1 }) {
  const authority = await startTestAuthority({ quiet: true })
  try {
    const verifier = createVerifier(optionsFor(authority, { keys: { cooldown } }))
    const good = Array.from({ length: Math.ceil(tokens / 100) }, () => authority.issueToken())
    await verifier.preload()
    const before = performance.now()
    const outcomes = []
    const latencies = []
    for (const [index, token] of good.entries()) {
      const bad = Math.min(100, tokens - index * 100)
      for (let i = 0; i < bad; i++) outcomes.push(outcomeOf(verifier.verify(namingUnknownKey(token))))
      // Behind the bad ones: it may neither be refused nor wait for what they wait for.
      const sent = performance.now()
      await verifier.verify(token)
      latencies.push(performance.now() - sent)
      const due = before + ((index + 1) / good.length) * seconds * 1000
      await sleep(Math.max(0, due - performance.now()))
    }
    const refused = tally(await Promise.all(outcomes))
    const elapsed = (performance.now() - before) / 1000
    return {
      refused,
      accepted: latencies.length,
      seconds: elapsed,
      fetches: fetches(authority),
      // The first fetch; for unknown kids one for each cooldown, and 1 + ⌈log₂ cooldown⌉ more.
      mostFetches: 2 + Math.ceil(Math.log2(cooldown)) + Math.floor(elapsed / cooldown),
      latency: quantiles(latencies)
    }
  } finally {
    await authority.close()
  }
}

/** Requests from several clients, each with a fresh token of whatever key signs, while new keys take over. */
export async function rotate({ rotations, every, cooldown = 1, clients = 10 }) {
  const authority = await startTestAuthority({ quiet: true })
  try {
    const verifier = createVerifier(optionsFor(authority, { keys: { cooldown } }))
    await verifier.preload()
    const outcomes = []
    const latencies = []
    let running = true
    const client = async () => {
      while (running) {
        const token = authority.issueToken()
        const sent = performance.now()
        outcomes.push(await outcomeOf(verifier.verify(token)))
        latencies.push(performance.now() - sent)
        await sleep(5)
      }
    }
    const all = Array.from({ length: clients }, client)
    for (let i = 0; i < rotations; i++) {
      // Generated beforehand: it is the moment in which it signs that counts.
      const kid = await authority.addKey({ publish: false })
      await sleep(every)
      authority.restoreKey(kid)
      await authority.rotateKeys({ to: kid })
    }
    await sleep(every)
    running = false
    await Promise.all(all)
    return { outcomes: tally(outcomes), fetches: fetches(authority), latency: quantiles(latencies) }
  } finally {
    await authority.close()
  }
}

/** Everybody at once when there is no key yet; the answer takes `delay` milliseconds. */
export async function coldStart({ requests, delay }) {
  const authority = await startTestAuthority({ quiet: true })
  try {
    authority.delay(delay)
    const verifier = createVerifier(optionsFor(authority))
    const tokens = Array.from({ length: 20 }, () => authority.issueToken())
    const before = performance.now()
    const outcomes = await Promise.all(
      Array.from({ length: requests }, (_, index) => outcomeOf(verifier.verify(tokens[index % tokens.length])))
    )
    return { outcomes: tally(outcomes), fetches: fetches(authority), milliseconds: performance.now() - before }
  } finally {
    await authority.close()
  }
}

/** How often each outcome: `{ verified: 3, ERR_TOKEN_KEY_UNKNOWN: 1 }`. */
function tally(outcomes) {
  const counts = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** Milliseconds. */
function quantiles(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(3))
  return { min: at(0), median: at(0.5), p99: at(0.99), max: at(1) }
}
