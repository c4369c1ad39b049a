'use strict'

const { aadstsCode, explainAadsts } = require('../../doctor/aadsts')

/** @import { Finding } from '../../..' */

/**
 * Errors of OAuth 2.0 and OpenID Connect without one of Entra's: what happened, and what to do.
 *
 * @type {Record<string, [is: string, advice: string]>}
 */
const ERRORS = {
  access_denied: ['the user or a policy denied access', 'sign in again, and consent; an administrator can say more'],
  authorization_pending: [
    'the user has not finished the sign-in',
    'wait for the user; the client asks again by itself'
  ],
  consent_required: ['consent is missing', 'have the user or an administrator consent to the permission'],
  expired_token: ['the device code has expired', 'start the device code flow again'],
  interaction_required: ['the user has to sign in interactively', 'ask again with a sign-in page'],
  invalid_client: ['the client did not prove itself', 'check client id, secret or certificate of the client'],
  invalid_grant: ['the code, refresh token or assertion is not valid any more', 'sign in again'],
  invalid_request: ['the request is malformed', 'check that each parameter is there once, and URL-encoded'],
  invalid_resource: ['the API that was asked for is not in this tenant', 'check the scope and the tenant in the URL'],
  invalid_scope: ['the scope is not valid', 'ask for <App ID URI>/.default, or one scope of the API'],
  login_required: ['no user is signed in', 'ask again with a sign-in page'],
  server_error: ['the authorization server has a problem of its own', 'try again later'],
  temporarily_unavailable: ['the authorization server is busy', 'try again later'],
  unauthorized_client: ['the client may not use this flow', 'check the registration of the client, and the tenant'],
  unsupported_grant_type: ['the grant type is not supported', 'check grant_type in the request']
}

/**
 * Errors of the identity service of a host (managed identity), which says `invalid_request` for each: what it says, what happened,
 * and what to do.
 *
 * @type {[pattern: RegExp, is: string, advice: string][]}
 */
const OF_MANAGED_IDENTITIES = [
  [
    /identity not found/i,
    'this host has no managed identity, or not the one that was asked for',
    'turn on the managed identity (Azure portal, the resource, Identity), or correct the client id that the request names'
  ],
  [
    /multiple user.assigned identities/i,
    'this host has several managed identities, and the request names none',
    'name one by its client id: new ManagedIdentityCredential({ clientId })'
  ]
]

/**
 * An error of the token endpoint, of a redirect or of MSAL, by its members.
 *
 * @param {Record<string, unknown>} members
 * @returns {Finding | undefined}
 */
function oauthError(members) {
  const error = text(members.error) ?? text(members.errorCode) ?? text(members.error_code)
  const description = text(members.error_description) ?? text(members.errorMessage) ?? text(members.message)
  const code = aadstsCode(description ?? '') ?? firstCode(members.error_codes)
  if (code !== undefined) return entraError(code, error)
  const [, is, advice] = OF_MANAGED_IDENTITIES.find(([pattern]) => pattern.test(description ?? '')) ?? []
  if (is !== undefined && advice !== undefined) {
    const message = `an error of the identity service of this host (managed identity), not a token: ${is}`
    return { ...finding(message, advice), hint: advice }
  }
  return error !== undefined && Object.hasOwn(ERRORS, error) ? bareError(error) : undefined
}

/**
 * An error in a text such as a log line or what a tool printed: Entra's, or an exception of the client.
 *
 * @param {string} line
 * @returns {Finding | undefined}
 */
function errorInText(line) {
  const code = aadstsCode(line)
  if (code !== undefined) return entraError(code)
  const name = /^(?:Uncaught |Unhandled exception\. )?(?:\w+\.)*(\w{3,40}(?:Error|Exception)): /.exec(line)?.[1]
  if (name === undefined) return undefined
  const message = `an error of the client, ${name}, not a token: it asked for one and got none`
  return {
    ...finding(message, ''),
    hint: 'mend that error first: its message says what the client or its library missed'
  }
}

/**
 * @param {string} code
 * @param {string} [error] of OAuth
 */
function entraError(code, error) {
  const { is, advice } = explainAadsts(code)
  const named = error !== undefined && Object.hasOwn(ERRORS, error) ? ` (${error})` : ''
  return finding(`an error of the token endpoint, AADSTS${code}${named}, not a token: ${is}`, advice)
}

/** @param {string} error */
function bareError(error) {
  const [is, advice] = ERRORS[error] ?? ['', '']
  return finding(`an error of the token endpoint, ${error}, not a token: ${is}`, advice)
}

/** @type {(message: string, advice: string) => Finding} */
const finding = (message, advice) => ({
  name: 'token-error',
  checks: ['form'],
  message,
  hint: `${advice}. The client has to look at the status of the answer before it takes the token out of it`
})

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' ? value : undefined
}

/** @param {unknown} codes */
function firstCode(codes) {
  const [code] = Array.isArray(codes) ? codes : []
  return Number.isInteger(code) ? String(code) : undefined
}

module.exports = { errorInText, oauthError }
