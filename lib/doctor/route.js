'use strict'

const { isIP } = require('node:net')
const { handshake, hostOf, reason, resolve, tunnel } = require('./network')
const { failed, passed, skipped } = require('./steps')
const { isExempt } = require('../core/no-proxy')

const FIREWALL =
  'allow this process to reach it (a firewall, an egress rule), or set HTTPS_PROXY if the way out is a proxy'

/** What to do when a certificate is not accepted, by Node's code. Any other code: the certificate is not trusted. */
const CERTIFICATE_HINTS = {
  CERT_HAS_EXPIRED: "check this host's clock; if it is right, the server has to renew its certificate",
  CERT_NOT_YET_VALID: "check this host's clock",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate is for another host: check AZURE_AUTHORITY_HOST (option authorityHost), and that DNS leads to the \
right server'
}

/**
 * Goes the way to an origin: name, proxy, TLS. Where a step fails those behind it are left out.
 *
 * @param {URL} url
 * @param {{ proxy?: URL, noProxy?: string, ca: string[], timeout: number }} plan
 * @returns {Promise<{ open: boolean, viaProxy: boolean, steps: import('./steps').Step[] }>}
 */
async function examineRoute(url, plan) {
  const viaProxy = usesProxy(url, plan)
  const steps = [viaProxy ? skipped('dns', `${url.hostname}: the proxy resolves names`) : await dns(url, plan)]
  const go = async (step) => {
    if (steps.every(({ status }) => status !== 'failed')) steps.push(await step())
  }
  await go(() => proxy(url, plan, viaProxy))
  await go(() => certificate(url, plan, viaProxy))
  return { open: steps.every(({ status }) => status !== 'failed'), viaProxy, steps }
}

/** Plain HTTP is only spoken to this machine, and goes through no proxy. */
function usesProxy(url, { proxy, noProxy }) {
  return proxy !== undefined && url.protocol === 'https:' && !isExempt(noProxy, hostOf(url))
}

async function dns(url, { timeout }) {
  const host = hostOf(url)
  if (isIP(host)) return skipped('dns', `${host} is an address`)
  try {
    return passed('dns', `${host} is ${(await resolve(host, timeout)).slice(0, 3).join(', ')}`)
  } catch (error) {
    const hint =
      error.code === 'ENOTFOUND'
        ? 'check the spelling of AZURE_AUTHORITY_HOST (option authorityHost), and that this network resolves public names; \
set HTTPS_PROXY if the way out is a proxy'
        : 'check the name server of this host or container; set HTTPS_PROXY if the way out is a proxy'
    return failed('dns', `${host} cannot be resolved: ${reason(error)}`, hint)
  }
}

async function proxy(url, plan, viaProxy) {
  if (!viaProxy) return skipped('proxy', plan.proxy ? `not used for ${url.hostname}` : 'none is configured')
  try {
    const socket = await tunnel(plan.proxy, url, plan.timeout, plan.ca)
    socket.destroy()
    return passed('proxy', `${shown(plan.proxy)} connects to ${url.host}`)
  } catch (error) {
    return failed('proxy', `${shown(plan.proxy)} does not connect to ${url.host}: ${reason(error)}`, proxyHint(error))
  }
}

function proxyHint({ status }) {
  if (status === 407) return 'the proxy wants credentials: http://user:password@host:port in HTTPS_PROXY (option proxy)'
  if (status === 401 || status === 403) return 'the proxy refuses this host: have it allowed'
  return 'check HTTPS_PROXY (option proxy); NO_PROXY lists the hosts that are reached without it'
}

async function certificate(url, plan, viaProxy) {
  if (url.protocol === 'http:') return skipped('tls', 'plain HTTP, to this machine')
  try {
    const socket = viaProxy ? await tunnel(plan.proxy, url, plan.timeout, plan.ca) : undefined
    const { problem, protocol, issuer, from, until } = await handshake(url, { ...plan, socket })
    if (problem === undefined) {
      return passed('tls', `${url.host} speaks ${protocol}, certificate of ${issuer} until ${day(until)}`)
    }
    const message = `${url.host} has a certificate of ${issuer}, valid from ${day(from)} until ${day(until)}: ${problem}`
    return failed('tls', message, CERTIFICATE_HINTS[problem] ?? notTrusted(issuer))
  } catch (error) {
    return failed('tls', `${url.host} cannot be reached: ${reason(error)}`, FIREWALL)
  }
}

function notTrusted(issuer) {
  return `this process does not trust ${issuer}: if TLS is inspected on the way, or the CA is your own, name its \
certificate in NODE_EXTRA_CA_CERTS (option ca)`
}

/** A proxy without its credentials. */
function shown({ protocol, host }) {
  return `${protocol}//${host}`
}

function day(date) {
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10)
}

module.exports = { examineRoute }
