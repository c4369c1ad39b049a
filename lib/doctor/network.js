'use strict'

const { lookup } = require('node:dns/promises')
const http = require('node:http')
const net = require('node:net')
const tls = require('node:tls')
/** @type {typeof import('../../native')} */
const native = require('../native')
const { codeOf, messageOf } = require('../thrown')

/** Our own code: Node would accept the common name (CN), and the core does not. */
const NO_SUBJECT_ALT_NAME = 'it names no host in its subjectAltName'

/**
 * How to reach a server. `socket` is a tunnel to it, if there is one; `timeout` is in milliseconds.
 *
 * @typedef {{ ca: string[], timeout: number, socket?: import('node:net').Socket | undefined }} Connection
 */

/**
 * The TLS settings of the core: a server that requires RSA key exchange, another curve or HTTP/2 would answer Node, but
 * not the core.
 */
const TLS = {
  ALPNProtocols: ['http/1.1'],
  minVersion: /** @type {const} */ ('TLSv1.2'),
  ecdhCurve: 'X25519:P-256:P-384',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-CHACHA20-POLY1305'
  ].join(':')
}

/** A failure to reach an authority that Node does not report: its message is for people. */
class NetworkError extends Error {
  /**
   * @param {string} message
   * @param {string} [hint]
   */
  constructor(message, hint) {
    super(message)
    this.hint = hint
  }
}

/**
 * Why something failed. Node's messages contain addresses, and are empty if it tried several; its codes suffice.
 *
 * @param {unknown} error
 */
function reason(error) {
  return error instanceof NetworkError ? error.message : (codeOf(error) ?? messageOf(error))
}

/**
 * The hint of a failure, if it has one.
 *
 * @param {unknown} error
 */
function hintOf(error) {
  return error instanceof NetworkError ? error.hint : undefined
}

/**
 * The addresses of a name.
 *
 * @param {string} host
 * @param {number} timeout
 */
function resolve(host, timeout) {
  return within(timeout, lookup(host, { all: true })).then((found) => found.map(({ address }) => address))
}

/**
 * Opens a tunnel through a forward proxy (RFC 9110, section 9.3.6). The message of a failure holds no credentials.
 *
 * @param {URL} proxy
 * @param {URL} target
 * @param {Connection} connection to the proxy
 * @returns {Promise<import('node:net').Socket>}
 */
function tunnel(proxy, target, { timeout, ca }) {
  const port = portOf(target)
  const request = http.request({
    method: 'CONNECT',
    path: `${target.hostname}:${port}`,
    headers: {
      Host: `${target.hostname}:${port}`,
      ...(hasCredentials(proxy) && { 'Proxy-Authorization': basic(proxy) })
    },
    // Instead of an agent, which may have its own proxy.
    createConnection: () => connect(proxy, ca)
  })
  /** @type {Promise<import('node:net').Socket>} */
  const connected = new Promise((resolve, reject) => {
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(refusal(response, proxy))
    })
    request.on('response', (response) => reject(refusal(response, proxy)))
    request.on('error', reject)
    request.end()
  })
  return within(timeout, connected).catch((error) => {
    request.destroy()
    throw error
  })
}

/**
 * @param {http.IncomingMessage} response of a proxy to CONNECT
 * @param {URL} proxy
 */
function refusal({ statusCode = 0, headers }, proxy) {
  const challenges = headers['proxy-authenticate'] ?? []
  const { cause, hint } = native.proxyRefusal(statusCode, [challenges].flat(), hasCredentials(proxy))
  return new NetworkError(cause, hint)
}

/**
 * A connection to the origin of a URL, with TLS where it is `https`.
 *
 * @param {URL} url
 * @param {string[]} ca
 * @param {import('node:net').Socket} [socket] a tunnel to it
 */
function connect(url, ca, socket) {
  if (url.protocol === 'http:') return net.connect({ host: hostOf(url), port: portOf(url) })
  return secure(url, { ca, socket }, true)
}

/**
 * A TLS connection such as the core would make.
 *
 * @param {URL} url
 * @param {{ ca: string[], socket?: import('node:net').Socket | undefined }} connection
 * @param {boolean} rejectUnauthorized
 */
function secure(url, { ca, socket }, rejectUnauthorized) {
  return tls.connect({
    // If no name is sent, the certificate is compared with the host.
    host: hostOf(url),
    port: portOf(url),
    ...TLS,
    ca,
    ...serverName(url),
    ...(socket && { socket }),
    rejectUnauthorized
  })
}

/** @param {URL} proxy */
function hasCredentials({ username, password }) {
  return username !== '' || password !== ''
}

/** @param {URL} proxy */
function basic({ username, password }) {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    // A % that is not an escape is literal.
    return text
  }
}

/**
 * The result of a TLS handshake. `problem` is why the certificate is not trusted.
 *
 * @typedef {{
 *   problem: string | undefined,
 *   protocol: string | null,
 *   issuer: string | undefined,
 *   from: Date,
 *   until: Date
 * }} Handshake
 */

/**
 * Performs a TLS handshake and returns the server's certificate, trusted or not; nothing else is sent.
 *
 * @param {URL} target
 * @param {Connection} connection
 * @returns {Promise<Handshake>}
 */
function handshake(target, { ca, timeout, socket }) {
  // To see who signed a certificate that is not trusted. Nothing is sent over this connection.
  const connection = secure(target, { ca, socket }, false)
  /** @type {Promise<Handshake>} */
  const done = new Promise((resolve, reject) => {
    connection.on('secureConnect', () => {
      const { issuer, subjectaltname, valid_from: from, valid_to: until } = connection.getPeerCertificate()
      const accepted = subjectaltname ? undefined : NO_SUBJECT_ALT_NAME
      resolve({
        problem: connection.authorized ? accepted : problemOf(connection.authorizationError),
        protocol: connection.getProtocol(),
        issuer: [issuer?.O ?? issuer?.CN].flat()[0],
        from: new Date(from),
        until: new Date(until)
      })
    })
    connection.on('error', reject)
  })
  return within(timeout, done).finally(() => end(connection, socket))
}

/**
 * Ends a connection and its tunnel, which does not end with it.
 *
 * @param {{ destroy(): unknown }} inner
 * @param {import('node:net').Socket | undefined} tunnel
 */
function end(inner, tunnel) {
  inner.destroy()
  tunnel?.destroy()
}

/**
 * @template T
 * @param {number} timeout
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(timeout, promise) {
  /** @type {NodeJS.Timeout} */
  let timer
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new NetworkError(`no answer within ${timeout / 1000} s`)), timeout)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/**
 * The host without brackets.
 *
 * @param {URL} url
 */
function hostOf(url) {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/**
 * Node provides the code, a name such as `DEPTH_ZERO_SELF_SIGNED_CERT`, or an error with it.
 *
 * @param {unknown} problem
 */
function problemOf(problem) {
  return codeOf(problem) ?? String(problem)
}

/**
 * The server name for TLS, which is never an address (RFC 6066, section 3).
 *
 * @param {URL} url
 */
function serverName(url) {
  return net.isIP(hostOf(url)) ? {} : { servername: url.hostname }
}

/** @param {URL} url */
function portOf({ port, protocol }) {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

module.exports = {
  NO_SUBJECT_ALT_NAME,
  NetworkError,
  connect,
  end,
  handshake,
  hintOf,
  hostOf,
  portOf,
  reason,
  resolve,
  tunnel,
  within
}
