'use strict'

const { randomUUID } = require('node:crypto')
const { inspect } = require('node:util')
const { startTestAuthority } = require('../../../testing/index')
const { createCheckAuthToken } = require('../../adapters/express')
const { startApplication } = require('../demo/application')
const { Calls, callWithAuthority, callWithToken, table } = require('../demo/calls')
const { listOf, readFlags } = require('../flags')
const { requestToken } = require('../token/request')
const { UsageError } = require('../usage')

/** @typedef {import('../../../testing/index').TestAuthority} TestAuthority */

const HELP = `Usage: entra-jwt-verify demo [options]

Calls an application behind checkAuthToken as a client would: with a token from the token endpoint (client credentials), and with
invalid ones. Each row is one request. Everything runs on this machine, against a test authority. With ENTRA_TENANT_ID,
ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET and ENTRA_AUDIENCE set, it uses that tenant, and skips the steps that require a test authority.

${listOf({})}

Exit status: 0 every answer is as expected, 1 some are not, 2 the demo cannot run.
`

/** What selects a tenant. */
const REAL = ['ENTRA_TENANT_ID', 'ENTRA_CLIENT_ID', 'ENTRA_CLIENT_SECRET', 'ENTRA_AUDIENCE']

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function run(args) {
  const { values, positionals } = readFlags(args, {})
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length) throw new UsageError('demo takes no arguments')
  const authority = REAL.every((name) => process.env[name]) ? undefined : await startAuthority()
  try {
    return await demonstrate(authority)
  } finally {
    await authority?.close()
  }
}

/**
 * @param {TestAuthority | undefined} authority `undefined`: the tenant of the environment
 * @returns {Promise<number>} the exit status
 */
async function demonstrate(authority) {
  /** @type {Record<'errors' | 'warnings', unknown[][]>} */
  const logged = { errors: [], warnings: [] }
  const logger = {
    error: (/** @type {unknown[]} */ ...parts) => void logged.errors.push(parts),
    warn: (/** @type {unknown[]} */ ...parts) => void logged.warnings.push(parts)
  }
  // Explicit options win over the environment, which may be set for another purpose.
  const checkAuthToken = createCheckAuthToken({ ...authority?.options, logger })
  // After the options are checked, since they may have a secret where an id belongs.
  const token = await tokenOf(authority)
  const application = await startApplication(checkAuthToken)
  const calls = new Calls(application.url)
  try {
    await callWithToken(calls, token)
    if (authority) await callWithAuthority(calls, token, authority)
  } finally {
    application.close()
  }
  const failures = calls.rows.filter(({ status }) => status === '500').length
  calls.count('errors logged', logged.errors.length, failures, 'one for each 500')
  const lines = Object.values(logged).flat(2)
  const leaks = lines.filter((part) => inspect(part).includes(token)).length
  calls.count(
    'log lines with a token',
    leaks,
    0,
    `of ${logged.errors.length + logged.warnings.length} log lines; each line has a hint`
  )

  const where = authority ? `Test authority at ${authority.url}, never for production.` : 'Your tenant.'
  process.stdout.write(`${where} ${application.name}.\n\n${table(calls.rows)}\n\n`)
  const wrong = calls.rows.filter(({ isExpected }) => !isExpected).length
  const verdict = wrong
    ? `${wrong} of ${calls.rows.length} answers are not as expected`
    : `${calls.rows.length} answers, all as expected`
  process.stdout.write(`${verdict}\n`)
  if (!wrong && authority) process.stdout.write(`\n${NEXT}`)
  return wrong ? 1 : 0
}

const NEXT = `Next: npx entra-jwt-verify authority starts such an authority for your own application.
`

function startAuthority() {
  return startTestAuthority({
    quiet: true,
    apps: [{ name: 'tasks API' }, { name: 'consumer', clientSecret: randomUUID(), roles: ['Task.Read'] }]
  })
}

/** @param {TestAuthority | undefined} authority */
function tokenOf(authority) {
  const {
    ENTRA_TENANT_ID,
    ENTRA_CLIENT_ID,
    ENTRA_CLIENT_SECRET,
    ENTRA_AUDIENCE = '',
    ENTRA_AUTHORITY_HOST
  } = process.env
  // The audience may be a list; the first App ID URI in it is what the client asks for.
  const {
    tenantId = ENTRA_TENANT_ID,
    audience = ENTRA_AUDIENCE.split(','),
    authorityHost = ENTRA_AUTHORITY_HOST
  } = authority?.options ?? {}
  return requestToken({
    options: { tenantId, authorityHost },
    clientId: authority?.client.clientId ?? ENTRA_CLIENT_ID ?? '',
    proof: { client_secret: authority?.client.clientSecret ?? ENTRA_CLIENT_SECRET ?? '' },
    scope: `${audience[0]?.trim()}/.default`
  })
}

module.exports = { run }
