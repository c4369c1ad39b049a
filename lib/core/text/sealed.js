'use strict'

const { secretIn } = require('../secret')

/** @import { Finding } from '../../..' */

const FORM = ['form']

const NOT_FOR_APIS = 'send the access_token of the token response instead'

/**
 * Texts that only Entra can read begin with eight bytes: a format, 0, 1, a version, and a type (1 for a refresh token,
 * 2 for a code). A prefix may name the client and the tenant, with a dot, or have a letter.
 */
const SEALED = /^(?<client>[01]\.A[\w-]{10,}\.)?[A-Z]?(?<kind>[AB][AQgw]AB[\w-]{7})[\w-]{20,}$/

/** Tokens of other services, by how they begin. */
const OTHERS = /** @type {const} */ ([
  [/^gh[pousr]_\w{20,}$|^github_pat_/, 'GitHub'],
  [/^glpat-/, 'GitLab'],
  [/^ya29\.|^1\/\/0/, 'Google'],
  [/^xox[abeoprs]-/, 'Slack'],
  [/^(?:AKIA|ASIA)[A-Z\d]{16}$/, 'AWS'],
  [/^(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_]/, 'another service (an API key)'],
  [/^v[1-4]\.(?:local|public)\./, 'another provider (PASETO)'],
  [
    /^SharedAccessSignature |^(?=(?:.*[?&])?s[rv]=[^\s&?]+&)(?:.*[?&])?sig=/s,
    'another service of Azure (a shared access signature)'
  ],
  [/(?:^|;)(?:AccountKey|SharedAccessKey)=/i, 'another service of Azure (a connection string)']
])

/**
 * A credential of another kind than an access token that only its issuer can read.
 *
 * @param {string} text without white space around it
 * @returns {Finding | undefined}
 */
function otherCredential(text) {
  return ofEntra(text) ?? ofPersonalAccount(text) ?? saml(text) ?? pem(text) ?? secret(text) ?? ofOthers(text)
}

/**
 * The kind of a value, if the name of its parameter or member says so.
 *
 * @param {string} name
 * @returns {Finding | undefined}
 */
function credentialNamed(name) {
  if (name === 'code') return authorizationCode()
  if (name === 'refresh_token' || name === 'refreshToken') return refreshToken()
  return name === 'SAMLResponse' || name === 'wresult' ? samlMessage() : undefined
}

/** @param {string} text */
function ofEntra(text) {
  const { client, kind } = SEALED.exec(text)?.groups ?? {}
  if (kind === undefined) return undefined
  const [format = 0, , , , what, ...rest] = Buffer.from(kind, 'base64url')
  if (rest.some((byte) => byte !== 0)) return undefined
  if (what === 2) return authorizationCode()
  // Without the prefix, it may also be a device code, or a token from App Service. Format 1 is a session.
  return what === 1 && client !== undefined && format > 1 ? refreshToken() : opaque()
}

function authorizationCode() {
  return finding(
    'authorization-code',
    'an authorization code: the client has to redeem it at the token endpoint for an access token, once',
    'redeem the code (grant_type=authorization_code, with code_verifier and redirect_uri), then send the access_token; MSAL \
does that by itself'
  )
}

function refreshToken() {
  return finding(
    'refresh-token',
    'a refresh token: only the token endpoint of Entra can read it, and it is no access token',
    `${NOT_FOR_APIS}; a refresh token is as good as the user's sign-in, so keep it away from APIs and logs`
  )
}

function opaque() {
  return finding(
    'opaque-token',
    'an opaque token that Entra sealed for itself, not a JWT: a refresh token, a device code, or the access token that App \
Service (Easy Auth) hands out in X-MS-TOKEN-AAD-ACCESS-TOKEN when the sign-in did not ask for the scope of an API',
    'ask for the scope of this API and send the access_token; with App Service, add the scope to the login parameters \
(loginParameters: scope=openid offline_access <App ID URI>/<scope>)'
  )
}

/** @param {string} text */
function ofPersonalAccount(text) {
  if (!/^M\.[CR]\d+_[A-Z\d]{3,4}\./.test(text)) return undefined
  return finding(
    'personal-account-code',
    'a code or refresh token of a personal Microsoft account: only the token endpoint can read it',
    'redeem it at the token endpoint, and send the access_token'
  )
}

/** @param {string} text */
function saml(text) {
  const xml = text.startsWith('<') ? text : base64(text)
  const isSaml =
    /<(?:\w+:)?(?:Response|Assertion|AuthnRequest|LogoutRequest|EncryptedAssertion|RequestSecurityTokenResponse)\b/
  return isSaml.test(xml) ? samlMessage() : undefined
}

function samlMessage() {
  return finding(
    'saml',
    'a SAML message, from a sign-in with SAML or WS-Federation, not a JWT',
    'have the client sign in with OpenID Connect (MSAL), ask for the scope of this API, and send the access_token; an API is \
not called with SAML'
  )
}

/** @param {string} text */
function base64(text) {
  const compact = text.replace(/\s/g, '')
  return /^[\w+/-]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64').toString().trimStart() : ''
}

/** @param {string} text */
function pem(text) {
  const label = /^-----BEGIN ([A-Z\d ]{3,40})-----/.exec(text)?.[1]
  if (label === undefined) return undefined
  if (!label.includes('PRIVATE KEY')) {
    return finding('pem', `a file in PEM (${label}), not a token`, 'pass the token that the token endpoint returned')
  }
  return finding(
    'private-key',
    `a private key in PEM (${label}), not a token`,
    'keep it secret: replace the key if it was sent or logged anywhere; with its certificate a client proves itself to the \
token endpoint, which gives the token'
  )
}

/** @param {string} text */
function secret(text) {
  const { cut, isClientSecret } = secretIn(text) ?? {}
  if (!isClientSecret) return undefined
  return finding(
    'client-secret',
    `what looks like a client secret (${cut}), not a token`,
    'exchange it at the token endpoint (grant_type=client_credentials) for an access token; replace the secret if it was sent to \
an API or logged anywhere'
  )
}

/** @param {string} text */
function ofOthers(text) {
  const [, issuer] = OTHERS.find(([pattern]) => pattern.test(text)) ?? []
  if (issuer === undefined) return undefined
  return finding(
    'other-token',
    `a token of ${issuer}, not of Entra`,
    'get a token from the token endpoint of Entra; replace that one if it was sent to a service that it is not for'
  )
}

/** @type {(name: string, message: string, hint: string) => Finding} */
const finding = (name, message, hint) => ({ name, checks: FORM, message, hint })

module.exports = { credentialNamed, otherCredential }
