'use strict'

/** @import { Finding } from '../../..' */

/**
 * The description of a user by App Service or Static Web Apps, in the header `x-ms-client-principal` or at `/.auth/me`:
 * an object without a signature.
 *
 * @param {Record<string, unknown>} object
 * @returns {Finding | undefined}
 */
function principalFinding(object) {
  const isPrincipal = 'auth_typ' in object && 'claims' in object
  const isOfStaticWebApps = 'identityProvider' in object && 'userRoles' in object
  if (!isPrincipal && !isOfStaticWebApps && !('clientPrincipal' in object)) return undefined
  return {
    name: 'client-principal',
    checks: ['form'],
    message:
      'what App Service or Static Web Apps say about the user (x-ms-client-principal): it is not signed, and not a token',
    hint:
      'send an access token in the header Authorization; behind App Service authentication, read it from the header ' +
      'X-MS-TOKEN-AAD-ACCESS-TOKEN with the option getToken'
  }
}

/**
 * The same for a text: JSON in base64.
 *
 * @param {string} text without white space around it
 * @returns {Finding | undefined}
 */
function principalIn(text) {
  if (!/^eyJ[\w+/-]+={0,2}$/.test(text)) return undefined
  try {
    const value = JSON.parse(Buffer.from(text, 'base64').toString())
    return value !== null && typeof value === 'object' ? principalFinding(value) : undefined
  } catch {
    return undefined
  }
}

module.exports = { principalFinding, principalIn }
