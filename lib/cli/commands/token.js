'use strict'

const { isAuthError, optionOf } = require('../../core/errors')
const { firstSet } = require('../../core/environment')
const { listOf, readFlags } = require('../flags')
const { file } = require('../options')
const { printable } = require('../output')
const { credentialOf } = require('../token/credentials')
const { askPlatform } = require('../token/managed-identity')
const { TokenRefused, reached, requestToken, tokenIn } = require('../token/request')
const { UsageError } = require('../usage')

/** @import { Options } from '../../..' */
/** @import { Values } from '../flags' */

/** @type {Record<string, import('../flags').Flag>} */
const FLAGS = {
  scope: { value: 'scope', help: 'the requested scope: <App ID URI of the API>/.default' },
  'tenant-id': { value: 'id', help: 'tenant of the client; AZURE_TENANT_ID' },
  'client-id': { value: 'id', help: 'application id of the client, or of a user-assigned identity; AZURE_CLIENT_ID' },
  'authority-host': { value: 'url', help: 'origin of the cloud; AZURE_AUTHORITY_HOST' },
  certificate: { value: 'file', help: 'PEM of certificate and key; AZURE_CLIENT_CERTIFICATE_PATH' },
  'federated-token-file': { value: 'file', help: 'token of the workload; AZURE_FEDERATED_TOKEN_FILE' },
  'managed-identity': { help: 'the identity of this virtual machine, or of the platform' },
  ca: { value: 'file', many: true, help: 'additional certificates to trust, PEM' },
  proxy: { value: 'url', help: 'forward proxy' },
  'no-proxy': { help: 'ignore HTTPS_PROXY' }
}

const HELP = `Usage: entra-jwt-verify token [options]

Gets an access token by client credentials and prints only the token, so that it can be piped:
entra-jwt-verify token | entra-jwt-verify explain -. Who the client is comes from the environment, by the names of the Azure
SDKs: AZURE_TENANT_ID and AZURE_CLIENT_ID, with AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH (and _PASSWORD) or
AZURE_FEDERATED_TOKEN_FILE; or the managed identity of App Service, Functions, Container Apps, Azure Arc and Cloud Shell. A secret is
never an option: other users of this machine see those.

${listOf(FLAGS)}

Without --scope, the token is for the API in ENTRA_AUDIENCE or ENTRA_CLIENT_ID.

Exit status: 0 the token was printed, 1 the request was rejected, 2 wrong usage or no response.
`

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function run(args) {
  const { values, positionals } = readFlags(args, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length) throw new UsageError('token takes no arguments; set the client in the environment')
  try {
    process.stdout.write(`${await token(values)}\n`)
    return 0
  } catch (error) {
    if (error instanceof TokenRefused) return complain(1, error)
    if (isAuthError(error)) return complain(2, error)
    throw error
  }
}

/**
 * @param {number} status
 * @param {{ message: string, hint: string }} error
 */
function complain(status, { message, hint }) {
  process.stderr.write(`entra-jwt-verify token: ${printable(message)}\nWhat to do: ${printable(hint)}\n`)
  return status
}

/** @param {Values} values */
async function token(values) {
  const scope = scopeOf(values)
  const credential = credentialOf(
    {
      ...(values['tenant-id'] !== undefined && { tenantId: String(values['tenant-id']) }),
      ...(values['client-id'] !== undefined && { clientId: String(values['client-id']) }),
      ...(values.certificate !== undefined && { certificate: String(values.certificate) }),
      ...(values['federated-token-file'] !== undefined && { tokenFile: String(values['federated-token-file']) }),
      isManaged: values['managed-identity'] === true
    },
    process.env
  )
  if (credential.kind === 'managed-identity') {
    const resource = scope.replace(/\/\.default$/, '')
    const answer = await reached('the identity service of this host', () =>
      askPlatform(resource, credential.clientId, process.env)
    )
    return tokenIn(answer, [])
  }
  const { tenantId, tenantFrom, clientId, proof } = credential
  try {
    return await requestToken({ options: { ...wayOf(values), tenantId }, clientId, proof, scope })
  } catch (error) {
    throw withSource(error, { tenantId: tenantFrom, authorityHost: hostOf(values)?.name ?? '--authority-host' })
  }
}

/**
 * An error of configuration, with what the user wrote in place of the option of the API.
 *
 * @param {unknown} error
 * @param {Record<string, string>} sources by option: the variable, or the option of this command
 */
function withSource(error, sources) {
  if (!isAuthError(error)) return error
  const { option, problem } = optionOf(error)
  const source = Object.hasOwn(sources, option) ? sources[option] : undefined
  return source === undefined ? error : new UsageError(`${source}: ${problem}`)
}

/** @param {Values} values */
function hostOf(values) {
  const value = values['authority-host']
  return value === undefined
    ? firstSet(['AZURE_AUTHORITY_HOST', 'ENTRA_AUTHORITY_HOST'], process.env)
    : { name: '--authority-host', value: String(value) }
}

/**
 * @param {Values} values
 * @returns {Options}
 */
function wayOf(values) {
  const host = hostOf(values)?.value
  const proxy = values['no-proxy'] ? false : values.proxy
  const ca = [values.ca ?? []].flat().map((path) => file(String(path), 'ca'))
  return {
    ...(host !== undefined && { authorityHost: host }),
    ...(proxy !== undefined && { proxy: proxy === false ? false : String(proxy) }),
    ...(ca.length && { ca })
  }
}

/**
 * The scope from the option, or that of the API in the environment.
 *
 * @param {Values} values
 */
function scopeOf({ scope }) {
  if (typeof scope === 'string') {
    assertNoSecret('--scope', scope)
    if (scope.endsWith('/.default')) return scope
    throw new UsageError(
      `--scope: expected <App ID URI of the API>/.default, since an application asks for a whole API, got ${scope}`
    )
  }
  const audiences = firstSet(['ENTRA_AUDIENCE', 'AZURE_AUDIENCE'], process.env)?.value.split(',') ?? []
  const uri = audiences.map((audience) => audience.trim()).find((audience) => audience.includes('://'))
  const api = firstSet(['ENTRA_CLIENT_ID'], process.env)?.value
  if (uri !== undefined) return `${uri}/.default`
  if (api !== undefined) assertNoSecret('ENTRA_CLIENT_ID', api)
  if (api !== undefined) return `api://${api}/.default`
  throw new UsageError(
    'the scope is missing: pass --scope api://<client id of the API>/.default, or set ENTRA_AUDIENCE'
  )
}

/**
 * A secret in the place of an id would be sent, and printed.
 *
 * @param {string} name of the variable or option
 * @param {string} value
 */
function assertNoSecret(name, value) {
  const { secretIn } = require('../../core/secret')
  const found = secretIn(value)
  if (found?.isClientSecret)
    throw new UsageError(`${name}: expected an id, got what looks like a client secret (${found.cut})`)
}

module.exports = { run }
