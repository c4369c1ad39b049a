'use strict'

const { nearest } = require('../spelling')
const { UsageError } = require('./usage')
const { internalError } = require('../core/errors')
const { codeOf, messageOf } = require('../thrown')

/**
 * The commands, loaded when they run.
 *
 * @type {Record<string, () => { run: (args: string[]) => Promise<number> }>}
 */
const COMMANDS = {
  demo: () => require('./commands/demo'),
  authority: () => require('./commands/authority'),
  token: () => require('./commands/token'),
  explain: () => require('./commands/explain'),
  doctor: () => require('./commands/doctor')
}

const HELP = `Usage: entra-jwt-verify <command> [options]

  demo                send valid and invalid tokens to an application, without a tenant
  authority           start a test authority; print the environment of an API, a token and a request
  token               get an access token by client credentials; print it
  explain <token|->   show why a token is valid or rejected, check by check
  doctor              check the configuration end to end

  --help              show help; after a command, its options
  --version           show the version

The environment configures an API as it configures checkAuthToken: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE,
ENTRA_AUTHORITY_HOST, ENTRA_AUTHORITY; if these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE,
AZURE_AUTHORITY_HOST. --env-file <file> reads variables from a file.
`

/** The exit status when there is no verdict: wrong usage, no configuration, no keys. */
const CANNOT_TELL = 2

/**
 * Runs a command line.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function main([name, ...args]) {
  // The reader of the output may stop early, as `head` does.
  process.stdout.on('error', ignoreClosedPipe)
  if (name === '--help' || name === '-h' || name === 'help') return print(HELP)
  if (name === '--version') return print(`${require('../../package.json').version}\n`)
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    process.stderr.write(`${notACommand(name)}\n\n${HELP}`)
    return CANNOT_TELL
  }
  try {
    return await command().run(args)
  } catch (error) {
    process.stderr.write(`entra-jwt-verify ${name}: ${text(error)}\n`)
    return CANNOT_TELL
  }
}

/**
 * The error for an unknown command. A value that might be a token or a secret is not printed.
 *
 * @param {string | undefined} name
 */
function notACommand(name) {
  if (name === undefined) return 'a command is missing'
  if (/^(?:eyJ|Bearer\b)/i.test(name))
    return 'a command is missing: did you mean explain -, with the token on standard input?'
  if (name.startsWith('-')) return 'a command is missing: options come after it'
  if (!/^[\w-]{1,20}$/.test(name)) return 'unknown command'
  const meant = nearest(name, Object.keys(COMMANDS))
  return `unknown command '${name}'${meant ? `: did you mean ${meant}?` : ''}`
}

/** @param {string} text */
function print(text) {
  process.stdout.write(text)
  return 0
}

/** @param {unknown} error */
function text(error) {
  if (error instanceof UsageError) return `${error.message}\nSee --help.`
  // The addon did not load: its message says what to do.
  if (codeOf(error)?.startsWith('ERR_NATIVE_')) return messageOf(error)
  return `${messageOf(error)}\n${internalError(error).hint}`
}

/** @param {Error} error */
function ignoreClosedPipe(error) {
  if (codeOf(error) !== 'EPIPE') throw error
}

module.exports = { main }
