'use strict'

const { parseArgs } = require('node:util')
const { codeOf, messageOf } = require('../thrown')
const { loadEnvFiles } = require('./env-file')
const { nearest } = require('../spelling')
const { UsageError } = require('./usage')

/**
 * A flag: the name of its value in `--help`, if it has one; its description; whether it may be repeated.
 *
 * @typedef {{ value?: string, help: string, many?: boolean }} Flag
 */

/** @typedef {Record<string, string | boolean | (string | boolean)[] | undefined>} Values */

/**
 * Flags of every command.
 *
 * @type {Record<string, Flag>}
 */
const COMMON = {
  'env-file': {
    value: 'file',
    many: true,
    help: 'read missing environment variables from a file, as node --env-file does'
  },
  help: { help: 'show help' }
}

/**
 * Reads the flags of a command, and loads files with variables before the environment is read.
 *
 * @param {string[]} args
 * @param {Record<string, Flag>} flags of the command
 * @returns {{ values: Values, positionals: string[] }}
 */
function readFlags(args, flags) {
  const all = Object.entries({ ...flags, ...COMMON })
  /** @type {NonNullable<import('node:util').ParseArgsConfig['options']>} */
  const options = {}
  for (const [name, { value, many }] of all) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: many === true }
  }
  options.help = { type: 'boolean', short: 'h' }
  const read = parse(args, options)
  loadEnvFiles([read.values['env-file'] ?? []].flat().map(String))
  return read
}

/**
 * @param {string[]} args
 * @param {NonNullable<import('node:util').ParseArgsConfig['options']>} options
 * @returns {{ values: Values, positionals: string[] }}
 */
function parse(args, options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's messages name the flag, and never a positional that might be a token.
    if (!codeOf(error)?.startsWith('ERR_PARSE_ARGS_')) throw error
    const message = messageOf(error).split('. ')[0] ?? ''
    const [, unknown] = /^Unknown option '--?([^']*)'$/.exec(message) ?? []
    const meant = unknown && nearest(unknown, Object.keys(options))
    throw new UsageError(meant ? `${message}: did you mean --${meant}?` : message)
  }
}

/**
 * The list of flags for `--help`.
 *
 * @param {Record<string, Flag>} flags of the command
 */
function listOf(flags) {
  return Object.entries({ ...flags, ...COMMON })
    .map(([name, { value, many, help }]) => {
      const flag = value === undefined ? `--${name}` : `--${name} <${value}>`
      // A long flag has a line of its own.
      const column = flag.length < 28 ? flag.padEnd(28) : `${flag}\n${' '.repeat(30)}`
      return `  ${column}${many ? `${help}; may be repeated` : help}`
    })
    .join('\n')
}

module.exports = { listOf, readFlags }
