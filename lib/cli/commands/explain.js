'use strict'

const { explainText } = require('../explain/explanation')
const { readInput } = require('../explain/input')
const { showExplanation } = require('../explain/show')
const { UsageError, flagsHelp, readCommandLine } = require('../options')
const { json } = require('../output')
const { createPage } = require('../page')
const { startPage } = require('../web/server')

const FLAGS = {
  at: { value: 'date', help: 'verify as of this instant: ISO 8601, or seconds since 1970' },
  all: { help: 'show the checks that passed one by one, with what was found' },
  web: { help: 'a page on this machine to paste into, until it is not used for 15 minutes' }
}

const HELP = `Usage: entra-jwt-verify explain [options] <token|file|->

Says whether a token is valid and why not: what it is, what was found, what was wanted and what to do. The token may have
anything around it: Bearer, quotes, a header, a cURL command, the answer of the token endpoint, a HAR file. With '-', or without
an argument, it is read from standard input, which keeps it out of the shell's history and the list of processes. The token is
never printed, and of its claims only those that are checked.

${flagsHelp(FLAGS)}

Options that are not given come from the environment: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST or
ENTRA_AUTHORITY; where these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE, AZURE_AUTHORITY_HOST.

Exit status: 0 valid, 1 refused, 2 cannot tell (keys unavailable, configuration, usage).
`

const EXIT = { valid: 0, refused: 1, unknown: 2 }

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
  if (flags.web) return web(options, positionals)
  const currentDate = instant(flags.at)
  const { text, source } = await readInput(positionals)
  const told = await explainText(text, options, { currentDate, source })
  if (flags.json) {
    process.stdout.write(`${json(told)}\n`)
  } else {
    const page = createPage(process.stdout, process.env)
    showExplanation(told, page, { all: flags.all === true })
    process.stdout.write(page.take())
  }
  return EXIT[told.verdict]
}

/**
 * @param {import('../../..').Options} options
 * @param {string[]} positionals
 */
async function web(options, positionals) {
  if (positionals.length) throw new UsageError('--web takes no token: paste it into the page')
  const { url, ended } = await startPage(options)
  process.stdout.write(
    `Open ${url}\nOnly this address works, only on this machine. Ctrl + C ends it, as do 15 minutes without use.\n`
  )
  await ended
  return 0
}

/** @param {unknown} at the flag's value */
function instant(at) {
  if (at === undefined) return undefined
  const text = String(at)
  const date = new Date(/^\d+$/.test(text) ? Number(text) * 1000 : text)
  if (Number.isNaN(date.getTime())) throw new UsageError('--at: expected a date such as 2026-01-31T12:00:00Z')
  return date
}

module.exports = { run }
