'use strict'

const { randomUUID } = require('node:crypto')
const { URLSearchParams } = require('node:url')
const { htmlAnswer, send } = require('./answers')
const { AppRegistrations } = require('./apps')
const { isGuid } = require('./guid')
const { browse } = require('./browser')
const { createServerCertificate } = require('./certificates')
const { assertBoolean, optionError, refuseUnknownOptions, shown, TestAuthorityError } = require('./errors')
const { Failure } = require('./faults')
const { createFederatedToken } = require('./federated-token')
const { KeyRing } = require('./keys')
const { route } = require('./router')
const { LoopbackServer } = require('./server')
const { SignIns } = require('./sign-ins')
const { Tenants } = require('./tenants')
const { createToken } = require('./tokens')
const { defaultUser, readUser } = require('./users')

const HOST = '127.0.0.1'
const OPTIONS = ['tenantId', 'otherTenants', 'domain', 'apps', 'user', 'tls', 'port', 'quiet']
const SECRET_PARAMETERS = [
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'device_code',
  'password',
  'refresh_token'
]

// A demo may run for days.
const REQUESTS_KEPT = 10_000

/**
 * @typedef {import('./index').TestAuthority} Public
 * @typedef {import('./answers').Exchange} Exchange
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 */

/**
 * The state of an authority.
 *
 * @typedef {object} Directory
 * @property {string} url
 * @property {string} cloudInstanceName
 * @property {string} tenantId
 * @property {string} domain
 * @property {Tenants} tenants
 * @property {AppRegistrations} apps
 * @property {KeyRing} keys
 * @property {import('./index').TestUser} user
 * @property {InstanceType<typeof import('./sign-ins').SignIns>} signIns
 */

/**
 * The test authority, created by `startTestAuthority`; documented in index.d.ts.
 *
 * @implements {Public}
 */
class TestAuthority {
  #directory
  #server
  /** @type {Failure | undefined} */
  #failure
  #delay = 0
  #closed = false
  /** @type {import('./index').ReceivedRequest[]} */
  requests = []

  /**
   * @param {Directory} directory
   * @param {LoopbackServer} server
   * @param {string | undefined} ca PEM
   */
  constructor(directory, server, ca) {
    this.#directory = directory
    this.#server = server
    this.ca = ca
  }

  /** @param {import('./index').TestAuthorityOptions} [options] */
  static async start(options = {}) {
    refuseUnknownOptions(options, OPTIONS, 'startTestAuthority')
    const {
      tenantId = randomUUID(),
      otherTenants = [],
      domain = 'test-authority.example',
      user = {},
      tls = false,
      port = 0
    } = options
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw optionError(`port: expected a whole number from 0 to 65535, got ${shown(port)}`)
    }
    if (options.quiet !== undefined) assertBoolean('quiet', options.quiet)
    const apps = new AppRegistrations(options.apps)
    const tenants = new Tenants({ tenantId, otherTenants, domain })
    const testUser = readUser(user, defaultUser(domain))
    const keys = new KeyRing(HOST)
    const owners = apps.all().filter((app) => app.customSigningKey)
    const [credentials] = await Promise.all([credentialsOf(tls), keys.begin(owners.map(({ clientId }) => clientId))])

    // No request arrives before this function continues after `listen`.
    const server = new LoopbackServer((request, response) => authority.#onRequest(request, response), credentials)
    await server.listen(port)
    const directory = Object.freeze({
      url: `${credentials ? 'https' : 'http'}://${HOST}:${server.port}`,
      cloudInstanceName: HOST,
      tenantId: tenants.tenantId,
      domain,
      tenants,
      apps,
      keys,
      user: testUser,
      signIns: new SignIns()
    })
    const authority = new TestAuthority(directory, server, credentials?.ca)
    if (options.quiet !== true) {
      console.warn(
        `entra-jwt-verify/testing: test authority at ${authority.url}. Never for production: it signs any token on request.`
      )
    }
    return authority
  }

  get url() {
    return this.#directory.url
  }

  get tenantId() {
    return this.#directory.tenantId
  }

  get apps() {
    return this.#directory.apps.all()
  }

  get api() {
    return this.#directory.apps.api
  }

  get client() {
    return this.#directory.apps.client
  }

  get options() {
    const { clientId, appIdUri } = this.api
    return {
      tenantId: this.tenantId,
      clientId,
      audience: [...new Set([appIdUri, clientId])],
      authorityHost: this.url,
      ...(this.ca !== undefined && { ca: this.ca })
    }
  }

  env() {
    const { tenantId, clientId, audience, authorityHost } = this.options
    return {
      ENTRA_TENANT_ID: tenantId,
      ENTRA_CLIENT_ID: clientId,
      ENTRA_AUDIENCE: audience.join(','),
      ENTRA_AUTHORITY_HOST: authorityHost
    }
  }

  get keys() {
    const { keys } = this.#directory
    return keys.all().map((key) => ({ ...key, signing: key === keys.signingKey(key.clientId) }))
  }

  /** @type {Public['issueToken']} */
  issueToken(overrides) {
    return createToken(this.#directory, overrides)
  }

  /** @type {Public['bearer']} */
  bearer(overrides) {
    return `Bearer ${createToken(this.#directory, overrides, undefined, 'bearer')}`
  }

  /** @type {Public['federatedToken']} */
  federatedToken(options) {
    return createFederatedToken(this.#directory, options)
  }

  /** @type {Public['approveDevice']} */
  approveDevice(userCode, user = {}) {
    const { signIns, user: testUser } = this.#directory
    signIns.decide(userCode, readUser(user, testUser))
  }

  /** @type {Public['declineDevice']} */
  declineDevice(userCode) {
    this.#directory.signIns.decide(userCode, 'declined')
  }

  revokeSignIns() {
    this.#directory.signIns.revoke()
  }

  /** @type {Public['browse']} */
  browse = (url) => browse(url, this.ca)

  /** @type {Public['addKey']} */
  async addKey(options = {}) {
    refuseUnknownOptions(options, ['publish', 'clientId', 'issuer', 'cloudInstanceName', 'modulusLength'], 'addKey')
    const { kid } = await this.#directory.keys.add(options)
    return kid
  }

  /** @type {Public['rotateKeys']} */
  async rotateKeys(options = {}) {
    refuseUnknownOptions(options, ['publish', 'to'], 'rotateKeys')
    const { keys } = this.#directory
    const { publish = true, to: kid = (await keys.add({ publish })).kid } = options
    keys.sign(kid)
    return kid
  }

  /** @type {Public['withdrawKey']} */
  withdrawKey(kid) {
    this.#directory.keys.publish(kid, false)
  }

  /** @type {Public['restoreKey']} */
  restoreKey(kid) {
    this.#directory.keys.publish(kid, true)
  }

  /** @type {Public['fail']} */
  fail(kind, times, options) {
    this.#failure = kind === null ? undefined : new Failure(kind, times, options)
  }

  /** @type {Public['delay']} */
  delay(milliseconds) {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw optionError(`delay: expected a number of milliseconds, got ${milliseconds}`)
    }
    this.#delay = milliseconds
  }

  recover() {
    this.#failure = undefined
    this.#delay = 0
  }

  /** @type {Public['requestsTo']} */
  requestsTo(endpoint) {
    return this.requests.filter((request) => request.endpoint === endpoint)
  }

  stop() {
    return this.#server.stop()
  }

  async start() {
    if (this.#closed) throw new TestAuthorityError('ERR_TESTING_CLOSED', 'start: this test authority was closed')
    if (!this.#server.listening) await this.#server.listen()
  }

  close() {
    this.#closed = true
    return this.#server.stop()
  }

  /** For `await using`. */
  [Symbol.asyncDispose]() {
    return this.close()
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async #onRequest(request, response) {
    const [path = '', search] = (request.url ?? '').split('?', 2)
    const query = new URLSearchParams(search)
    const { endpoint, respond } = route(path)
    this.#record({ method: request.method ?? '', path, endpoint }, query)

    // Decided on arrival, so that of several concurrent requests exactly `times` fail.
    const failure = this.#failure?.takes(endpoint) ? this.#failure : undefined
    const delay = this.#delay
    /** @type {Exchange} */
    const exchange = {
      request,
      response,
      path,
      query,
      directory: this.#directory,
      traceId: randomUUID(),
      correlationId: correlationIdOf(request, query),
      later: (milliseconds, action) => this.#server.later(milliseconds, action)
    }
    /** @type {import('./answers').Answer} */
    let answer
    try {
      answer = await respond(exchange)
    } catch (error) {
      // The client disconnected while it was sending.
      if (request.errored) return
      answer = htmlAnswer(exchange, 500, `The test authority has a defect: ${error}`)
    }
    const finish = () => {
      const final = failure ? failure.apply(answer, exchange) : answer
      if (final !== undefined) send(response, final)
    }
    if (delay > 0) exchange.later(delay, finish)
    else finish()
  }

  /**
   * @param {Pick<import('./index').ReceivedRequest, 'method' | 'path' | 'endpoint'>} received
   * @param {URLSearchParams} query
   */
  #record(received, query) {
    const kept = [...query].filter(([name]) => !SECRET_PARAMETERS.includes(name.toLowerCase()))
    this.requests.push({ ...received, query: Object.fromEntries(kept), at: Date.now() })
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift()
  }
}

/**
 * @param {boolean | import('./index').TestAuthorityOptions['tls']} tls
 * @returns {Promise<{ key: string, cert: string, ca?: string } | undefined>}
 */
async function credentialsOf(tls) {
  if (tls === false || tls === undefined) return undefined
  if (tls === true) return createServerCertificate()
  if (typeof tls !== 'object') throw optionError(`tls: expected true, false or { key, cert, ca }, got ${shown(tls)}`)
  refuseUnknownOptions(tls, ['key', 'cert', 'ca'], 'tls')
  return tls
}

/**
 * The caller's correlation id, which errors repeat; older clients send it as a header.
 *
 * @param {IncomingMessage} request
 * @param {URLSearchParams} query
 */
function correlationIdOf({ headers }, query) {
  const id = query.get('client-request-id') ?? headers['client-request-id']
  return isGuid(id) ? id : randomUUID()
}

exports.TestAuthority = TestAuthority
