'use strict'

const { UsageError, flagsHelp, readCommandLine } = require('../options')
const { colours, wrap } = require('../output')
const { doctor } = require('../../doctor/index')

const HELP = `Usage: entra-jwt-verify doctor [options]

Checks a configuration end to end: environment, name resolution, proxy, TLS, metadata, clock and signing keys. Each problem
comes with what to do about it. It fetches what a verifier fetches, and the authority's metadata. Secrets are never printed.

${flagsHelp()}

Options that are not given come from the environment: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST or
ENTRA_AUTHORITY; where these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE, AZURE_AUTHORITY_HOST;
HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS.

Exit status: 0 all checks passed, 1 some checks failed, 2 wrong usage.
`

/**
 * @typedef {import('../output').Colours} Colours
 * @typedef {import('../../doctor/steps').Step} Step
 */

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function run(args) {
  const { options, flags, positionals } = readCommandLine(args)
  if (flags.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length) throw new UsageError('doctor takes no arguments')
  const report = await doctor(options)
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : text(report))
  return report.healthy ? 0 : 1
}

/**
 * A report for a terminal.
 *
 * @param {{ healthy: boolean, steps: Step[] }} report
 */
function text({ healthy, steps }) {
  const colour = colours(process.stdout, process.env)
  const verdict = healthy ? colour.green('all checks passed') : colour.red('some checks failed')
  return `${[...steps.flatMap((step) => stepLines(step, colour)), '', verdict].join('\n')}\n`
}

/**
 * @param {Step} step
 * @param {Colours} colour
 */
function stepLines({ name, status, message, hint }, colour) {
  const paint = { passed: colour.green, warning: colour.yellow, failed: colour.red, skipped: colour.dim }[status]
  const indentation = 26
  const lines = [`${paint(status.padEnd(9))}${name.padEnd(17)}${wrap(message, indentation, process.stdout)}`]
  if (hint)
    lines.push(`${' '.repeat(9)}${colour.cyan('what to do'.padEnd(17))}${wrap(hint, indentation, process.stdout)}`)
  return lines
}

module.exports = { run }
