'use strict'

const { URL } = require('node:url')
const { publicJsonAnswer } = require('./answers')
const { issuerOf } = require('./tokens')

/** @typedef {import('./router').TenantExchange} TenantExchange */

/**
 * `/.well-known/openid-configuration`
 *
 * @param {TenantExchange} exchange
 */
function openidConfigurationV1(exchange) {
  const { url, cloudInstanceName } = exchange.directory
  const base = `${url}/${exchange.tenant.segment}`
  return publicJsonAnswer(exchange, {
    token_endpoint: `${base}/oauth2/token`,
    ...common(),
    response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
    scopes_supported: ['openid'],
    issuer: issuerOf(1, url, exchange.tenant.tenantId),
    jwks_uri: withAppId(exchange, `${base}/discovery/keys`),
    microsoft_multi_refresh_token: true,
    authorization_endpoint: `${base}/oauth2/authorize`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    end_session_endpoint: `${base}/oauth2/logout`,
    check_session_iframe: `${base}/oauth2/checksession`,
    userinfo_endpoint: `${base}/openid/userinfo`,
    claims_supported: [...CLAIMS, 'amr', 'nonce', 'email', 'given_name', 'family_name', 'nickname'],
    ...cloud(exchange, cloudInstanceName)
  })
}

/**
 * `/v2.0/.well-known/openid-configuration`
 *
 * @param {TenantExchange} exchange
 */
function openidConfigurationV2(exchange) {
  const { url, cloudInstanceName } = exchange.directory
  const base = `${url}/${exchange.tenant.segment}`
  return publicJsonAnswer(exchange, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    ...common(),
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf(2, url, exchange.tenant.tenantId),
    jwks_uri: withAppId(exchange, `${base}/discovery/v2.0/keys`),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${base}/openid/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: [...CLAIMS, 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'at_hash', 'c_hash', 'email'],
    ...cloud(exchange, cloudInstanceName)
  })
}

/**
 * `/discovery/keys`
 *
 * @param {TenantExchange} exchange
 */
async function jwksV1(exchange) {
  await exchange.directory.keys.complete()
  return publicJsonAnswer(exchange, { keys: publishedKeys(exchange).map(({ jwk }) => jwk) })
}

/**
 * `/discovery/v2.0/keys`: the same keys, each with the issuer it may be used for.
 *
 * @param {TenantExchange} exchange
 */
async function jwksV2(exchange) {
  await exchange.directory.keys.complete()
  const template = issuerOf(2, exchange.directory.url, '{tenantid}')
  return publicJsonAnswer(exchange, {
    keys: publishedKeys(exchange).map(({ jwk, issuer = template }) => ({ ...jwk, issuer }))
  })
}

/**
 * `/common/discovery/instance`: this authority is a cloud of its own, with one host.
 *
 * @param {TenantExchange} exchange
 */
function instanceDiscovery(exchange) {
  const { url } = exchange.directory
  const { host } = new URL(url)
  return publicJsonAnswer(exchange, {
    tenant_discovery_endpoint: `${url}/${segmentOf(exchange)}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }]
  })
}

const CLAIMS = [
  'sub',
  'iss',
  'cloud_instance_name',
  'cloud_instance_host_name',
  'cloud_graph_host_name',
  'msgraph_host',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'acr'
]

function common() {
  return {
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    http_logout_supported: true,
    frontchannel_logout_supported: true
  }
}

/**
 * Graph and RBAC hosts are this authority's own, so that no token from here is ever sent to a real service.
 *
 * @param {TenantExchange} exchange
 * @param {string} cloudInstanceName
 */
function cloud({ directory, tenant }, cloudInstanceName) {
  return {
    tenant_region_scope: tenant.open ? null : 'EU',
    cloud_instance_name: cloudInstanceName,
    cloud_graph_host_name: cloudInstanceName,
    msgraph_host: cloudInstanceName,
    rbac_url: directory.url
  }
}

/** @param {TenantExchange} exchange */
function publishedKeys({ directory, query }) {
  return directory.keys.published(query.get('appid') ?? undefined)
}

/**
 * @param {TenantExchange} exchange
 * @param {string} jwksUri
 */
function withAppId({ query }, jwksUri) {
  const appid = query.get('appid')
  return appid === null ? jwksUri : `${jwksUri}?appid=${encodeURIComponent(appid)}`
}

/**
 * The parameter holds the authority of which the metadata is wanted; only its tenant matters here.
 *
 * @param {TenantExchange} exchange
 */
function segmentOf({ query, tenant }) {
  const authorizationEndpoint = query.get('authorization_endpoint') ?? ''
  if (!URL.canParse(authorizationEndpoint)) return tenant.segment
  const [, segment] = new URL(authorizationEndpoint).pathname.split('/')
  return segment ? encodeURIComponent(segment) : tenant.segment
}

module.exports = { openidConfigurationV1, openidConfigurationV2, jwksV1, jwksV2, instanceDiscovery }
