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

/** The app registrations of a directory. An application with a secret can ask for tokens; every application can be asked for. */
class AppRegistrations {
  #apps

  constructor(registrations = defaultRegistrations()) {
    if (!Array.isArray(registrations) || registrations.length === 0) {
      throw optionError('apps: an array with at least one app registration is needed')
    }
    this.#apps = registrations.map(register)
    /** What a token is for when the test does not say. */
    this.api = this.#apps.find((app) => app.clientSecret === undefined) ?? this.#apps[0]
    /** Who asks for a token when the test does not say. An application may ask for a token for itself. */
    this.client = this.#apps.find((app) => app.clientSecret !== undefined) ?? this.api
  }

  all() {
    return [...this.#apps]
  }

  findClient(clientId) {
    return this.#apps.find((app) => app.clientId === clientId.toLowerCase())
  }

  /** By App ID URI, client id, or `spn:` + client id; case and one trailing slash do not matter to Entra. */
  findResource(identifier) {
    const wanted = identifier.toLowerCase().replace(/^spn:/, '').replace(/\/$/, '')
    return this.#apps.find((app) => app.clientId === wanted || app.appIdUri.toLowerCase().replace(/\/$/, '') === wanted)
  }

  /** The app roles that `client` was assigned on `resource`. */
  rolesOf(client, resource) {
    if (Array.isArray(client.roles)) return client.roles
    for (const [identifier, roles] of Object.entries(client.roles)) {
      if (this.findResource(identifier) === resource) return roles
    }
    return []
  }
}

/** Compares digests: they have one length, so neither length nor content of the secret shows in the time it takes. */
function hasSecret(app, secret) {
  if (app.clientSecret === undefined) return false
  return timingSafeEqual(sha256(app.clientSecret), sha256(secret))
}

function defaultRegistrations() {
  return [{ name: 'test API' }, { name: 'test client', clientSecret: randomBytes(30).toString('base64url') }]
}

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

function isGuid(value) {
  return typeof value === 'string' && GUID.test(value)
}

function sha256(text) {
  return createHash('sha256').update(text).digest()
}

module.exports = { AppRegistrations, hasSecret, isGuid }
