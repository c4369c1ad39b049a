'use strict'

const { readFileSync, statSync } = require('node:fs')
const { UsageError } = require('../options')
const { isToken } = require('../text/jwt')
const { codeOf } = require('../../thrown')

/** Bytes that are read: a HAR file may be large, and a token has a megabyte at most. */
const MAX_BYTES = 16_777_216

/**
 * The input: arguments, which are joined (`Bearer eyJ…`), a file, or standard input.
 *
 * @param {string[]} positionals
 * @returns {Promise<{ text: string, source?: string }>} with the file that it comes from
 */
async function readInput(positionals) {
  const [first = '-'] = positionals
  if (positionals.filter(isToken).length > 1) throw new UsageError('expected one token, got several')
  if (positionals.length > 1) return { text: positionals.join(' ') }
  if (first !== '-') return fromFile(first) ?? { text: first }
  if (process.stdin.isTTY) throw new UsageError('give a token, the name of a file, or pipe one to standard input')
  const chunks = []
  let length = 0
  for await (const chunk of process.stdin) {
    length += chunk.length
    if (length > MAX_BYTES) throw new UsageError('standard input is too long')
    chunks.push(chunk)
  }
  const text = decoded(Buffer.concat(chunks))
  if (text.trim() === '') throw new UsageError('no token on standard input')
  return { text }
}

/**
 * @param {string} path
 * @returns {{ text: string, source: string } | undefined} nothing where it names no file
 */
function fromFile(path) {
  // File names are shorter than tokens.
  if (path.length > 255 || path.includes('\0') || isToken(path)) return undefined
  try {
    if (!statSync(path).isFile()) return undefined
    const bytes = readFileSync(path)
    if (bytes.length > MAX_BYTES) throw new UsageError(`${path} is too long`)
    return { text: decoded(bytes), source: path }
  } catch (error) {
    const isName = /^[\w.~/\\ -]+\.(?:txt|json|har|jwt|log|token)$/i.test(path)
    if (!isName && codeOf(error)?.startsWith('E')) return undefined
    throw codeOf(error) ? new UsageError(`${path} cannot be read: ${codeOf(error)}`) : error
  }
}

/**
 * Decodes text by its byte order mark: Windows PowerShell writes UTF-16, others UTF-8.
 *
 * @param {Buffer} bytes
 */
function decoded(bytes) {
  const isSwapped = bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0
  if (isSwapped) return Buffer.from(bytes).swap16().toString('utf16le')
  return bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')
}

module.exports = { readInput }
