'use strict'

const { inJson } = require('./json')
const { decoded, isHeader, isToken, signatureLengths, tokensIn } = require('./jwt')
const { oauthError } = require('./oauth-error')
const { credentialNamed } = require('../../core/text/sealed')
const { unsetValue } = require('../../core/text/unset')

/** @import { Finding } from '../../..' */

/**
 * What is under one layer of a text: what a token was copied along with (`taken`), or what spoils it (`damage`, as in "a token,
 * but …"). A `finding` says that there is nothing further inside.
 *
 * @typedef {{ text: string, taken?: string, damage?: string } | { finding: Finding }} Layer
 */

const QUOTES =
  /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|\u201c([^\u201d]*)\u201d|\u2018([^\u2019]*)\u2019|\u00ab([^\u00bb]*)\u00bb)[,;]?$/

const BRACKETS = /^(?:<(.*)>|\[(.*)\]|\((.*)\)|\{(.*)\})$/

/** Tokens that are looked for in lines that break them, and characters of each. */
const MAX_WRAPPED = 10
const MAX_WRAPPED_LENGTH = 32_768

/** Parameters of a redirect or of a form, the best first. */
const PARAMETERS = [
  'error_description',
  'error',
  'access_token',
  'id_token',
  'token',
  'assertion',
  'client_assertion',
  'refresh_token',
  'code',
  'SAMLResponse',
  'wresult'
]

/**
 * Takes one layer off; `undefined` where there is none that is known.
 *
 * @param {string} text without white space around it
 * @returns {Layer | undefined}
 */
function takeLayer(text) {
  for (const layer of LAYERS) {
    const found = layer(text)
    if (found && !('text' in found && found.text === text)) return found
  }
  return undefined
}

/** In this order: the first that fits is taken off. */
const LAYERS = [json, quotes, scheme, header, parameters, joined, escaped, encodedTwice, spaced, wrapped, embedded]

/** @type {(text: string) => Layer | undefined} */
function json(text) {
  if (!/^[[{]/.test(text)) return undefined
  try {
    const found = inJson(JSON.parse(text))
    // A token in a member of another name is found as in any text.
    return found && 'finding' in found && found.finding.name === 'no-token' && tokensIn(text).length ? undefined : found
  } catch {
    const member = /"(access_?token)"\s*:\s*"([^"]*)/i.exec(text)
    return member ? { text: member[2] ?? '', taken: `${member[1]} in JSON` } : undefined
  }
}

/** @type {(text: string) => Layer | undefined} */
function quotes(text) {
  const quoted = QUOTES.exec(text)
    ?.slice(1)
    .find((inside) => inside !== undefined)
  if (quoted !== undefined) return { text: quoted.replace(/\\(["'])/g, '$1'), damage: 'in quotes' }
  const bracketed = BRACKETS.exec(text)
    ?.slice(1)
    .find((inside) => inside !== undefined)
  if (bracketed !== undefined && /^\s*(?:bearer\s+)?eyJ/i.test(bracketed))
    return { text: bracketed, damage: 'in brackets' }
  const [, token] = /^(eyJ[\w.-]+)["',;:)\]}>]+$/.exec(text) ?? /^["'(<[{,;:]+(eyJ[\w.-]+)$/.exec(text) ?? []
  return token === undefined ? undefined : { text: token, damage: 'with punctuation around it' }
}

/** @type {(text: string) => Layer | undefined} */
function scheme(text) {
  const [, name = '', gap = '', rest = ''] =
    /^([a-z]+)([ :=+,]+|(?=["']))(.*)$/is.exec(text) ?? /^(bearer)()(eyJ.*)$/is.exec(text) ?? []
  if (/^bearer$/i.test(name)) {
    if (/^bearer\b/i.test(rest)) return { text: rest, damage: 'with Bearer twice in front of it' }
    return gap.trim() === '' && gap !== '' ? { text: rest } : { text: rest, damage: 'with no space behind Bearer' }
  }
  if (/^(?:basic|digest|negotiate|ntlm|aws4|hawk)/i.test(name)) return { finding: otherScheme(name) }
  if (!/^(?:jwt|token|oauth|mac)$/i.test(name) || !/^eyJ/.test(rest) || gap.trim() !== '') {
    return /^d?pop$/i.test(name) ? { text: rest, taken: `a header of the scheme ${name}` } : undefined
  }
  return { text: rest, damage: `with the scheme ${name} in front of it, in place of Bearer` }
}

/**
 * @param {string} name
 * @returns {Finding}
 */
function otherScheme(name) {
  return {
    name: 'other-scheme',
    checks: ['form'],
    message: `credentials of the scheme ${name}, not a token`,
    hint: 'send Authorization: Bearer <access token>'
  }
}

/** @type {(text: string) => Layer | undefined} */
function header(text) {
  const found = /(["'`]?)\bauthorization(["'`]?)(?:\s*[:=]\s*|,\s*["']value["']\s*:\s*)(["'`]?)/i.exec(text)
  if (!found) return undefined
  const [all, before, behind, open] = found
  // Quotes around the value, or around name and value together.
  const end = open || (behind ? '' : before) || '\n'
  const line = (text.slice(found.index + all.length).split(end)[0] ?? '').trim()
  // The backslash with which a shell continues the line.
  const value = line.endsWith('\\') ? line.slice(0, -1).trimEnd() : line
  const taken = `the Authorization header of ${/\bcurl\b|^-H\b/.test(text) ? 'a cURL command' : 'a request'}`
  if (isToken(value)) return { text: value, taken, damage: 'without Bearer in front of it' }
  return { text: value.replace(/^bearer$/i, ''), taken }
}

/** @type {(text: string) => Layer | undefined} */
function parameters(text) {
  const query = /(?:^|[?#&])((?:[\w.-]+=[^&\s"'<>]*&?)+)/.exec(text)?.[1] ?? ''
  const values = new URLSearchParams(query)
  const name = PARAMETERS.find((each) => values.has(each))
  if (name === undefined || !(query.includes('&') || query.startsWith(`${name}=`))) return undefined
  if (name.startsWith('error')) {
    const finding = oauthError(Object.fromEntries(values))
    return finding && { finding }
  }
  const credential = credentialNamed(name)
  if (credential) return { finding: credential }
  const where = values.has('grant_type') ? 'a request to the token endpoint' : 'a redirect or a form'
  return { text: values.get(name) ?? '', taken: `${name} in ${where}` }
}

/** Two headers of one name are joined with a comma. @type {(text: string) => Layer | undefined} */
function joined(text) {
  const [first = '', ...others] = text.split(',').map((part) => part.trim().replace(/^bearer\s+/i, ''))
  if (others.length === 0 || ![first, ...others].every(isToken)) return undefined
  const isSame = others.every((other) => other === first)
  const what = isSame ? 'twice in one header' : 'with another token behind it in the same header'
  return { text: first, damage: `${what}: a header that is sent twice is joined with a comma` }
}

/** @type {(text: string) => Layer | undefined} */
function escaped(text) {
  if (!/%[\da-f]{2}/i.test(text)) return undefined
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' ')).trim()
    const [token] = tokensIn(plain)
    // What is around the token may have to be encoded, as in a cookie. The token itself never has.
    const isOnlyAround = token !== undefined && text.includes(token) && !/bearer(?:%20|\+)/i.test(text)
    if (isOnlyAround) return { text: plain, taken: 'a URL-encoded text' }
    return token !== undefined || unsetValue(plain)
      ? { text: plain, damage: 'URL-encoded (%20, %2E and the like)' }
      : undefined
  } catch {
    return undefined
  }
}

/** A Kubernetes secret, for example, is base64 of what was put into it. @type {(text: string) => Layer | undefined} */
function encodedTwice(text) {
  const compact = text.replace(/\s/g, '')
  if (!/^(?:ZXlK|QmVhcmVyIGV5|YmVhcmVyIGV5|ImV5)[\w+/-]+={0,2}$/.test(compact)) return inManifest(text)
  const plain = Buffer.from(compact, 'base64').toString().trim()
  return tokensIn(plain).length ? { text: plain, damage: 'encoded with base64 once more' } : undefined
}

/** The manifest of such a secret, in which that is right. @type {(text: string) => Layer | undefined} */
function inManifest(text) {
  const encoded = /^[ \t]*[\w.-]+: *(ZXlK[\w+/]+={0,2})[ \t\r]*$/m.exec(text)?.[1]
  const plain = encoded && Buffer.from(encoded, 'base64').toString().trim()
  return plain && isToken(plain) ? { text: plain, taken: 'base64 in the text around it' } : undefined
}

/** @type {(text: string) => Layer | undefined} */
function spaced(text) {
  const unfolded = text.replace(/\\[rn]|[=\\](?=\r?\n)|^>[> ]*/gm, '\n')
  const pieces = unfolded.split(/\s+/).filter((piece) => piece !== '')
  const compact = pieces.join('')
  if (pieces.length < 2 || !/^eyJ[\w.+/=-]+$/.test(compact)) return undefined
  // Words behind a token are no part of it.
  const isWrapped = pieces.slice(0, -1).every((piece) => piece.length > 15 || piece === '.')
  const isWhole = isToken(compact) && hasUsualSignature(compact)
  if (!isWhole && (!isWrapped || tokensIn(text).some(hasUsualSignature))) return undefined
  return { text: compact, damage: /[\r\n]/.test(unfolded) ? 'with line breaks in it' : 'with white space in it' }
}

/** What PowerShell and other tables break at the end of a line, with other text around it. @type {(text: string) => Layer | undefined} */
function wrapped(text) {
  if (tokensIn(text).some(hasUsualSignature)) return undefined
  for (const { index } of [...text.matchAll(/(?<![\w-])eyJ/g)].slice(0, MAX_WRAPPED)) {
    let token = ''
    for (const line of text.slice(index, index + MAX_WRAPPED_LENGTH).split(/\r?\n/)) {
      // The first line that has something else in it ends the token.
      const [, piece, more] = /^[ \t]*([\w.-]*)[ \t]*(.*)$/s.exec(line) ?? []
      token += piece ?? ''
      if (isToken(token) && hasUsualSignature(token)) return { text: token, taken: 'lines that break it' }
      if (!piece || more) break
    }
  }
  return undefined
}

/** @param {string} token */
function hasUsualSignature(token) {
  const [head, , signature = ''] = token.split('.')
  const header = decoded(head)
  return isHeader(header) && header !== undefined && signatureLengths(header).includes(signature.length)
}

/** @type {(text: string) => Layer | undefined} */
function embedded(text) {
  const [first, ...others] = tokensIn(text)
  if (first === undefined) return undefined
  const count = others.length + 1
  return {
    text: first,
    taken: others.length ? `a text with ${count} tokens, of which this is the first` : 'the text around it'
  }
}

module.exports = { takeLayer }
