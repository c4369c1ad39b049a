'use strict'

const { examineMcp } = require('./mcp')
const { examineNetworkVariables } = require('./network')
const { examinePlatform } = require('./platform')
const { examineUnread } = require('./unread')
const { examineValues } = require('./values')
const { addVariables, environmentVariable } = require('../../core/environment')
const { configure } = require('../../core/options')
const { ownOnly } = require('../../core/own-only')
const { withoutSecret } = require('../../core/secret')
const { about, failed, passed, warning } = require('../steps')

/**
 * @import { Environment, Variable, VariableOption } from '../../core/environment'
 * @import { Options } from '../../..'
 * @import { Step } from '../steps'
 */

const NAME = 'environment'

/**
 * Checks the variables that are read: which are set, and which values are probably mistakes. The core itself reports
 * values that it rejects.
 *
 * @param {Options} options
 * @param {Environment} environment
 * @param {string} [directory] where files with variables are looked for
 * @returns {Step[]}
 */
function examineEnvironment(options, environment, directory = process.cwd()) {
  const inForce = addVariables(ownOnly(options), environment)
  /** @param {VariableOption} option */
  const inForceFor = (option) => inForce.find((variable) => variable.option === option)
  const problems = [
    examineUnread(options, environment, directory),
    examineValues(inForce.filter(({ value }) => value.trim() !== '')),
    sameIds(inForceFor('tenantId'), inForceFor('clientId')),
    tenantAsAudience(inForceFor('tenantId'), inForceFor('audience')),
    authorityTwice(options, environment),
    identity(options, environment),
    examineMcp(environment),
    examineNetworkVariables(options, environment)
  ].flat(2)
  const set = inForce.map(({ name, value }) => `${name}=${shown(value)}`)
  const read = passed(NAME, set.length ? set.join(', ') : 'no ENTRA_ or AZURE_ variable is set')
  return [...(problems.length ? problems : [read]), ...examinePlatform(environment)]
}

/**
 * A value without a password or a secret. In a malformed URL the password can be anywhere.
 *
 * @param {string} value
 */
function shown(value) {
  if (!/[@]|\/\//.test(value)) return value.split(',').map(withoutSecret).join(',')
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    return /^api:\/\/[^@]*$/i.test(value) ? value : '(not shown: not a URL)'
  }
  const { protocol, host, pathname, search, hash } = new URL(value)
  return `${pathname}${search}${hash}`.includes('@')
    ? '(not shown: may hold a password)'
    : `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/**
 * @param {Variable | undefined} tenantId
 * @param {Variable | undefined} clientId
 */
function sameIds(tenantId, clientId) {
  if (!tenantId || tenantId.value.toLowerCase() !== clientId?.value.toLowerCase()) return []
  const step = failed(
    NAME,
    `${tenantId.name} and ${clientId.name} are the same`,
    `set ${tenantId.name} to the Directory (tenant) ID and ${clientId.name} to the Application (client) ID: the portal shows both (App \
registrations, the API, Overview)`
  )
  return about('tenantId', step)
}

/**
 * @param {Variable | undefined} tenantId
 * @param {Variable | undefined} audience
 */
function tenantAsAudience(tenantId, audience) {
  const tenant = tenantId?.value.toLowerCase()
  const names = audience?.value.split(',').map((entry) => entry.trim().toLowerCase()) ?? []
  if (!audience || !tenantId || !names.some((each) => each === tenant || each === `api://${tenant}`)) return []
  const hint =
    'set it to the App ID URI of the API (App registrations, the API, Expose an API), or its Application (client) ID; or, ' +
    `if it does name the API, set ${tenantId.name} to the Directory (tenant) ID`
  return about('audience', failed(NAME, `${audience.name} names the tenant, not the API`, hint))
}

/**
 * An authority includes its tenant and host, so that one of them is one too many.
 *
 * @param {Options} options
 * @param {Environment} environment
 */
function authorityTwice(options, environment) {
  const isSet = (/** @type {string} */ name) => environmentVariable(name, environment)?.trim()
  const others = ['ENTRA_TENANT_ID', 'ENTRA_AUTHORITY_HOST'].filter(isSet)
  const isOfVariables = ['authority', 'tenantId', 'authorityHost', 'authorities'].every((name) => !(name in options))
  if (!isOfVariables || !isSet('ENTRA_AUTHORITY') || others.length === 0) return []
  const names = others.join(' and ')
  return about(
    'authority',
    failed(
      NAME,
      `ENTRA_AUTHORITY is set, and ${names} too`,
      `unset ${names}: the authority includes both; or unset ENTRA_AUTHORITY`
    )
  )
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function identity(options, environment) {
  try {
    const { warning: text } = configure(options, environment)
    return text === undefined
      ? []
      : warning(NAME, text, "set ENTRA_CLIENT_ID to the API's own application id, or ENTRA_AUDIENCE to its App ID URI")
  } catch {
    // The next step reports invalid options.
    return []
  }
}

module.exports = { examineEnvironment }
