'use strict'

const { jsonAnswer } = require('./answers')
const { hasSecret, isGuid } = require('./apps')
const { entraError } = require('./entra-errors')
const { createToken, TOKEN_LIFETIME } = require('./tokens')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./router').TenantExchange} TenantExchange
 */

/**
 * How the two endpoints differ.
 *
 * @typedef {object} Version
 * @property {'scope' | 'resource'} parameter
 * @property {(exchange: TenantExchange, value: string) => { resource: string } | { refusal: Answer }} readResource
 * @property {(token: string, resource: string) => object} respond the content of a good answer
 */

/** Bytes. An ordinary request is below 1 KiB. */
const BODY_LIMIT = 65_536

const ONCE = ['grant_type', 'client_id', 'client_secret', 'scope', 'resource']

/**
 * `/oauth2/v2.0/token`: `scope={resource}/.default`.
 *
 * @param {TenantExchange} exchange
 */
function tokenEndpointV2(exchange) {
  return clientCredentials(exchange, { parameter: 'scope', readResource: resourceOfScope, respond: responseV2 })
}

/**
 * `/oauth2/token`: `resource={resource}`. The token's version does not follow from the endpoint but from the API.
 *
 * @param {TenantExchange} exchange
 */
function tokenEndpointV1(exchange) {
  return clientCredentials(exchange, {
    parameter: 'resource',
    readResource: (_exchange, resource) => ({ resource }),
    respond: responseV1
  })
}

/**
 * The client-credentials grant (RFC 6749 4.4). A client without its secret learns nothing about resources: the secret is
 * checked before them.
 *
 * @param {TenantExchange} exchange
 * @param {Version} version
 */
async function clientCredentials(exchange, { parameter, readResource, respond }) {
  const { directory, request, tenant } = exchange
  if (request.method !== 'POST') return entraError(exchange, 900561, { method: request.method })
  const form = await readForm(request)
  if (form === undefined) return entraError(exchange, 90013)
  useCorrelationId(exchange, form)

  for (const name of ONCE) {
    if (form.getAll(name).length > 1) return entraError(exchange, 9000411, { parameter: name })
  }
  const grantType = form.get('grant_type')
  if (!grantType) return entraError(exchange, 900144, { parameter: 'grant_type' })
  if (grantType !== 'client_credentials') return entraError(exchange, 70003, { grantType })

  const { clientId, clientSecret } = readClientAuthentication(request, form)
  if (!clientId) return entraError(exchange, 900144, { parameter: 'client_id' })
  if (tenant.open) return entraError(exchange, 50059)
  const client = directory.apps.findClient(clientId)
  if (client === undefined) return entraError(exchange, 700016, { clientId, tenantId: tenant.tenantId })

  const requested = form.get(parameter)
  if (!requested) return entraError(exchange, 900144, { parameter })
  const read = readResource(exchange, requested)
  if ('refusal' in read) return read.refusal
  const { resource: identifier } = read

  if (form.has('client_assertion')) return entraError(exchange, 700027)
  if (!clientSecret) return entraError(exchange, 7000216, { grantType })
  if (!hasSecret(client, clientSecret)) return entraError(exchange, 7000215, { clientId })

  const resource = directory.apps.findResource(identifier)
  if (resource === undefined) return entraError(exchange, 500011, { resource: identifier, tenantId: tenant.tenantId })
  if (!isTargetOf(form.get('resource'), resource, identifier)) return entraError(exchange, 9010010)
  if (resource.assignmentRequired && directory.apps.rolesOf(client, resource).length === 0) {
    return entraError(exchange, 501051, {
      clientId: client.clientId,
      clientName: client.name,
      resource: resource.clientId,
      resourceName: resource.name
    })
  }

  const token = createToken(directory, {
    audience: identifier,
    client: client.clientId,
    tenantId: tenant.tenantId
  })
  return jsonAnswer(exchange, 200, respond(token, identifier), {
    'Cache-Control': 'no-store, no-cache',
    Pragma: 'no-cache',
    Expires: '-1',
    'x-ms-clitelem': '1,0,0,,'
  })
}

/** @type {Version['readResource']} */
function resourceOfScope(exchange, scope) {
  const [only, ...others] = scope.split(' ').filter(Boolean)
  if (only === undefined || others.length > 0) return { refusal: entraError(exchange, 70011, { scope }) }
  if (!only.endsWith('/.default')) return { refusal: entraError(exchange, 1002012, { scope }) }
  return { resource: only.slice(0, -'/.default'.length) }
}

/**
 * Whether the parameter `resource` (RFC 8707), if it is there, names the API of the scope. Entra compares it with Application ID
 * URIs character by character. Unlike Entra, this authority takes a loopback URL for any API: a test has its port only after the
 * authority was started.
 *
 * @param {string | null} target
 * @param {import('./index').RegisteredApp} api
 * @param {string} identifier by which the API was asked for
 */
function isTargetOf(target, { appIdUri, clientId }, identifier) {
  if (!target || [identifier, appIdUri, clientId].includes(target)) return true
  return URL.canParse(target) && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(target).hostname)
}

/** @param {string} token */
function responseV2(token) {
  return {
    token_type: 'Bearer',
    expires_in: TOKEN_LIFETIME - 1,
    ext_expires_in: TOKEN_LIFETIME - 1,
    access_token: token
  }
}

/**
 * The older endpoint writes its numbers as strings.
 *
 * @param {string} token
 * @param {string} resource
 */
function responseV1(token, resource) {
  const now = Math.floor(Date.now() / 1000)
  return {
    token_type: 'Bearer',
    expires_in: String(TOKEN_LIFETIME - 1),
    ext_expires_in: String(TOKEN_LIFETIME - 1),
    expires_on: String(now + TOKEN_LIFETIME),
    not_before: String(now - 300),
    resource,
    access_token: token
  }
}

/**
 * client_secret_basic, its parts form-encoded (RFC 6749 2.3.1), or client_secret_post.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {URLSearchParams} form
 */
function readClientAuthentication(request, form) {
  const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (encoded === undefined) {
    return { clientId: form.get('client_id'), clientSecret: form.get('client_secret') }
  }
  const credentials = Buffer.from(encoded, 'base64').toString()
  const colon = credentials.indexOf(':')
  return {
    clientId: formDecode(credentials.slice(0, colon)),
    clientSecret: formDecode(credentials.slice(colon + 1))
  }
}

/**
 * Many clients send the secret as it is; a `%` that does not begin an escape is then part of it.
 *
 * @param {string} text
 */
function formDecode(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/**
 * `undefined` when the body is too long. Another content type is a form without parameters, as for Entra.
 *
 * @param {import('node:http').IncomingMessage} request
 */
async function readForm(request) {
  const chunks = []
  let length = 0
  // Read to the end, but not kept: leaving the loop early would take the socket away from the request.
  for await (const chunk of request) {
    length += chunk.length
    if (length <= BODY_LIMIT) chunks.push(chunk)
  }
  if (length > BODY_LIMIT) return undefined
  const contentType = request.headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) return new URLSearchParams()
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/**
 * Some versions of MSAL send it in the form.
 *
 * @param {TenantExchange} exchange
 * @param {URLSearchParams} form
 */
function useCorrelationId(exchange, form) {
  const id = form.get('client-request-id')
  if (isGuid(id)) exchange.correlationId = id
}

module.exports = { tokenEndpointV1, tokenEndpointV2 }
