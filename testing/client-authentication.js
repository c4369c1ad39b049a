'use strict'

const { createPublicKey } = require('node:crypto')
const { hasSecret, isPublic, readCertificate } = require('./apps')
const { entraError } = require('./entra-errors')
const { isInTime, isSignedWith, readJwt } = require('./jwt')
const { issuerOf } = require('./tokens')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 * @typedef {import('./router').TenantExchange} TenantExchange
 * @typedef {import('./jwt').Jwt} Jwt
 */

/**
 * How a client authenticated, as in `appidacr` and `azpacr`: not at all, with a secret, with an assertion.
 *
 * @typedef {'0' | '1' | '2'} Authentication
 */

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * The client id in a request, and the credentials.
 *
 * @typedef {object} Presented
 * @property {string | null} clientId
 * @property {string | null} secret
 * @property {string | null} assertion
 * @property {string | null} assertionType
 */

/**
 * client_secret_basic, its parts form-encoded (RFC 6749 2.3.1), client_secret_post, or an assertion (RFC 7523 2.2).
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {URLSearchParams} form
 * @returns {Presented}
 */
function presentedBy(request, form) {
  const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? []
  const assertion = form.get('client_assertion')
  const assertionType = form.get('client_assertion_type')
  if (encoded === undefined) {
    return { clientId: form.get('client_id'), secret: form.get('client_secret'), assertion, assertionType }
  }
  const credentials = Buffer.from(encoded, 'base64').toString()
  const colon = credentials.indexOf(':')
  return {
    clientId: formDecode(credentials.slice(0, colon)),
    secret: formDecode(credentials.slice(colon + 1)),
    assertion,
    assertionType
  }
}

/**
 * Many clients send the secret unencoded; a `%` that does not begin an escape is then part of it.
 *
 * @param {string} text
 */
function formDecode(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/**
 * Authenticates a client. A public client does not authenticate and only gets tokens of users.
 *
 * @param {TenantExchange} exchange
 * @param {RegisteredApp} client
 * @param {Presented} presented
 * @param {string} grantType
 * @returns {{ authentication: Authentication } | { refusal: Answer }}
 */
function authenticateClient(exchange, client, { secret, assertion, assertionType }, grantType) {
  const refuse = refuser(exchange, client)
  const isForItself = grantType === 'client_credentials'
  if (isPublic(client) && !isForItself) {
    return secret || assertion ? refuse(700025) : { authentication: '0' }
  }
  if (assertion) {
    if (!assertionType) return refuse(900144, { parameter: 'client_assertion_type' })
    if (assertionType !== JWT_BEARER)
      return refuse(9002313, { reason: `client_assertion_type has to be ${JWT_BEARER}.` })
    const jwt = readJwt(assertion)
    if (jwt === undefined) return refuse(50027)
    // In an assertion for a certificate, the client is its own issuer.
    return typeof jwt.claims.iss === 'string' && jwt.claims.iss.includes('://')
      ? checkFederatedToken(exchange, client, jwt)
      : checkCertificate(exchange, client, jwt)
  }
  if (!secret) return isForItself ? refuse(7000216, { grantType }) : refuse(7000218)
  return hasSecret(client, secret) ? { authentication: '1' } : refuse(7000215)
}

/**
 * @param {TenantExchange} exchange
 * @param {RegisteredApp} client
 */
function refuser(exchange, { clientId }) {
  return (
    /** @type {import('./entra-errors').ErrorNumber} */ code,
    /** @type {import('./aadsts').Details} */ details = {}
  ) => ({ refusal: entraError(exchange, code, { clientId, ...details }) })
}

/**
 * An assertion that the client signed with the key of a certificate, whose thumbprint is in the header.
 *
 * @param {TenantExchange} exchange
 * @param {RegisteredApp} client
 * @param {Jwt} jwt
 * @returns {{ authentication: Authentication } | { refusal: Answer }}
 */
function checkCertificate(exchange, client, jwt) {
  const refuse = refuser(exchange, client)
  const { aud, iss, sub } = jwt.claims
  if (String(iss).toLowerCase() !== client.clientId || sub !== iss) return refuse(700021)
  const presented = thumbprintOf(jwt)
  if (presented === undefined) return refuse(50027)
  const registered = client.certificates.map(readCertificate)
  const fitting = registered.filter(({ sha1, sha256 }) => sha1 === undefined || [sha1, sha256].includes(presented))
  if (fitting.length === 0) return refuse(700027, { reason: 'The key was not found.', presented })
  const certificate = fitting.find(({ publicKey }) => isSignedWith(jwt, publicKey))
  if (certificate === undefined) return refuse(700027, { reason: WRONG_SIGNATURE, presented })
  const now = new Date()
  const { notBefore = now, notAfter = now } = certificate
  if (now < notBefore || now > notAfter) return refuse(1000502)
  if (typeof aud !== 'string' || !audiencesOf(exchange).includes(aud)) return refuse(700023)
  return isInTime(jwt) ? { authentication: '2' } : refuse(700024, { presented: timesOf(jwt) })
}

const WRONG_SIGNATURE = 'The provided signature value did not match the expected signature value.'

/**
 * The certificate's thumbprint in a header, in upper-case hexadecimal.
 *
 * @param {Jwt} jwt
 */
function thumbprintOf({ header: { x5t, 'x5t#S256': x5tS256 } }) {
  const thumbprint = x5tS256 ?? x5t
  return typeof thumbprint === 'string' ? Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase() : undefined
}

/**
 * The accepted audiences of a client's own assertion: the tenant's token endpoints and issuers.
 *
 * @param {TenantExchange} exchange
 */
function audiencesOf({ directory: { url, domain, tenantId }, tenant }) {
  const segments = [tenant.segment, tenant.tenantId, ...(tenant.tenantId === tenantId ? [domain] : [])]
  return segments.flatMap((segment) => [
    `${url}/${segment}/oauth2/v2.0/token`,
    `${url}/${segment}/oauth2/token`,
    `${url}/${segment}/v2.0`,
    `${url}/${segment}`,
    issuerOf(1, url, segment)
  ])
}

/**
 * A token of another issuer that the application trusts: Kubernetes, GitHub, a managed identity.
 *
 * @param {TenantExchange} exchange
 * @param {RegisteredApp} client
 * @param {Jwt} jwt
 * @returns {{ authentication: Authentication } | { refusal: Answer }}
 */
function checkFederatedToken(exchange, { federatedCredentials, ...client }, jwt) {
  const { directory } = exchange
  const refuse = refuser(exchange, { federatedCredentials, ...client })
  const { iss, sub, aud } = jwt.claims
  const ofIssuer = federatedCredentials.filter(({ issuer }) => (issuer ?? workloadIssuer(directory.url)) === iss)
  if (ofIssuer.length === 0) return refuse(700211, { presented: String(iss) })
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub)
  if (ofSubject.length === 0) return refuse(700213, { presented: String(sub) })
  const audiences = [aud].flat()
  const credential = ofSubject.find(({ audience }) => audiences.includes(audience))
  if (credential === undefined) return refuse(700212, { presented: audiences.join(', ') })
  const keys =
    credential.jwks === undefined ? directory.keys.all().map((key) => key.publicKey) : rsaKeys(credential.jwks)
  if (!keys.some((key) => isSignedWith(jwt, key))) {
    return refuse(700027, { reason: WRONG_SIGNATURE, presented: String(jwt.header.kid ?? '') })
  }
  return isInTime(jwt) ? { authentication: '2' } : refuse(700024, { presented: timesOf(jwt) })
}

/**
 * @param {{ readonly keys: readonly object[] }} jwks
 */
function rsaKeys({ keys }) {
  const ofRsa = /** @type {import('node:crypto').JsonWebKey[]} */ (keys).filter(({ kty }) => kty === 'RSA')
  return ofRsa.map((key) => createPublicKey({ key, format: 'jwk' }))
}

/** @param {Jwt} jwt */
function timesOf({ claims: { nbf, exp } }) {
  const shown = (/** @type {unknown} */ seconds) =>
    typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : 'none'
  return `Current time: ${new Date().toISOString()}, assertion valid from ${shown(nbf)}, expiry time of assertion ${shown(exp)}.`
}

/**
 * The default issuer of workload tokens: this authority, which then simulates a cluster or a build server.
 *
 * @param {string} url of the authority
 */
function workloadIssuer(url) {
  return `${url}/workload`
}

module.exports = { authenticateClient, presentedBy, workloadIssuer }
