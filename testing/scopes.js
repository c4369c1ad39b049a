'use strict'

const { URL } = require('node:url')
const { entraError } = require('./entra-errors')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 * @typedef {import('./router').TenantExchange} TenantExchange
 */

/**
 * What is requested.
 *
 * @typedef {object} Target
 * @property {string} audience as the client calls the API
 * @property {RegisteredApp | undefined} resource `undefined` for Microsoft Graph, which is no registration
 * @property {string[]} scopes the delegated permissions, as in `scp`
 * @property {string} granted the same as the client asked for them, for the answer
 * @property {Set<string>} openId `openid`, `profile`, `email`, `offline_access`
 */

/** Scopes of OpenID Connect, which belong to no API of the tenant. */
const OPEN_ID = ['openid', 'profile', 'email', 'offline_access']

const GRAPH = '00000003-0000-0000-c000-000000000000'

const DEFAULT = '.default'

/**
 * The API that a client asks for on its own behalf: `{App ID URI or client id}/.default` and nothing else.
 *
 * @param {TenantExchange} exchange
 * @param {string} scope
 * @returns {{ identifier: string } | { refusal: Answer }}
 */
function resourceOfScope(exchange, scope) {
  const [only, ...others] = scope.split(' ').filter(Boolean)
  if (only === undefined || others.length > 0) return { refusal: entraError(exchange, 70011, { scope }) }
  if (!only.endsWith(`/${DEFAULT}`)) return { refusal: entraError(exchange, 1002012, { scope }) }
  return { identifier: only.slice(0, -`/${DEFAULT}`.length) }
}

/**
 * The API and the permissions that a client asks for on behalf of a user, at the v2.0 endpoint.
 *
 * @param {TenantExchange} exchange
 * @param {RegisteredApp} client
 * @param {string} text the parameter `scope`
 * @returns {{ target: Target } | { refusal: Answer }}
 */
function targetOfScope(exchange, client, text) {
  const { directory, tenant } = exchange
  const all = text.split(' ').filter(Boolean)
  const openId = new Set(all.filter((scope) => OPEN_ID.includes(scope)))
  const asked = all.filter((scope) => !OPEN_ID.includes(scope)).map(splitScope)
  const [first] = asked
  if (first === undefined) {
    if (openId.size === 0) return { refusal: entraError(exchange, 70011, { scope: text }) }
    // A token for the user's profile, which Graph has.
    const scopes = [...openId].filter((scope) => scope !== 'offline_access')
    return { target: { audience: GRAPH, resource: undefined, scopes, granted: scopes.join(' '), openId } }
  }
  const resource = directory.apps.findResource(first.identifier)
  if (
    asked.some(
      ({ identifier }) => identifier !== first.identifier && directory.apps.findResource(identifier) !== resource
    )
  ) {
    return { refusal: entraError(exchange, 28000, { scope: text }) }
  }
  if (resource === undefined) {
    // A scope without a resource in front is one of Graph's.
    const refusal =
      first.identifier === GRAPH
        ? entraError(exchange, 650053, { clientName: client.name, scope: first.name, resource: GRAPH })
        : entraError(exchange, 500011, { resource: first.identifier, tenantId: tenant.tenantId })
    return { refusal }
  }
  const unknown = asked.find(({ name }) => name !== DEFAULT && !resource.scopes.includes(name))
  if (unknown !== undefined) {
    return {
      refusal: entraError(exchange, 650053, {
        clientName: client.name,
        scope: unknown.name,
        resource: resource.clientId
      })
    }
  }
  return {
    target: targetOf(
      resource,
      first.identifier,
      asked.map(({ name }) => name),
      openId
    )
  }
}

/**
 * The same at the older endpoint, which asks for a whole API and always answers with everything.
 *
 * @param {TenantExchange} exchange
 * @param {string} identifier the parameter `resource`
 * @returns {{ target: Target } | { refusal: Answer }}
 */
function targetOfResource(exchange, identifier) {
  const { directory, tenant } = exchange
  const resource = directory.apps.findResource(identifier)
  if (resource === undefined) {
    return { refusal: entraError(exchange, 500011, { resource: identifier, tenantId: tenant.tenantId }) }
  }
  return { target: targetOf(resource, identifier, [DEFAULT], new Set(OPEN_ID)) }
}

/**
 * @param {RegisteredApp} resource
 * @param {string} audience
 * @param {string[]} names
 * @param {Set<string>} openId
 * @returns {Target}
 */
function targetOf(resource, audience, names, openId) {
  const scopes = names.includes(DEFAULT) ? [...resource.scopes] : [...new Set(names)]
  // Entra repeats `.default` too: clients look up their cached tokens by it.
  const granted = [...new Set([...scopes, ...names])].map((name) => `${audience}/${name}`)
  return { audience, resource, scopes, granted: granted.join(' '), openId }
}

/**
 * `api://…/Task.Read` and `https://api.example/orders/.default`: what stands before the last slash is the API.
 *
 * @param {string} scope
 */
function splitScope(scope) {
  const slash = scope.lastIndexOf('/')
  return slash < 0
    ? { identifier: GRAPH, name: scope }
    : { identifier: scope.slice(0, slash), name: scope.slice(slash + 1) }
}

/**
 * Whether the parameter `resource` (RFC 8707), if it is there, names the API of the scope. Entra compares it with Application ID
 * URIs character by character. Unlike Entra, this authority takes a loopback URL for any API: a test has its port only after the
 * authority was started.
 *
 * @param {string | null} parameter
 * @param {RegisteredApp | undefined} api
 * @param {string} identifier by which the API was asked for
 */
function isTargetOf(parameter, api, identifier) {
  if (!parameter || [identifier, api?.appIdUri, api?.clientId].includes(parameter)) return true
  return URL.canParse(parameter) && isLoopback(new URL(parameter))
}

/** @param {URL} url */
function isLoopback({ hostname }) {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
}

module.exports = { isLoopback, isTargetOf, resourceOfScope, targetOfResource, targetOfScope }
