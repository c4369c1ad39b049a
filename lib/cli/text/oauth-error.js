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
  return error !== undefined && Object.hasOwn(ERRORS, error) ? bareError(error) : undefined
}

/**
 * Entra's error in a text such as a log line or what a tool printed.
 *
 * @param {string} line
 * @returns {Finding | undefined}
 */
function errorInText(line) {
  const code = aadstsCode(line)
  return code === undefined ? undefined : entraError(code)
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
