'use strict'

const { ago } = require('./diagnostics')

/** @import { NativeSource, NativeVerifier } from '../../native' */

/**
 * The core's statistics, with dates instead of ages.
 *
 * @param {NativeVerifier} core
 * @param {readonly { authority: string }[]} identities of the authorities
 * @returns {import('../..').Stats}
 */
function statsOf(core, identities) {
  const { sources, tokens, hits, misses } = core.stats()
  const byAuthority = identities.map(({ authority }, at) => ({
    authority,
    ...keyStats(sources.filter((source) => source.authority === at))
  }))
  return {
    ...keyStats(sources),
    ...(byAuthority.length > 1 && { authorities: byAuthority }),
    tokenCache: { entries: tokens, hits, misses }
  }
}

/**
 * @param {NativeSource[]} sources
 * @returns {import('../..').KeyStats}
 */
function keyStats(sources) {
  return {
    keys: sources.flatMap(({ keys }) => keys.map(({ kid, age }) => ({ kid, lastSeen: ago(age) }))),
    lastSuccess: newest(sources.map(({ lastSuccess }) => lastSuccess)),
    lastFailure: lastFailure(sources),
    fetches: sum(sources, 'fetches'),
    failures: sum(sources, 'failures'),
    staleServes: sum(sources, 'staleServes'),
    secondsAheadOfAuthority: secondsAhead(sources)
  }
}

/** @param {Array<number | undefined>} ages seconds */
function newest(ages) {
  const known = ages.filter((age) => typeof age === 'number')
  return known.length ? ago(Math.min(...known)) : undefined
}

/**
 * @param {NativeSource[]} sources
 * @returns {import('../..').Stats['lastFailure']}
 */
function lastFailure(sources) {
  const failures = sources.flatMap(({ lastFailure: age, cause = '', reason = '' }) =>
    age === undefined ? [] : [{ age, cause, reason }]
  )
  const [latest] = failures.sort((one, other) => one.age - other.age)
  // The core's words are those that the public types list; a test compares them.
  const reason = /** @type {import('../..').KeysUnavailableReason} */ (latest?.reason)
  return latest && { at: ago(latest.age), cause: latest.cause, reason }
}

/**
 * From the first source that knows it.
 *
 * @param {NativeSource[]} sources
 */
function secondsAhead(sources) {
  const known = sources.find(({ clockAhead }) => typeof clockAhead === 'number')?.clockAhead
  // Not -0.
  return known === undefined ? undefined : Math.round(known) || 0
}

/**
 * @param {NativeSource[]} sources
 * @param {'fetches' | 'failures' | 'staleServes'} name
 */
function sum(sources, name) {
  return sources.reduce((total, source) => total + source[name], 0)
}

module.exports = { statsOf }
