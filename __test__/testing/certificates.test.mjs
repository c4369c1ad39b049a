import { createPrivateKey, X509Certificate } from 'node:crypto'
import test from 'ava'
import { createClientCertificate, createServerCertificate } from 'entra-jwt-verify/testing'

test('a server certificate is for the names that were given, host names and addresses of both versions', async (t) => {
  const { cert, ca, key } = await createServerCertificate({
    names: ['login.example', '192.0.2.7', '2001:db8::1', '::']
  })
  const certificate = new X509Certificate(cert)
  t.is(certificate.checkHost('login.example'), 'login.example')
  t.is(certificate.checkHost('localhost'), undefined)
  for (const address of ['192.0.2.7', '2001:db8::1', '::']) t.is(certificate.checkIP(address), address)
  t.is(certificate.checkIP('127.0.0.1'), undefined)
  t.true(certificate.checkPrivateKey(createPrivateKey(key)))
  t.true(certificate.checkIssued(new X509Certificate(ca)))
  t.true(certificate.verify(new X509Certificate(ca).publicKey))
  t.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.deepEqual([certificate.ca, new X509Certificate(ca).ca], [false, true])
})

test('dates are kept, whatever the century', async (t) => {
  for (const [from, until] of [
    ['1970-01-01T00:00:00.000Z', '2049-12-31T23:59:59.000Z'],
    ['1949-12-31T23:59:59.000Z', '2050-01-01T00:00:00.000Z']
  ]) {
    const dates = { notBefore: new Date(from), notAfter: new Date(until) }
    for (const { cert } of [await createServerCertificate(dates), await createClientCertificate(dates)]) {
      const { validFrom, validTo } = new X509Certificate(cert)
      t.deepEqual([new Date(validFrom), new Date(validTo)], [dates.notBefore, dates.notAfter])
    }
  }
})

test('a client certificate comes with its RSA key and both thumbprints', async (t) => {
  const { cert, key, thumbprint, thumbprintSha256 } = await createClientCertificate({ name: 'tasks: ünïcode' })
  const certificate = new X509Certificate(cert)
  t.is(certificate.subject, 'CN=tasks: ünïcode')
  t.true(certificate.verify(certificate.publicKey))
  t.true(certificate.checkPrivateKey(createPrivateKey(key)))
  t.is(certificate.publicKey.asymmetricKeyType, 'rsa')
  t.is(thumbprint, certificate.fingerprint.replaceAll(':', ''))
  t.is(thumbprintSha256, certificate.fingerprint256.replaceAll(':', ''))
  await t.throwsAsync(createClientCertificate({ subject: 'x' }), { code: 'ERR_TESTING_OPTION' })
})
