// Every way in which an authority fails, for whoever fetches its keys.
//
//   name      of the fault
//   begin     (authority, prepared) -> { end, sent }: it fails until `end()`; `sent()` tells how many bytes it answered
//   prepare   () -> prepared, before the first verifier; a `ca` in it has to be trusted
//   cause     what the error says of it; without one, the answer is good enough
//   reason    the word for it, where it is not looked up below
//   requests  how many a first fetch makes: two where a second try may mend it. Unknown where none arrives
//   slow      it takes until the time-out
//   tls       the authority speaks HTTPS
//   most      bytes of which the server gets rid at most, however large the answer
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { onceFree } from './keys-setup.mjs'

/** Seconds of `keys.timeout` where that is what ends the fetch. Good answers have to arrive within it too. */
export const SLOW = 3

/** Where it is not: more than enough, whatever else the machine has to do. */
export const FAST = 20

const MEGABYTE = 1_000_000

/** What one connection may hold on its way: the send and receive buffers of a loopback socket, 6 MB each at most. */
const ON_THE_WAY = 20 * MEGABYTE

const NO_ANSWER = new RegExp(`no answer within ${SLOW} s`)

const FAULTS = [
  {
    name: 'a refused connection',
    begin: (authority) => instead(authority),
    cause: /refused/,
    reason: 'connection-refused'
  },
  {
    name: 'a certificate of an unknown root',
    tls: true,
    ...certificate(),
    cause: /certificate.*issuer/i
  },
  {
    name: 'an expired certificate',
    tls: true,
    ...certificate({ notBefore: daysAgo(2), notAfter: daysAgo(1) }),
    cause: /certificate.*expired/
  },
  {
    name: 'a certificate of another host',
    tls: true,
    ...certificate({ names: ['login.other.example'] }),
    cause: /certificate.*name/
  },
  {
    name: 'a handshake that never ends',
    tls: true,
    begin: (authority) => instead(authority, net.createServer()),
    cause: /no connection within [\d.]+ s/,
    slow: true
  },
  {
    name: 'plain HTTP where TLS belongs',
    tls: true,
    begin: (authority) => instead(authority, http.createServer()),
    cause: /connection failed: the answer is not TLS/,
    reason: 'not-tls'
  },
  {
    name: 'a server that does not speak HTTP',
    begin: (authority) =>
      instead(
        authority,
        net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
      ),
    // And not that the name cannot be resolved, for example.
    cause: /transfer failed(?!.*(name|resolve|proxy))/
  },
  { ...kit('reset'), cause: /transfer failed|connection/, requests: 2 },
  { ...kit('reset'), name: 'reset, under TLS', tls: true, cause: /transfer failed|connection/, requests: 2 },
  { ...kit('hang'), cause: NO_ANSWER, requests: 1, slow: true },
  { ...kit('slow-headers', { interval: 100 }), cause: NO_ANSWER, requests: 1, slow: true },
  { ...kit('slow-body', { interval: 100 }), cause: NO_ANSWER, requests: 1, slow: true },
  { ...kit('cut-body'), cause: /transfer failed/, requests: 2 },
  { ...kit('cut-body'), name: 'cut-body, under TLS', tls: true, cause: /transfer failed/, requests: 2 },
  ...[301, 302, 307, 308].map((status) => ({ ...kit(status), cause: answered(status), requests: 1 })),
  // A tenant's keys are at two addresses: where one is unknown, the other is asked.
  { ...kit(404), cause: answered(404), requests: 2 },
  { ...kit(429), cause: answered(429), requests: 2 },
  { ...kit(429, { retryAfter: 2 }), name: '429 with Retry-After', cause: answered(429), requests: 1, retryAfter: 2 },
  { ...kit(500), cause: answered(500), requests: 2 },
  { ...kit(503), cause: answered(503), requests: 2 },
  { ...kit(503, { retryAfter: 2 }), name: '503 with Retry-After', cause: answered(503), requests: 1, retryAfter: 2 },
  { ...kit('empty'), cause: /not JSON/, requests: 1 },
  { ...kit('html'), cause: /HTML page \("Sign in to the network"\), not JSON/, requests: 1, reason: 'html' },
  { ...kit('truncated'), cause: /not JSON/, requests: 1 },
  { ...kit('no-set'), cause: /no array "keys"/, requests: 1 },
  { ...kit('null-keys'), cause: /no array "keys"/, requests: 1 },
  { ...kit('no-keys'), cause: /none of the 0 keys/, requests: 1 },
  { ...kit('many-keys'), cause: /larger than 262144 bytes/, requests: 1 },
  { name: '10 000 keys without numbers', begin: emptyKeys, cause: /10000 keys/ },
  { ...kit('oversized'), cause: /larger than 262144 bytes/, requests: 1 },
  { ...kit('endless'), cause: /larger than 262144 bytes/, requests: 1 },
  { name: 'a 50 MB body', begin: (authority) => large(authority, true), cause: /larger than/, most: ON_THE_WAY },
  {
    name: 'a 50 MB body without Content-Length',
    begin: (authority) => large(authority, false),
    cause: /larger than/,
    most: ON_THE_WAY
  },
  { ...kit('gzip-bomb'), cause: /compressed \(gzip\)/, requests: 1, reason: 'compressed' },
  { ...kit('duplicate-kids'), requests: 1 },
  { ...kit('bad-key'), requests: 1 }
]

const REASONS = {
  'a certificate of an unknown root': 'tls-unknown-issuer',
  'an expired certificate': 'tls-expired',
  'a certificate of another host': 'tls-other-name',
  'a handshake that never ends': 'connect-timeout',
  'a server that does not speak HTTP': 'not-http',
  reset: 'connection-closed',
  'reset, under TLS': 'connection-closed',
  hang: 'timeout',
  'slow-headers': 'timeout',
  'slow-body': 'timeout',
  'cut-body': 'connection-closed',
  'cut-body, under TLS': 'connection-closed',
  301: 'redirect',
  302: 'redirect',
  307: 'redirect',
  308: 'redirect',
  404: 'http-status',
  429: 'throttled',
  '429 with Retry-After': 'throttled',
  500: 'server-error',
  503: 'server-error',
  '503 with Retry-After': 'server-error',
  empty: 'not-json',
  truncated: 'not-json',
  'no-set': 'not-a-key-set',
  'null-keys': 'not-a-key-set',
  'no-keys': 'no-usable-key',
  'many-keys': 'too-large',
  '10 000 keys without numbers': 'too-many-keys',
  oversized: 'too-large',
  endless: 'too-large',
  'a 50 MB body': 'too-large',
  'a 50 MB body without Content-Length': 'too-large'
}

export const faults = FAULTS.map((fault) => ({ reason: REASONS[fault.name], ...fault }))

/** A fault of the test kit. */
function kit(kind, options) {
  return {
    name: String(kind),
    begin(authority) {
      authority.fail(kind, undefined, options)
      return { end: () => authority.recover() }
    }
  }
}

/** Another server, or none, where the authority was. */
export async function instead(authority, server) {
  await authority.stop()
  const close = server && (await listen(server, Number(new URL(authority.url).port)))
  return {
    async end() {
      await close?.()
      await onceFree(() => authority.start())
    }
  }
}

async function listen(server, port) {
  const sockets = new Set()
  // It ends with whatever it is for.
  server.unref()
  server.on('connection', (socket) => {
    socket.unref()
    sockets.add(socket)
    // Whoever does not like what it gets hangs up.
    socket.on('error', () => undefined)
  })
  server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await onceFree(() => once(server.listen(port, '127.0.0.1'), 'listening'))
  return async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
}

/** Somebody else's certificate. Its CA is trusted where only the certificate is wrong. */
function certificate(options) {
  return {
    async prepare() {
      const { key, cert, ca } = await createServerCertificate(options)
      return { key, cert, ca: options && ca }
    },
    begin: (authority, { key, cert }) => instead(authority, https.createServer({ key, cert }, noKeys))
  }
}

function noKeys(_request, response) {
  response.end('{"keys":[]}')
}

function emptyKeys(authority) {
  const body = JSON.stringify({ keys: Array.from({ length: 10_000 }, () => ({})) })
  return instead(
    authority,
    http.createServer((_request, response) => response.end(body))
  )
}

async function large(authority, announced) {
  let sent = 0
  function* body() {
    for (const part of ['{"keys":[', ...Array.from({ length: 500 }, () => ' '.repeat(MEGABYTE / 10)), ']}']) {
      sent += part.length
      yield part
    }
  }
  const server = http.createServer((_request, response) => {
    response.writeHead(200, announced ? { 'Content-Length': 50 * MEGABYTE + 11 } : {})
    pipeline(Readable.from(body(), { objectMode: false }), response, () => undefined)
  })
  return { ...(await instead(authority, server)), sent: () => sent }
}

function answered(status) {
  // Of a status that is the caller's fault, the body says more.
  return new RegExp(`answered ${status}${status === 404 ? ' \\(AADSTS90033\\)' : ''}$`)
}

function daysAgo(days) {
  return new Date(Date.now() - days * 86_400_000)
}
