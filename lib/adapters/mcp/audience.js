'use strict'

const { isGuid } = require('../../core/guid')

/**
 * Why clients that request a token for this resource (RFC 8707) get none, or one that is rejected; `undefined` if there
 * is no known reason.
 *
 * Entra compares `resource` with the Application ID URIs of the API, character by character, and none of those ends with a slash.
 * It then writes the application id into `aud` of a v2 token, and one of the URIs into that of a v1 token. Other
 * authorization servers write `resource` into `aud`.
 *
 * @param {string} resource
 * @param {{ appIdUri: string | undefined, audiences: readonly unknown[] | undefined }} identity of the API
 */
function audienceWarning(resource, { appIdUri, audiences }) {
  const isAccepted = audiences?.some((audience) => withoutSlash(audience) === withoutSlash(resource)) ?? false
  if (appIdUri === undefined) {
    if (isAccepted) return undefined
    return (
      `${resource} is not an accepted audience. MCP clients ask for a token for this resource, and authorization servers that ` +
      'support that write it into aud. Add it to the option audience (ENTRA_AUDIENCE).'
    )
  }
  if (resource.endsWith('/')) {
    return (
      `${resource} ends with a slash, which no Application ID URI does, so Entra gives no token for it to MCP clients ` +
      '(AADSTS9010010). Leave the slash out, of the resource and of the Application ID URI.'
    )
  }
  if (!isAccepted) {
    return (
      `${resource} is not an accepted audience. MCP clients send it to Entra as resource, and get no token (AADSTS9010010) ` +
      'unless it is an Application ID URI of this API. Register it as one, then set the option audience (ENTRA_AUDIENCE) to ' +
      'the client id of the API and this URI.'
    )
  }
  if (audiences?.some(isGuid)) return undefined
  return (
    'the option audience (ENTRA_AUDIENCE) does not have the client id of the API, which is aud in v2 tokens. MCP clients get ' +
    'those. Add it.'
  )
}

/** @param {unknown} audience */
function withoutSlash(audience) {
  return String(audience).replace(/\/$/, '')
}

module.exports = { audienceWarning }
