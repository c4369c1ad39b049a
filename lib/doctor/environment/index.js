'use strict'

const { examineNetworkVariables } = require('./network')
const { examinePlatform } = require('./platform')
const { examineUnread } = require('./unread')
const { examineValues } = require('./values')
const { addVariables } = require('../../core/environment')
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
    identity(options, environment),
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
    'the portal shows both (App registrations, the API, Overview): Directory (tenant) ID and Application (client) ID'
  )
  return about('tenantId', step)
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
      : warning(NAME, text, "a token for the service's own identity is not one for this API")
  } catch {
    // The next step reports invalid options.
    return []
  }
}

module.exports = { examineEnvironment }
