'use strict'

const { entraError } = require('../entra-errors')
const { isTargetOf } = require('../scopes')
const { createToken, objectIdOf } = require('../tokens')

/**
 * @typedef {import('../token-endpoint').TokenRequest} TokenRequest
 * @typedef {import('../sign-ins').SignIn} SignIn
 */

/**
 * The requested scopes: those of the request, or else those that the user consented to before.
 *
 * @param {TokenRequest} request
 * @param {import('../scopes').Target} [before]
 * @returns {{ target: import('../scopes').Target } | { refusal: import('../answers').Answer }}
 */
function targetOf({ exchange, version, form, client }, before) {
  const text = form.get(version.parameter)
  if (text) return version.targetOf(exchange, client, text)
  return before === undefined
    ? { refusal: entraError(exchange, 900144, { parameter: version.parameter }) }
    : { target: before }
}

/**
 * The tokens that a client gets on behalf of a user.
 *
 * @param {TokenRequest} request
 * @param {SignIn & { nonce?: string | undefined }} signIn
 * @returns {{ tokens: import('../versions').Tokens } | { refusal: import('../answers').Answer }}
 */
function delegatedTokens({ exchange, form, client, authentication, version }, signIn) {
  const { directory } = exchange
  const { target, user, tenantId, claims, nonce } = signIn
  const { audience, resource, scopes, granted, openId } = target
  if (version.parameter === 'scope' && !isTargetOf(form.get('resource'), resource, audience)) {
    return { refusal: entraError(exchange, 9010010) }
  }
  if (resource?.assignmentRequired && directory.apps.rolesOf(user, resource).length === 0) {
    const refusal = entraError(exchange, 50105, { resource: resource.clientId, resourceName: resource.name })
    return { refusal }
  }
  const asked = { client: client.clientId, tenantId }
  const accessToken = createToken(
    directory,
    { ...asked, audience, scopes },
    { user, authentication, claims: { xms_cc: claims.xms_cc, acrs: claims.acrs } }
  )
  const idToken = openId.has('openid')
    ? createToken(directory, { ...asked, idToken: true }, { user, claims: { nonce } })
    : undefined
  return {
    tokens: {
      accessToken,
      audience,
      scope: granted,
      idToken,
      refreshToken: openId.has('offline_access') ? directory.signIns.issueRefreshToken(signIn) : undefined,
      clientInfo: form.get('client_info') === '1' ? clientInfo(tenantId, user) : undefined
    }
  }
}

/**
 * The id by which MSAL distinguishes accounts.
 *
 * @param {string} tenantId
 * @param {import('../index').TestUser} user
 */
function clientInfo(tenantId, user) {
  return Buffer.from(JSON.stringify({ uid: objectIdOf(tenantId, user), utid: tenantId })).toString('base64url')
}

module.exports = { clientInfo, delegatedTokens, targetOf }
