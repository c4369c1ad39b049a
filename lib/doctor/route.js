'use strict'

const { isIP } = require('node:net')
const { hostMeant, isOfMicrosoft } = require('./hosts')
const { NO_SUBJECT_ALT_NAME, handshake, hintOf, hostOf, reason, resolve, tunnel } = require('./network')
const { failed, passed, skipped } = require('./steps')
const { codeOf } = require('../thrown')

const FIREWALL = 'allow this process to reach it (a firewall, an egress rule)'

const PROXY_HINT =
  "check HTTPS_PROXY (option proxy), and the proxy's way out; NO_PROXY lists the hosts that are reached without \
it"

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {Pick<import('./index').Plan, 'proxy' | 'usesProxy' | 'heedsNoProxy' | 'ca' | 'timeout'>} Plan
 */

/**
 * What to do when a certificate is not accepted, by Node's code. Any other code: the certificate is not trusted.
 *
 * @type {Record<string, string>}
 */
const CERTIFICATE_HINTS = {
  CERT_HAS_EXPIRED: "check this host's clock; if it is right, the server has to renew its certificate",
  CERT_NOT_YET_VALID: "check this host's clock",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'check ENTRA_AUTHORITY_HOST (option authorityHost), and that DNS leads to the right server: the certificate is for \
another host',
  [NO_SUBJECT_ALT_NAME]:
    'get a certificate with the host in its subjectAltName: the common name (CN) alone, which Node.js \
accepts, is not accepted here'
}

/** Hint for a failed handshake with a server that is reachable. */
const TLS_HINT =
  'the server has to speak TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20, over X25519, P-256 or P-384; \
Node.js also speaks others'

/**
 * How an origin is reached: `open` if every step succeeded.
 *
 * @typedef {{ open: boolean, viaProxy: boolean, steps: Step[] }} Route
 */

/**
 * Checks the route to an origin: name, proxy, TLS. After a failed step, the others are skipped.
 *
 * @param {URL} url
 * @param {Plan} plan
 * @returns {Promise<Route>}
 */
async function examineRoute(url, plan) {
  const viaProxy = plan.usesProxy(url)
  /** @type {Step[]} */
  const steps = [viaProxy ? skipped('dns', `${url.hostname}: the proxy resolves names`) : await dns(url, plan)]
  const isOpen = () => steps.every(({ status }) => status !== 'failed')
  const forwardProxy = viaProxy ? plan.proxy : undefined
  if (isOpen()) steps.push(await proxy(url, plan, forwardProxy))
  if (isOpen()) steps.push(await certificate(url, plan, forwardProxy))
  return { open: isOpen(), viaProxy, steps }
}

/**
 * Whether `NO_PROXY` excludes a URL from the proxy. Plain HTTP uses no proxy.
 *
 * @param {URL} url
 * @param {Plan} plan
 */
function isExempt(url, plan) {
  return plan.heedsNoProxy && url.protocol === 'https:' && !plan.usesProxy(url)
}

/**
 * The hint about proxies if a host cannot be reached.
 *
 * @param {URL} url
 * @param {Plan} plan
 */
function wayOut(url, plan) {
  if (plan.usesProxy(url)) return 'check the way out of the proxy'
  if (isExempt(url, plan)) return 'or take the host out of NO_PROXY if the way out is the proxy of HTTPS_PROXY'
  return 'set HTTPS_PROXY if a proxy is required'
}

/**
 * @param {URL} url
 * @param {Plan} plan
 */
async function dns(url, plan) {
  const host = hostOf(url)
  if (isIP(host)) return skipped('dns', `${host} is an address`)
  try {
    return passed('dns', `${host} is ${(await resolve(host, plan.timeout)).slice(0, 3).join(', ')}`)
  } catch (error) {
    const check = codeOf(error) === 'ENOTFOUND' ? spelling(host) : 'check the name server of this host or container'
    const hint = `${check}; ${wayOut(url, plan)}`
    return failed('dns', `${host} cannot be resolved: ${reason(error)}`, hint)
  }
}

/**
 * The hint if the name does not exist.
 *
 * @param {string} host
 */
function spelling(host) {
  if (isOfMicrosoft(host)) return 'have this network resolve public names (the name server of this host or container)'
  const meant = hostMeant(host)
  const name = 'ENTRA_AUTHORITY_HOST (option authorityHost, authority)'
  return meant === undefined
    ? `check the spelling of ${name}, and that this network resolves public names`
    : `check the spelling of ${name}: ${meant} is near`
}

/**
 * @param {URL} url
 * @param {Plan} plan
 * @param {URL | undefined} forwardProxy the one that is used for this URL
 */
async function proxy(url, plan, forwardProxy) {
  if (forwardProxy === undefined) {
    if (isExempt(url, plan)) return skipped('proxy', `not used for ${url.hostname}, which NO_PROXY lists`)
    return skipped('proxy', plan.proxy ? `not used for ${url.hostname}` : 'none is configured')
  }
  try {
    const socket = await tunnel(forwardProxy, url, plan)
    socket.destroy()
    return passed('proxy', `${shown(forwardProxy)} connects to ${url.host}`)
  } catch (error) {
    const message = `${shown(forwardProxy)} does not connect to ${url.host}: ${reason(error)}`
    return failed('proxy', message, hintOf(error) ?? PROXY_HINT)
  }
}

/**
 * @param {URL} url
 * @param {Plan} plan
 * @param {URL | undefined} forwardProxy
 */
async function certificate(url, plan, forwardProxy) {
  if (url.protocol === 'http:') return skipped('tls', 'plain HTTP, to this machine')
  if (plan.ca.length === 0) {
    const hint =
      'check --use-openssl-ca with SSL_CERT_FILE, or install ca-certificates; or set NODE_EXTRA_CA_CERTS (option ca)'
    return failed('tls', 'no certificate authority is trusted: the list of root certificates is empty', hint)
  }
  try {
    const socket = forwardProxy && (await tunnel(forwardProxy, url, plan))
    const { problem, protocol, issuer, from, until } = await handshake(url, { ...plan, socket })
    if (problem === undefined) {
      return passed('tls', `${url.host} speaks ${protocol}, certificate of ${issuer} until ${day(until)}`)
    }
    const message = `${url.host} has a certificate of ${issuer}, valid from ${day(from)} until ${day(until)}: ${problem}`
    return failed('tls', message, CERTIFICATE_HINTS[problem] ?? notTrusted(issuer))
  } catch (error) {
    if (/NO_APPLICATION_PROTOCOL$/.test(codeOf(error) ?? '')) {
      return failed(
        'tls',
        `${url.host} does not speak HTTP/1.1, only HTTP/2`,
        'enable HTTP/1.1 on the server, or name another'
      )
    }
    if (/^ERR_SSL_|^EPROTO$/.test(codeOf(error) ?? '')) {
      return failed('tls', `${url.host} does not agree on TLS: ${reason(error)}`, TLS_HINT)
    }
    return failed('tls', `${url.host} cannot be reached: ${reason(error)}`, `${FIREWALL}; ${wayOut(url, plan)}`)
  }
}

/** @param {string | undefined} issuer */
function notTrusted(issuer) {
  return `this process does not trust ${issuer}: if TLS is inspected on the way, or the CA is your own, name its certificate in \
NODE_EXTRA_CA_CERTS (option ca)`
}

/**
 * A proxy without its credentials.
 *
 * @param {URL} proxy
 */
function shown({ protocol, host }) {
  return `${protocol}//${host}`
}

/** @param {Date} date */
function day(date) {
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10)
}

module.exports = { examineRoute }
