'use strict'

const { createHash, randomBytes, randomUUID, timingSafeEqual } = require('node:crypto')
const { optionError, refuseUnknownOptions } = require('./errors')

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const KNOWN = [
  'clientId',
  'clientSecret',
  'name',
  'appIdUri',
  'accessTokenVersion',
  'assignmentRequired',
  'customSigningKey',
  'roles'
]

/**
 * @typedef {import('./index').AppRegistration} AppRegistration
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 */

/** The app registrations of a directory. An application with a secret can get tokens; every application can be their audience. */
class AppRegistrations {
  #apps

  /** @param {AppRegistration[]} [registrations] */
  constructor(registrations = defaultRegistrations()) {
    const [first, ...others] = Array.isArray(registrations) ? registrations.map(register) : []
    if (first === undefined) throw optionError('apps: an array with at least one app registration is needed')
    this.#apps = [first, ...others]
    /** The resource of a token when the test names none. */
    this.api = this.#apps.find((app) => app.clientSecret === undefined) ?? first
    /** The client that gets a token when the test names none. An application may ask for a token for itself. */
    this.client = this.#apps.find((app) => app.clientSecret !== undefined) ?? this.api
  }

  all() {
    return [...this.#apps]
  }

  /** @param {string} clientId */
  findClient(clientId) {
    return this.#apps.find((app) => app.clientId === clientId.toLowerCase())
  }

  /**
   * By App ID URI, client id, or `spn:` + client id; case and one trailing slash do not matter to Entra.
   *
   * @param {string} identifier
   */
  findResource(identifier) {
    const wanted = identifier.toLowerCase().replace(/^spn:/, '').replace(/\/$/, '')
    return this.#apps.find((app) => app.clientId === wanted || app.appIdUri.toLowerCase().replace(/\/$/, '') === wanted)
  }

  /**
   * The app roles that `client` was assigned on `resource`.
   *
   * @param {RegisteredApp} client
   * @param {RegisteredApp} resource
   */
  rolesOf(client, resource) {
    if (Array.isArray(client.roles)) return client.roles
    for (const [identifier, roles] of Object.entries(client.roles)) {
      if (this.findResource(identifier) === resource) return roles
    }
    return []
  }
}

/**
 * Compares digests: they have one length, so neither length nor content of the secret shows in the time it takes.
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
  if (!isGuid(clientId)) throw optionError(`apps: clientId '${clientId}' is not a GUID`)
  if (![null, 1, 2].includes(accessTokenVersion)) {
    throw optionError(`apps: accessTokenVersion is ${accessTokenVersion}; 1, 2 or null (which means 1) are accepted`)
  }
  if (clientSecret !== undefined && (typeof clientSecret !== 'string' || clientSecret === '')) {
    throw optionError('apps: clientSecret must be a string that is not empty, or absent')
  }
  return Object.freeze({
    clientId: clientId.toLowerCase(),
    clientSecret,
    name: registration.name ?? 'test application',
    appIdUri: registration.appIdUri ?? `api://${clientId.toLowerCase()}`,
    accessTokenVersion,
    assignmentRequired: registration.assignmentRequired === true,
    customSigningKey: registration.customSigningKey === true,
    roles
  })
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isGuid(value) {
  return typeof value === 'string' && GUID.test(value)
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest()
}

exports.AppRegistrations = AppRegistrations
exports.hasSecret = hasSecret
exports.isGuid = isGuid
