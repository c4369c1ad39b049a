// Whom to trust: what Node trusts, and `ca`.
import { rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { createServerCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import { apisOf, assertDiscreet, fetches, manyApis, optionsFor, runClient } from '../helpers/keys-setup.mjs'

// An image without `ca-certificates`, for OpenSSL and for whoever looks where OpenSSL does.
const NO_BUNDLE = { SSL_CERT_FILE: '/nonexistent', SSL_CERT_DIR: '/nonexistent' }

// One for all, over HTTPS, that nobody trusts yet. Each test has an API of its own there, hence a cache of its own.
let authority
let apis
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true, apps: manyApis(10) })
  apis = apisOf(authority)
})
test.after.always(() => authority?.close())

function setUp() {
  const api = apis.pop()
  return {
    api,
    options: optionsFor(authority, { api, ca: undefined }),
    token: authority.issueToken({ audience: api.appIdUri })
  }
}

async function fileOf(t, name, content) {
  const file = path.join(os.tmpdir(), `entra-jwt-verify-${process.pid}-${crypto.randomUUID()}-${name}`)
  await writeFile(file, content)
  t.teardown(() => rm(file))
  return file
}

test('with no CA bundle on the system, NODE_EXTRA_CA_CERTS is trusted', async (t) => {
  const { options, token } = setUp()
  const file = await fileOf(t, 'ca.pem', authority.ca)
  const env = { ...NO_BUNDLE, NODE_EXTRA_CA_CERTS: file }
  t.deepEqual(await runClient({ options, token }, { env }), { outcome: 'verified' })
})

test('the last of several certificates in NODE_EXTRA_CA_CERTS is trusted too', async (t) => {
  const { options, token } = setUp()
  const { ca } = await createServerCertificate()
  const file = await fileOf(t, 'cas.pem', `# two of them\r\n\r\n${ca}\r\n${authority.ca}`)
  t.deepEqual(await runClient({ options, token }, { env: { NODE_EXTRA_CA_CERTS: file } }), { outcome: 'verified' })
})

test('the roots are those of Node, with no CA bundle on the system', async (t) => {
  const { options, token } = setUp()
  // What Node itself would answer, if the authority's CA were among the roots that it was built with.
  const preload = await fileOf(
    t,
    'roots.cjs',
    `require('node:tls').getCACertificates = (type) => (type === 'default' ? [${JSON.stringify(authority.ca)}] : [])`
  )
  const nodeArguments = ['--require', preload]
  t.deepEqual(await runClient({ options, token }, { env: NO_BUNDLE, nodeArguments }), { outcome: 'verified' })
})

test('a certificate that only the system would trust is not trusted, as Node does not', async (t) => {
  const { options, token } = setUp()
  const file = await fileOf(t, 'system.pem', authority.ca)
  const { outcome, ...error } = await runClient({ options, token }, { env: { SSL_CERT_FILE: file } })
  t.is(outcome, 'ERR_KEYS_UNAVAILABLE')
  t.regex(error.message, /certificate.*issuer/i)
  assertDiscreet(t, error)
})

test('a file in NODE_EXTRA_CA_CERTS that is not there is Node’s to complain about', async (t) => {
  const { options, token } = setUp()
  const env = { NODE_EXTRA_CA_CERTS: '/nonexistent/ca.pem' }
  const { outcome } = await runClient({ options, token }, { env })
  t.is(outcome, 'ERR_KEYS_UNAVAILABLE')
  t.deepEqual(await runClient({ options: { ...options, ca: authority.ca }, token }, { env }), { outcome: 'verified' })
})

test('`ca` is text or a Buffer, one or several, each with one certificate or several', async (t) => {
  const { options, token } = setUp()
  const { ca } = authority
  const { ca: other } = await createServerCertificate()
  const both = `${other}\n${ca}`
  const crlf = ca.replaceAll('\n', '\r\n')
  const accepted = [ca, Buffer.from(ca), [other, ca], [Buffer.from(other), ca], both, Buffer.from(both), crlf]
  for (const given of accepted) {
    await t.notThrowsAsync(createVerifier({ ...options, ca: given }).verify(token), String(given))
  }
  await t.throwsAsync(createVerifier({ ...options, ca: other }).verify(token), { code: 'ERR_KEYS_UNAVAILABLE' })
})

test('`ca` adds to what Node trusts', async (t) => {
  const { options, token } = setUp()
  const { ca: other } = await createServerCertificate()
  const file = await fileOf(t, 'ca.pem', authority.ca)
  const request = { options: { ...options, ca: other }, token }
  t.deepEqual(await runClient(request, { env: { NODE_EXTRA_CA_CERTS: file } }), { outcome: 'verified' })
})

test('a `ca` without a certificate in it is a mistake that is told at once', async (t) => {
  const { api, options } = setUp()
  const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
  const broken = authority.ca.replace(/\n[A-Za-z0-9]/, '\n!')
  for (const ca of [
    '/etc/ssl/certs/ca.pem',
    'garbage',
    [authority.ca, 'garbage'],
    Buffer.from('garbage'),
    key,
    broken
  ]) {
    t.throws(() => createVerifier({ ...options, ca }), { code: 'ERR_CONFIG', message: /^option ca:/ }, String(ca))
  }
  t.is(fetches(authority, api), 0)
})
