'use strict'

const { isForLackOfKeys, notesOf, reasonOf } = require('./reason')

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
  if (told.authority !== undefined) page.row('by', told.authority)
  const reason = reasonOf(told)
  for (const { label, text } of reason) page.row(label, text)
  if (isForLackOfKeys(told)) page.line('`npx entra-jwt-verify doctor` says what is in the way.', 2)
  const notes = notesOf(told)
  showNotes(
    notes.filter(({ kind }) => kind === 'failed'),
    page
  )
  const shown = showFailed(told, page, new Set(reason.filter(({ label }) => label === 'do').map(({ text }) => text)))
  showOthers(told, page, all)
  showNotes(
    notes.filter(({ kind, text }) => kind === 'warning' && !shown.has(text)),
    page
  )
  if (told.verdict === 'valid' && !told.checks.some(({ name }) => name === 'role' || name === 'scope')) {
    page.gap()
    page.line('If a guard answers 403, check what it requires too, with --required-role or --required-scope.')
  }
  const names = Object.values(told.variables)
  if (told.verdict !== 'valid' && names.length) {
    page.gap()
    page.line(`Configured by ${names.join(', ')}.`)
  }
}

/**
 * @param {ReturnType<typeof notesOf>} notes
 * @param {Page} page
 */
function showNotes(notes, page) {
  for (const { kind, word, text, hint } of notes) {
    page.gap()
    page.entry(kind, word, text)
    page.row('do', hint)
  }
}

/**
 * The failed checks, each with details that were not printed yet. One mistake can make several fail, but its hint is
 * printed once.
 *
 * @param {Told} told
 * @param {Page} page
 * @param {Set<string | undefined>} hints that are shown already
 * @returns {Set<string>} messages of findings that need no note, because they are shown here, with their hints
 */
function showFailed({ checks, findings }, page, hints) {
  const failed = checks.filter(({ status }) => status === 'failed')
  /** @type {Set<string>} */
  const shown = new Set()
  // A text that is not a token has no values to compare.
  if (failed.length === 0 || failed[0]?.name === 'form') return shown
  page.gap()
  for (const check of failed) {
    const { name, code, expected, found, hint } = check
    const reason = findings.find((finding) => finding.checks.includes(name))
    // The finding that explains the verdict is shown above.
    const isNew = reason !== undefined && reason.hint === hint && !hints.has(hint)
    if (isNew) shown.add(reason.message)
    const looks = reason && (isNew ? reason.message : beginning(reason.message))
    page.entry('failed', name, looks ? `${code}: it looks like ${looks}` : code, { width: NAME })
    if (hints.has(hint)) continue
    hints.add(hint)
    page.row('found', found, 4)
    page.row('wanted', expected, 4)
    page.row('do', hint, 4)
  }
  return shown
}

/**
 * The first part of a message, without details.
 *
 * @param {string} message
 */
function beginning(message) {
  return message.split(/: | \(/)[0] ?? message
}

/**
 * The checks that passed, and those that were not reached.
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
 * Checks that were not reached, by reason.
 *
 * @param {Check[]} checks
 */
function byHint(checks) {
  /** @type {Map<string | undefined, Check[]>} */
  const reasons = new Map()
  for (const check of checks) reasons.set(check.hint, [...(reasons.get(check.hint) ?? []), check])
  return reasons
}

module.exports = { showExplanation }
