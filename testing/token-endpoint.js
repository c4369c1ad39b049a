'use strict'

const { jsonAnswer } = require('./answers')
const { requestedClaims } = require('./claims')
const { authenticateClient, presentedBy } = require('./client-authentication')
const { entraError } = require('./entra-errors')
const { postedForm } = require('./form')
const { authorizationCode } = require('./grants/authorization-code')
const { clientCredentials } = require('./grants/client-credentials')
const { deviceCode } = require('./grants/device-code')
const { onBehalfOf } = require('./grants/on-behalf-of')
const { refreshToken } = require('./grants/refresh-token')
const { VERSION_1, VERSION_2 } = require('./versions')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./router').TenantExchange} TenantExchange
 * @typedef {import('./versions').Version} Version
 * @typedef {import('./versions').Tokens} Tokens
 */

/**
 * A request for tokens by a client that proved who it is.
 *
 * @typedef {object} TokenRequest
 * @property {TenantExchange} exchange
 * @property {Version} version
 * @property {URLSearchParams} form
 * @property {import('./index').RegisteredApp} client
 * @property {import('./client-authentication').Authentication} authentication
 * @property {import('./claims').RequestedClaims} claims
 */

/**
 * A way to get tokens: the parameters that it needs, what is wrong with them before the client is asked who it is, and the
 * tokens or the refusal.
 *
 * @typedef {object} Grant
 * @property {(version: Version) => string[]} parameters
 * @property {(exchange: TenantExchange, version: Version, form: URLSearchParams) => Answer | undefined} [refuse]
 * @property {(request: TokenRequest) => { tokens: Tokens } | { refusal: Answer }} grant
 */

/**
 * By `grant_type`.
 *
 * @type {Map<string, Grant>}
 */
const GRANTS = new Map([
  ['client_credentials', clientCredentials],
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', onBehalfOf],
  ['urn:ietf:params:oauth:grant-type:device_code', deviceCode],
  // As the older endpoint calls it.
  ['device_code', deviceCode]
])

/**
 * `/oauth2/v2.0/token`
 *
 * @param {TenantExchange} exchange
 */
function tokenEndpointV2(exchange) {
  return answerTokenRequest(exchange, VERSION_2)
}

/**
 * `/oauth2/token`. The token's version does not follow from the endpoint but from the API.
 *
 * @param {TenantExchange} exchange
 */
function tokenEndpointV1(exchange) {
  return answerTokenRequest(exchange, VERSION_1)
}

/**
 * A client that does not prove who it is learns nothing about resources and users: that is checked before them.
 *
 * @param {TenantExchange} exchange
 * @param {Version} version
 */
async function answerTokenRequest(exchange, version) {
  const { directory, request } = exchange
  const posted = await postedForm(exchange)
  if ('refusal' in posted) return posted.refusal
  const { form } = posted
  const grantType = form.get('grant_type')
  if (!grantType) return entraError(exchange, 900144, { parameter: 'grant_type' })
  const grant = GRANTS.get(grantType)
  if (grant === undefined) return entraError(exchange, 70003, { grantType })

  const presented = presentedBy(request, form)
  const { clientId } = presented
  if (!clientId) return entraError(exchange, 900144, { parameter: 'client_id' })
  const tenant = tenantOf(exchange, grant)
  if (tenant === undefined) return entraError(exchange, 50059)
  exchange.tenant = tenant
  const client = directory.apps.findClient(clientId)
  if (client === undefined) return entraError(exchange, 700016, { clientId, tenantId: tenant.tenantId })

  const missing = grant.parameters(version).find((name) => !form.get(name))
  if (missing !== undefined) return entraError(exchange, 900144, { parameter: missing })
  const malformed = grant.refuse?.(exchange, version, form)
  if (malformed !== undefined) return malformed
  const asked = requestedClaims(exchange, form)
  if ('refusal' in asked) return asked.refusal

  const proof = authenticateClient(exchange, client, presented, grantType)
  if ('refusal' in proof) return proof.refusal
  const { authentication } = proof
  const granted = grant.grant({ exchange, version, form, client, authentication, claims: asked.claims })
  return 'refusal' in granted ? granted.refusal : goodAnswer(exchange, version.respond(granted.tokens))
}

/**
 * The tenant of the tokens: that of the URL; where the URL leaves it open, that of the user. An application that acts for itself
 * has none.
 *
 * @param {TenantExchange} exchange
 * @param {Grant} grant
 */
function tenantOf({ tenant, directory }, grant) {
  if (!tenant.open) return tenant
  return grant === clientCredentials ? undefined : directory.tenants.home(tenant)
}

/**
 * @param {TenantExchange} exchange
 * @param {object} content
 */
function goodAnswer(exchange, content) {
  return jsonAnswer(exchange, 200, content, {
    'Cache-Control': 'no-store, no-cache',
    Pragma: 'no-cache',
    Expires: '-1',
    'x-ms-clitelem': '1,0,0,,'
  })
}

module.exports = { goodAnswer, tokenEndpointV1, tokenEndpointV2 }
