'use strict'

const { readFileSync, statSync } = require('node:fs')
const { posix, win32 } = require('node:path')
const { send } = require('../../doctor/http')
const { UsageError } = require('../usage')

/**
 * @typedef {import('./credentials').Environment} Environment
 * @typedef {{ url: URL, headers: Record<string, string>, body?: string }} Request
 */

/** Milliseconds. The service is on this machine, or not there. */
const TIMEOUT = 5000

/** Of a virtual machine: an address of the link, where nothing else is said (aad-pod-identity says it). */
const INSTANCE_METADATA = 'http://169.254.169.254'

/** Bytes of the largest key file of Azure Arc. */
const MAX_KEY = 4096

/**
 * The response of the platform's service to a request for a token of the managed identity: App Service, Functions and
 * Container Apps, Azure Arc, Cloud Shell, or a virtual machine.
 *
 * @param {string} resource
 * @param {string | undefined} clientId of a user-assigned identity
 * @param {Environment} environment
 */
async function askPlatform(resource, clientId, environment) {
  const request = requestOf(resource, clientId, environment)
  const answer = await ask(request)
  const challenge = answer.headers['www-authenticate']
  if (answer.status !== 401 || !environment.IMDS_ENDPOINT || challenge === undefined) return answer
  // Azure Arc: who may read a file of this machine may have its token.
  const key = arcKey(challenge, environment)
  return ask({ ...request, headers: { ...request.headers, Authorization: `Basic ${key}` } })
}

/** @param {Request} request */
function ask({ url, headers, body }) {
  return send(url, { ca: [], timeout: TIMEOUT }, { method: body === undefined ? 'GET' : 'POST', headers, body })
}

/**
 * @param {string} resource
 * @param {string | undefined} clientId
 * @param {Environment} environment
 * @returns {Request}
 */
function requestOf(resource, clientId, environment) {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, IDENTITY_SERVER_THUMBPRINT, IMDS_ENDPOINT, MSI_ENDPOINT, MSI_SECRET } =
    environment
  const metadata = { Metadata: 'true' }
  if (IDENTITY_ENDPOINT && IDENTITY_SERVER_THUMBPRINT) throw new UsageError('Service Fabric is not supported')
  if (IDENTITY_ENDPOINT && IDENTITY_HEADER) {
    const query = { 'api-version': '2019-08-01', resource, client_id: clientId }
    return { url: urlOf(IDENTITY_ENDPOINT, query), headers: { 'X-IDENTITY-HEADER': IDENTITY_HEADER } }
  }
  if (IDENTITY_ENDPOINT && IMDS_ENDPOINT) {
    return { url: urlOf(IDENTITY_ENDPOINT, { 'api-version': '2019-11-01', resource }), headers: metadata }
  }
  if (MSI_ENDPOINT && MSI_SECRET) {
    const query = { 'api-version': '2017-09-01', resource, clientid: clientId }
    return { url: urlOf(MSI_ENDPOINT, query), headers: { secret: MSI_SECRET } }
  }
  if (MSI_ENDPOINT) {
    const headers = { ...metadata, 'Content-Type': 'application/x-www-form-urlencoded' }
    return { url: urlOf(MSI_ENDPOINT, {}), headers, body: new URLSearchParams({ resource }).toString() }
  }
  const { AZURE_POD_IDENTITY_AUTHORITY_HOST: host = INSTANCE_METADATA } = environment
  const query = { 'api-version': '2018-02-01', resource, client_id: clientId }
  return { url: urlOf(`${host}/metadata/identity/oauth2/token`, query), headers: metadata }
}

/**
 * @param {string} endpoint
 * @param {Record<string, string | undefined>} query
 */
function urlOf(endpoint, query) {
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new UsageError('IDENTITY_ENDPOINT or MSI_ENDPOINT is not a URL')
  }
  const url = new URL(endpoint)
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value)
  return url
}

/**
 * The key in the file that Azure Arc's agent names. Only files in its own folder are read:
 * otherwise any program that listens there could have any file sent to it.
 *
 * @param {string | string[]} challenge
 * @param {Environment} environment
 */
function arcKey(challenge, { ProgramData = 'C:\\ProgramData' }) {
  const [, file = ''] = /^Basic realm=(.+)$/i.exec([challenge].flat()[0] ?? '') ?? []
  const path = process.platform === 'win32' ? win32 : posix
  const folder =
    process.platform === 'win32'
      ? win32.join(ProgramData, 'AzureConnectedMachineAgent', 'Tokens')
      : '/var/opt/azcmagent/tokens'
  const isKey = path.dirname(path.normalize(file)) === folder && file.endsWith('.key')
  if (!isKey || statSync(file).size > MAX_KEY)
    throw new UsageError('Azure Arc named a file that is not a key of its agent')
  return readFileSync(file, 'utf8')
}

module.exports = { askPlatform }
