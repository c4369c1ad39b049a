// Tokens that are bound to a TLS client certificate, under entra-jwt-verify/hono and /fetch: over HTTPS and HTTP/2, and from a proxy.
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createSecureServer } from 'node:http2'
import { createServer, request } from 'node:https'
import { createAdaptorServer } from '@hono/node-server'
import test from 'ava'
import { createCheckAuthToken as createForFetch } from 'entra-jwt-verify/fetch'
import { createCheckAuthToken as createForHono } from 'entra-jwt-verify/hono'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { Hono } from 'hono'
import { start } from '../helpers/start.mjs'

const der = ({ cert }) => new X509Certificate(cert).raw
const boundTo = (certificate) => ({
  cnf: { 'x5t#S256': createHash('sha256').update(der(certificate)).digest('base64url') }
})
const MTLS = { boundTokens: 'mtls', responses: 'rfc6750', logger: false }

function honoApp(options) {
  const app = new Hono()
  app.use(createForHono(options))
  app.get('/', (c) => c.text('passed'))
  return app
}

/** How a client of each protocol sends a token with its certificate; resolves to the status. */
const PROTOCOLS = {
  'HTTP/1.1 over TLS': {
    createServer,
    async send({ port, ca }, authorization, client) {
      const certificate = client && { key: client.key, cert: client.cert }
      const sent = request({ port, host: '127.0.0.1', ca, agent: false, headers: { authorization }, ...certificate })
      sent.end()
      const [answer] = await once(sent, 'response')
      answer.resume()
      return answer.statusCode
    }
  },
  'HTTP/2': {
    createServer: createSecureServer,
    async send({ port, ca }, authorization, client) {
      const session = connect(`https://127.0.0.1:${port}`, {
        ca,
        ...(client && { key: client.key, cert: client.cert })
      })
      const stream = session.request({ ':path': '/', authorization })
      const [headers] = await once(stream, 'response')
      session.close()
      stream.resume()
      return headers[':status']
    }
  }
}

for (const [protocol, { createServer: create, send }] of Object.entries(PROTOCOLS)) {
  test(`Hono, ${protocol}: a bound token passes with its certificate and no other`, async (t) => {
    const { authority, options } = await start(t)
    const [tls, client, other] = await Promise.all(Array.from({ length: 3 }, () => createServerCertificate()))
    const server = createAdaptorServer({
      fetch: honoApp({ ...options, ...MTLS }).fetch,
      createServer: create,
      serverOptions: { key: tls.key, cert: tls.cert, requestCert: true, rejectUnauthorized: false }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const to = { port: server.address().port, ca: tls.ca }
    const token = `Bearer ${authority.issueToken({ claims: boundTo(client) })}`
    // The first waits for keys, the others find the token in the cache.
    for (let times = 0; times < 2; times++) {
      t.is(await send(to, token, client), 200)
      t.is(await send(to, token, other), 401)
      t.is(await send(to, token), 401)
    }
    t.is(await send(to, `Bearer ${authority.issueToken()}`), 200)
    t.is(await send(to, 'Bearer token'), 401)
  })
}

test('a proxy may hand over the certificate in a header that is named', async (t) => {
  const { authority, options } = await start(t)
  const [client, other] = await Promise.all([createServerCertificate(), createServerCertificate()])
  const named = { ...options, ...MTLS, clientCertificateHeader: 'X-Client-Cert' }
  const app = honoApp(named)
  const handler = createForFetch(named).withAuth(() => new Response('passed'))
  const authorization = `Bearer ${authority.issueToken({ claims: boundTo(client) })}`
  const base64 = (certificate) => der(certificate).toString('base64')
  for (const call of [(sent) => app.fetch(sent), handler]) {
    const send = async (headers) =>
      (await call(new Request('https://api.example/', { headers: { authorization, ...headers } }))).status
    t.is(await send({ 'x-client-cert': base64(client) }), 200)
    t.is(await send({ 'x-client-cert': base64(other) }), 401)
    t.is(await send({ 'x-client-cert': `${base64(other)}, ${base64(client)}` }), 401)
    t.is(await send({ 'x-other': base64(client) }), 401)
    t.is(await send({}), 401)
  }
})

test('Hono: a header that the application removes in front of the middleware is not read', async (t) => {
  const { authority, options } = await start(t)
  const client = await createServerCertificate()
  const app = new Hono()
  app.use(async (c, next) => {
    const headers = new Headers(c.req.raw.headers)
    headers.delete('x-client-cert')
    c.req.raw = new Request(c.req.raw, { headers })
    await next()
  })
  app.use(createForHono({ ...options, ...MTLS, clientCertificateHeader: 'X-Client-Cert' }))
  app.get('/', (c) => c.text('passed'))
  const headers = {
    authorization: `Bearer ${authority.issueToken({ claims: boundTo(client) })}`,
    'x-client-cert': der(client).toString('base64')
  }
  const incoming = { headers, socket: {} }
  t.is((await app.request('/', { headers }, { incoming })).status, 401)
})

test('without a connection and without a header that is named, nothing proves the binding', async (t) => {
  const { authority, options } = await start(t)
  const client = await createServerCertificate()
  const headers = {
    authorization: `Bearer ${authority.issueToken({ claims: boundTo(client) })}`,
    'x-client-cert': der(client).toString('base64')
  }
  const app = honoApp({ ...options, ...MTLS })
  for (const env of [undefined, null, {}, { incoming: {} }, { incoming: { socket: {} } }]) {
    t.is((await app.request('/', { headers }, env)).status, 401)
  }
  const { response } = await createForFetch({ ...options, ...MTLS })(new Request('https://api.example/', { headers }))
  t.is(response.status, 401)
})
