import { createHash, X509Certificate } from 'node:crypto'
import os from 'node:os'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { getJson, request } from '../helpers/testing-http.mjs'

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555'
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, otherTenants: [OTHER_TENANT], domain: 'tenant.example' })
})
test.after.always(() => authority?.close())

test('publishes RSA-2048 keys whose kid and x5t are the thumbprint of their certificate', async (t) => {
  const { keys } = await getJson(`${authority.url}/${authority.tenantId}/discovery/keys`)
  t.is(keys.length, 2)
  for (const key of keys) {
    t.deepEqual(Object.keys(key), ['kty', 'use', 'kid', 'x5t', 'n', 'e', 'x5c', 'cloud_instance_name'])
    const der = Buffer.from(key.x5c[0], 'base64')
    const certificate = new X509Certificate(der)
    t.like(key, { kty: 'RSA', use: 'sig', e: 'AQAB', x5t: key.kid, cloud_instance_name: '127.0.0.1' })
    t.is(key.kid, createHash('sha1').update(der).digest('base64url'))
    t.is(key.n, certificate.publicKey.export({ format: 'jwk' }).n)
    t.is(certificate.publicKey.asymmetricKeyDetails.modulusLength, 2048)
    t.is(certificate.subject, 'CN=accounts.accesscontrol.windows.net')
    t.true(certificate.verify(certificate.publicKey), 'self-signed')
  }
})

test('the v2 set holds the same keys, each with the issuer template of this authority', async (t) => {
  const v1 = await getJson(`${authority.url}/${authority.tenantId}/discovery/keys`)
  const v2 = await getJson(`${authority.url}/${authority.tenantId}/discovery/v2.0/keys`)
  const issuer = `${authority.url}/{tenantid}/v2.0`
  t.deepEqual(
    v2.keys,
    v1.keys.map((key) => ({ ...key, issuer }))
  )
})

test('keys and metadata come with the headers that Entra sends', async (t) => {
  for (const path of ['discovery/keys', 'v2.0/.well-known/openid-configuration']) {
    const { status, headers } = await request(`${authority.url}/${authority.tenantId}/${path}`)
    t.is(status, 200)
    t.like(headers, {
      'cache-control': 'max-age=86400, private',
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff'
    })
    t.regex(headers['x-ms-request-id'], /^[0-9a-f-]{36}$/)
  }
})

test('metadata of a tenant names its issuer and endpoints, by GUID also when it was asked for by domain', async (t) => {
  const { url, tenantId } = authority
  for (const segment of [tenantId, tenantId.toUpperCase(), 'tenant.example']) {
    t.like(await getJson(`${url}/${segment}/.well-known/openid-configuration`), {
      issuer: `https://sts.windows.net/${tenantId}/`,
      token_endpoint: `${url}/${tenantId}/oauth2/token`,
      jwks_uri: `${url}/${tenantId}/discovery/keys`,
      cloud_instance_name: '127.0.0.1'
    })
    t.like(await getJson(`${url}/${segment}/v2.0/.well-known/openid-configuration`), {
      issuer: `${url}/${tenantId}/v2.0`,
      token_endpoint: `${url}/${tenantId}/oauth2/v2.0/token`,
      jwks_uri: `${url}/${tenantId}/discovery/v2.0/keys`
    })
  }
})

test('metadata of common and organizations has a template for an issuer, that of consumers its constant tenant', async (t) => {
  const { url } = authority
  const issuers = async (segment) => [
    (await getJson(`${url}/${segment}/.well-known/openid-configuration`)).issuer,
    (await getJson(`${url}/${segment}/v2.0/.well-known/openid-configuration`)).issuer
  ]
  const template = ['https://sts.windows.net/{tenantid}/', `${url}/{tenantid}/v2.0`]
  t.deepEqual(await issuers('common'), template)
  t.deepEqual(await issuers('organizations'), template)
  t.deepEqual(await issuers('consumers'), [`https://sts.windows.net/${CONSUMERS}/`, `${url}/${CONSUMERS}/v2.0`])
  t.is((await request(`${url}/common/discovery/keys`)).status, 200)
})

test('the jwks_uri of every openid-configuration leads to keys', async (t) => {
  for (const tenant of [authority.tenantId, OTHER_TENANT, 'common']) {
    for (const version of ['', '/v2.0']) {
      const document = await getJson(`${authority.url}/${tenant}${version}/.well-known/openid-configuration`)
      t.is((await getJson(document.jwks_uri)).keys.length, 2)
    }
  }
})

test('the openid-configuration for an appid points to the keys for that appid', async (t) => {
  const appid = authority.api.clientId
  const document = await getJson(
    `${authority.url}/${authority.tenantId}/.well-known/openid-configuration?appid=${appid}`
  )
  t.is(document.jwks_uri, `${authority.url}/${authority.tenantId}/discovery/keys?appid=${appid}`)
})

test('instance discovery knows one cloud with one host, this one', async (t) => {
  const { url, tenantId } = authority
  const question = encodeURIComponent(`${url}/${tenantId}/oauth2/v2.0/authorize`)
  const answer = await getJson(`${url}/common/discovery/instance?api-version=1.1&authorization_endpoint=${question}`)
  const { host } = new URL(url)
  t.deepEqual(answer, {
    tenant_discovery_endpoint: `${url}/${tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }]
  })
})

test('an unknown tenant is Entra’s error, in other words for a GUID or domain and for a mere name', async (t) => {
  for (const path of ['discovery/keys', 'v2.0/.well-known/openid-configuration']) {
    const unknown = await request(`${authority.url}/99999999-2222-4333-8444-555555555555/${path}`)
    t.is(unknown.status, 400)
    t.like(await unknown.json(), { error: 'invalid_tenant', error_codes: [90002] })
    const name = await request(`${authority.url}/nowhere/${path}`)
    t.is(name.status, 400)
    t.like(await name.json(), { error: 'invalid_request', error_codes: [900023] })
  }
})

test('paths do not mind case; what is not served is 404, another method 405', async (t) => {
  const { url, tenantId } = authority
  t.is((await request(`${url}/${tenantId}/Discovery/Keys`)).status, 200)
  for (const path of ['/', '//', `/${tenantId}`, `/${tenantId}/oauth2/v2.0/logout`, '/%zz/discovery']) {
    t.is((await request(url + path)).status, 404, path)
  }
  t.is((await request(`${url}/${tenantId}/discovery/keys`, { method: 'POST', body: 'x' })).status, 405)
  const posted = await request(`${url}/${tenantId}/oauth2/v3.0/token`, { method: 'POST', body: 'x' })
  t.is(posted.status, 404)
  t.like(await posted.json(), { error: 'invalid_request', error_codes: [9002313] })
  const head = await request(`${url}/${tenantId}/discovery/keys`, { method: 'HEAD' })
  t.is(head.status, 200)
  t.is(await head.text(), '')
})

test('listens on 127.0.0.1 and nowhere else', async (t) => {
  t.is(new URL(authority.url).hostname, '127.0.0.1')
  const outward = Object.values(os.networkInterfaces())
    .flat()
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
  // 127.0.0.2 is loopback too, on Linux, and stands for any other address where there is no network at all.
  for (const address of ['127.0.0.2', ...outward.map((entry) => entry.address)]) {
    await t.throwsAsync(
      request(`http://${address}:${new URL(authority.url).port}/common/discovery/keys`, {
        signal: AbortSignal.timeout(2000)
      }),
      undefined,
      address
    )
  }
})
