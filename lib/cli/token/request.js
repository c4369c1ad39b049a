'use strict'

const { explainAadsts } = require('../../doctor/aadsts')
const { send } = require('../../doctor/http')
const { hintOf, reason, tunnel } = require('../../doctor/network')
/** @type {typeof import('../../../native')} */
const native = require('../../native')
const { isAuthError } = require('../../core/errors')
const { configure } = require('../../core/options')
const { ownOnly } = require('../../core/own-only')
const { rootCertificates } = require('../../core/root-certificates')
const { identitiesOf } = require('../../core/verifier')
const { settingsOf } = require('../../http/settings')
const { verifierOf } = require('../../http/verifier')
const { UsageError } = require('../usage')

/** @import { Options } from '../../..' */

/** Milliseconds. */
const TIMEOUT = 10_000

/** The authority, or the platform, does not give a token: what it says, and what to do. */
class TokenRefused extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message)
    this.hint = hint
  }
}

/**
 * A token by client credentials.
 *
 * @param {object} request
 * @param {Options} request.options where to ask, and by which way: tenantId, authorityHost, ca, proxy
 * @param {string} request.clientId
 * @param {Record<string, string> | import('./credentials').Proof} request.proof
 * @param {string} request.scope
 * @returns {Promise<string>}
 */
async function requestToken({ options, clientId, proof, scope }) {
  const { endpoint, connect } = routeTo(options, scope)
  const proven = typeof proof === 'function' ? proof(endpoint.href) : proof
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope, ...proven })
  const answer = await reached(endpoint.host, async () =>
    send(endpoint, await connect(), {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: form.toString()
    })
  )
  return tokenIn(answer, Object.values(proven))
}

/**
 * The token endpoint of a tenant, and how it is reached: as signing keys are, through the same proxy and by the same roots.
 *
 * @param {Options} options
 * @param {string} scope
 */
function routeTo(options, scope) {
  // What a verifier would refuse is refused: a tenant or a host that cannot be one, plain HTTP to another machine.
  const whole = { ...options, audience: scope.replace(/\/\.default$/, '') }
  const configuration = configure(whole)
  const { core, noProxy, own } = configuration
  // The audience is what the token is requested for, not what an API accepts: that may be a service of Microsoft's.
  const [identity] = identitiesOf(verifierOf({ ...configuration, isExamined: true }, settingsOf(own)))
  const { proxy, ca = [] } = ownOnly(JSON.parse(core))
  const endpoint = new URL(String(identity?.authority).replace(/\/v2\.0$/, '/oauth2/v2.0/token'))
  const connection = { ca: [...rootCertificates(), ...[ca].flat()], timeout: TIMEOUT }
  const isProxied = proxy !== undefined && native.usesProxy(core, noProxy, endpoint.href)
  const connect = async () =>
    isProxied ? { ...connection, socket: await tunnel(new URL(proxy), endpoint, connection) } : connection
  return { endpoint, connect }
}

/**
 * @template T
 * @param {string} what is asked
 * @param {() => Promise<T>} action
 */
async function reached(what, action) {
  try {
    return await action()
  } catch (error) {
    if (error instanceof UsageError || isAuthError(error)) throw error
    const hint = hintOf(error) ?? 'npx entra-jwt-verify doctor says what is in the way'
    throw new UsageError(`${what} cannot be reached: ${reason(error)}; ${hint}`)
  }
}

/**
 * The token in an answer of a token endpoint.
 *
 * @param {{ status: number | undefined, body: string | Buffer }} answer
 * @param {readonly string[]} secrets that were sent, and are not shown
 */
function tokenIn({ status, body }, secrets) {
  const { access_token: token, error, error_description: description } = jsonOf(body)
  if (status === 200 && typeof token === 'string' && token !== '') return token
  const told = [description, error].find((text) => typeof text === 'string') ?? `status ${status}`
  // What follows is for Microsoft's support, and long.
  const [first = ''] = told.split(/\r?\n| Trace ID:/)
  const [, code] = /\bAADSTS(\d+)/.exec(told) ?? []
  const hint = code === undefined ? 'check the endpoint, and the identity of this host' : explainAadsts(code).advice
  throw new TokenRefused(
    secrets.reduce((text, secret) => text.replaceAll(secret, '…'), first),
    hint
  )
}

/** @param {string | Buffer} body */
function jsonOf(body) {
  try {
    return ownOnly(JSON.parse(String(body)))
  } catch {
    return ownOnly({})
  }
}

module.exports = { TokenRefused, reached, requestToken, tokenIn }
