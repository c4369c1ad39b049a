// Which certificates of a server are accepted, compared with what Node's https says of the same server and the same `ca`.
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import https from 'node:https'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { keyUsages, selfSigned, signedBy, usages } from '../helpers/certificates.mjs'

const { serverAuth, clientAuth } = usages
const HOUR = 3_600_000
const ago = (hours) => new Date(Date.now() - hours * HOUR)

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const JWKS = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig' }] })

/** A key set over HTTPS until the test ends; its URL, without a host. */
async function startServer(t, settings) {
  const server = https.createServer(settings, (_req, res) => res.end(JWKS))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (host) => `https://${host}:${server.address().port}/keys`
}

/** What Node says: `accepted`, or its code. */
function byNode(url, ca) {
  return new Promise((resolve) => {
    const request = https.get(url, { ca, agent: false }, (response) => {
      response.resume()
      resolve('accepted')
    })
    request.on('error', ({ code }) => resolve(code))
  })
}

/** What the core says: `accepted`, or its reason, message and hint. */
function byCore(url, ca) {
  const ids = { tenantId: crypto.randomUUID(), audience: 'api://a' }
  const verifier = createVerifier({ ...ids, jwksUri: url, ca, proxy: false, keys: { timeout: 10 } })
  return verifier.preload().then(
    () => 'accepted',
    ({ reason, message, hint }) => `${reason}: ${message}; ${hint}`
  )
}

async function bothSay(t, { tls = {}, certificate, ca = certificate.cert, host = '127.0.0.1' }) {
  const url = (await startServer(t, { ...certificate, ...tls }))(host)
  return { node: await byNode(url, ca), core: await byCore(url, ca) }
}

test('a self-signed certificate that is itself in `ca` is accepted, as Node does, with CA:TRUE or without', async (t) => {
  for (const settings of [
    { isAuthority: true },
    { isAuthority: false },
    { isAuthority: true, usages: [serverAuth] },
    { isAuthority: true, usages: [clientAuth, serverAuth] }
  ]) {
    const certificate = await selfSigned(settings)
    t.deepEqual(await bothSay(t, { certificate }), { node: 'accepted', core: 'accepted' }, JSON.stringify(settings))
  }
  // Among others, and over TLS 1.2.
  const [certificate, other] = await Promise.all([selfSigned(), selfSigned({ commonName: 'other' })])
  const ca = `${other.cert}\n${certificate.cert}`
  const said = await bothSay(t, { certificate, ca, tls: { maxVersion: 'TLSv1.2' } })
  t.deepEqual(said, { node: 'accepted', core: 'accepted' })
})

test('and refused where it is not the very one, or is not for this name, time or use', async (t) => {
  const certificate = await selfSigned()
  const sameName = await selfSigned()
  for (const [what, setUp, said] of [
    [
      'another of the same name',
      { certificate, ca: sameName.cert },
      /^tls-certificate-authority: .*CA:TRUE.*itself in the option ca/
    ],
    [
      'expired',
      { certificate: await selfSigned({ notBefore: ago(2), notAfter: ago(1) }) },
      /^tls-expired: .*has expired/
    ],
    [
      'not yet',
      { certificate: await selfSigned({ notBefore: ago(-1), notAfter: ago(-2) }) },
      /^tls-not-valid-yet: .*not valid yet/
    ],
    [
      'another host',
      { certificate: await selfSigned({ names: ['login.example'] }) },
      /^tls-other-name: .*another name/
    ],
    ['not for servers', { certificate: await selfSigned({ usages: [clientAuth] }) }, /certificate/],
    ['for any use', { certificate: await selfSigned({ usages: ['2.5.29.37.0'] }) }, /certificate/],
    ['not for servers', { certificate: await selfSigned({ usages: [clientAuth], isAuthority: false }) }, /certificate/]
  ]) {
    const { node, core } = await bothSay(t, setUp)
    t.not(node, 'accepted', what)
    t.regex(core, said, what)
  }
})

test('a trusted certificate signs others only where it may, as for Node', async (t) => {
  const { keyCertSign, digitalSignature } = keyUsages
  for (const [what, settings, isAccepted] of [
    ['an authority', {}, true],
    ['an authority that may sign', { keyUsage: keyCertSign }, true],
    ['an authority for servers', { usages: [serverAuth] }, true],
    ["a server's own, pinned", { isAuthority: false }, false],
    ["a server's own, pinned, with its use", { isAuthority: false, keyUsage: digitalSignature }, false],
    ['an authority that may not sign', { keyUsage: digitalSignature }, false],
    ['an authority for clients', { usages: [clientAuth] }, false],
    ['an expired authority', { notBefore: ago(2), notAfter: ago(1) }, false],
    ['an authority that is not valid yet', { notBefore: ago(-1), notAfter: ago(-2) }, false]
  ]) {
    const issuer = await selfSigned({ commonName: 'issuer.example', names: ['issuer.example'], ...settings })
    const { node, core } = await bothSay(t, { certificate: await signedBy(issuer), ca: issuer.cert })
    t.is(node === 'accepted', isAccepted, `${what}: Node says ${node}`)
    t.is(core === 'accepted', isAccepted, `${what}: the core says ${core}`)
  }
})

test('a certificate that only signs is no server, as for Node', async (t) => {
  const certificate = await selfSigned({ keyUsage: keyUsages.keyCertSign })
  const { node, core } = await bothSay(t, { certificate })
  t.not(node, 'accepted')
  t.not(core, 'accepted')
})

test('what Node accepts and the core does not is named as the cause', async (t) => {
  const named = await selfSigned({ names: [], commonName: 'localhost', isAuthority: false })
  const common = await bothSay(t, { certificate: named, host: 'localhost' })
  t.is(common.node, 'accepted')
  t.regex(common.core, /^tls-no-name: .*no host in its subjectAltName; a common name \(CN\) alone is not accepted/)

  const rsa = await selfSigned({ keyType: 'RSA' })
  for (const [what, setUp] of [
    ['RSA key exchange', { certificate: rsa, tls: { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } }],
    ['P-521 as the only curve', { certificate: rsa, tls: { ecdhCurve: 'secp521r1', maxVersion: 'TLSv1.2' } }],
    ['CBC', { certificate: rsa, tls: { ciphers: 'ECDHE-RSA-AES128-SHA256', maxVersion: 'TLSv1.2' } }]
  ]) {
    const { node, core } = await bothSay(t, setUp)
    t.is(node, 'accepted', what)
    t.regex(core, /^tls-nothing-in-common: .*speaks no TLS that is supported/, what)
  }
})
