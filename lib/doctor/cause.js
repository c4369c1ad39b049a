'use strict'

/** @import { Step } from './steps' */

/**
 * The root cause: the first failed step that is not a consequence.
 *
 * @typedef {object} Cause
 * @property {string} name of the step
 * @property {string} message
 * @property {string | undefined} hint
 * @property {string[]} follows names of the steps that failed, or could not be made, for this reason alone
 * @property {string[]} others names of the steps that failed for reasons of their own
 */

const DOCUMENTS = ['metadata', 'clock', 'key-set', 'keys']

/**
 * The steps that fail if a step has failed.
 *
 * @type {Record<string, string[]>}
 */
const LEADS_TO = {
  configuration: ['dns', 'proxy', 'tls', ...DOCUMENTS],
  dns: ['proxy', 'tls', ...DOCUMENTS],
  proxy: ['tls', ...DOCUMENTS],
  tls: DOCUMENTS,
  metadata: ['keys'],
  'key-set': ['keys']
}

/**
 * The same for a problem with the environment, by option.
 *
 * @type {Record<string, string[]>}
 */
const OPTION_LEADS_TO = {
  tenantId: ['configuration', ...DOCUMENTS],
  clientId: ['configuration'],
  audience: ['configuration'],
  authorityHost: ['configuration', 'dns', 'tls', ...DOCUMENTS],
  authority: ['configuration', 'dns', 'tls', ...DOCUMENTS],
  ca: ['tls', ...DOCUMENTS]
}

/**
 * A step with the name of the earlier step that made it fail, if there is one.
 *
 * @param {Step} step
 * @param {readonly Step[]} before
 * @returns {Step}
 */
function withReason(step, before) {
  if (step.status === 'passed' || step.status === 'warning') return step
  const reason = before.find((earlier) => earlier.status === 'failed' && !earlier.follows && leadsTo(earlier, step))
  return reason ? { ...step, follows: reason.name } : step
}

/**
 * @param {Step} earlier
 * @param {Step} later
 */
function leadsTo(earlier, later) {
  // A step that is skipped because the configuration does not need it is not a consequence.
  if (later.status === 'skipped' && !DOCUMENTS.includes(later.name)) return false
  // Both documents come from the same server, so they fail for the same reason.
  if (earlier.name === 'metadata' && later.name === 'key-set')
    return later.about !== undefined && later.about === earlier.about
  const names = earlier.name === 'environment' ? OPTION_LEADS_TO[earlier.about ?? ''] : LEADS_TO[earlier.name]
  return names?.includes(later.name) ?? false
}

/**
 * @param {readonly Step[]} steps
 * @returns {Cause | undefined} nothing where no check failed
 */
function firstCause(steps) {
  const failures = steps.filter(({ status, follows }) => status === 'failed' && follows === undefined)
  const [first, ...others] = failures
  if (first === undefined) return undefined
  const { name, message, hint } = first
  const follows = steps.filter((step) => step.follows === name).map((step) => step.name)
  return { name, message, hint, follows: unique(follows), others: unique(others.map((other) => other.name)) }
}

/** @param {string[]} names */
function unique(names) {
  return [...new Set(names)]
}

module.exports = { firstCause, withReason }
