'use strict'

const { ago } = require('./diagnostics')

/** @import { NativeSource, NativeVerifier } from '../../native' */

/**
 * What the core counts, with dates in place of ages.
 *
 * @param {NativeVerifier} core
 * @returns {import('../..').Stats}
 */
function statsOf(core) {
  const { sources, tokens, hits, misses } = core.stats()
  return {
    keys: sources.flatMap(({ keys }) => keys.map(({ kid, age }) => ({ kid, lastSeen: ago(age) }))),
    lastSuccess: newest(sources.map(({ lastSuccess }) => lastSuccess)),
    lastFailure: lastFailure(sources),
    fetches: sum(sources, 'fetches'),
    failures: sum(sources, 'failures'),
    staleServes: sum(sources, 'staleServes'),
    tokenCache: { entries: tokens, hits, misses }
  }
}

/** @param {Array<number | undefined>} ages seconds */
function newest(ages) {
  const known = ages.filter((age) => typeof age === 'number')
  return known.length ? ago(Math.min(...known)) : undefined
}

/** @param {NativeSource[]} sources */
function lastFailure(sources) {
  const failures = sources.flatMap(({ lastFailure: age, cause = '' }) => (age === undefined ? [] : [{ age, cause }]))
  const [latest] = failures.sort((one, other) => one.age - other.age)
  return latest && { at: ago(latest.age), cause: latest.cause }
}

/**
 * @param {NativeSource[]} sources
 * @param {'fetches' | 'failures' | 'staleServes'} name
 */
function sum(sources, name) {
  return sources.reduce((total, source) => total + source[name], 0)
}

module.exports = { statsOf }
