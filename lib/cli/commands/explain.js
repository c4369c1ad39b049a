'use strict'

const { explainText } = require('../explain/explanation')
const { readInput } = require('../explain/input')
const { showExplanation } = require('../explain/show')
const { UsageError, flagsHelp, readCommandLine } = require('../options')
const { json } = require('../output')
const { createPage } = require('../page')
const { startPage } = require('../web/server')

const FLAGS = {
  at: { value: 'date', help: 'verify as of this time: ISO 8601, or Unix time in seconds' },
  all: { help: 'also show each passed check, with the value found' },
  web: { help: 'serve a local page to paste tokens into; ends after 15 minutes without use' }
}

const HELP = `Usage: entra-jwt-verify explain [options] <token|file|->

Says whether a token is valid, and if not, why: what it is, what was expected, what was found and what to do. The token can be
surrounded by other text: Bearer, quotes, a header, a cURL command, a response of the token endpoint, a HAR file. With '-', or
without an argument, it is read from standard input, which keeps it out of the shell history and the process list. The token is
never printed; of its claims, only the checked ones are.

${flagsHelp(FLAGS)}

Options that are not set are read from the environment: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST or
ENTRA_AUTHORITY; if these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE, AZURE_AUTHORITY_HOST.

Exit status: 0 valid, 1 rejected, 2 undetermined (no keys, invalid configuration, wrong usage).
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
