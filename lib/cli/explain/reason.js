'use strict'

/** @import { Finding } from '../../..' */
/** @import { Told } from './explanation' */

/** Checks that say more of whose token it is than the key, which fails before them. */
const PROOFS = ['issuer', 'tenant']

/**
 * What a text is, what was found and wanted, and what to do: labels and texts in this order, without empty ones.
 *
 * @param {Told} told
 * @returns {{ label: string, text: string }[]}
 */
function reasonOf(told) {
  const { hint, checks, input, environment, claimed } = told
  const { taken, source } = input
  const failed = checks.filter(({ status }) => status === 'failed')
  const finding = causeOf(told)
  const explained = failed.filter(({ name }) => finding?.checks.includes(name))
  const check =
    PROOFS.map((name) => explained.find((each) => each.name === name)).find(Boolean) ?? explained[0] ?? failed[0]
  // Of a text that is no token there is nothing to compare, nor of a token whose key could not be fetched.
  const compared = check?.name === 'form' || isForLackOfKeys(told) ? undefined : check
  // What is wrong with the environment, or missing, comes next, and is the reason for a configuration that cannot be used.
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
 * The finding that is the reason for the verdict: the first that explains a check. Where the keys could not be fetched, that comes
 * first, unless the finding says why no key would have been the token's: it is of somebody else, or the configuration is.
 *
 * @param {Pick<Told, 'code' | 'findings'>} told
 * @returns {Finding | undefined}
 */
function causeOf({ code, findings }) {
  return findings.find(code === 'ERR_KEYS_UNAVAILABLE' ? ({ checks }) => checks.includes('key') : isReason)
}

/**
 * Whether there is no verdict because the keys could not be fetched, and for no other reason.
 *
 * @param {Pick<Told, 'code' | 'findings'>} told
 */
function isForLackOfKeys(told) {
  return told.code === 'ERR_KEYS_UNAVAILABLE' && causeOf(told) === undefined
}

/**
 * What a token says of itself, and the variables that would accept it.
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
function notesOf(told) {
  const { findings, warning, environment } = told
  const first = causeOf(told)
  const others = findings.filter((finding) => isReason(finding) && finding !== first)
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

module.exports = { isForLackOfKeys, notesOf, reasonOf }
