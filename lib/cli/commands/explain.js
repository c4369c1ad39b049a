'use strict'

const { bearerToken } = require('../../http/authorization')
const { UsageError, flagsHelp, readCommandLine } = require('../options')
const { colours, wrap } = require('../output')
const { isAuthError } = require('../../core/errors')
const { configure } = require('../../core/options')
const { createVerifier } = require('../../http/verifier')

/**
 * @typedef {import('../output').Colours} Colours
 * @typedef {import('../../..').Check} Check
 */

/**
 * What `verifier.explain` says. Without a verifier, `hint` says what is wrong with the configuration.
 *
 * @typedef {import('../../..').Explanation & { readonly hint?: string }} Explanation
 */

const FLAGS = { at: { value: 'date', help: 'verify as of this instant: ISO 8601, or seconds since 1970' } }

const HELP = `Usage: entra-jwt-verify explain [options] <token|->

Runs every check of a verifier on a token and shows what was expected, what was found and what to do. With '-', or without a
token, it reads the token from standard input, which keeps it out of the shell's history and the list of processes. The
token is never printed, and of its claims only those that are checked.

${flagsHelp(FLAGS)}

Options that are not given come from the environment: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST or
ENTRA_AUTHORITY; where these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE, AZURE_AUTHORITY_HOST.

Exit status: 0 valid, 1 refused, 2 cannot tell (keys unavailable, configuration, usage).
`

const EXIT = { valid: 0, refused: 1, unknown: 2 }

/** Characters read from standard input: twice the largest maxTokenLength. */
const MAX_INPUT = 2_097_152

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function run(args) {
  const { options, flags, positionals } = readCommandLine(args, FLAGS)
  if (flags.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length > 1) throw new UsageError('expected one token, or - for standard input')
  const currentDate = instant(flags.at)
  const [argument = '-'] = positionals
  const token = unwrap(argument === '-' ? await input() : argument)
  if (token === '') throw new UsageError('no token on standard input')
  const explanation = await explain(token, options, currentDate)
  const read = environmentOf(options)
  const shown = flags.json ? `${JSON.stringify({ ...explanation, ...read }, null, 2)}\n` : text(explanation, read)
  process.stdout.write(shown)
  return EXIT[explanation.verdict]
}

/**
 * @param {string} token
 * @param {import('../../..').Options} options
 * @param {Date | undefined} currentDate
 * @returns {Promise<Explanation>}
 */
async function explain(token, options, currentDate) {
  try {
    return await createVerifier(options).explain(token, { currentDate })
  } catch (error) {
    if (!isAuthError(error)) throw error
    const { code, message, hint } = error
    return { verdict: 'unknown', code, message, hint, checks: [], findings: [] }
  }
}

/**
 * Which environment variables stand for which options, and what is probably a mistake among them.
 *
 * @param {import('../../..').Options} options
 * @returns {{ variables: Record<string, string>, warning?: string | undefined }}
 */
function environmentOf(options) {
  try {
    const { variables, warning } = configure(options)
    return { variables, warning }
  } catch {
    // What is wrong with the options is in the explanation.
    return { variables: {} }
  }
}

/** @param {unknown} at the flag's value */
function instant(at) {
  if (at === undefined) return undefined
  const text = String(at)
  const date = new Date(/^\d+$/.test(text) ? Number(text) * 1000 : text)
  if (Number.isNaN(date.getTime())) throw new UsageError('--at: expected a date such as 2026-01-31T12:00:00Z')
  return date
}

async function input() {
  if (process.stdin.isTTY) throw new UsageError('give a token, or pipe one to standard input')
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_INPUT) throw new UsageError('standard input is longer than any token')
  }
  return text
}

/**
 * A token that was copied from a header with the scheme in front.
 *
 * @param {string} text
 * @returns {string}
 */
function unwrap(text) {
  return bearerToken(text.trim()) ?? text.trim()
}

/**
 * An explanation for a terminal.
 *
 * @param {Explanation} explanation
 * @param {ReturnType<typeof environmentOf>} read
 */
function text({ verdict, code, message, hint, checks, findings }, { variables, warning }) {
  const colour = colours(process.stdout, process.env)
  const lines = [verdictLine(verdict, `${code}: ${message}`, colour)]
  if (hint) lines.push(field('hint', hint, colour))
  if (code === 'ERR_KEYS_UNAVAILABLE') lines.push('`npx entra-jwt-verify doctor` says what is in the way.')
  for (const { checks: explained, message: recognised } of findings) {
    if (explained.length) lines.push(colour.bold(`It looks like ${wrap(recognised, 0, process.stdout)}.`))
  }
  if (checks.length) lines.push('', ...withoutRepeatedHints(checks).flatMap((check) => checkLines(check, colour)))
  for (const { checks: explained, message: told, hint: advice } of findings) {
    if (!explained.length) lines.push('', `${colour.yellow('warning')}  ${told}`, field('hint', advice, colour))
  }
  if (warning) lines.push('', `${colour.yellow('warning')}  ${wrap(warning, 9, process.stdout)}`)
  const names = Object.values(variables)
  if (verdict !== 'valid' && names.length) lines.push('', colour.dim(`Configured by ${names.join(', ')}.`))
  return `${lines.join('\n')}\n`
}

/**
 * One mistake fails several checks, but its hint is printed once.
 *
 * @param {readonly Check[]} checks
 * @returns {Check[]}
 */
function withoutRepeatedHints(checks) {
  return checks.map((check, index) => {
    const { hint, ...others } = check
    const isRepeated = check.status === 'failed' && checks.slice(0, index).some((earlier) => earlier.hint === hint)
    return isRepeated ? others : check
  })
}

/**
 * @param {Explanation['verdict']} verdict
 * @param {string} cause
 * @param {Colours} colour
 */
function verdictLine(verdict, cause, colour) {
  if (verdict === 'valid') return colour.green('valid')
  return `${verdict === 'refused' ? colour.red('refused') : colour.yellow('cannot tell')}  ${cause}`
}

/**
 * @param {Check} check
 * @param {Colours} colour
 */
function checkLines({ name, status, code, expected, found, hint }, colour) {
  const statuses = {
    passed: colour.green('passed     '),
    failed: colour.red('failed     '),
    'not-reached': colour.dim('not reached')
  }
  const title = `  ${statuses[status]}  ${name.padEnd(12)}`
  if (status === 'passed') return [found === undefined ? title.trimEnd() : `${title}  ${colour.dim(found)}`]
  if (status === 'not-reached') return [`${title}  ${colour.dim(hint ?? '')}`]
  const lines = [`${title}  ${code}`]
  for (const [label, value] of Object.entries({ expected, found, hint })) {
    if (value !== undefined) lines.push(field(label, value, colour))
  }
  return lines
}

/**
 * @param {string} label
 * @param {string} value
 * @param {Colours} colour
 */
function field(label, value, colour) {
  const indentation = 15
  return `${' '.repeat(indentation)}${colour.cyan(label.padEnd(10))}${wrap(value, indentation + 10, process.stdout)}`
}

module.exports = { run }
