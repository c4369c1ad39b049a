'use strict'

/** Scopes that Entra has for every application (OpenID Connect Core 1.0, sections 5.4 and 11). */
const OF_NO_API = ['openid', 'profile', 'email', 'offline_access']

/**
 * A scope as clients request it: prefixed with the API's App ID URI. Entra interprets a scope without one as a scope of
 * Microsoft Graph.
 *
 * @param {string} scope
 * @param {string | undefined} appIdUri
 */
function qualifiedScope(scope, appIdUri) {
  if (appIdUri === undefined || scope.includes('/') || OF_NO_API.includes(scope)) return scope
  return `${appIdUri.replace(/\/$/, '')}/${scope}`
}

module.exports = { qualifiedScope }
