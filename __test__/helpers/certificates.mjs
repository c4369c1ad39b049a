// Server certificates that the kit does not make: self-signed ones, with or without CA:TRUE, names, key usages, other keys.
import 'reflect-metadata'
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

const HOUR = 3_600_000

/** Of the key usage. */
export const keyUsages = x509.KeyUsageFlags

/** Of the extended key usage. */
export const usages = x509.ExtendedKeyUsage

const ALGORITHMS = {
  EC: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RSA: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
}

/**
 * A self-signed certificate, `{ key, cert }` in PEM. `isAuthority`: with CA:TRUE, as `openssl req -x509` makes it; `names`
 * empty: without subjectAltName; `usages`: of the extended key usage, `keyUsage`: flags of `keyUsages`, if given; `keyType`: of
 * `ALGORITHMS`.
 */
export async function selfSigned({
  commonName = '127.0.0.1',
  names = ['localhost', '127.0.0.1'],
  isAuthority = true,
  usages: only,
  keyUsage,
  keyType = 'EC',
  notBefore = new Date(Date.now() - HOUR),
  notAfter = new Date(Date.now() + 24 * HOUR)
} = {}) {
  const signingAlgorithm = ALGORITHMS[keyType]
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(8).toString('hex'),
      name: `CN=${commonName}`,
      notBefore,
      notAfter,
      signingAlgorithm,
      keys,
      extensions: [
        ...(isAuthority ? [new x509.BasicConstraintsExtension(true, undefined, true)] : []),
        ...(only ? [new x509.ExtendedKeyUsageExtension(only)] : []),
        ...(keyUsage ? [new x509.KeyUsagesExtension(keyUsage, true)] : []),
        ...(names.length ? [subjectAltName(names)] : [])
      ]
    },
    webcrypto
  )
  return { key: pemOf(keys.privateKey), cert: certificate.toString('pem'), keys, name: certificate.subject }
}

/** A server's certificate for 127.0.0.1 that another one's key has signed, whether that may sign or not. */
export async function signedBy({ keys: signer, name: issuer }) {
  const signingAlgorithm = ALGORITHMS.EC
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(8).toString('hex'),
      subject: 'CN=127.0.0.1',
      issuer,
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + HOUR),
      signingAlgorithm,
      publicKey: keys.publicKey,
      signingKey: signer.privateKey,
      extensions: [subjectAltName(['127.0.0.1'])]
    },
    webcrypto
  )
  return { key: pemOf(keys.privateKey), cert: certificate.toString('pem') }
}

const subjectAltName = (names) =>
  new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })))

const pemOf = (key) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
