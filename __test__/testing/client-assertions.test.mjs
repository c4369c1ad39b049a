// Clients that prove who they are without a secret: by a certificate, or by a token of another issuer.
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import test from 'ava'
import { createClientCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import { claimsOf } from '../helpers/testing-http.mjs'
import { accessClaims, askFor, endpointOf, refusalOf, signJwt, thumbprints } from '../helpers/testing-tokens.mjs'

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const CLUSTER = 'https://oidc.cluster.example'
const SUBJECT = 'system:serviceaccount:default:worker'

let authority
let certificate
let other
let cluster
test.before(async () => {
  const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-01-02') }
  const [first, second, expired] = await Promise.all([
    createClientCertificate(),
    createClientCertificate(),
    createClientCertificate(past)
  ])
  certificate = first
  other = second
  cluster = generateKeyPairSync('rsa', { modulusLength: 2048 })
  authority = await startTestAuthority({
    quiet: true,
    domain: 'tenant.example',
    apps: [
      { name: 'API', accessTokenVersion: 2 },
      { name: 'certificate', certificates: [certificate.cert, expired.cert] },
      { name: 'public key', certificates: [publicKeyOf(certificate.cert)] },
      {
        name: 'workload',
        federatedCredentials: [
          { subject: SUBJECT },
          { issuer: CLUSTER, subject: SUBJECT, audience: 'api://elsewhere', jwks: { keys: [jwkOf(cluster.publicKey)] } }
        ]
      },
      { name: 'secret', clientSecret: 'secret' }
    ]
  })
  authority.expired = expired
})
test.after.always(() => authority?.close())

const jwkOf = (key) => key.export({ format: 'jwk' })
const publicKeyOf = (pem) => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' })
const app = (name) => authority.apps.find((registered) => registered.name === name)
const now = () => Math.floor(Date.now() / 1000)

function form(clientId, assertion, changes) {
  return {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
    scope: `${authority.api.appIdUri}/.default`,
    ...changes
  }
}

function claims(clientId, changes) {
  return {
    aud: endpointOf(authority),
    iss: clientId,
    sub: clientId,
    nbf: now(),
    exp: now() + 600,
    jti: 'x',
    ...changes
  }
}

/** An assertion of the application `certificate`, as MSAL signs it. */
function assertion({ header, claims: changes, key = certificate.key, alg = 'PS256', by = certificate } = {}) {
  const { clientId } = app('certificate')
  return signJwt({ alg, typ: 'JWT', ...thumbprints(by), ...header }, claims(clientId, changes), key)
}

test('a certificate, called by either thumbprint and with either algorithm', async (t) => {
  const { clientId } = app('certificate')
  for (const [header, alg] of [
    [{ x5t: undefined }, 'PS256'],
    [{ 'x5t#S256': undefined }, 'RS256'],
    [{}, 'RS256']
  ]) {
    const { azp, azpacr } = await accessClaims(authority, form(clientId, assertion({ header, alg })))
    t.deepEqual({ azp, azpacr }, { azp: clientId, azpacr: '2' })
  }
  t.is(claimsOf(authority.issueToken({ client: clientId })).azpacr, '2')
})

test('a certificate may be for any name of the token endpoint and of the tenant', async (t) => {
  const { clientId } = app('certificate')
  const { url, tenantId } = authority
  for (const aud of [
    `${url}/${tenantId}/oauth2/token`,
    `${url}/${tenantId}/v2.0`,
    `${url}/tenant.example/oauth2/v2.0/token`
  ]) {
    t.is((await askFor(authority, form(clientId, assertion({ claims: { aud } })))).status, 200, aud)
  }
  for (const aud of ['https://other.example', `${url}/${clientId}/v2.0`, undefined]) {
    t.deepEqual(await refusalOf(authority, form(clientId, assertion({ claims: { aud } }))), [
      401,
      'invalid_client',
      700023
    ])
  }
})

test('a certificate that is not registered, or not the one that signed, is refused', async (t) => {
  const { clientId } = app('certificate')
  const refused = async (by) => refusalOf(authority, form(clientId, by))
  t.deepEqual(await refused(assertion({ by: other, key: other.key })), [401, 'invalid_client', 700027])
  t.deepEqual(await refused(assertion({ key: other.key })), [401, 'invalid_client', 700027])
  t.deepEqual(await refused(assertion({ alg: 'HS256' })), [401, 'invalid_client', 700027])
  t.deepEqual(await refused(assertion({ by: authority.expired, key: authority.expired.key })), [
    401,
    'invalid_client',
    1000502
  ])
  t.deepEqual(await refused(assertion({ header: { x5t: undefined, 'x5t#S256': undefined } })), [
    400,
    'invalid_request',
    50027
  ])
  const { body } = await askFor(
    authority,
    form(clientId, assertion({ by: other, key: other.key, header: { 'x5t#S256': undefined } }))
  )
  t.true(body.error_description.includes(`Thumbprint of key used by client: '${other.thumbprint}'`))
})

test('an assertion that is over, has no end, or is another client’s is refused', async (t) => {
  const { clientId } = app('certificate')
  const refused = async (changes) => refusalOf(authority, form(clientId, assertion({ claims: changes })))
  t.deepEqual(await refused({ exp: now() - 1 }), [401, 'invalid_client', 700024])
  t.deepEqual(await refused({ exp: undefined }), [401, 'invalid_client', 700024])
  t.deepEqual(await refused({ nbf: now() + 3600 }), [401, 'invalid_client', 700024])
  t.deepEqual(await refused({ iss: app('secret').clientId, sub: app('secret').clientId }), [
    401,
    'invalid_client',
    700021
  ])
  t.deepEqual(await refused({ sub: app('secret').clientId }), [401, 'invalid_client', 700021])
})

test('a client may be registered by its public key, whatever its assertion calls the certificate', async (t) => {
  const { clientId } = app('public key')
  const signed = (key) => signJwt({ alg: 'RS256', ...thumbprints(other) }, claims(clientId), key)
  t.is((await accessClaims(authority, form(clientId, signed(certificate.key)))).azp, clientId)
  t.deepEqual(await refusalOf(authority, form(clientId, signed(other.key))), [401, 'invalid_client', 700027])
})

test('what is no assertion, or not said to be one, is refused', async (t) => {
  const { clientId } = app('certificate')
  const good = assertion()
  t.deepEqual(await refusalOf(authority, form(clientId, good, { client_assertion_type: undefined })), [
    400,
    'invalid_request',
    900144
  ])
  t.deepEqual(await refusalOf(authority, form(clientId, good, { client_assertion_type: 'urn:saml' })), [
    400,
    'invalid_request',
    9002313
  ])
  for (const text of ['a.b.c', 'x', `${good}.x`]) {
    t.deepEqual(await refusalOf(authority, form(clientId, text)), [400, 'invalid_request', 50027])
  }
  // Of a client that has other credentials.
  const { clientId: secretClient } = app('secret')
  const ofSecretClient = signJwt({ alg: 'RS256', ...thumbprints(certificate) }, claims(secretClient), certificate.key)
  t.deepEqual(await refusalOf(authority, form(secretClient, ofSecretClient)), [401, 'invalid_client', 700027])
})

test('a federated token of the workload that the authority plays', async (t) => {
  const { clientId } = app('workload')
  const { azp, azpacr } = await accessClaims(authority, form(clientId, authority.federatedToken({ client: clientId })))
  t.deepEqual({ azp, azpacr }, { azp: clientId, azpacr: '2' })

  const refused = async (options) =>
    refusalOf(authority, form(clientId, authority.federatedToken({ client: clientId, ...options })))
  t.deepEqual(await refused({ claims: { iss: 'https://elsewhere.example' } }), [401, 'invalid_client', 700211])
  t.deepEqual(await refused({ subject: SUBJECT.toUpperCase() }), [401, 'invalid_client', 700213])
  t.deepEqual(await refused({ audience: 'api://elsewhere' }), [401, 'invalid_client', 700212])
  t.deepEqual(await refused({ expiresIn: -1 }), [401, 'invalid_client', 700024])
  const [header, payload, signature] = authority.federatedToken({ client: clientId }).split('.')
  const changed = [header, payload, `${signature.slice(0, -4)}AAAA`].join('.')
  t.deepEqual(await refusalOf(authority, form(clientId, changed)), [401, 'invalid_client', 700027])
  // An access token is signed with the same key and proves nothing.
  t.deepEqual(await refusalOf(authority, form(clientId, authority.issueToken())), [401, 'invalid_client', 700211])
})

test('a federated token of another issuer, by the keys that are registered for it', async (t) => {
  const { clientId } = app('workload')
  const ofCluster = { iss: CLUSTER, sub: SUBJECT, aud: ['api://elsewhere'], exp: now() + 600 }
  const signed = (changes, key = cluster.privateKey) =>
    signJwt({ alg: 'RS256', kid: 'k' }, { ...ofCluster, ...changes }, key)
  t.is((await accessClaims(authority, form(clientId, signed()))).azp, clientId)
  t.deepEqual(await refusalOf(authority, form(clientId, signed({}, certificate.key))), [401, 'invalid_client', 700027])
  t.deepEqual(await refusalOf(authority, form(clientId, signed({ aud: 'api://AzureADTokenExchange' }))), [
    401,
    'invalid_client',
    700212
  ])
})

test('a federated token needs a credential that it fits, and options that are known', (t) => {
  const mistake = { code: 'ERR_TESTING_OPTION' }
  t.throws(() => authority.federatedToken({ client: app('secret').clientId }), mistake)
  t.throws(() => authority.federatedToken({ issuer: CLUSTER }), mistake)
  const custom = authority.federatedToken({
    client: app('secret').clientId,
    subject: 's',
    audience: 'a',
    expiresIn: 60
  })
  t.like(claimsOf(custom), { sub: 's', aud: ['a'], iss: `${authority.url}/workload` })
})

test('credentials that cannot be used are refused at the start', async (t) => {
  const issuer = CLUSTER
  for (const registration of [
    { certificates: ['nonsense'] },
    { certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'] },
    { federatedCredentials: [{}] },
    { federatedCredentials: [{ subject: 'x', issuer }] },
    { federatedCredentials: [{ subject: 'x', jwks: { keys: [] } }] },
    { federatedCredentials: [{ subject: 'x', sub: 'x' }] }
  ]) {
    await t.throwsAsync(startTestAuthority({ quiet: true, apps: [registration] }), { code: 'ERR_TESTING_OPTION' })
  }
  t.is(typeof createPublicKey(publicKeyOf(certificate.cert)), 'object')
})
