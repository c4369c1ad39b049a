'use strict'

const { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } = require('node:crypto')
const { isIP } = require('node:net')
const der = require('./der')
const { refuseUnknownOptions } = require('./errors')
const { generateRsaKey } = require('./rsa')

/** @typedef {import('node:crypto').KeyObject} KeyObject */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * The content of a certificate (RFC 5280, section 4.1). Names are common names.
 *
 * @typedef {object} Contents
 * @property {string} subject
 * @property {string} issuer
 * @property {Date} notBefore
 * @property {Date} notAfter
 * @property {KeyObject} publicKey of the subject
 * @property {KeyObject} signingKey of the issuer
 * @property {Buffer[]} [extensions]
 */

/**
 * The certificate in `x5c` of a signing key, DER. Entra's are self-signed, valid for about five years and have this
 * subject.
 *
 * @param {{ publicKey: KeyObject, privateKey: KeyObject }} keys
 */
function createSigningCertificate({ publicKey, privateKey }) {
  return createCertificate({
    ...selfSigned('accounts.accesscontrol.windows.net'),
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 5 * 365 * DAY),
    publicKey,
    signingKey: privateKey
  })
}

/**
 * A TLS server certificate and the throw-away CA that issued it; options and result are described in index.d.ts.
 *
 * @type {typeof import('./index').createServerCertificate}
 */
async function createServerCertificate(options = {}) {
  refuseUnknownOptions(options, ['names', 'notBefore', 'notAfter'], 'createServerCertificate')
  const { names = ['localhost', '127.0.0.1'], ...given } = options
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // If two CAs had the same name, clients would report an invalid signature instead of an unknown issuer.
  const issuer = `entra-jwt-verify throw-away test CA ${randomBytes(8).toString('hex')}`
  const ca = createCertificate({
    ...selfSigned(issuer),
    ...today({}),
    publicKey: authority.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      extension('basicConstraints', der.sequence(der.boolean(true), der.integer(Buffer.from([0]))), true),
      extension('keyUsage', der.bitString(Buffer.from([KEY_CERT_SIGN | CRL_SIGN]), 1), true),
      extension('subjectKeyIdentifier', der.octetString(keyIdentifier(authority.publicKey)))
    ]
  })
  const cert = createCertificate({
    subject: 'entra-jwt-verify test authority',
    issuer,
    ...today(given),
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      extension('basicConstraints', der.sequence(), true),
      extension('keyUsage', der.bitString(Buffer.from([DIGITAL_SIGNATURE]), 7), true),
      extension('extendedKeyUsage', der.sequence(der.objectIdentifier(SERVER_AUTH))),
      extension('subjectAltName', der.sequence(...names.map(generalName))),
      extension('authorityKeyIdentifier', der.sequence(der.implicit(0, keyIdentifier(authority.publicKey))))
    ]
  })
  return { key: privatePem(server.privateKey), cert: pem(cert), ca: pem(ca) }
}

/**
 * A certificate with which an application authenticates; options and result are described in index.d.ts.
 *
 * @type {typeof import('./index').createClientCertificate}
 */
async function createClientCertificate(options = {}) {
  refuseUnknownOptions(options, ['name', 'notBefore', 'notAfter'], 'createClientCertificate')
  const { name = 'entra-jwt-verify test client', ...given } = options
  const { publicKey, privateKey } = await generateRsaKey()
  const certificate = createCertificate({
    ...selfSigned(name),
    ...today(given),
    publicKey,
    signingKey: privateKey
  })
  const digest = (/** @type {string} */ hash) => createHash(hash).update(certificate).digest('hex').toUpperCase()
  return {
    key: privatePem(privateKey),
    cert: pem(certificate),
    thumbprint: digest('sha1'),
    thumbprintSha256: digest('sha256')
  }
}

/** @param {string} name */
function selfSigned(name) {
  return { subject: name, issuer: name }
}

/** @param {{ notBefore?: Date, notAfter?: Date }} given */
function today({ notBefore = new Date(Date.now() - HOUR), notAfter = new Date(Date.now() + DAY) }) {
  return { notBefore, notAfter }
}

// Bits of the key usage (RFC 5280, section 4.2.1.3).
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

/** RFC 5280, section 4.2.1. */
const EXTENSIONS = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37'
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const COMMON_NAME = '2.5.4.3'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'

/**
 * A certificate of version 3, DER.
 *
 * @param {Contents} contents
 */
function createCertificate({ subject, issuer, notBefore, notAfter, publicKey, signingKey, extensions = [] }) {
  const algorithm =
    signingKey.asymmetricKeyType === 'ec'
      ? der.sequence(der.objectIdentifier(ECDSA_WITH_SHA256))
      : der.sequence(der.objectIdentifier(SHA256_WITH_RSA), der.nothing())
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    // Section 4.1.2.2: positive and at most 20 octets, hence the first byte.
    der.integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    commonName(issuer),
    der.sequence(der.time(notBefore), der.time(notAfter)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length ? [der.explicit(3, der.sequence(...extensions))] : [])
  )
  return der.sequence(toBeSigned, algorithm, der.bitString(sign('sha256', toBeSigned, signingKey)))
}

/** @param {string} name */
function commonName(name) {
  return der.sequence(der.set(der.sequence(der.objectIdentifier(COMMON_NAME), der.utf8String(name))))
}

/**
 * @param {keyof typeof EXTENSIONS} name
 * @param {Buffer} content
 * @param {boolean} [isCritical]
 */
function extension(name, content, isCritical = false) {
  const critical = isCritical ? [der.boolean(true)] : []
  return der.sequence(der.objectIdentifier(EXTENSIONS[name]), ...critical, der.octetString(content))
}

/**
 * Section 4.2.1.6: the number distinguishes a host name from an address.
 *
 * @param {string} name
 */
function generalName(name) {
  return isIP(name) ? der.implicit(7, der.addressBytes(name)) : der.implicit(2, Buffer.from(name))
}

/** @param {KeyObject} publicKey */
function keyIdentifier(publicKey) {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

/** @param {Buffer} certificate */
function pem(certificate) {
  return new X509Certificate(certificate).toString()
}

/** @param {KeyObject} key */
function privatePem(key) {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

module.exports = { createClientCertificate, createServerCertificate, createSigningCertificate, pem }
