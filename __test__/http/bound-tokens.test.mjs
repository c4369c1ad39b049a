// Tokens that are bound to a key (cnf): refused, or accepted with the TLS client certificate that they name (RFC 8705).
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:https'
import test from 'ava'
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { start, verdict } from '../helpers/start.mjs'

const thumbprint = ({ cert }) => createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')
const boundTo = (certificate) => ({ cnf: { 'x5t#S256': thumbprint(certificate) } })

const BOUND = { code: 'ERR_TOKEN_USE', reason: 'bound', claim: 'cnf' }

test('a bound token is no bearer token, unless an option says so', async (t) => {
  const { authority, verifier } = await start(t)
  const client = await createServerCertificate()
  for (const cnf of [boundTo(client).cnf, { kid: 'key' }, { jkt: 'thumbprint' }, {}, null]) {
    const token = authority.issueToken({ claims: { cnf } })
    const error = await t.throwsAsync(verifier().verify(token), { code: 'ERR_TOKEN_USE' })
    t.like(error, BOUND)
    t.regex(error.hint, /boundTokens/)
    t.is(await verdict(verifier({ boundTokens: 'ignore' }), token), 'passes')
  }
  // Ordinary tokens of Entra's carry this one.
  t.is(await verdict(verifier(), authority.issueToken({ claims: { xms_ds_cnf: 'x' } })), 'passes')
  t.throws(() => verifier({ boundTokens: 'dpop' }), {
    code: 'ERR_CONFIG',
    message: /boundTokens: expected .*mtls.*got "dpop"/
  })
  t.throws(() => verifier({ clientCertificateHeader: 'a b' }), {
    code: 'ERR_CONFIG',
    message: /clientCertificateHeader/
  })
})

test('mtls: a token that is bound in another way besides is refused', async (t) => {
  const { authority, verifier } = await start(t)
  const client = await createServerCertificate()
  const { cnf } = boundTo(client)
  const one = verifier({ boundTokens: 'mtls', clientCertificateHeader: 'X-Client-Cert' })
  const headers = { 'x-client-cert': encodeURIComponent(client.cert) }
  const send = (binding) =>
    one.authenticate({
      headers: { ...headers, authorization: `Bearer ${authority.issueToken({ claims: { cnf: binding } })}` }
    })
  await t.notThrowsAsync(send(cnf))
  for (const more of [{ jkt: 'x' }, { jwk: { kty: 'EC' } }, { kid: 'x' }]) {
    t.like(await t.throwsAsync(send({ ...cnf, ...more })), BOUND, JSON.stringify(more))
  }
})

test('mtls: without a request nothing proves the binding', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ boundTokens: 'mtls' })
  const token = authority.issueToken({ claims: boundTo(await createServerCertificate()) })
  t.like(await t.throwsAsync(one.verify(token)), BOUND)
  t.like(
    t.throws(() => one.verifySync(token)),
    BOUND
  )
  t.like(await t.throwsAsync(one.authenticate({ headers: { authorization: `Bearer ${token}` } })), BOUND)
  t.is(await verdict(one, authority.issueToken()), 'passes', 'a token that is not bound')
  // explain says what verify says.
  const { verdict: said, code, checks } = await one.explain(token)
  t.deepEqual([said, code], ['refused', 'ERR_TOKEN_USE'])
  t.is(checks.find(({ name }) => name === 'bound-token').status, 'failed')
  t.is((await one.explain(authority.issueToken())).verdict, 'valid')
})

/** An HTTPS server behind a middleware; resolves to a function that sends a token with a client certificate. */
async function serve(t, middleware) {
  const tls = await createServerCertificate()
  const listener = (req, res) => middleware(req, res, () => res.end('passed'))
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return async (token, { client, headers } = {}) => {
    const sent = request({
      port: server.address().port,
      host: '127.0.0.1',
      ca: tls.ca,
      agent: false,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(client && { key: client.key, cert: client.cert })
    })
    sent.end()
    const [answer] = await once(sent, 'response')
    answer.resume()
    return answer.statusCode
  }
}

test('mtls: a bound token passes with its certificate and no other, each time it is sent', async (t) => {
  const { authority, middleware } = await start(t)
  const [client, other] = await Promise.all([createServerCertificate(), createServerCertificate()])
  const send = await serve(t, middleware({ boundTokens: 'mtls', responses: 'rfc6750' }))
  const token = authority.issueToken({ claims: boundTo(client) })
  // The first waits for keys, the others find the token in the cache.
  for (let i = 0; i < 3; i++) {
    t.is(await send(token, { client }), 200)
    t.is(await send(token, { client: other }), 401)
    t.is(await send(token), 401)
  }
  t.is(await send(authority.issueToken(), {}), 200)
  for (const cnf of [
    { kid: thumbprint(client) },
    null,
    { 'x5t#S256': 'short' },
    { 'x5t#S256': [thumbprint(client)] },
    'text'
  ]) {
    t.is(await send(authority.issueToken({ claims: { cnf } }), { client }), 401, JSON.stringify(cnf))
  }
})

test('mtls: while its keys are fetched a stranger gains nothing', async (t) => {
  const { authority, middleware } = await start(t)
  const [client, other] = await Promise.all([createServerCertificate(), createServerCertificate()])
  const send = await serve(t, middleware({ boundTokens: 'mtls', responses: 'rfc6750', keys: { timeout: 4.5 } }))
  t.is(await send(authority.issueToken({ claims: boundTo(client) }), { client: other }), 401)
})

test('mtls: a proxy may hand over the certificate in a header that is named', async (t) => {
  const { authority, verifier } = await start(t)
  const [client, other] = await Promise.all([createServerCertificate(), createServerCertificate()])
  const authorization = `Bearer ${authority.issueToken({ claims: boundTo(client) })}`
  const one = verifier({ boundTokens: 'mtls', clientCertificateHeader: 'X-Client-Cert' })
  const send = (value, name = 'x-client-cert') => one.authenticate({ headers: { authorization, [name]: value } })
  const der = (certificate) => new X509Certificate(certificate.cert).raw.toString('base64')
  for (const value of [client.cert, encodeURIComponent(client.cert), der(client), `:${der(client)}:`]) {
    t.is((await send(value)).claims.tid, authority.tenantId)
  }
  await t.notThrowsAsync(
    one.authenticate(new Request('http://api', { headers: { authorization, 'x-client-cert': der(client) } }))
  )
  // A gateway's spelling, and a `Map`, as for Authorization.
  await t.notThrowsAsync(send(der(client), 'X-Client-Cert'))
  await t.notThrowsAsync(
    one.authenticate({ headers: new Map(Object.entries({ authorization, 'X-Client-Cert': der(client) })) })
  )
  const two = `${der(client)}, ${der(other)}`
  const twoPem = encodeURIComponent(`${client.cert}\n${other.cert}`)
  for (const value of [
    undefined,
    '',
    'x',
    '%',
    encodeURIComponent(other.cert),
    der(other),
    [der(client)],
    two,
    twoPem
  ]) {
    t.like(await t.throwsAsync(send(value)), BOUND, String(value).slice(0, 20))
  }
  t.like(await t.throwsAsync(send(der(client), 'x-other')), BOUND)
  const twice = { authorization, 'x-client-cert': der(client), 'X-Client-Cert': der(other) }
  t.like(await t.throwsAsync(one.authenticate({ headers: twice })), BOUND)
  // Without the option no header is believed.
  const without = createVerifier({ ...authorityOptions(authority), boundTokens: 'mtls' })
  t.like(await t.throwsAsync(without.authenticate({ headers: { authorization, 'x-client-cert': der(client) } })), BOUND)
})

const authorityOptions = (authority) => ({
  tenantId: authority.tenantId,
  clientId: authority.api.clientId,
  authorityHost: authority.url
})

test('mtls: the middleware answers a bound token without a socket, and does not throw', async (t) => {
  const { authority } = await start(t)
  const middleware = createCheckAuthToken({ ...authorityOptions(authority), boundTokens: 'mtls', logger: false })
  await middleware.verifier.preload()
  const token = authority.issueToken({ claims: { cnf: { 'x5t#S256': 'x'.repeat(43) } } })
  const res = { setHeader: () => undefined, getHeader: () => undefined, end: () => undefined }
  const socket = {
    getPeerX509Certificate() {
      throw new Error('destroyed')
    }
  }
  for (const more of [{}, { socket: {} }, { socket }, { socket: { getPeerX509Certificate: () => undefined } }]) {
    res.statusCode = undefined
    middleware({ headers: { authorization: `Bearer ${token}` }, ...more }, res, t.fail)
    t.is(res.statusCode, 401)
  }
})
