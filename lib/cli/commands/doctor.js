'use strict'

const { UsageError, flagsHelp, readCommandLine } = require('../options')
const { json } = require('../output')
const { createPage } = require('../page')
const { doctor } = require('../../doctor/index')

const HELP = `Usage: entra-jwt-verify doctor [options]

Checks a configuration end to end: environment, name resolution, proxy, TLS, metadata, clock and signing keys. Each problem
comes with what to do about it. It fetches what a verifier fetches, and the authority's metadata. Secrets are never printed.

${flagsHelp()}

Options that are not set are read from the environment: ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST or
ENTRA_AUTHORITY; if these are not set, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUDIENCE, AZURE_AUTHORITY_HOST;
HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS.

Exit status: 0 all checks passed, 1 some checks failed, 2 wrong usage.
`

/**
 * @import { Cause } from '../../doctor/cause'
 * @import { Step } from '../../doctor/steps'
 */

/** Columns of the name of a step: the longest is `configuration`. */
const NAME = 13

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
  const page = createPage(process.stdout, process.env)
  /** @type {string | undefined} */
  let authority
  const show = (/** @type {Step} */ step) => {
    if (step.authority !== authority) showAuthority(step.authority, page)
    authority = step.authority
    showStep(step, page)
    process.stdout.write(page.take())
  }
  const report = await doctor(options, flags.json ? undefined : show)
  if (flags.json) {
    process.stdout.write(`${json(report)}\n`)
  } else {
    showOutcome(report, page)
    process.stdout.write(page.take())
  }
  return report.healthy ? 0 : 1
}

/** @typedef {ReturnType<typeof createPage>} Page */

/**
 * The authority, of several, of the next steps.
 *
 * @param {string | undefined} authority
 * @param {Page} page
 */
function showAuthority(authority, page) {
  page.gap()
  page.line(page.safe(authority ?? ''))
}

/**
 * Prints a step when it ends. The hint of the root cause is printed at the end.
 *
 * @param {Step} step
 * @param {Page} page
 */
function showStep({ name, status, message, hint }, page) {
  page.entry(status, name, message, { width: NAME })
  if (status === 'warning') page.row('do', hint, NAME + 4)
}

/**
 * The root cause, the steps that failed because of it, and the other failures.
 *
 * @param {{ healthy: boolean, steps: Step[], cause?: Cause | undefined }} report
 * @param {Page} page
 */
function showOutcome({ steps, cause }, page) {
  page.gap()
  if (cause === undefined) {
    page.entry('passed', 'all checks passed')
    return
  }
  page.entry('failed', `some checks failed; the root cause: ${cause.name}`)
  page.row('it is', cause.message)
  page.row('do', cause.hint)
  if (cause.follows.length) page.line(`${sentence(cause.follows)} only from that.`, 2)
  for (const { name, message, hint } of steps.filter((step) => isOther(step, cause))) {
    page.gap()
    page.entry('failed', `also: ${name}`)
    page.row('it is', message)
    page.row('do', hint)
  }
}

/**
 * @param {Step} step
 * @param {Cause} cause
 */
function isOther(step, cause) {
  return step.status === 'failed' && step.follows === undefined && step.message !== cause.message
}

/** @param {string[]} names */
function sentence(names) {
  if (names.length === 1) return `${names[0]} follows`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} follow`
}

module.exports = { run }
