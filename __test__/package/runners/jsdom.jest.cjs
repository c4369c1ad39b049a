/** @jest-environment jsdom */
// Back end and front end tested by one Jest project: the globals are a browser's, and older ones at that.
const { createVerifier, requireRole } = require('../../../index.js')
const testing = require('../../../testing/index.js')

Reflect.deleteProperty(URL, 'canParse')
const authority = testing.useTestAuthority({ before: beforeAll, after: afterAll }, { quiet: true, tls: true })

test('this is jsdom', () => {
  expect(typeof document).toBe('object')
  expect(typeof fetch).toBe('undefined')
})

test('a verifier fetches keys from a test authority over TLS', async () => {
  process.env.HTTPS_PROXY = 'http://127.0.0.1:9'
  process.env.NO_PROXY = '127.0.0.1'
  const verifier = createVerifier(authority.options)
  const auth = await verifier.authenticate({ headers: { authorization: authority.bearer({ roles: ['Task.Read'] }) } })
  expect(auth.hasRole('Task.Read')).toBe(true)
})

test('the token endpoint and the authorize endpoint answer', async () => {
  const { ask } = require('./ask.cjs')
  const { url, tenantId, ca, client, api } = authority
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    scope: `${api.appIdUri}/.default`
  })
  const token = await ask(`${url}/${tenantId}/oauth2/v2.0/token`, { ca, form: String(form) })
  expect(JSON.parse(token.body).token_type).toBe('Bearer')
  const query = new URLSearchParams({
    client_id: api.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:1/',
    scope: 'openid'
  })
  const { headers } = await ask(`${url}/${tenantId}/oauth2/v2.0/authorize?${query}`, { ca })
  expect(headers.location).toMatch(/^http:\/\/localhost:1\/\?code=/)
})

test('guards accept a verified token for unit tests', () => {
  let passed = false
  const next = () => {
    passed = true
  }
  requireRole('Task.Read')({ auth: testing.verifiedToken({ roles: ['Task.Read'] }) }, {}, next)
  expect(passed).toBe(true)
})
