// doctor: answers that are no documents, each with its own words, from servers that give nothing else.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createSocketServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { cli, temporaryFile } from '../helpers/cli.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'

/** Listens on loopback until the test ends; returns the port. */
async function listen(t, server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return server.address().port
}

/** What doctor says where every request is answered like this. */
async function examine(t, answer) {
  const server = createServer((_, res) => answer(res))
  const port = await listen(t, server)
  t.teardown(() => server.closeAllConnections())
  return report({ AZURE_AUTHORITY_HOST: `http://127.0.0.1:${port}` })
}

async function report(variables) {
  const env = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, ...variables }
  const { status, stdout } = await cli(['doctor', '--json', '--timeout', '3'], { env })
  const { steps, cause } = JSON.parse(stdout)
  return { status, cause, stdout, step: (name) => steps.find((step) => step.name === name) }
}

const entraError = (code, text) => (res) =>
  res
    .writeHead(code === 90055 ? 429 : 400, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ error: 'invalid_request', error_description: `AADSTS${code}: ${text}` }))

for (const [title, answer, message, hint] of [
  ['404', (res) => res.writeHead(404).end('no'), /answered 404$/, /check AZURE_AUTHORITY_HOST/],
  ['503', (res) => res.writeHead(503).end('no'), /answered 503$/, /temporary failure/],
  [
    'a redirect elsewhere, without its query',
    (res) => res.writeHead(302, { Location: 'http://wifi.example/login?user=bob' }).end(),
    /answered 302, to http:\/\/wifi\.example\/login$/,
    /captive portal/
  ],
  [
    'a redirect on the same host',
    (res) => res.writeHead(301, { Location: '/v2/keys' }).end(),
    /answered 301, to http:\/\/127\.0\.0\.1:\d+\/v2\/keys$/,
    /redirects are not followed: check the path/
  ],
  [
    'a page',
    (res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><title>Guest Wi-Fi</title>'),
    /: the answer is an HTML page \("Guest Wi-Fi"\), not JSON$/,
    /a login page or a filter on the way/
  ],
  [
    'a compressed document',
    (res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('{}')),
    /: the answer is compressed \(gzip\), which was not asked for$/,
    /Accept-Encoding: identity/
  ],
  [
    'a compressed document that does not say so',
    (res) => res.writeHead(200).end(gzipSync('{}')),
    /compressed \(gzip\)/,
    /Accept-Encoding: identity/
  ],
  [
    'a deleted tenant',
    entraError(5000224, 'We are sorry.'),
    /AADSTS5000224: the tenant is not available: deleted/,
    /AZURE_TENANT_ID/
  ],
  [
    'a tenant that is not one',
    entraError(900023, "'x'"),
    /AADSTS900023: the tenant in the URL is neither/,
    /AZURE_TENANT_ID/
  ],
  [
    'too many requests',
    entraError(90055, 'x'),
    /answered 429 AADSTS90055: there are too many requests/,
    /wait, then try again/
  ],
  [
    'an error that is not known',
    entraError(9999999, 'x'),
    /AADSTS9999999/,
    /login\.microsoftonline\.com\/error\?code=9999999/
  ]
]) {
  test(`an answer with ${title}`, async (t) => {
    const { status, step, cause } = await examine(t, answer)
    t.is(status, 1)
    t.regex(step('metadata').message, message)
    t.regex(step('metadata').hint, hint)
    t.is(cause.name, 'metadata')
    t.regex(cause.message, message)
    t.deepEqual(cause.follows, ['key-set', 'keys'])
    t.deepEqual(cause.others, [])
  })
}

test('an empty document', async (t) => {
  const { step } = await examine(t, (res) => res.writeHead(200, { 'Content-Type': 'application/json' }).end())
  t.regex(step('metadata').message, /is an empty document$/)
})

test('an answer that is not HTTP', async (t) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('SSH-2.0-OpenSSH_9\r\n')
  })
  const { step } = await report({ AZURE_AUTHORITY_HOST: `http://127.0.0.1:${await listen(t, server)}` })
  t.regex(step('metadata').message, /the answer is not HTTP\/1\.1/)
  t.regex(step('metadata').hint, /another protocol/)
})

test('a server that only speaks HTTP/2', async (t) => {
  const { key, cert, ca } = await createServerCertificate()
  const server = createSecureServer({ key, cert, allowHTTP1: false })
  const { step, cause } = await report({
    AZURE_AUTHORITY_HOST: `https://127.0.0.1:${await listen(t, server)}`,
    NODE_EXTRA_CA_CERTS: temporaryFile('ca.pem', ca)
  })
  t.regex(step('tls').message, /does not speak HTTP\/1\.1, only HTTP\/2/)
  t.is(cause.name, 'tls')
})

test('what an answer says in its own words is not repeated: it may hold names', async (t) => {
  const { stdout } = await examine(
    t,
    entraError(50020, "User account 'bob@contoso.example' from identity provider 'x'")
  )
  t.regex(stdout, /AADSTS50020/)
  t.notRegex(stdout, /bob@/)
})
