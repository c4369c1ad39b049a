'use strict'

const { accessSync, constants } = require('node:fs')
const { failed, passed, warning } = require('./steps')
const { environmentVariable } = require('../core/options')
const { readNoProxy, variable } = require('../core/proxies')

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {import('../..').Options} Options
 * @typedef {Record<string, string | undefined>} Environment
 */

const NAME = 'environment'

/**
 * The variables that configure a verifier, each with the option that wins over it.
 *
 * @satisfies {Record<string, keyof Options>}
 */
const VARIABLES = {
  AZURE_TENANT_ID: 'tenantId',
  AZURE_CLIENT_ID: 'clientId',
  AZURE_AUDIENCE: 'audience',
  AZURE_AUTHORITY_HOST: 'authorityHost'
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What tutorials write in place of a value. */
const PLACEHOLDER = /^<.*>$|^\{.*\}$|^your[-_ ]|^x{4,}|^0{8}-0{4}-0{4}-0{4}-0{12}$|enter[-_ ].*here/i

/**
 * Checks the variables that no option overrides: which are set, and which values are probably mistakes. Values that the core
 * rejects are reported by the core.
 *
 * @param {Options} options
 * @param {Environment} environment
 * @returns {Step[]}
 */
function examineEnvironment(options, environment) {
  /** @param {string} name */
  const read = (name) => environmentVariable(name, environment) || environmentVariable(name.toLowerCase(), environment)
  const inForce = Object.entries(VARIABLES)
    .map(([name, option]) => ({ name, value: options[option] === undefined ? (read(name) ?? '') : '' }))
    .filter(({ value }) => value !== '')
  /** @param {keyof typeof VARIABLES} name */
  const value = (name) => inForce.find((variable) => variable.name === name)?.value
  const problems = [
    inForce.map(oddValue),
    sameIds(value('AZURE_TENANT_ID'), value('AZURE_CLIENT_ID')),
    clientId(value('AZURE_CLIENT_ID')),
    audience(value('AZURE_AUDIENCE')),
    proxy(options, environment),
    noProxy(options, environment),
    extraCertificates(environment),
    verification(environment)
  ].flat(2)
  if (problems.length) return problems
  const set = inForce.map(({ name, value }) => `${name}=${shown(value)}`)
  return [passed(NAME, set.length ? set.join(', ') : 'no AZURE_ variable is in force')]
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

/**
 * @param {string | undefined} tenantId
 * @param {string | undefined} clientId
 */
function sameIds(tenantId, clientId) {
  if (!tenantId || tenantId.toLowerCase() !== clientId?.toLowerCase()) return []
  return failed(
    NAME,
    'AZURE_TENANT_ID and AZURE_CLIENT_ID are the same',
    'the portal shows both (App registrations, the API, Overview): Directory (tenant) ID and Application (client) ID'
  )
}

/** @param {string | undefined} value */
function clientId(value) {
  if (!value || GUID.test(value.trim())) return []
  return warning(
    NAME,
    'AZURE_CLIENT_ID is not a GUID',
    'set it to the Application (client) ID of the API; its App ID URI belongs in AZURE_AUDIENCE'
  )
}

/** @param {string | undefined} value */
function audience(value) {
  const scope = value?.split(',').find((part) => part.trim().endsWith('/.default'))
  if (scope === undefined) return []
  return failed(
    NAME,
    'AZURE_AUDIENCE has a scope in it',
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
