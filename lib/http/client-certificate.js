'use strict'

const { X509Certificate } = require('node:crypto')
const { unlessBoundToAnother } = require('../core/bound-token')
const { Pending, isPending } = require('../core/verifier')
const { headerValues } = require('./headers')

/**
 * The verdict on the token of a request; a bound token is only valid with its certificate.
 *
 * @param {any} verdict
 * @param {any} request
 * @param {string | undefined} header that a trusted proxy sets to the client's certificate
 */
function withCertificate(verdict, request, header) {
  const certificate = () => {
    try {
      return header === undefined ? ofConnection(request) : ofHeader(request, header)
    } catch {
      // An object that only resembles a request has no certificate.
      return undefined
    }
  }
  if (!isPending(verdict)) return unlessBoundToAnother(verdict, certificate)
  return new Pending(verdict.verdict.then((later) => /** @type {any} */ (unlessBoundToAnother(later, certificate))))
}

/**
 * The client certificate of the request's connection; the TLS handshake has proven that the client has its key.
 *
 * @param {any} request
 * @returns {Buffer | undefined} DER
 */
function ofConnection(request) {
  const socket = request?.socket ?? request?.raw?.socket
  return typeof socket?.getPeerX509Certificate === 'function' ? socket.getPeerX509Certificate()?.raw : undefined
}

/**
 * The certificate in a proxy's header: PEM, also percent-encoded (nginx), base64 of DER (Azure App Service), or between
 * colons (RFC 9440).
 *
 * @param {any} request
 * @param {string} name
 * @returns {Buffer | undefined} DER
 */
function ofHeader(request, name) {
  const [value, ...others] = headerValues(request?.headers, name.toLowerCase())
  if (typeof value !== 'string' || value === '' || others.length > 0) return undefined
  // Two joined values: the proxy added its certificate to a header that the client sent, which can contain any certificate.
  if (value.includes(',')) return undefined
  const text = value.includes('%') ? decodeURIComponent(value) : value
  if (text.split('-----BEGIN').length > 2) return undefined
  const source = text.includes('-----BEGIN') ? text : Buffer.from(text.replace(/^:|:$/g, ''), 'base64')
  return new X509Certificate(source).raw
}

module.exports = { withCertificate }
