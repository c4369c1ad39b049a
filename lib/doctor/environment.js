'use strict'

const { accessSync, constants } = require('node:fs')
const { addVariables } = require('../core/environment')
const { isGuid } = require('../core/guid')
const { configure } = require('../core/options')
const { ownOnly } = require('../core/own-only')
const { readNoProxy, variable } = require('../core/proxies')
const { failed, passed, warning } = require('./steps')

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {import('../..').Options} Options
 * @typedef {import('../core/environment').Environment} Environment
 * @typedef {import('../core/environment').VariableOption} VariableOption
 */

const NAME = 'environment'

/** What tutorials write in place of a value. */
const PLACEHOLDER = /^<.*>$|^\{.*\}$|^your[-_ ]|^x{4,}|^0{8}-0{4}-0{4}-0{4}-0{12}$|enter[-_ ].*here/i

/**
 * Checks the variables that count: which are set, and which values are probably mistakes. Values that the core
 * rejects are reported by the core.
 *
 * @param {Options} options
 * @param {Environment} environment
 * @returns {Step[]}
 */
function examineEnvironment(options, environment) {
  const inForce = addVariables(ownOnly(options), environment)
  /** @param {VariableOption} option */
  const inForceFor = (option) => inForce.find((variable) => variable.option === option)
  const problems = [
    inForce.map(oddValue),
    sameIds(inForceFor('tenantId'), inForceFor('clientId')),
    clientId(inForceFor('clientId')),
    audience(inForceFor('audience')),
    platform(options, environment),
    proxy(options, environment),
    noProxy(options, environment),
    extraCertificates(environment),
    verification(environment)
  ].flat(2)
  if (problems.length) return problems
  const set = inForce.map(({ name, value }) => `${name}=${shown(value)}`)
  return [passed(NAME, set.length ? set.join(', ') : 'no ENTRA_ or AZURE_ variable is in force')]
}

/**
 * A value without a password. Of one that is malformed nobody can say where the password is.
 *
 * @param {string} value
 */
function shown(value) {
  if (!/[@]|\/\//.test(value)) return value
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return '(not shown: not a URL)'
  const { protocol, host, pathname, search, hash } = new URL(value)
  return `${pathname}${search}${hash}`.includes('@')
    ? '(not shown: may hold a password)'
    : `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/**
 * @param {{ name: string, value: string }} variable
 * @returns {Step | []}
 */
function oddValue({ name, value }) {
  if (/^["'].*["']$/.test(value)) {
    return failed(
      NAME,
      `${name} has quotes around its value`,
      'remove them; `docker --env-file` keeps them, for example'
    )
  }
  if (value !== value.trim()) {
    return failed(NAME, `${name} begins or ends with white space`, 'remove it (a Windows CR line ending counts)')
  }
  if (PLACEHOLDER.test(value)) {
    return failed(
      NAME,
      `${name} is a placeholder`,
      'set it to the value that the portal shows (App registrations, Overview)'
    )
  }
  return []
}

/** @typedef {import('../core/environment').Variable | undefined} Variable */

/**
 * @param {Variable} tenantId
 * @param {Variable} clientId
 */
function sameIds(tenantId, clientId) {
  if (!tenantId || tenantId.value.toLowerCase() !== clientId?.value.toLowerCase()) return []
  return failed(
    NAME,
    `${tenantId.name} and ${clientId.name} are the same`,
    'the portal shows both (App registrations, the API, Overview): Directory (tenant) ID and Application (client) ID'
  )
}

/** @param {Variable} variable */
function clientId(variable) {
  if (!variable || isGuid(variable.value.trim())) return []
  return warning(
    NAME,
    `${variable.name} is not a GUID`,
    'set it to the Application (client) ID of the API; its App ID URI belongs in ENTRA_AUDIENCE'
  )
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function platform(options, environment) {
  try {
    const { warning: text } = configure(options, environment)
    return text === undefined
      ? []
      : warning(NAME, text, "a token for the service's own identity is not one for this API")
  } catch {
    // What is wrong with the options is told by the next step.
    return []
  }
}

/** @param {Variable} variable */
function audience(variable) {
  const scope = variable?.value.split(',').find((part) => part.trim().endsWith('/.default'))
  if (variable === undefined || scope === undefined) return []
  return failed(
    NAME,
    `${variable.name} has a scope in it`,
    `remove /.default, which is for clients: set it to ${scope.trim().slice(0, -'/.default'.length)}`
  )
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function proxy(options, environment) {
  const other = ['HTTP_PROXY', 'ALL_PROXY'].find((name) => variable(name, environment))
  if (!other || variable('HTTPS_PROXY', environment) || options.proxy !== undefined) return []
  return warning(
    NAME,
    `${other} is set and HTTPS_PROXY is not`,
    'set HTTPS_PROXY if key fetches, which use HTTPS, have to go through the proxy'
  )
}

/**
 * @param {Options} options
 * @param {Environment} environment
 */
function noProxy(options, environment) {
  if (options.proxy !== undefined || !variable('HTTPS_PROXY', environment)) return []
  const { unmatched } = readNoProxy(variable('NO_PROXY', environment)?.value)
  if (unmatched.length === 0) return []
  const entries = unmatched.slice(0, 3).map((entry) => (entry.includes('@') ? '(not shown)' : entry.slice(0, 60)))
  return warning(
    NAME,
    `NO_PROXY has entries that match no host: ${entries.join(', ')}`,
    'write domain, .domain, *.domain, host:port, an address or a network such as 10.0.0.0/8, separated by commas'
  )
}

/** @param {Environment} environment */
function extraCertificates({ NODE_EXTRA_CA_CERTS: path }) {
  if (!path || isReadable(path)) return []
  return failed(NAME, 'the file of NODE_EXTRA_CA_CERTS cannot be read', 'set it to a readable file in PEM')
}

/** @param {Environment} environment */
function verification({ NODE_TLS_REJECT_UNAUTHORIZED }) {
  if (NODE_TLS_REJECT_UNAUTHORIZED !== '0') return []
  return warning(
    NAME,
    'NODE_TLS_REJECT_UNAUTHORIZED=0 makes this process accept any certificate',
    'unset it: key fetching still verifies certificates, the rest of this process does not; to trust a certificate, name it in \
NODE_EXTRA_CA_CERTS'
  )
}

/** @param {string} file */
function isReadable(file) {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

module.exports = { examineEnvironment }
