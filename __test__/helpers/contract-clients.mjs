// How the contract of adapters reaches an application: over HTTP/1.1, or over HTTP/2 without TLS.
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'

/**
 * @typedef {object} Client
 * @property {(url: string, init: RequestInit) => Promise<{ status: number, headers: Headers, body: string }>} send
 * @property {(url: string, headers: Record<string, string>) => () => Promise<void>} begin sends a request; the function that it
 *   returns ends the connection and does not wait for an answer
 */

/** @type {Client} */
export const http1 = {
  async send(url, init) {
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, body: await response.text() }
  },
  begin(url, headers) {
    const leaving = request(url, { headers }).end()
    const ended = once(leaving, 'error').catch(() => {})
    return async () => {
      leaving.destroy()
      await ended
    }
  }
}

/** @type {Client} */
export const http2 = {
  async send(url, { method = 'GET', headers, body }) {
    const session = connect(url)
    try {
      // A `Request` adds the header that says what kind of body it is.
      const sent = new Request(url, { method, headers, body })
      const stream = streamFor(session, url, method, Object.fromEntries(sent.headers))
      stream.end(body === undefined || body === null ? undefined : Buffer.from(await sent.arrayBuffer()))
      const [received] = await once(stream, 'response')
      return { status: received[':status'], headers: headersOf(received), body: await text(stream) }
    } finally {
      session.destroy()
    }
  },
  begin(url, headers) {
    const session = connect(url)
    const stream = streamFor(session, url, 'GET', headers)
    stream.on('error', () => {})
    stream.end()
    return async () => {
      const closed = once(session, 'close')
      session.destroy()
      await closed
    }
  }
}

function streamFor(session, url, method, headers) {
  const { pathname, search } = new URL(url)
  return session.request({ ...headers, ':method': method, ':path': pathname + search })
}

function headersOf(received) {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received)) {
    if (!name.startsWith(':')) for (const one of [value].flat()) headers.append(name, one)
  }
  return headers
}
