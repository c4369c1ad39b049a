'use strict'

const { htmlAnswer } = require('./answers')
const { unknownTenant } = require('./entra-errors')
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

/**
 * By what follows `/{tenant}/`. Entra's paths ignore case.
 *
 * @type {Map<string, Route>}
 */
const ROUTES = new Map([
  ['oauth2/token', { endpoint: 'token', handle: tokenEndpointV1 }],
  ['oauth2/v2.0/token', { endpoint: 'token', handle: tokenEndpointV2 }],
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
  if (endpoint !== 'token' && request.method !== 'GET' && request.method !== 'HEAD') {
    return htmlAnswer(exchange, 405, 'Method not allowed', { Allow: 'GET, HEAD' })
  }
  const tenant = directory.tenants.resolve(tenantSegment)
  if (tenant === undefined) return unknownTenant(exchange, tenantSegment, endpoint !== 'token')
  return handle(Object.assign(exchange, { tenant }))
}

/** @param {Exchange} exchange */
function notFound(exchange) {
  return htmlAnswer(exchange, 404, 'Page not found')
}

module.exports = { route }
