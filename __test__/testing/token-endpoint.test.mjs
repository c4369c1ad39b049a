import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { claimsOf, headerOf, postForm, request } from '../helpers/testing-http.mjs'

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555'
const SECRET = 'a secret: with % & + signs'

let authority
let api
let client
test.before(async () => {
  authority = await startTestAuthority({
    quiet: true,
    otherTenants: [OTHER_TENANT],
    apps: [
      { name: 'orders', appIdUri: 'https://api.example.com/orders', accessTokenVersion: 2 },
      { name: 'worker', clientSecret: SECRET, roles: { 'https://api.example.com/orders': ['Orders.Read'] } },
      { name: 'percent', clientSecret: '100% secret~1' },
      { name: 'old', appIdUri: 'api://old' },
      { name: 'strict', appIdUri: 'api://strict', assignmentRequired: true }
    ]
  })
  ;({ api, client } = authority)
})
test.after.always(() => authority?.close())

function form(changes) {
  return {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: SECRET,
    scope: `${api.appIdUri}/.default`,
    ...changes
  }
}

function tokenUrl(tenant = authority.tenantId) {
  return `${authority.url}/${tenant}/oauth2/v2.0/token`
}

async function refusal(changes, { url = tokenUrl(), ...options } = {}) {
  const answer = await postForm(url, form(changes), options)
  const { error, error_codes } = await answer.json()
  return [answer.status, error, ...error_codes]
}

test('answers like Entra: body, headers, and a v2 token with the roles of the client', async (t) => {
  const { status, headers, json } = await postForm(tokenUrl(), form())
  t.is(status, 200)
  t.like(headers, {
    'cache-control': 'no-store, no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'content-type': 'application/json; charset=utf-8'
  })
  const { access_token: token, ...rest } = await json()
  t.deepEqual(rest, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 })
  t.like(claimsOf(token), {
    aud: api.clientId,
    iss: `${authority.url}/${authority.tenantId}/v2.0`,
    azp: client.clientId,
    azpacr: '1',
    roles: ['Orders.Read'],
    ver: '2.0'
  })
})

test('the API decides on the version of the token, not the endpoint; a v1 token is for what was asked for', async (t) => {
  const old = authority.apps.find(({ name }) => name === 'old')
  for (const resource of ['api://old', old.clientId]) {
    const viaV2 = await (await postForm(tokenUrl(), form({ scope: `${resource}/.default` }))).json()
    t.like(claimsOf(viaV2.access_token), { aud: resource, ver: '1.0', appid: client.clientId, roles: undefined })
    t.is(headerOf(viaV2.access_token).x5t, headerOf(viaV2.access_token).kid)
  }
  const viaV1 = await postForm(
    `${authority.url}/${authority.tenantId}/oauth2/token`,
    form({ scope: undefined, resource: api.appIdUri })
  )
  t.like(claimsOf((await viaV1.json()).access_token), { aud: api.clientId, ver: '2.0' })
})

test('the v1 endpoint answers in strings and repeats the resource', async (t) => {
  const { status, json } = await postForm(
    `${authority.url}/${authority.tenantId}/oauth2/token`,
    form({ scope: undefined, resource: 'api://old' })
  )
  const { access_token: token, expires_on: expiresOn, not_before: notBefore, ...rest } = await json()
  t.is(status, 200)
  t.deepEqual(rest, { token_type: 'Bearer', expires_in: '3599', ext_expires_in: '3599', resource: 'api://old' })
  t.true(Math.abs(Number(expiresOn) - claimsOf(token).exp) <= 1)
  t.is(Number(expiresOn) - Number(notBefore), 3900)
})

test('takes client_secret_basic, form-encoded as RFC 6749 says or plain', async (t) => {
  const percent = authority.apps.find(({ name }) => name === 'percent')
  const credentials = [
    [client.clientId, encodeURIComponent(SECRET)],
    [client.clientId, encodeURIComponent(SECRET).replaceAll('%20', '+')],
    [percent.clientId, percent.clientSecret]
  ]
  for (const pair of credentials) {
    const authorization = `Basic ${Buffer.from(pair.join(':')).toString('base64')}`
    const answer = await postForm(tokenUrl(), form({ client_id: undefined, client_secret: undefined }), {
      headers: { authorization }
    })
    t.is(answer.status, 200)
  }
  const wrong = `Basic ${Buffer.from(`${client.clientId}:wrong`).toString('base64')}`
  t.deepEqual(await refusal({ client_secret: undefined }, { headers: { authorization: wrong } }), [
    401,
    'invalid_client',
    7000215
  ])
})

test('gives tokens of the tenant in the URL', async (t) => {
  const { access_token: token } = await (await postForm(tokenUrl(OTHER_TENANT), form())).json()
  t.like(claimsOf(token), { tid: OTHER_TENANT, iss: `${authority.url}/${OTHER_TENANT}/v2.0` })
})

test('refuses a wrong secret, an empty one and none', async (t) => {
  t.deepEqual(await refusal({ client_secret: 'wrong' }), [401, 'invalid_client', 7000215])
  t.deepEqual(await refusal({ client_secret: `${SECRET}x` }), [401, 'invalid_client', 7000215])
  t.deepEqual(await refusal({ client_secret: '' }), [401, 'invalid_client', 7000216])
  t.deepEqual(await refusal({ client_secret: undefined }), [401, 'invalid_client', 7000216])
})

test('refuses an application without a secret, whatever it sends', async (t) => {
  t.deepEqual(await refusal({ client_id: api.clientId, client_secret: 'undefined' }), [401, 'invalid_client', 7000215])
})

test('refuses an unknown application', async (t) => {
  t.deepEqual(await refusal({ client_id: '99999999-2222-4333-8444-555555555555' }), [
    400,
    'unauthorized_client',
    700016
  ])
})

test('refuses an unknown tenant, and a tenant that is none', async (t) => {
  const url = tokenUrl('99999999-2222-4333-8444-555555555555')
  t.deepEqual(await refusal({}, { url }), [400, 'invalid_request', 90002])
  t.deepEqual(await refusal({}, { url: tokenUrl('nowhere') }), [400, 'invalid_request', 900023])
  for (const tenant of ['common', 'organizations', 'consumers']) {
    t.deepEqual(await refusal({}, { url: tokenUrl(tenant) }), [400, 'invalid_request', 50059])
  }
})

test('names the parameter that is missing', async (t) => {
  for (const name of ['grant_type', 'client_id', 'scope']) {
    const answer = await postForm(tokenUrl(), form({ [name]: undefined }))
    const body = await answer.json()
    t.is(answer.status, 400)
    t.like(body, { error: 'invalid_request', error_codes: [900144] })
    t.true(body.error_description.includes(`'${name}'`))
  }
  t.deepEqual(await refusal({}, { url: `${authority.url}/${authority.tenantId}/oauth2/token` }), [
    400,
    'invalid_request',
    900144
  ])
})

test('refuses a scope that is not one resource and /.default', async (t) => {
  for (const scope of [api.appIdUri, `${api.appIdUri}/Orders.Read`]) {
    t.deepEqual(await refusal({ scope }), [400, 'invalid_scope', 1002012])
  }
  t.deepEqual(await refusal({ scope: 'api://old/.default api://strict/.default' }), [400, 'invalid_scope', 70011])
})

test('refuses an unknown resource, but says so only to a client with its secret', async (t) => {
  const scope = 'api://nobody/.default'
  t.deepEqual(await refusal({ scope }), [400, 'invalid_resource', 500011])
  t.deepEqual(await refusal({ scope, client_secret: 'wrong' }), [401, 'invalid_client', 7000215])
})

test('resource beside scope names the same API, character by character, as MCP clients find out', async (t) => {
  const mismatch = [400, 'invalid_target', 9010010]
  for (const resource of [`${api.appIdUri}/`, 'https://API.example.com/orders', 'api://old', 'https://other.example']) {
    t.deepEqual(await refusal({ resource }), mismatch, resource)
  }
  // The secret and the scope come first.
  t.deepEqual(await refusal({ resource: 'api://old', client_secret: 'wrong' }), [401, 'invalid_client', 7000215])
  for (const resource of [
    api.appIdUri,
    api.clientId,
    'http://127.0.0.1:3000/mcp',
    'http://localhost/',
    'http://[::1]/'
  ]) {
    t.is((await postForm(tokenUrl(), form({ resource }))).status, 200, resource)
  }
  for (const resource of ['http://127.0.0.1.example/', 'localhost']) t.deepEqual(await refusal({ resource }), mismatch)
})

test('refuses a client without a role where the API requires assignment', async (t) => {
  t.deepEqual(await refusal({ scope: 'api://strict/.default' }), [400, 'invalid_grant', 501051])
})

test('refuses other grants, doubled parameters, other methods and other content types', async (t) => {
  t.deepEqual(await refusal({ grant_type: 'password' }), [400, 'unsupported_grant_type', 70003])

  const doubled = await request(tokenUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `${new URLSearchParams(form())}&scope=api%3A%2F%2Fold%2F.default`
  })
  t.like(await doubled.json(), { error_codes: [9000411] })

  const get = await request(tokenUrl())
  t.is(get.status, 400)
  t.like(await get.json(), { error_codes: [900561] })

  const json = await request(tokenUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(form())
  })
  t.like(await json.json(), { error_codes: [900144] })
})

test('refuses a body above 64 KiB and answers all the same', async (t) => {
  const answer = await postForm(tokenUrl(), form({ padding: 'x'.repeat(1_000_000) }))
  t.is(answer.status, 413)
  t.is((await postForm(tokenUrl(), form({ padding: 'x'.repeat(60_000) }))).status, 200)
})

test('an error is Entra’s JSON and carries the correlation id of the caller', async (t) => {
  const id = 'aaaaaaaa-2222-4333-8444-555555555555'
  const attempts = [
    postForm(tokenUrl(), form({ client_secret: 'wrong', 'client-request-id': id })),
    postForm(`${tokenUrl()}?client-request-id=${id}`, form({ client_secret: 'wrong' })),
    postForm(tokenUrl(), form({ client_secret: 'wrong' }), {
      headers: { 'client-request-id': id, 'return-client-request-id': 'true' }
    })
  ]
  for (const { headers, json } of await Promise.all(attempts)) {
    const body = await json()
    t.deepEqual(Object.keys(body), [
      'error',
      'error_description',
      'error_codes',
      'timestamp',
      'trace_id',
      'correlation_id',
      'error_uri'
    ])
    t.like(body, { correlation_id: id, error_uri: `${authority.url}/error?code=7000215` })
    t.is(headers['x-ms-request-id'], body.trace_id)
    t.is(headers['cache-control'], 'no-store, no-cache')
    t.regex(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
    t.deepEqual(body.error_description.split('\r\n').slice(1), [
      `Trace ID: ${body.trace_id}`,
      `Correlation ID: ${id}`,
      `Timestamp: ${body.timestamp}`
    ])
  }
  t.is((await attempts[2]).headers['client-request-id'], id)
})

test('requests are remembered without bodies and secrets', async (t) => {
  await postForm(`${tokenUrl()}?client_secret=${encodeURIComponent(SECRET)}&x=1`, form())
  const seen = authority.requestsTo('token').find(({ query }) => query.x === '1')
  t.like(seen, { method: 'POST', endpoint: 'token', query: { x: '1' }, path: new URL(tokenUrl()).pathname })
  t.true(Math.abs(Date.now() - seen.at) < 60_000)
  t.false(JSON.stringify(authority.requests).includes('a secret'))
})
