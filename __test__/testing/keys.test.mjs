import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { claimsOf, getJson, headerOf } from '../helpers/testing-http.mjs'

const MICROSOFT_ACCOUNTS = 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0'

async function start(t, options) {
  const authority = await startTestAuthority({ quiet: true, ...options })
  t.teardown(() => authority.close())
  return authority
}

function keySet(authority, query = '') {
  return getJson(`${authority.url}/${authority.tenantId}/discovery/keys${query}`)
}

async function publishedKids(authority, query) {
  return (await keySet(authority, query)).keys.map(({ kid }) => kid)
}

function signingKid(authority) {
  return headerOf(authority.issueToken()).kid
}

test('starts with one key that signs and one that is only published', async (t) => {
  const authority = await start(t)
  const kids = await publishedKids(authority)
  t.deepEqual(
    authority.keys.map(({ kid, published, signing }) => [kid, published, signing]),
    [
      [kids[0], true, true],
      [kids[1], true, false]
    ]
  )
  t.is(signingKid(authority), kids[0])
})

test('after a rotation the new key signs, and tokens of the old one still verify', async (t) => {
  const authority = await start(t)
  const before = authority.issueToken()
  const kid = await authority.rotateKeys()
  t.is(signingKid(authority), kid)
  const kids = await publishedKids(authority)
  t.is(kids.length, 3)
  t.is(kids.at(-1), kid)
  const keys = createLocalJWKSet(await keySet(authority))
  await t.notThrowsAsync(jwtVerify(before, keys))
  await t.notThrowsAsync(jwtVerify(authority.issueToken(), keys))
})

test('a planned rotation goes to the key that was published as the next', async (t) => {
  const authority = await start(t)
  const [, next] = await publishedKids(authority)
  t.is(await authority.rotateKeys({ to: next }), next)
  t.is(signingKid(authority), next)
  t.is((await publishedKids(authority)).length, 2)
})

test('a key may sign before it is published', async (t) => {
  const authority = await start(t)
  const kid = await authority.rotateKeys({ publish: false })
  const token = authority.issueToken()
  t.is(headerOf(token).kid, kid)
  await t.throwsAsync(jwtVerify(token, createLocalJWKSet(await keySet(authority))), {
    code: 'ERR_JWKS_NO_MATCHING_KEY'
  })
  authority.restoreKey(kid)
  await t.notThrowsAsync(jwtVerify(token, createLocalJWKSet(await keySet(authority))))
})

test('a withdrawn key vanishes, comes back, and can sign in the meantime', async (t) => {
  const authority = await start(t)
  const [current, next] = await publishedKids(authority)
  authority.withdrawKey(current)
  t.deepEqual(await publishedKids(authority), [next])
  t.is(signingKid(authority), current)
  authority.withdrawKey(next)
  t.deepEqual(await publishedKids(authority), [])
  authority.restoreKey(current)
  t.deepEqual(await publishedKids(authority), [current])
  t.is(headerOf(authority.issueToken({ kid: next })).kid, next)
})

test('an unknown kid is a mistake of the test', async (t) => {
  const authority = await start(t)
  const mistake = { code: 'ERR_TESTING_OPTION' }
  t.throws(() => authority.withdrawKey('nobody'), mistake)
  t.throws(() => authority.restoreKey('nobody'), mistake)
  await t.throwsAsync(authority.rotateKeys({ to: 'nobody' }), mistake)
  await t.throwsAsync(authority.rotateKeys({ published: false }), mistake)
})

test('an added key signs only when asked to; its issuer and cloud show in the sets', async (t) => {
  const authority = await start(t)
  const kid = await authority.addKey({ issuer: MICROSOFT_ACCOUNTS, cloudInstanceName: 'elsewhere.example' })
  t.not(signingKid(authority), kid)
  t.is(headerOf(authority.issueToken({ kid })).kid, kid)
  const v2 = await getJson(`${authority.url}/common/discovery/v2.0/keys`)
  t.like(
    v2.keys.find((key) => key.kid === kid),
    { issuer: MICROSOFT_ACCOUNTS, cloud_instance_name: 'elsewhere.example' }
  )
  t.false((await keySet(authority)).keys.some((key) => 'issuer' in key))
})

test('keys can be shorter than a verifier should accept', async (t) => {
  const authority = await start(t)
  const kid = await authority.addKey({ modulusLength: 1024 })
  const { publicKey } = authority.keys.find((key) => key.kid === kid)
  t.is(publicKey.asymmetricKeyDetails.modulusLength, 1024)
})

test('an application with its own signing key shows it under its appid and nowhere else', async (t) => {
  const authority = await start(t, {
    apps: [{ customSigningKey: true, accessTokenVersion: 2 }, { clientSecret: 'x' }]
  })
  const { api, client } = authority
  const common = await publishedKids(authority)
  const own = await publishedKids(authority, `?appid=${api.clientId}`)
  t.is(common.length, 2)
  t.is(own.length, 1)
  t.false(common.includes(own[0]))
  t.deepEqual(await publishedKids(authority, `?appid=${client.clientId}`), common)
  t.is(signingKid(authority), own[0])
  t.is(headerOf(authority.issueToken({ audience: 'api://elsewhere' })).kid, common[0])

  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: 'x' }
  const response = await fetch(`${authority.url}/${authority.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, scope: `${api.clientId}/.default` })
  })
  const { access_token: token } = await response.json()
  t.is(claimsOf(token).aud, api.clientId)
  const keys = createLocalJWKSet(await keySet(authority, `?appid=${api.clientId}`))
  await t.notThrowsAsync(jwtVerify(token, keys))
})
