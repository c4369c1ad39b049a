// What the authority answers in place of keys, and how the request is sent: each cause by its name.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import zlib from 'node:zlib'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { newKey } from '../helpers/foreign-authority.mjs'
import { assertDiscreet } from '../helpers/keys-setup.mjs'

let keySet
test.before(async () => {
  keySet = JSON.stringify({ keys: [(await newKey('key-1')).jwk] })
})

/** A server on loopback that answers with a function; resolves to its origin. */
async function listen(t, server) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${server.address().port}`
}

const answering = (t, respond) => listen(t, http.createServer(respond))

function keysAt(url, more) {
  return createVerifier({ issuer: 'https://issuer.example', audience: 'a', jwksUri: url, proxy: false, ...more })
}

async function failure(t, verifier) {
  const error = await t.throwsAsync(verifier.preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  assertDiscreet(t, error)
  t.is(verifier.stats().lastFailure.reason, error.reason)
  return error
}

test('no coding is asked for, so that a server which compresses on request does not', async (t) => {
  let asked
  const host = await answering(t, ({ headers }, response) => {
    asked = headers['accept-encoding']
    if (asked === undefined || /gzip/.test(asked)) response.setHeader('Content-Encoding', 'gzip')
    response.end(keySet)
  })
  await keysAt(`http://${host}/keys`).preload()
  t.is(asked, 'identity')
})

test('a compressed answer that was not asked for is called that', async (t) => {
  const codings = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync }
  for (const [coding, compress] of Object.entries(codings)) {
    const host = await answering(t, (_request, response) => {
      response.setHeader('Content-Encoding', coding)
      response.end(compress(keySet))
    })
    const error = await failure(t, keysAt(`http://${host}/keys`))
    t.is(error.reason, 'compressed')
    t.true(error.message.includes(`(${coding})`), error.message)
    t.regex(error.hint, /Accept-Encoding/)
  }
  // And where the header is missing.
  const host = await answering(t, (_request, response) => response.end(zlib.gzipSync(keySet)))
  t.is((await failure(t, keysAt(`http://${host}/keys`))).reason, 'compressed')
  const identity = await answering(t, (_request, response) => {
    response.setHeader('Content-Encoding', 'identity')
    response.end(keySet)
  })
  await t.notThrowsAsync(keysAt(`http://${identity}/keys`).preload())
})

test('a byte order mark is skipped, in keys and metadata', async (t) => {
  const host = await answering(t, ({ url }, response) => {
    const metadata = JSON.stringify({ issuer: `http://${host}`, jwks_uri: `http://${host}/keys` })
    response.end(`\ufeff${url.includes('openid') ? metadata : keySet}`)
  })
  await t.notThrowsAsync(keysAt(`http://${host}/keys`).preload())
  await t.notThrowsAsync(createVerifier({ authority: `http://${host}`, audience: 'a', proxy: false }).preload())
})

test('a page is named by its title, without what does not belong into a log', async (t) => {
  const rows = [
    ['<html><head><title>Web Filter</title>', 'text/html', /an HTML page \("Web Filter"\), not JSON/],
    [
      '<!DOCTYPE html><title>a\u202eb\u001b[2Jc https://proxy.example/?token=secret</title>',
      'text/plain',
      /\("ab2Jc"\)/
    ],
    [`\ufeff  <HTML><title>${'x'.repeat(500)}</title>`, 'text/html', /\("x{60}"\)/],
    ['<html>', 'text/html; charset=utf-8', /is an HTML page, not JSON/]
  ]
  for (const [page, type, message] of rows) {
    const host = await answering(t, (_request, response) => {
      response.setHeader('Content-Type', type)
      response.end(page)
    })
    const error = await failure(t, keysAt(`http://${host}/keys`))
    t.is(error.reason, 'html')
    t.regex(error.message, message)
    t.notRegex(error.message, /secret/)
  }
  // Keys are keys, whatever type they are sent with.
  const host = await answering(t, (_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(keySet)
  })
  await t.notThrowsAsync(keysAt(`http://${host}/keys`).preload())
})

test('the AADSTS code of an error is told; an error that never ends is not waited for', async (t) => {
  const description = "AADSTS90002: Tenant 'secret' not found."
  for (const end of [true, false]) {
    const host = await answering(t, (_request, response) => {
      response.statusCode = 400
      response.write(JSON.stringify({ error: 'invalid_tenant', error_description: description }))
      if (end) response.end()
    })
    const error = await failure(t, keysAt(`http://${host}/keys`, { keys: { timeout: 5 } }))
    t.is(error.reason, 'http-status')
    t.regex(error.message, end ? /answered 400 \(AADSTS90002\)$/ : /answered 400$/)
    t.notRegex(error.message, /secret/)
    t.regex(error.hint, /ENTRA_TENANT_ID/)
  }
})

test('an outage is not blamed on the tenant', async (t) => {
  for (const [status, reason] of [
    [429, 'throttled'],
    [500, 'server-error'],
    [503, 'server-error']
  ]) {
    const host = await answering(t, (_request, response) => {
      response.statusCode = status
      response.end()
    })
    const { reason: said, hint } = await failure(t, keysAt(`http://${host}/keys`))
    t.is(said, reason)
    t.notRegex(hint, /AZURE_|can reach|firewall/)
  }
})

test('keys that cannot be used are named by why', async (t) => {
  const keys = [{ kty: 'oct', k: 'AA', kid: 'a' }, 1, 2]
  const host = await answering(t, (_request, response) => response.end(JSON.stringify({ keys })))
  const error = await failure(t, keysAt(`http://${host}/keys`))
  t.is(error.reason, 'no-usable-key')
  t.regex(error.message, /none of the 3 keys .* \(not a JWK; a private or symmetric key\)/)
})

test("metadata of another's is not believed, and that is said", async (t) => {
  for (const [metadata, reason] of [
    [{ issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' }, 'issuer'],
    [{ jwks_uri: 'https://other.example/keys' }, 'not-metadata'],
    [{ issuer: true }, 'not-metadata']
  ]) {
    const host = await answering(t, (_request, response) => response.end(JSON.stringify(metadata)))
    t.is(
      (await failure(t, createVerifier({ authority: `http://${host}`, audience: 'a', proxy: false }))).reason,
      reason
    )
  }
})

test('a server that only speaks HTTP/2 is told from one that is down', async (t) => {
  const { key, cert, ca } = await createServerCertificate()
  const secure = await listen(t, http2.createSecureServer({ key, cert, ALPNProtocols: ['h2'] }))
  const error = await failure(t, keysAt(`https://${secure}/keys`, { ca }))
  t.is(error.reason, 'http2-only')
  t.regex(error.message, /only HTTP\/2/)
  // Without TLS nothing says so: both causes are named.
  const plain = await listen(t, http2.createServer())
  const unclear = await failure(t, keysAt(`http://${plain}/keys`))
  t.true(['not-http', 'connection-closed'].includes(unclear.reason), unclear.reason)
})

test('a connection that the server closed after the metadata is not used for the keys', async (t) => {
  for (let round = 0; round < 20; round++) {
    let connections = 0
    const server = http.createServer(({ url }, response) => {
      const metadata = JSON.stringify({ issuer: `http://${host}`, jwks_uri: `http://${host}/keys` })
      if (!url.includes('openid')) return response.end(keySet)
      response.setHeader('Connection', 'keep-alive')
      const { socket } = response
      response.end(metadata, () => socket.destroy())
    })
    server.on('connection', () => connections++)
    const host = await listen(t, server)
    const options = { authority: `http://${host}`, audience: 'a', proxy: false }
    await t.notThrowsAsync(createVerifier(options).preload())
    t.is(connections, 2)
  }
})

test('localhost is this machine', async (t) => {
  const host = await answering(t, (_request, response) => response.end(keySet))
  const [, port] = host.split(':')
  await t.notThrowsAsync(keysAt(`http://localhost:${port}/keys`).preload())
  await t.notThrowsAsync(keysAt(`http://LOCALHOST:${port}/keys`).preload())
})
