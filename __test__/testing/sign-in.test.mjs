// Users sign in: authorization code with PKCE, device code, refresh token.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { claimsOf, request } from '../helpers/testing-http.mjs'
import { askFor, endpointOf, pkce, refusalOf } from '../helpers/testing-tokens.mjs'

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555'
const REDIRECT = 'http://localhost:7777/callback'
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

let authority
test.before(async () => {
  authority = await startTestAuthority({
    quiet: true,
    otherTenants: [OTHER_TENANT],
    apps: [
      { name: 'API', appIdUri: 'api://tasks', scopes: ['Task.Read', 'Task.Write'], accessTokenVersion: 2 },
      { name: 'cli' },
      { name: 'web', clientSecret: 'secret', redirectUris: ['https://web.example/auth', 'http://localhost/auth'] },
      { name: 'other API', appIdUri: 'api://other' }
    ]
  })
})
test.after.always(() => authority?.close())

const app = (name) => authority.apps.find((registered) => registered.name === name)
const cli = () => app('cli').clientId

function authorizeUrl(changes, where) {
  const parameters = {
    client_id: cli(),
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: 'api://tasks/Task.Read openid profile offline_access',
    state: 'a state & more',
    nonce: 'a nonce',
    code_challenge: pkce().challenge,
    code_challenge_method: 'S256',
    ...changes
  }
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return `${endpointOf(authority, { endpoint: 'authorize', ...where })}?${new URLSearchParams(given)}`
}

/** What the browser brings back to the application. */
async function returned(changes, where) {
  const { status, headers } = await request(authorizeUrl(changes, where))
  const { searchParams, hash, origin, pathname } = new URL(headers.location)
  return { status, to: `${origin}${pathname}`, query: Object.fromEntries(searchParams), hash }
}

async function codeForm(changes, asked) {
  const { query } = await returned(asked)
  return {
    grant_type: 'authorization_code',
    client_id: cli(),
    redirect_uri: REDIRECT,
    code: query.code,
    code_verifier: pkce().verifier,
    ...changes
  }
}

test('a code comes back by redirect and is exchanged for tokens of the test user', async (t) => {
  const { status, to, query } = await returned()
  t.is(status, 302)
  t.is(to, REDIRECT)
  t.like(query, { state: 'a state & more' })
  const { code } = query
  const exchange = {
    grant_type: 'authorization_code',
    client_id: cli(),
    redirect_uri: REDIRECT,
    code,
    code_verifier: pkce().verifier
  }
  const { body } = await askFor(authority, { ...exchange, client_info: '1' })
  t.like(body, { token_type: 'Bearer', scope: 'api://tasks/Task.Read' })
  const claims = claimsOf(body.access_token)
  t.like(claims, { aud: app('API').clientId, azp: cli(), azpacr: '0', scp: 'Task.Read', name: 'Test User', ver: '2.0' })
  t.like(claimsOf(body.id_token), { aud: cli(), nonce: 'a nonce', oid: claims.oid })
  t.deepEqual(JSON.parse(Buffer.from(body.client_info, 'base64url')), { uid: claims.oid, utid: authority.tenantId })
  t.deepEqual(await refusalOf(authority, exchange), [400, 'invalid_grant', 54005])
})

test('a code comes back in the fragment or by a form, if the application wants it so', async (t) => {
  const { hash } = await returned({ response_mode: 'fragment' })
  const fragment = new URLSearchParams(hash.slice(1))
  t.is(fragment.get('state'), 'a state & more')
  t.is((await askFor(authority, await codeForm({ code: fragment.get('code') }))).status, 200)

  const page = await request(authorizeUrl({ response_mode: 'form_post', state: '"><script>' }))
  const html = await page.text()
  t.is(page.status, 200)
  t.true(html.includes(`action="${REDIRECT}"`))
  t.true(html.includes('value="&quot;&gt;&lt;script&gt;"'))
})

test('browse() brings the answer to the application, by redirect and by form', async (t) => {
  const seen = []
  const server = createServer(async (incoming, response) => {
    seen.push([incoming.method, incoming.url, await text(incoming)])
    response.end('thanks')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const redirect_uri = `http://127.0.0.1:${server.address().port}/back`
  await authority.browse(authorizeUrl({ redirect_uri }))
  await authority.browse(authorizeUrl({ redirect_uri, response_mode: 'form_post', state: `'"&<>` }))
  t.is(seen[0][0], 'GET')
  t.is(new URL(seen[0][1], redirect_uri).searchParams.get('state'), 'a state & more')
  t.deepEqual(seen[1].slice(0, 2), ['POST', '/back'])
  t.is(new URLSearchParams(seen[1][2]).get('state'), `'"&<>`)
  await t.throwsAsync(authority.browse(authorizeUrl({ client_id: 'x' })), {
    code: 'ERR_TESTING_OPTION',
    message: /AADSTS700016/
  })
})

test('a code is for the client, the redirect URI, the tenant and the verifier that it was asked for with', async (t) => {
  const refused = async (changes, where) => refusalOf(authority, await codeForm(changes), where)
  t.deepEqual(await refused({ code_verifier: 'wrong' }), [400, 'invalid_grant', 501481])
  t.deepEqual(await refused({ code_verifier: undefined }), [400, 'invalid_grant', 501481])
  t.deepEqual(await refused({ redirect_uri: 'http://localhost:7777/other' }), [400, 'invalid_client', 500112])
  t.deepEqual(await refused({ code: 'x' }), [400, 'invalid_grant', 70000])
  t.deepEqual(await refused({ client_id: app('web').clientId, client_secret: 'secret' }), [400, 'invalid_grant', 70000])
  t.deepEqual(await refused({ client_secret: 'x' }), [401, 'invalid_client', 700025])
  t.deepEqual(await refused({}, { tenant: OTHER_TENANT }), [400, 'invalid_grant', 700005])
  t.deepEqual(await refused({ redirect_uri: undefined }), [400, 'invalid_request', 900144])
  const plain = { code_challenge: 'as it is', code_challenge_method: undefined }
  t.is((await askFor(authority, await codeForm({ code_verifier: 'as it is' }, plain))).status, 200)
  const without = { code_challenge: undefined, code_challenge_method: undefined }
  t.is((await askFor(authority, await codeForm({ code_verifier: undefined }, without))).status, 200)
  t.deepEqual(await refusalOf(authority, await codeForm({}, without)), [400, 'invalid_grant', 501481])
})

test('an application with a secret has to present it for its codes', async (t) => {
  const web = { client_id: app('web').clientId, redirect_uri: 'https://web.example/auth' }
  t.deepEqual(await refusalOf(authority, await codeForm(web, web)), [401, 'invalid_client', 7000218])
  t.is((await askFor(authority, await codeForm({ ...web, client_secret: 'secret' }, web))).status, 200)
})

test('a user is only sent where the application may be; before that, an error is a page', async (t) => {
  const page = async (changes, where) => {
    const { status, headers, text: read } = await request(authorizeUrl(changes, where))
    t.is(headers.location, undefined)
    const body = await read()
    t.false(body.includes('<script>'))
    return [status, /AADSTS\d+/.exec(body)?.[0]]
  }
  const client_id = app('web').clientId
  t.deepEqual(await page({ client_id, redirect_uri: 'https://evil.example/auth' }), [400, 'AADSTS50011'])
  t.deepEqual(await page({ client_id, redirect_uri: 'http://localhost:9/other' }), [400, 'AADSTS50011'])
  t.deepEqual(await page({ redirect_uri: 'https://evil.example/' }), [400, 'AADSTS50011'])
  t.deepEqual(await page({ redirect_uri: 'javascript:<script>' }), [400, 'AADSTS50011'])
  t.deepEqual(await page({ client_id: '<script>' }), [400, 'AADSTS700016'])
  t.deepEqual(await page({ client_id: undefined }), [400, 'AADSTS900144'])
  t.deepEqual(await page({}, { tenant: 'consumers' }), [400, 'AADSTS50059'])
  // Entra takes any port of a loopback URL.
  t.is((await returned({ client_id, redirect_uri: 'http://localhost:9/auth' })).to, 'http://localhost:9/auth')
})

test('after that, an error goes back to the application', async (t) => {
  const error = async (changes) => {
    const { query } = await returned(changes)
    t.is(query.state, 'a state & more')
    return [query.error, /^AADSTS\d+/.exec(query.error_description)?.[0]]
  }
  t.deepEqual(await error({ response_type: 'id_token' }), ['unsupported_response_type', 'AADSTS700054'])
  t.deepEqual(await error({ scope: undefined }), ['invalid_request', 'AADSTS900144'])
  t.deepEqual(await error({ scope: 'api://tasks/Task.Delete' }), ['invalid_client', 'AADSTS650053'])
  t.deepEqual(await error({ resource: 'https://tasks.example' }), ['invalid_target', 'AADSTS9010010'])
  t.deepEqual(await error({ claims: '{' }), ['invalid_request', 'AADSTS9002313'])
})

test('a device gets its tokens when the user has approved it', async (t) => {
  const { body: device } = await askFor(
    authority,
    { client_id: cli(), scope: 'api://tasks/.default offline_access' },
    { endpoint: 'devicecode', tenant: 'organizations' }
  )
  t.like(device, { expires_in: 900, interval: 1, verification_uri: `${authority.url}/common/oauth2/deviceauth` })
  t.true(device.message.includes(device.user_code))
  const poll = { grant_type: DEVICE_CODE, client_id: cli(), device_code: device.device_code }
  t.deepEqual(await refusalOf(authority, poll), [400, 'authorization_pending', 70016])
  authority.approveDevice(device.user_code.toLowerCase(), { userName: 'megan@tenant.example', name: 'Megan Bowen' })
  const { body } = await askFor(authority, poll)
  t.is(body.scope, 'api://tasks/Task.Read api://tasks/Task.Write api://tasks/.default')
  t.like(claimsOf(body.access_token), { scp: 'Task.Read Task.Write', name: 'Megan Bowen', tid: authority.tenantId })
  t.is(body.id_token, undefined)
  t.deepEqual(await refusalOf(authority, poll), [400, 'invalid_grant', 70000])
})

test('a device whose user declines, or which another client asks for, gets nothing', async (t) => {
  const ask = async () =>
    (await askFor(authority, { client_id: cli(), scope: 'openid' }, { endpoint: 'devicecode' })).body
  const declined = await ask()
  authority.declineDevice()
  const poll = { grant_type: DEVICE_CODE, client_id: cli(), device_code: declined.device_code }
  t.deepEqual(await refusalOf(authority, poll), [400, 'authorization_declined', 65004])
  t.throws(() => authority.approveDevice(declined.user_code), { code: 'ERR_TESTING_OPTION' })
  t.throws(() => authority.approveDevice('NOBODY'), { code: 'ERR_TESTING_OPTION' })

  const approved = await ask()
  authority.approveDevice(approved.user_code)
  const elsewhere = { grant_type: DEVICE_CODE, device_code: approved.device_code, client_id: app('other API').clientId }
  t.deepEqual(await refusalOf(authority, elsewhere), [400, 'invalid_grant', 70000])
  t.deepEqual(await refusalOf(authority, { ...elsewhere, client_id: cli() }, { tenant: OTHER_TENANT }), [
    400,
    'invalid_grant',
    70000
  ])
  t.deepEqual(await refusalOf(authority, { ...elsewhere, client_id: cli(), device_code: undefined }), [
    400,
    'invalid_request',
    900144
  ])
  // Without a scope of an API, the token is for the user's profile.
  const { body } = await askFor(authority, { ...elsewhere, client_id: cli() })
  t.is(claimsOf(body.access_token).aud, '00000003-0000-0000-c000-000000000000')
})

test('the older endpoints give a device its code too', async (t) => {
  const where = { endpoint: 'devicecode', version: '' }
  const { body: device } = await askFor(authority, { client_id: cli(), resource: 'api://tasks' }, where)
  t.like(device, { expires_in: '900', interval: '1', verification_url: `${authority.url}/common/oauth2/deviceauth` })
  authority.approveDevice(device.user_code)
  const poll = { grant_type: 'device_code', client_id: cli(), code: device.device_code }
  const { body } = await askFor(authority, poll, { version: '' })
  t.like(body, { resource: 'api://tasks', expires_in: '3599' })
  t.is(claimsOf(body.access_token).scp, 'Task.Read Task.Write')
})

test('a request for a device code needs a public client and a scope that there is', async (t) => {
  const where = { endpoint: 'devicecode' }
  const scope = 'api://tasks/Task.Read'
  t.deepEqual(await refusalOf(authority, { client_id: app('web').clientId, scope }, where), [
    401,
    'invalid_client',
    7000218
  ])
  t.deepEqual(await refusalOf(authority, { client_id: cli(), scope: 'api://tasks/x' }, where), [
    400,
    'invalid_client',
    650053
  ])
  t.deepEqual(await refusalOf(authority, { client_id: cli() }, where), [400, 'invalid_request', 900144])
  t.deepEqual(await refusalOf(authority, { scope }, where), [400, 'invalid_request', 900144])
  t.deepEqual(await refusalOf(authority, { client_id: cli(), scope, claims: '[' }, where), [
    400,
    'invalid_request',
    9002313
  ])
  const { status, json } = await request(endpointOf(authority, where))
  t.deepEqual([status, (await json()).error_codes], [400, [900561]])
})

test('a person can approve a device on the page that the message names', async (t) => {
  const { body: device } = await askFor(authority, { client_id: cli(), scope: 'openid' }, { endpoint: 'devicecode' })
  const page = device.verification_uri
  t.true((await (await request(page)).text()).includes('<form method="POST">'))
  const enter = (form) =>
    request(page, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${new URLSearchParams(form)}`
    })
  t.is((await enter({ otc: 'WRONG' })).status, 400)
  t.is((await enter({})).status, 400)
  t.is((await enter({ otc: device.user_code })).status, 200)
  const poll = { grant_type: DEVICE_CODE, client_id: cli(), device_code: device.device_code }
  t.is((await askFor(authority, poll)).status, 200)

  const { body: another } = await askFor(authority, { client_id: cli(), scope: 'openid' }, { endpoint: 'devicecode' })
  t.is((await enter({ otc: another.user_code, cancel: '1' })).status, 200)
  t.deepEqual(await refusalOf(authority, { ...poll, device_code: another.device_code }), [
    400,
    'authorization_declined',
    65004
  ])
})

test('a refresh token gives new tokens, a new refresh token each time, for other APIs of the tenant too', async (t) => {
  const { body: first } = await askFor(authority, await codeForm())
  const refresh = (changes) => ({
    grant_type: 'refresh_token',
    client_id: cli(),
    refresh_token: first.refresh_token,
    ...changes
  })
  const { body: second } = await askFor(authority, refresh())
  t.is(second.scope, 'api://tasks/Task.Read')
  t.not(second.refresh_token, first.refresh_token)
  t.is(claimsOf(second.access_token).oid, claimsOf(first.access_token).oid)
  t.is(claimsOf(second.id_token).nonce, undefined)
  // The one before stays valid, as at Entra.
  t.is((await askFor(authority, refresh())).status, 200)
  const { body: third } = await askFor(
    authority,
    refresh({ refresh_token: second.refresh_token, scope: 'api://other/user_impersonation' })
  )
  t.is(claimsOf(third.access_token).aud, 'api://other')
  t.is(typeof third.refresh_token, 'string')
})

test('a refresh token is for one client and one tenant, and can be revoked', async (t) => {
  const own = await startTestAuthority({ quiet: true, otherTenants: [OTHER_TENANT], apps: [{}, {}] })
  t.teardown(() => own.close())
  const [{ clientId, appIdUri }, other] = own.apps
  const device = await askFor(
    own,
    { client_id: clientId, scope: `${appIdUri}/.default offline_access` },
    { endpoint: 'devicecode' }
  )
  own.approveDevice()
  const { body } = await askFor(own, {
    grant_type: DEVICE_CODE,
    client_id: clientId,
    device_code: device.body.device_code
  })
  const refresh = { grant_type: 'refresh_token', client_id: clientId, refresh_token: body.refresh_token }
  t.is((await askFor(own, refresh)).status, 200)
  t.deepEqual(await refusalOf(own, { ...refresh, client_id: other.clientId }), [400, 'invalid_grant', 70000])
  t.deepEqual(await refusalOf(own, { ...refresh, refresh_token: 'x' }), [400, 'invalid_grant', 70000])
  t.deepEqual(await refusalOf(own, refresh, { tenant: OTHER_TENANT }), [400, 'invalid_grant', 7000012])
  t.deepEqual(await refusalOf(own, { ...refresh, scope: 'api://nobody/x' }), [400, 'invalid_resource', 500011])
  own.revokeSignIns()
  t.deepEqual(await refusalOf(own, refresh), [400, 'invalid_grant', 50173])
})

test('there is no refresh token without offline_access, and none for an application itself', async (t) => {
  const { body } = await askFor(authority, await codeForm({}, { scope: 'api://tasks/Task.Read openid' }))
  t.is(body.refresh_token, undefined)
  const own = {
    grant_type: 'client_credentials',
    client_id: app('web').clientId,
    client_secret: 'secret',
    scope: 'api://tasks/.default'
  }
  t.deepEqual(Object.keys((await askFor(authority, own)).body), [
    'token_type',
    'expires_in',
    'ext_expires_in',
    'access_token'
  ])
})

test('claims that a client asks for are in the token: its capabilities, and the context of a step-up', async (t) => {
  const claims = JSON.stringify({
    access_token: { xms_cc: { values: ['cp1'] }, acrs: { essential: true, value: 'c1' } }
  })
  const { body } = await askFor(authority, await codeForm({}, { claims }))
  t.like(claimsOf(body.access_token), { xms_cc: ['cp1'], acrs: ['c1'] })
  const own = {
    grant_type: 'client_credentials',
    client_id: app('web').clientId,
    client_secret: 'secret',
    scope: 'api://tasks/.default'
  }
  const appOnly = claimsOf((await askFor(authority, { ...own, claims })).body.access_token)
  t.deepEqual([appOnly.xms_cc, appOnly.acrs], [['cp1'], undefined])
  t.false('xms_cc' in claimsOf((await askFor(authority, own)).body.access_token))
  t.deepEqual(await refusalOf(authority, { ...own, claims: 'x' }), [400, 'invalid_request', 9002313])
})

test('a user that cannot be one is refused at the start', async (t) => {
  for (const user of [{ email: 'x' }, { objectId: 'x' }]) {
    await t.throwsAsync(startTestAuthority({ quiet: true, user }), { code: 'ERR_TESTING_OPTION' })
  }
})
