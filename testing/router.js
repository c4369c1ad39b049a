'use strict'

const { htmlAnswer } = require('./answers')
const { unknownTenant } = require('./entra-errors')
const { instanceDiscovery, jwksV1, jwksV2, openidConfigurationV1, openidConfigurationV2 } = require('./metadata')
const { tokenEndpointV1, tokenEndpointV2 } = require('./token-endpoint')

// By what follows `/{tenant}/`. Entra's paths do not mind case.
const ROUTES = new Map([
  ['oauth2/token', { endpoint: 'token', handle: tokenEndpointV1 }],
  ['oauth2/v2.0/token', { endpoint: 'token', handle: tokenEndpointV2 }],
  ['discovery/keys', { endpoint: 'keys', handle: jwksV1 }],
  ['discovery/v2.0/keys', { endpoint: 'keys', handle: jwksV2 }],
  ['.well-known/openid-configuration', { endpoint: 'metadata', handle: openidConfigurationV1 }],
  ['v2.0/.well-known/openid-configuration', { endpoint: 'metadata', handle: openidConfigurationV2 }],
  ['discovery/instance', { endpoint: 'instance', handle: instanceDiscovery }]
])

/** `{ endpoint, respond(exchange) }`; `endpoint` is null where nothing is served. */
function route(pathname) {
  const [, tenantSegment = '', ...rest] = pathname.split('/')
  const found = ROUTES.get(rest.join('/').toLowerCase().replace(/\/$/, ''))
  if (found === undefined) return { endpoint: null, respond: notFound }
  return { endpoint: found.endpoint, respond: (exchange) => respond(exchange, found, tenantSegment) }
}

function respond(exchange, { endpoint, handle }, tenantSegment) {
  const { request, directory } = exchange
  if (endpoint !== 'token' && request.method !== 'GET' && request.method !== 'HEAD') {
    return htmlAnswer(exchange, 405, 'Method not allowed', { Allow: 'GET, HEAD' })
  }
  const tenant = directory.tenants.resolve(tenantSegment)
  if (tenant === undefined) return unknownTenant(exchange, tenantSegment, endpoint !== 'token')
  exchange.tenant = tenant
  return handle(exchange)
}

function notFound(exchange) {
  return htmlAnswer(exchange, 404, 'Page not found')
}

module.exports = { route }
