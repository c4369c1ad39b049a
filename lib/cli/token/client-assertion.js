'use strict'

const { constants, createHash, createPrivateKey, randomUUID, sign, X509Certificate } = require('node:crypto')
const { codeOf } = require('../../thrown')
const { UsageError } = require('../usage')

/** Seconds that an assertion is valid: it is used at once. */
const LIFETIME = 600

/** How far this host's clock may be ahead. */
const SKEW = 60

/**
 * The assertion by which an application with a certificate proves who it is (RFC 7523, PS256 with `x5t#S256`, as MSAL makes it).
 *
 * @param {object} request
 * @param {Buffer} request.pem certificate and private key
 * @param {string | undefined} request.passphrase of the private key
 * @param {string} request.clientId
 * @param {string} request.endpoint that the assertion is for
 * @param {boolean} request.sendsChain for applications that are registered by the name of the certificate
 */
function certificateAssertion({ pem, passphrase, clientId, endpoint, sendsChain }) {
  const { certificate, key } = read(pem, passphrase)
  const now = Math.floor(Date.now() / 1000)
  const header = {
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
    x5c: sendsChain ? chainOf(pem.toString('latin1')) : undefined
  }
  const claims = {
    aud: endpoint,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now - SKEW,
    exp: now + LIFETIME
  }
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return `${input}.${sign('sha256', Buffer.from(input), { key, ...pss }).toString('base64url')}`
}

/**
 * @param {Buffer} pem
 * @param {string | undefined} passphrase
 */
function read(pem, passphrase) {
  // A PKCS #12 container is DER: a SEQUENCE.
  if (pem[0] === 0x30) {
    throw new UsageError(
      'the certificate is a PKCS #12 file, which Node.js cannot take apart: convert it with ' +
        'openssl pkcs12 -in client.pfx -out client.pem -nodes'
    )
  }
  try {
    const certificate = new X509Certificate(pem)
    const key = createPrivateKey({ key: pem, ...(passphrase && { passphrase }) })
    if (key.asymmetricKeyType === 'rsa' && certificate.checkPrivateKey(key)) return { certificate, key }
  } catch (error) {
    // OpenSSL's texts say nothing to those who have not read its source.
    const cause = codeOf(error) ?? 'it cannot be parsed'
    throw new UsageError(
      `the certificate is not usable (${cause}): expected a PEM file with a certificate and its private key, encrypted by ` +
        'AZURE_CLIENT_CERTIFICATE_PASSWORD or not at all'
    )
  }
  throw new UsageError('the certificate is not usable: expected an RSA key that belongs to the certificate')
}

/** @param {string} pem */
function chainOf(pem) {
  const certificates = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)
  return [...certificates].map(([, base64 = '']) => base64.replace(/\s/g, ''))
}

module.exports = { certificateAssertion }
