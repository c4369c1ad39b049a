'use strict'

const { URL, URLSearchParams } = require('node:url')
const { htmlAnswer } = require('./answers')
const { requestedClaims } = require('./claims')
const { describeError, entraError } = require('./entra-errors')
const { escapeHtml } = require('./html')
const { clientInfo } = require('./grants/delegated')
const { isLoopback, isTargetOf } = require('./scopes')
const { VERSION_1, VERSION_2 } = require('./versions')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./router').TenantExchange} TenantExchange
 * @typedef {import('./versions').Version} Version
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 */

/** @param {TenantExchange} exchange */
const authorizeV2 = (exchange) => authorize(exchange, VERSION_2)

/** @param {TenantExchange} exchange */
const authorizeV1 = (exchange) => authorize(exchange, VERSION_1)

/**
 * The authorization endpoint (RFC 6749, section 4.1.1). The test user is always signed in and always consents, so the
 * response redirects to the application at once. Until the redirect URI is known to be the application's, errors are
 * shown on a page.
 *
 * @param {TenantExchange} exchange
 * @param {Version} version
 */
function authorize(exchange, version) {
  const { query, directory } = exchange
  const tenant = exchange.tenant.open ? directory.tenants.home(exchange.tenant) : exchange.tenant
  if (tenant === undefined) return errorPage(exchange, 50059)
  exchange.tenant = tenant
  const clientId = query.get('client_id')
  if (!clientId) return errorPage(exchange, 900144, { parameter: 'client_id' })
  const client = directory.apps.findClient(clientId)
  if (client === undefined) return errorPage(exchange, 700016, { clientId, tenantId: tenant.tenantId })
  const redirectUri = query.get('redirect_uri') ?? client.redirectUris?.[0]
  if (!redirectUri || !mayReceive(client, redirectUri)) {
    return errorPage(exchange, 50011, { presented: redirectUri ?? '', clientId: client.clientId })
  }
  const answer = signIn(exchange, version, client, redirectUri)
  return sendBack(exchange, redirectUri, { ...answer, state: query.get('state') ?? undefined })
}

/**
 * Without registered redirect URIs, every URI on this machine; the port of a loopback URI is ignored, as in Entra.
 *
 * @param {RegisteredApp} client
 * @param {string} redirectUri
 */
function mayReceive({ redirectUris }, redirectUri) {
  if (!URL.canParse(redirectUri)) return false
  const url = new URL(redirectUri)
  if (redirectUris === undefined) return /^https?:$/.test(url.protocol) && isLoopback(url)
  return redirectUris.some((registered) => {
    if (registered === redirectUri) return true
    const expected = new URL(registered)
    return isLoopback(expected) && withoutPort(expected) === withoutPort(url)
  })
}

/** @param {URL} url */
function withoutPort({ protocol, hostname, pathname, search }) {
  return `${protocol}//${hostname}${pathname}${search}`
}

/**
 * @param {TenantExchange} exchange
 * @param {Version} version
 * @param {RegisteredApp} client
 * @param {string} redirectUri
 * @returns {Record<string, string | undefined>} the parameters that go back to the application
 */
function signIn(exchange, version, client, redirectUri) {
  const { query, directory, tenant } = exchange
  const responseType = query.get('response_type') ?? ''
  if (responseType !== 'code') return refused(describeError(exchange, 700054, { presented: responseType }))
  const wanted = query.get(version.parameter)
  if (!wanted) return refused(describeError(exchange, 900144, { parameter: version.parameter }))
  const asked = version.targetOf(exchange, client, wanted)
  if ('refusal' in asked) return refused(JSON.parse(asked.refusal.body))
  const { resource, audience } = asked.target
  if (version.parameter === 'scope' && !isTargetOf(query.get('resource'), resource, audience)) {
    return refused(describeError(exchange, 9010010, {}))
  }
  const requested = requestedClaims(exchange, query)
  if ('refusal' in requested) return refused(JSON.parse(requested.refusal.body))
  const value = query.get('code_challenge')
  const code = directory.signIns.authorize({
    clientId: client.clientId,
    tenantId: tenant.tenantId,
    user: directory.user,
    target: asked.target,
    claims: requested.claims,
    redirectUri,
    nonce: query.get('nonce') ?? undefined,
    challenge: value ? { method: query.get('code_challenge_method') ?? 'plain', value } : undefined
  })
  const isAsked = query.get('client_info') === '1'
  return {
    code,
    client_info: isAsked ? clientInfo(tenant.tenantId, directory.user) : undefined,
    session_state: exchange.traceId
  }
}

/** @param {{ error: string, description?: string, error_description?: string }} described */
function refused({ error, description, error_description = description }) {
  return { error, error_description }
}

/**
 * @param {TenantExchange} exchange
 * @param {string} redirectUri
 * @param {Record<string, string | undefined>} answer
 * @returns {Answer}
 */
function sendBack(exchange, redirectUri, answer) {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) parameters.append(name, value)
  const mode = exchange.query.get('response_mode') ?? 'query'
  if (mode === 'form_post') return formPost(exchange, redirectUri, parameters)
  const url = new URL(redirectUri)
  if (mode === 'fragment') url.hash = parameters.toString()
  else for (const [name, value] of parameters) url.searchParams.append(name, value)
  return htmlAnswer(exchange, 302, 'Object moved', { Location: url.href, 'Cache-Control': 'no-store, no-cache' })
}

/**
 * A page that submits the response (OAuth 2.0 Form Post Response Mode).
 *
 * @param {TenantExchange} exchange
 * @param {string} redirectUri
 * @param {URLSearchParams} parameters
 */
function formPost(exchange, redirectUri, parameters) {
  const inputs = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`
  )
  const page = htmlAnswer(exchange, 200, 'Working...', { 'Cache-Control': 'no-store, no-cache' })
  const form =
    `<form method="POST" action="${escapeHtml(redirectUri)}">${inputs.join('')}<noscript><button>Submit</button></noscript>` +
    '</form><script>document.forms[0].submit()</script>'
  return { ...page, body: page.body.replace('</body>', `${form}</body>`) }
}

/**
 * @param {TenantExchange} exchange
 * @param {import('./entra-errors').ErrorNumber} code
 * @param {import('./aadsts').Details} [details]
 */
function errorPage(exchange, code, details = {}) {
  const { status } = entraError(exchange, code, details)
  return htmlAnswer(exchange, status, `Sign in: ${describeError(exchange, code, details).description}`)
}

module.exports = { authorizeV1, authorizeV2 }
