'use strict'

const { randomUUID } = require('node:crypto')
const { htmlAnswer, send } = require('./answers')
const { AppRegistrations, isGuid } = require('./apps')
const { createServerCertificate } = require('./certificates')
const { optionError, refuseUnknownOptions, TestAuthorityError } = require('./errors')
const { Failure } = require('./faults')
const { KeyRing } = require('./keys')
const { route } = require('./router')
const { LoopbackServer } = require('./server')
const { Tenants } = require('./tenants')
const { createToken } = require('./tokens')

const HOST = '127.0.0.1'
const OPTIONS = ['tenantId', 'otherTenants', 'domain', 'apps', 'tls', 'port', 'quiet']
const SECRET_PARAMETERS = ['client_secret', 'client_assertion', 'password', 'code', 'refresh_token']

// A demo may run for days; the newest requests are the ones that anybody asks about.
const REQUESTS_KEPT = 10_000

/** The Entra look-alike. Made by `startTestAuthority`; documented in index.d.ts. */
class TestAuthority {
  #directory
  #server
  #failure
  #delay = 0
  #closed = false

  static async start(options = {}) {
    refuseUnknownOptions(options, OPTIONS, 'startTestAuthority')
    const {
      tenantId = randomUUID(),
      otherTenants = [],
      domain = 'test-authority.example',
      tls = false,
      port = 0
    } = options
    const apps = new AppRegistrations(options.apps)
    const tenants = new Tenants({ tenantId, otherTenants, domain })
    const keys = new KeyRing(HOST)
    const [credentials] = await Promise.all([credentialsOf(tls), ...firstKeys(keys, apps)])

    const authority = new TestAuthority()
    authority.#server = new LoopbackServer((request, response) => authority.#onRequest(request, response), credentials)
    await authority.#server.listen(port)
    authority.#directory = Object.freeze({
      url: `${credentials ? 'https' : 'http'}://${HOST}:${authority.#server.port}`,
      cloudInstanceName: HOST,
      tenantId: tenants.tenantId,
      domain,
      tenants,
      apps,
      keys
    })
    authority.ca = credentials?.ca
    authority.requests = []
    if (options.quiet !== true) {
      console.warn(
        `entra-jwt-verify/testing: test authority at ${authority.url}. Never for production: it signs any token it is asked for.`
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

  get keys() {
    const { keys } = this.#directory
    return keys.all().map((key) => ({ ...key, signing: key === keys.signingKey(key.clientId) }))
  }

  issueToken(overrides) {
    return createToken(this.#directory, overrides)
  }

  async addKey(options = {}) {
    refuseUnknownOptions(options, ['publish', 'clientId', 'issuer', 'cloudInstanceName', 'modulusLength'], 'addKey')
    const { kid } = await this.#directory.keys.add(options)
    return kid
  }

  async rotateKeys(options = {}) {
    refuseUnknownOptions(options, ['publish', 'to'], 'rotateKeys')
    const { keys } = this.#directory
    const { to: kid = (await keys.add({ publish: options.publish })).kid } = options
    keys.sign(kid)
    return kid
  }

  withdrawKey(kid) {
    this.#directory.keys.publish(kid, false)
  }

  restoreKey(kid) {
    this.#directory.keys.publish(kid, true)
  }

  fail(kind, times, options) {
    this.#failure = kind === null ? undefined : new Failure(kind, times, options)
  }

  delay(milliseconds) {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw optionError(`delay: ${milliseconds} is no number of milliseconds`)
    }
    this.#delay = milliseconds
  }

  recover() {
    this.#failure = undefined
    this.#delay = 0
  }

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

  async #onRequest(request, response) {
    const [path, search] = request.url.split('?', 2)
    const query = new URLSearchParams(search)
    const { endpoint, respond } = route(path)
    this.#record(request.method, path, query, endpoint)

    // Decided on arrival: of several requests at once, exactly `times` fail.
    const failure = this.#failure?.takes(endpoint) ? this.#failure : undefined
    const delay = this.#delay
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
    let answer
    try {
      answer = await respond(exchange)
    } catch (error) {
      // The client went away while it was sending; there is nobody to answer.
      if (request.errored) return
      answer = htmlAnswer(exchange, 500, `The test authority has a defect: ${error.message}`)
    }
    const finish = () => {
      const final = failure ? failure.apply(answer, exchange) : answer
      if (final !== undefined) send(response, final)
    }
    if (delay > 0) exchange.later(delay, finish)
    else finish()
  }

  #record(method, path, query, endpoint) {
    const kept = [...query].filter(([name]) => !SECRET_PARAMETERS.includes(name.toLowerCase()))
    this.requests.push({ method, path, query: Object.fromEntries(kept), endpoint, at: Date.now() })
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift()
  }
}

async function credentialsOf(tls) {
  if (tls === false) return undefined
  if (tls === true) return createServerCertificate()
  refuseUnknownOptions(tls, ['key', 'cert', 'ca'], 'tls')
  return tls
}

// Entra always publishes the key that signs and the one that will sign next.
function firstKeys(keys, apps) {
  const custom = apps.all().filter((app) => app.customSigningKey)
  return [keys.add(), keys.add(), ...custom.map(({ clientId }) => keys.add({ clientId }))]
}

// What the caller sent, so that it finds its own id in an error; older clients send it as a header.
function correlationIdOf({ headers }, query) {
  const id = query.get('client-request-id') ?? headers['client-request-id']
  return isGuid(id) ? id : randomUUID()
}

module.exports = { TestAuthority }
