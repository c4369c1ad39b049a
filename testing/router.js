'use strict'

const { htmlAnswer } = require('./answers')
const { authorizeV1, authorizeV2 } = require('./authorize')
const { deviceCodeV1, deviceCodeV2, deviceLogin } = require('./device-login')
const { entraError, unknownTenant } = require('./entra-errors')
const { instanceDiscovery, jwksV1, jwksV2, openidConfigurationV1, openidConfigurationV2 } = require('./metadata')
const { tokenEndpointV1, tokenEndpointV2 } = require('./token-endpoint')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./answers').Exchange} Exchange
 * @typedef {Exchange & { tenant: import('./tenants').Tenant }} TenantExchange
 * @typedef {{
 *   endpoint: import('./index').Endpoint,
 *   handle: (exchange: TenantExchange) => Answer | Promise<Answer>
 * }} Route
 */

/** Endpoints that requests are posted to; they say themselves what they think of other methods. */
const POSTED = ['token', 'devicecode', 'deviceauth']

/**
 * By what follows `/{tenant}/`. Entra's paths ignore case.
 *
 * @type {Map<string, Route>}
 */
const ROUTES = new Map([
  ['oauth2/token', { endpoint: 'token', handle: tokenEndpointV1 }],
  ['oauth2/v2.0/token', { endpoint: 'token', handle: tokenEndpointV2 }],
  ['oauth2/authorize', { endpoint: 'authorize', handle: authorizeV1 }],
  ['oauth2/v2.0/authorize', { endpoint: 'authorize', handle: authorizeV2 }],
  ['oauth2/devicecode', { endpoint: 'devicecode', handle: deviceCodeV1 }],
  ['oauth2/v2.0/devicecode', { endpoint: 'devicecode', handle: deviceCodeV2 }],
  ['oauth2/deviceauth', { endpoint: 'deviceauth', handle: deviceLogin }],
  ['discovery/keys', { endpoint: 'keys', handle: jwksV1 }],
  ['discovery/v2.0/keys', { endpoint: 'keys', handle: jwksV2 }],
  ['.well-known/openid-configuration', { endpoint: 'metadata', handle: openidConfigurationV1 }],
  ['v2.0/.well-known/openid-configuration', { endpoint: 'metadata', handle: openidConfigurationV2 }],
  ['discovery/instance', { endpoint: 'instance', handle: instanceDiscovery }]
])

/**
 * What answers requests to a path; `endpoint` is null where nothing is served.
 *
 * @param {string} pathname
 * @returns {{ endpoint: Route['endpoint'] | null, respond: (exchange: Exchange) => Answer | Promise<Answer> }}
 */
function route(pathname) {
  const [, tenantSegment = '', ...rest] = pathname.split('/')
  const found = ROUTES.get(rest.join('/').toLowerCase().replace(/\/$/, ''))
  if (found === undefined) return { endpoint: null, respond: notFound }
  return { endpoint: found.endpoint, respond: (exchange) => respond(exchange, found, tenantSegment) }
}

/**
 * @param {Exchange} exchange
 * @param {Route} route
 * @param {string} tenantSegment
 */
function respond(exchange, { endpoint, handle }, tenantSegment) {
  const { request, directory } = exchange
  const isPosted = POSTED.includes(endpoint)
  if (!isPosted && request.method !== 'GET' && request.method !== 'HEAD') {
    return htmlAnswer(exchange, 405, 'Method not allowed', { Allow: 'GET, HEAD' })
  }
  const tenant = directory.tenants.resolve(tenantSegment)
  if (tenant === undefined) return unknownTenant(exchange, tenantSegment, !isPosted)
  return handle(Object.assign(exchange, { tenant }))
}

/**
 * A client that posts reads JSON, a browser a page.
 *
 * @param {Exchange} exchange
 */
function notFound(exchange) {
  if (exchange.request.method !== 'POST') return htmlAnswer(exchange, 404, 'Page not found')
  return entraError(exchange, 9002313, { reason: `Nothing is served at ${exchange.path}.` }, 404)
}

module.exports = { route }
