'use strict'

const {
  createHash,
  createPublicKey,
  randomBytes,
  randomUUID,
  timingSafeEqual,
  X509Certificate
} = require('node:crypto')
const { assertText, optionError, refuseUnknownOptions } = require('./errors')
const { assertGuid } = require('./guid')
const { assertRoles, assertScopes } = require('./permissions')

const KNOWN = [
  'clientId',
  'clientSecret',
  'certificates',
  'federatedCredentials',
  'name',
  'appIdUri',
  'scopes',
  'redirectUris',
  'accessTokenVersion',
  'assignmentRequired',
  'customSigningKey',
  'roles'
]

/** The default audience of a federated token. */
const TOKEN_EXCHANGE = 'api://AzureADTokenExchange'

/**
 * @typedef {import('./index').AppRegistration} AppRegistration
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 */

/** The app registrations of a directory. One with credentials can get tokens for itself; each can be the audience of tokens. */
class AppRegistrations {
  #apps

  /** @param {readonly AppRegistration[]} [registrations] */
  constructor(registrations = defaultRegistrations()) {
    const [first, ...others] = Array.isArray(registrations) ? registrations.map(register) : []
    if (first === undefined) throw optionError('apps: an array with at least one app registration is needed')
    this.#apps = [first, ...others]
    /** The default resource of a token. */
    this.api = this.#apps.find(isPublic) ?? first
    /** The default client of a token. An application may request a token for itself. */
    this.client = this.#apps.find((app) => !isPublic(app)) ?? this.api
  }

  all() {
    return [...this.#apps]
  }

  /** @param {string} clientId */
  findClient(clientId) {
    return this.#apps.find((app) => app.clientId === clientId.toLowerCase())
  }

  /**
   * Finds an application by App ID URI, client id, or `spn:` + client id; like Entra, without case and with or without
   * one trailing slash.
   *
   * @param {string} identifier
   */
  findResource(identifier) {
    const wanted = identifier.toLowerCase().replace(/^spn:/, '').replace(/\/$/, '')
    return this.#apps.find((app) => app.clientId === wanted || app.appIdUri.toLowerCase().replace(/\/$/, '') === wanted)
  }

  /**
   * The app roles of `resource` that are assigned to a client or a user.
   *
   * @param {Pick<RegisteredApp, 'roles'>} caller
   * @param {RegisteredApp} resource
   */
  rolesOf(caller, resource) {
    if (Array.isArray(caller.roles)) return caller.roles
    for (const [identifier, roles] of Object.entries(caller.roles)) {
      if (this.findResource(identifier) === resource) return roles
    }
    return []
  }
}

/**
 * Whether an application has no credentials, like those on devices and in browsers.
 *
 * @param {RegisteredApp} app
 */
function isPublic({ clientSecret, certificates, federatedCredentials }) {
  return clientSecret === undefined && certificates.length === 0 && federatedCredentials.length === 0
}

/**
 * Compares digests, which have the same length, so that the time reveals neither length nor content of the secret.
 *
 * @param {RegisteredApp} app
 * @param {string} secret
 */
function hasSecret(app, secret) {
  if (app.clientSecret === undefined) return false
  return timingSafeEqual(sha256(app.clientSecret), sha256(secret))
}

/** @returns {AppRegistration[]} */
function defaultRegistrations() {
  return [{ name: 'test API' }, { name: 'test client', clientSecret: randomBytes(30).toString('base64url') }]
}

/**
 * @param {AppRegistration} registration
 * @returns {RegisteredApp}
 */
function register(registration) {
  refuseUnknownOptions(registration, KNOWN, 'apps')
  const { clientId = randomUUID(), clientSecret, accessTokenVersion = null, roles = [] } = registration
  const { certificates = [], federatedCredentials = [], scopes = ['user_impersonation'] } = registration
  assertGuid('apps: clientId', clientId)
  for (const name of /** @type {const} */ (['name', 'appIdUri'])) {
    if (registration[name] !== undefined) assertText(`apps: ${name}`, registration[name])
  }
  if (![null, 1, 2].includes(accessTokenVersion)) {
    throw optionError(`apps: accessTokenVersion is ${accessTokenVersion}; 1, 2 or null (which means 1) are accepted`)
  }
  if (clientSecret !== undefined && (typeof clientSecret !== 'string' || clientSecret === '')) {
    throw optionError('apps: clientSecret must be a string that is not empty, or absent')
  }
  assertRoles('apps: roles', roles)
  assertScopes('apps: scopes', scopes)
  for (const pem of certificates) readCertificate(pem)
  return Object.freeze({
    clientId: clientId.toLowerCase(),
    clientSecret,
    certificates: Object.freeze([...certificates]),
    federatedCredentials: Object.freeze(federatedCredentials.map(federatedCredential)),
    name: registration.name ?? 'test application',
    appIdUri: registration.appIdUri ?? `api://${clientId.toLowerCase()}`,
    scopes: Object.freeze([...scopes]),
    redirectUris: registration.redirectUris && Object.freeze([...registration.redirectUris]),
    accessTokenVersion,
    assignmentRequired: registration.assignmentRequired === true,
    customSigningKey: registration.customSigningKey === true,
    roles
  })
}

/**
 * A certificate, or only a public key, with the thumbprints by which an assertion can refer to it.
 *
 * @param {string} pem
 */
function readCertificate(pem) {
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) return { publicKey: createPublicKey(pem) }
    const certificate = new X509Certificate(pem)
    return {
      publicKey: certificate.publicKey,
      sha1: certificate.fingerprint.replaceAll(':', ''),
      sha256: certificate.fingerprint256.replaceAll(':', ''),
      notBefore: new Date(certificate.validFrom),
      notAfter: new Date(certificate.validTo)
    }
  } catch {
    throw optionError('apps: certificates: expected certificates or public keys in PEM')
  }
}

/**
 * @param {import('./index').FederatedCredential} credential
 * @returns {import('./index').FederatedCredential & { audience: string }}
 */
function federatedCredential(credential) {
  refuseUnknownOptions(credential, ['issuer', 'subject', 'audience', 'jwks'], 'apps: federatedCredentials')
  const { issuer, subject, audience = TOKEN_EXCHANGE, jwks } = credential
  if (typeof subject !== 'string' || subject === '') throw optionError('apps: federatedCredentials: subject is missing')
  if ((issuer === undefined) !== (jwks === undefined)) {
    throw optionError('apps: federatedCredentials: issuer and jwks, its keys, belong together: nothing is fetched')
  }
  return Object.freeze({ ...(issuer !== undefined && jwks !== undefined && { issuer, jwks }), subject, audience })
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest()
}

exports.AppRegistrations = AppRegistrations
exports.hasSecret = hasSecret
exports.isPublic = isPublic
exports.readCertificate = readCertificate
