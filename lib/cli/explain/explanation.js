'use strict'

const { claimedBy, recognisedAs } = require('./claimed')
const { damagedToken, readText } = require('../text')
const { limitAt } = require('../text/limits')
const { isAuthError } = require('../../core/errors')
const { configure } = require('../../core/options')
const { examineEnvironment } = require('../../doctor/environment')
const { createVerifier } = require('../../http/verifier')

/**
 * @import { Check, Explanation, Finding, Options } from '../../..'
 * @import { Step } from '../../doctor/steps'
 * @import { Reading } from '../text'
 */

/**
 * The result of `verifier.explain`, with details of the pasted text and of the environment. Without a verifier, `hint`
 * says what is wrong with the configuration.
 *
 * @typedef {object} Told
 * @property {Explanation['verdict']} verdict
 * @property {string | undefined} [code]
 * @property {string | undefined} [message]
 * @property {string | undefined} [hint]
 * @property {string | undefined} [authority] of several, the one that judged the token
 * @property {readonly Check[]} checks
 * @property {readonly Finding[]} findings
 * @property {import('./claimed').Claimed | undefined} [claimed] what the token says of itself, where nothing can verify it
 * @property {{ taken: string[], damage: string[], source?: string | undefined }} input what the token was taken out of
 * @property {Record<string, string>} variables environment variables that were read, by the options that they stand for
 * @property {string | undefined} [warning] what is probably a mistake in the environment
 * @property {Step[]} environment what is wrong with the environment
 */

/** Characters of a text without a token that the core is shown: as many as it takes by default. */
const MAX_TEXT = 16_384

/**
 * Explains a pasted text.
 *
 * @param {string} text
 * @param {Options} options
 * @param {{ currentDate?: Date | undefined, source?: string | undefined }} [context]
 * @returns {Promise<Told>}
 */
async function explainText(text, options, { currentDate, source } = {}) {
  const reading = readText(text)
  const { token, rest, taken, damage } = reading
  const told = await ask(rest.slice(0, token ? undefined : MAX_TEXT), options, currentDate)
  const { claimed, findings } = told.code === 'ERR_CONFIG' ? await unconfigured(rest, token) : { findings: [] }
  const environment = told.verdict === 'valid' ? [] : examineEnvironment(options, process.env).filter(isProblem)
  return {
    ...judged({ ...told, findings: [...told.findings, ...findings] }, reading),
    claimed,
    input: { taken, damage, source },
    ...environmentOf(options),
    environment
  }
}

/**
 * The result without a configuration: what the text is, and the token's own claims.
 *
 * @param {string} rest
 * @param {string | undefined} token
 * @returns {Promise<{ claimed?: import('./claimed').Claimed, findings: Finding[] }>}
 */
async function unconfigured(rest, token) {
  if (token === undefined) return { findings: await recognisedAs(rest.slice(0, MAX_TEXT)) }
  return (await claimedBy(token)) ?? { findings: [] }
}

/**
 * @param {string} token
 * @param {Options} options
 * @param {Date | undefined} currentDate
 * @returns {Promise<Explanation & { hint?: string }>}
 */
async function ask(token, options, currentDate) {
  try {
    return await createVerifier(options).explain(token, { currentDate })
  } catch (error) {
    if (!isAuthError(error)) throw error
    const { code, message, hint } = error
    return { verdict: 'unknown', code, message, hint, checks: [], findings: [] }
  }
}

/**
 * The explanation with details of the text around the token.
 *
 * @param {Explanation & { hint?: string }} told
 * @param {Reading} reading
 * @returns {Explanation & { hint?: string | undefined }}
 */
function judged(told, { token, rest, damage, finding }) {
  const isRefused = token === undefined || (told.verdict === 'valid' && damage.length > 0)
  const damaged = token === undefined ? undefined : damagedToken(damage, isRefused)
  // For a text that is not a token, the core's finding replaces a general description of the text, but not a specific
  // one.
  const isKnown = told.findings.some(({ checks }) => checks.length > 0)
  const own = finding?.name === 'no-token' && isKnown ? undefined : finding
  const others = own ? told.findings.filter(({ checks }) => checks.length === 0) : told.findings
  const added = [own, isRefused ? damaged : undefined].filter(isFinding)
  const findings = [...added, ...others].map((each) => withLimit(each, rest))
  if (damaged && !isRefused) findings.push(damaged)
  // The core has given the hints of its own findings to the checks that they explain.
  const explained = { ...told, findings, checks: told.checks.map((check) => withHintOf(added, check)) }
  // No configuration makes a token of a text that is none.
  if (!isRefused) return explained
  const refused = /** @type {const} */ ({ verdict: 'refused', code: 'ERR_TOKEN_MALFORMED', message: 'jwt malformed' })
  const [first] = findings
  const checks = token === undefined && isOfText(first) ? checksOfText(explained.checks, first) : explained.checks
  return { ...explained, ...refused, checks }
}

/**
 * Whether a finding says that there is no token at all.
 *
 * @param {Finding | undefined} finding
 * @returns {finding is Finding}
 */
function isOfText(finding) {
  return finding?.checks.join() === 'form'
}

/**
 * The checks of a text that is no token, also where it happens to have three parts.
 *
 * @param {readonly Check[]} checks
 * @param {Finding} finding
 * @returns {Check[]}
 */
function checksOfText(checks, { hint }) {
  return checks.map(({ name, ...check }) =>
    name === 'form'
      ? { ...check, name, status: 'failed', code: 'ERR_TOKEN_MALFORMED', message: 'jwt malformed', hint }
      : { name, status: 'not-reached', hint: 'this is no signed token' }
  )
}

/**
 * @param {readonly Finding[]} findings
 * @param {Check} check
 * @returns {Check}
 */
function withHintOf(findings, check) {
  const finding = check.status === 'failed' ? findings.find(({ checks }) => checks.includes(check.name)) : undefined
  return finding ? { ...check, hint: finding.hint } : check
}

/**
 * @param {Finding} finding
 * @param {string} text
 * @returns {Finding}
 */
function withLimit(finding, text) {
  if (finding.name !== 'cut-off-token') return finding
  return { ...finding, message: `${finding.message}${limitAt(text.length)}` }
}

/**
 * @param {Finding | undefined} finding
 * @returns {finding is Finding}
 */
function isFinding(finding) {
  return finding !== undefined
}

/** @param {Step} step */
function isProblem({ status }) {
  return status === 'failed' || status === 'warning'
}

/**
 * The environment variables of each option, and probable mistakes in them.
 *
 * @param {Options} options
 * @returns {{ variables: Record<string, string>, warning?: string | undefined }}
 */
function environmentOf(options) {
  try {
    const { variables, warning } = configure(options)
    return { variables, warning }
  } catch {
    // Invalid options are reported in the explanation.
    return { variables: {} }
  }
}

module.exports = { explainText }
