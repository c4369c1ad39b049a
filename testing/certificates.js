'use strict'

const { KeyObject, randomBytes, webcrypto } = require('node:crypto')
const { isIP } = require('node:net')
const { TestAuthorityError, codeOf, refuseUnknownOptions } = require('./errors')

const HOUR = 3_600_000
const DAY = 24 * HOUR
const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * The certificate in `x5c` of a signing key, DER. Entra's are self-signed, live about five years and have this one subject.
 *
 * @param {webcrypto.CryptoKeyPair} keys
 */
async function createSigningCertificate(keys) {
  const { X509CertificateGenerator } = loadX509()
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: 'CN=accounts.accesscontrol.windows.net',
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + 5 * 365 * DAY),
      signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      keys
    },
    webcrypto
  )
  return Buffer.from(certificate.rawData)
}

/**
 * A TLS server certificate and the throw-away CA that issued it; options and result are described in index.d.ts.
 *
 * @type {typeof import('./index').createServerCertificate}
 */
async function createServerCertificate(options = {}) {
  refuseUnknownOptions(options, ['names', 'notBefore', 'notAfter'], 'createServerCertificate')
  const {
    names = ['localhost', '127.0.0.1'],
    notBefore = new Date(Date.now() - HOUR),
    notAfter = new Date(Date.now() + DAY)
  } = options
  const x509 = loadX509()

  const [caKeys, keys] = await Promise.all([generateEcKeys(), generateEcKeys()])
  const caSerialNumber = serialNumber()
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: caSerialNumber,
      // Of two CAs of one name, a client would say that the signature is wrong, not that the issuer is unknown.
      name: `CN=entra-jwt-verify throw-away test CA, OU=${caSerialNumber}`,
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + DAY),
      signingAlgorithm: EC_P256,
      keys: caKeys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey, false, webcrypto)
      ]
    },
    webcrypto
  )
  const leaf = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: 'CN=entra-jwt-verify test authority',
      issuer: ca.subject,
      notBefore,
      notAfter,
      signingAlgorithm: EC_P256,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey, false, webcrypto)
      ]
    },
    webcrypto
  )

  return {
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: leaf.toString('pem'),
    ca: ca.toString('pem')
  }
}

function generateEcKeys() {
  return webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify'])
}

// RFC 5280 4.1.2.2: positive and at most 20 octets, hence the first byte.
function serialNumber() {
  return `40${randomBytes(15).toString('hex')}`
}

/** @type {typeof import('@peculiar/x509') | undefined} */
let x509

/**
 * Required at first use: applications that only verify tokens never install these two. @peculiar/x509 2 needs a Reflect
 * polyfill and leaves the choice to its user; another one that is already loaded is kept.
 *
 * @returns {typeof import('@peculiar/x509')}
 */
function loadX509() {
  if (x509) return x509
  try {
    if (!('getMetadata' in Reflect)) require('reflect-metadata')
    x509 = require('@peculiar/x509')
    return x509
  } catch (cause) {
    if (codeOf(cause) !== 'MODULE_NOT_FOUND') throw cause
    throw new TestAuthorityError(
      'ERR_TESTING_DEPENDENCY',
      'entra-jwt-verify/testing makes its certificates with @peculiar/x509; please run: ' +
        'npm install --save-dev @peculiar/x509 reflect-metadata',
      { cause }
    )
  }
}

module.exports = { createSigningCertificate, createServerCertificate, loadX509 }
