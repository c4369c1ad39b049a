'use strict'

/** @import { Finding } from '../../..' */
/** @import { Told } from './explanation' */

/**
 * What a text is, what was found and wanted, and what to do: the labels and texts in this order, without those for which there is
 * nothing to say.
 *
 * @param {Told} told
 * @returns {{ label: 'from' | 'it is' | 'found' | 'wanted' | 'do', text: string }[]}
 */
function reasonOf({ hint, checks, findings, input, environment }) {
  const { taken, source } = input
  const failed = checks.filter(({ status }) => status === 'failed')
  const finding = findings.find(isReason)
  const check = failed.find(({ name }) => finding?.checks.includes(name)) ?? failed[0]
  // Of a text that is no token there is nothing to compare.
  const compared = check?.name === 'form' ? undefined : check
  // What is wrong with the environment comes next, and is the reason for a configuration that cannot be used.
  const isExplained = environment.some(({ status }) => status === 'failed')
  const texts = {
    from: [...(source ? [`the file ${source}`] : []), ...taken].join(', '),
    'it is': finding?.message,
    found: compared?.found,
    wanted: compared?.expected,
    do: finding?.hint ?? check?.hint ?? (isExplained ? undefined : hint)
  }
  const labels = /** @type {(keyof typeof texts)[]} */ (Object.keys(texts))
  return labels.flatMap((label) => (texts[label] ? [{ label, text: String(texts[label]) }] : []))
}

/**
 * What there is to say besides: what is wrong with the environment, what else the token was recognised as, and what is probably a
 * mistake although nothing failed.
 *
 * @param {Told} told
 * @returns {{ kind: 'failed' | 'warning', word: string, text: string, hint?: string | undefined }[]} `word` is what to call it
 */
function notesOf({ findings, warning, environment }) {
  const [first, ...others] = findings.filter(isReason)
  const hintOf = (/** @type {Finding} */ { hint }) => (hint === first?.hint ? undefined : hint)
  /** @type {(word: string, text: string, hint?: string) => ReturnType<typeof notesOf>[number]} */
  const warn = (word, text, hint) => ({ kind: 'warning', word, text, hint })
  return [
    ...environment.map(({ status, message, hint }) => ({
      ...warn('warning', message, hint),
      ...(status === 'failed' && { kind: /** @type {const} */ ('failed'), word: 'environment' })
    })),
    ...others.map((finding) => warn('also', finding.message, hintOf(finding))),
    ...findings.filter((finding) => !isReason(finding)).map(({ message, hint }) => warn('warning', message, hint)),
    ...(warning ? [warn('warning', warning)] : [])
  ]
}

/**
 * Whether a finding says why a check failed; others are warnings about a token that may pass.
 *
 * @param {Finding} finding
 */
function isReason({ checks }) {
  return checks.length > 0
}

module.exports = { notesOf, reasonOf }
