'use strict'

/** @import { Finding } from '../../..' */
/** @import { Told } from './explanation' */

/**
 * What a text is, what was found and wanted, and what to do: labels and texts in this order, without empty ones.
 *
 * @param {Told} told
 * @returns {{ label: string, text: string }[]}
 */
function reasonOf({ hint, checks, findings, input, environment, claimed }) {
  const { taken, source } = input
  const failed = checks.filter(({ status }) => status === 'failed')
  const finding = findings.find(isReason)
  const check = failed.find(({ name }) => finding?.checks.includes(name)) ?? failed[0]
  // A text that is not a token has no values to compare.
  const compared = check?.name === 'form' ? undefined : check
  // Then wrong or missing variables, which are the reason for an invalid configuration.
  const isExplained = environment.some(({ status }) => status === 'failed')
  const texts = {
    from: [...(source ? [`the file ${source}`] : []), ...taken].join(', '),
    'it is': finding?.message,
    found: compared?.found,
    wanted: compared?.expected,
    do: finding?.hint ?? check?.hint ?? (isExplained || claimed ? undefined : hint)
  }
  return [...rowsOf(texts), ...(claimed ? claimedRows(claimed) : [])]
}

/**
 * The claims of a token, and the variables that would accept it.
 *
 * @param {import('./claimed').Claimed} claimed
 */
function claimedRows({ issuer, tenant, audience, client, isAppOnly, expires, variables }) {
  const set = Object.entries(variables).map(([name, value]) => ({ label: 'set', text: `${name}=${value}` }))
  const advice = `if the tenant ${tenant} and the API ${audience} are yours, set what follows; nothing of the token is verified yet`
  return [
    ...rowsOf({
      whose: issuer,
      for: audience,
      client: client && `${client}, for ${isAppOnly ? 'itself' : 'a user'}`,
      until: expires === undefined ? undefined : until(expires),
      do: set.length ? advice : undefined
    }),
    ...set
  ]
}

/** @param {number} expires seconds since 1970 */
function until(expires) {
  const date = new Date(expires * 1000)
  if (Number.isNaN(date.getTime())) return `${expires}, which is no date`
  const minutes = Math.round((expires * 1000 - Date.now()) / 60_000)
  return `${date.toISOString().replace('.000Z', 'Z')}${minutes < 0 ? ', which has passed' : ` (in ${minutes} min)`}`
}

/**
 * Labels and texts, without empty texts.
 *
 * @param {Record<string, string | undefined>} texts
 */
function rowsOf(texts) {
  return Object.entries(texts).flatMap(([label, text]) => (text ? [{ label, text }] : []))
}

/**
 * Further notes: problems with the environment, other findings, and probable mistakes although no check failed.
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
 * Whether a finding explains a failed check; others are warnings about a valid token.
 *
 * @param {Finding} finding
 */
function isReason({ checks }) {
  return checks.length > 0
}

module.exports = { notesOf, reasonOf }
