'use strict'

/**
 * @import { Check } from '../../..'
 * @import { createPage } from '../page'
 * @import { Told } from './explanation'
 */

/** @typedef {ReturnType<typeof createPage>} Page */

const VERDICTS = /** @type {const} */ ({
  valid: ['passed', 'valid'],
  refused: ['failed', 'refused'],
  unknown: ['warning', 'cannot tell']
})

/** Columns of the name of a check: the longest is `entra-claims`. */
const NAME = 12

/**
 * An explanation for a terminal: the verdict and what to do first.
 *
 * @param {Told} told
 * @param {Page} page
 * @param {{ all: boolean }} how whether the checks that passed are shown one by one
 */
function showExplanation(told, page, { all }) {
  const [mark, word] = VERDICTS[told.verdict]
  page.entry(mark, word, told.verdict === 'valid' ? '' : `${told.code}: ${told.message}`)
  const hints = new Set([showReason(told, page)])
  showEnvironment(told, page)
  showFailed(told, page, hints)
  showOthers(told, page, all)
  showWarnings(told, page)
  const names = Object.values(told.variables)
  if (told.verdict !== 'valid' && names.length) {
    page.gap()
    page.line(`Configured by ${names.join(', ')}.`)
  }
}

/**
 * What it is, and what to do about it.
 *
 * @param {Told} told
 * @param {Page} page
 * @returns {string | undefined} the hint
 */
function showReason({ code, hint, checks, findings, input, environment }, page) {
  const { taken, source } = input
  const from = [...(source ? [`the file ${source}`] : []), ...taken]
  page.row('from', from.join(', '))
  const failed = checks.filter(({ status }) => status === 'failed')
  const finding = findings.find((each) => each.checks.length > 0)
  const check = failed.find(({ name }) => finding?.checks.includes(name)) ?? failed[0]
  page.row('it is', finding?.message)
  const isToken = check?.name !== 'form'
  if (isToken) {
    page.row('found', check?.found)
    page.row('wanted', check?.expected)
  }
  // What is wrong with the environment comes next, and is the reason for a configuration that cannot be used.
  const isExplained = environment.some(({ status }) => status === 'failed')
  const advice = finding?.hint ?? check?.hint ?? (isExplained ? undefined : hint)
  page.row('do', advice)
  if (code === 'ERR_KEYS_UNAVAILABLE') page.line('`npx entra-jwt-verify doctor` says what is in the way.', 2)
  return advice
}

/**
 * @param {Told} told
 * @param {Page} page
 */
function showEnvironment({ environment }, page) {
  for (const { status, message, hint } of environment) {
    page.gap()
    page.entry(status, message)
    page.row('do', hint)
  }
}

/**
 * The checks that failed, each with what is not said yet. One mistake fails several, and what to do is said once.
 *
 * @param {Told} told
 * @param {Page} page
 * @param {Set<string | undefined>} hints that are shown already
 */
function showFailed({ checks, findings }, page, hints) {
  const failed = checks.filter(({ status }) => status === 'failed')
  // Of a text that is no token there is nothing to compare.
  if (failed.length === 0 || failed[0]?.name === 'form') return
  page.gap()
  for (const check of failed) {
    const { name, code, expected, found, hint } = check
    const reason = findings.find((finding) => finding.checks.includes(name))
    page.entry('failed', name, reason ? `${code}: it looks like ${beginning(reason.message)}` : code, { width: NAME })
    if (hints.has(hint)) continue
    hints.add(hint)
    page.row('found', found, 4)
    page.row('wanted', expected, 4)
    page.row('do', hint, 4)
  }
}

/**
 * What a message says before it goes into details.
 *
 * @param {string} message
 */
function beginning(message) {
  return /^[^:(]*/.exec(message)?.[0].trim() ?? message
}

/**
 * The checks that passed, and those that could not be made.
 *
 * @param {Told} told
 * @param {Page} page
 * @param {boolean} all
 */
function showOthers({ checks }, page, all) {
  const passed = checks.filter(({ status }) => status === 'passed')
  const left = checks.filter(({ status }) => status === 'not-reached')
  if (passed.length === 0) return
  page.gap()
  if (all) {
    for (const { name, found } of passed) page.entry('passed', name, found, { width: NAME })
    for (const { name, hint } of left) page.entry('skipped', name, hint, { width: NAME })
    return
  }
  page.entry('passed', count(passed), `${names(passed)} (--all shows what was found)`)
  for (const [hint, checksLeft] of byHint(left)) page.entry('skipped', `not reached: ${names(checksLeft)}`, hint)
}

/** @param {readonly Check[]} checks */
function count(checks) {
  return checks.length === 1 ? '1 check passed' : `${checks.length} checks passed`
}

/** @param {readonly Check[]} checks */
function names(checks) {
  return checks.map(({ name }) => name).join(', ')
}

/**
 * Checks by the reason for which they were not reached.
 *
 * @param {Check[]} checks
 */
function byHint(checks) {
  /** @type {Map<string | undefined, Check[]>} */
  const reasons = new Map()
  for (const check of checks) reasons.set(check.hint, [...(reasons.get(check.hint) ?? []), check])
  return reasons
}

/**
 * What else the token was recognised as, and what is probably a mistake although nothing failed.
 *
 * @param {Told} told
 * @param {Page} page
 */
function showWarnings({ findings, warning }, page) {
  const [first, ...others] = findings.filter(({ checks }) => checks.length > 0)
  for (const { message, hint } of others) {
    page.gap()
    page.entry('warning', 'also', message)
    if (hint !== first?.hint) page.row('do', hint)
  }
  for (const { message, hint } of findings.filter(({ checks }) => checks.length === 0)) {
    page.gap()
    page.entry('warning', 'warning', message)
    page.row('do', hint)
  }
  if (warning) {
    page.gap()
    page.entry('warning', 'warning', warning)
  }
}

module.exports = { showExplanation }
