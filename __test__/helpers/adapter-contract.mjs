// The contract of every adapter: one table of requests with one expectation, over real HTTP against the real framework.
// `__test__/adapters/<framework>.test.mjs` calls `testContract` with a driver for its framework.
import { inspect } from 'node:util'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { testAnswers } from './adapter-contract-answers.mjs'
import { testGuards } from './adapter-contract-guards.mjs'
import { testRequests } from './adapter-contract-requests.mjs'
import { http1 } from './contract-clients.mjs'
import { optionsFor } from './start.mjs'

export { CLAIMS, guardsFrom } from './adapter-contract-guards.mjs'
export { ORIGIN } from './adapter-contract-requests.mjs'

/**
 * How one framework is started and what is its own.
 *
 * @typedef {object} Driver
 * @property {string} name such as `Fastify 5`
 * @property {(setup: Setup) => Promise<{ url: string, close(): unknown }>} start serves on loopback an application with the
 *   routes below; `url` ends without a slash
 * @property {FrameworkErrors} frameworkErrors
 * @property {Functions} functions
 * @property {import('./contract-clients.mjs').Client} [client] how requests are sent; the default is HTTP/1.1
 * @property {(request: any, name: string) => string | undefined} [header] reads a header of what `getToken` is given; the
 *   default is `request.headers[name]`
 * @property {Record<string, string>} [skip] by the name of a test, without the driver's name: what it needs that the framework
 *   does not have. Only for what a framework cannot do
 *
 * The routes:
 * - `GET /` answers with JSON `{ client: auth?.clientId ?? null }`
 * - `GET /role` behind `requireRole('Task.Read')`, `GET /scope` behind `requireScope('Task.Read')`, `GET /either` behind
 *   `requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] })`, `GET /challenge` behind
 *   `claimsChallenge(CLAIMS)`; each answers as `GET /` does
 * - `GET /throws` throws `new Error('boom')`, `GET /throws-later` after an `await`
 * - `POST /echo` answers a JSON body with JSON `{ body, client }`
 */

/**
 * @typedef {object} Setup
 * @property {import('../../index.js').Options | undefined} options of the middleware, which is in front of every route;
 *   `undefined`: there is no middleware
 * @property {'before' | 'after' | undefined} cors where the framework's CORS plug-in stands, with `origin: ORIGIN`
 */

/**
 * What the framework's own error handler makes of errors.
 *
 * @typedef {object} FrameworkErrors
 * @property {boolean} [keepsStatus] whether its answer has the status of the error; default `true`
 * @property {boolean} [keepsHeaders] whether its answer has the headers of the error; default `true`
 * @property {boolean} [keepsCors] whether its answer has the headers of CORS that were set before; default `false`
 * @property {(t: object, answer: Received, error: { status: number, code: string, message: string }) => void} checkRejected
 *   its answer to an `AuthError`, below 500
 * @property {(t: object, answer: Received) => void} checkThrown its answer to `new Error('boom')`
 */

/**
 * Values of the option `responses`.
 *
 * @typedef {object} Functions
 * @property {Function} answers answers with the status 418 and the body `application: ${error.code}`
 * @property {Function} answersLater the same after an `await`
 * @property {Function} throws throws `new Error('boom')`
 * @property {Function} rejects the same after an `await`
 * @property {Function} handsOn does not answer: calls `next()` without an error, or returns nothing
 */

/** @typedef {{ status: number, headers: Headers, body: string }} Received */

/** An application that was started for one test. */
class Application {
  #url
  #client

  constructor(authority, { url, client, logger }) {
    this.authority = authority
    this.logger = logger
    this.#url = url
    this.#client = client
  }

  /**
   * Sends a request. No answer may hold its token.
   *
   * @returns {Promise<Received>}
   */
  async send(authorization, path = '/', init = {}) {
    const headers = authorization === undefined ? {} : { Authorization: authorization }
    const answer = await this.#client.send(this.#url + path, { ...init, headers: { ...headers, ...init.headers } })
    if (holds(answer, authorization)) throw new Error(`the answer holds the token: ${inspect(answer)}`)
    return answer
  }

  /** Begins a request; the function that it returns ends the connection and does not wait for an answer. */
  begin(authorization) {
    return this.#client.begin(`${this.#url}/`, { Authorization: authorization })
  }

  /** Sends a good token. */
  good(path, overrides, init) {
    return this.send(`Bearer ${this.authority.issueToken(overrides)}`, path, init)
  }
}

function holds({ headers, body }, authorization) {
  const secret = authorization?.startsWith('Bearer ey') ? authorization.slice(-40) : undefined
  return secret !== undefined && inspect([body, [...headers]]).includes(secret)
}

/** A logger that keeps its lines. */
function recorder() {
  const lines = { error: [], warn: [] }
  return { lines, error: (...parts) => lines.error.push(parts), warn: (...parts) => lines.warn.push(parts) }
}

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

let cold = 0

/**
 * Registers every test of the contract for a framework.
 *
 * @param {Driver} driver
 */
export function testContract(driver) {
  /** A test of this driver, or one that says why it is skipped. */
  const row = (name, implementation) => {
    const needs = driver.skip?.[name]
    const { skip } = test
    // One after the other: each starts servers, and none of them may wait for the others.
    if (needs === undefined) test.serial(`${driver.name}: ${name}`, (t) => implementation(t, started(t)))
    else skip(`${driver.name}: ${name} (needs ${needs})`, implementation)
  }

  /** Starts applications that run until the test ends. */
  const started =
    (t) =>
    async ({ cors, isUnprotected = false, of = authority, ...more } = {}) => {
      const logger = recorder()
      // Keys are shared by verifiers that fetch them in the same way: with a time limit of its own, each application starts cold.
      const keys = { timeout: 30 + ++cold / 1000 }
      const options = isUnprotected ? undefined : { ...optionsFor(of), keys, logger, ...more }
      const { url, close } = await driver.start({ options, cors })
      t.teardown(() => {
        // Whatever was logged, it was no token.
        if (/ey[\w-]{20,}/.test(inspect(logger.lines, { depth: 10 }))) throw new Error('a token was logged')
        return close()
      })
      return new Application(of, { url, client: driver.client ?? http1, logger })
    }

  testAnswers(driver, row)
  testGuards(driver, row)
  testRequests(driver, row)
}
