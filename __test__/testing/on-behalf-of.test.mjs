// An API exchanges the token that it was called with for one to another API (on-behalf-of).
import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { claimsOf } from '../helpers/testing-http.mjs'
import { accessClaims, askFor, refusalOf } from '../helpers/testing-tokens.mjs'

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555'
const USER = {
  userName: 'megan@tenant.example',
  name: 'Megan Bowen',
  roles: { 'api://downstream': ['Orders.Approver'] }
}

let authority
test.before(async () => {
  authority = await startTestAuthority({
    quiet: true,
    otherTenants: [OTHER_TENANT],
    user: USER,
    apps: [
      { name: 'front end' },
      { name: 'middle tier', appIdUri: 'api://middle', clientSecret: 'secret', scopes: ['Tasks.Read'] },
      {
        name: 'downstream',
        appIdUri: 'api://downstream',
        scopes: ['Orders.Read', 'Orders.Write'],
        accessTokenVersion: 2
      },
      { name: 'assigned', appIdUri: 'api://assigned', assignmentRequired: true }
    ]
  })
})
test.after.always(() => authority?.close())

const app = (name) => authority.apps.find((registered) => registered.name === name)

/** The token that the middle tier was called with. */
const incoming = (overrides) =>
  authority.issueToken({
    audience: 'api://middle',
    client: app('front end').clientId,
    scopes: ['Tasks.Read'],
    ...overrides
  })

function form(changes) {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    client_id: app('middle tier').clientId,
    client_secret: 'secret',
    scope: 'api://downstream/Orders.Read openid offline_access',
    assertion: incoming(),
    ...changes
  }
}

test('the new token is of the same user, for the other API, from the middle tier', async (t) => {
  for (const version of [1, 2]) {
    const assertion = incoming({ version })
    const { status, body } = await askFor(authority, form({ assertion }))
    t.is(status, 200)
    t.like(body, { token_type: 'Bearer', scope: 'api://downstream/Orders.Read', expires_in: 3599 })
    t.is(typeof body.refresh_token, 'string')
    t.like(claimsOf(body.access_token), {
      aud: app('downstream').clientId,
      azp: app('middle tier').clientId,
      azpacr: '1',
      scp: 'Orders.Read',
      oid: claimsOf(assertion).oid,
      name: 'Megan Bowen',
      preferred_username: 'megan@tenant.example',
      roles: ['Orders.Approver'],
      tid: authority.tenantId,
      ver: '2.0'
    })
    t.like(claimsOf(body.id_token), { aud: app('middle tier').clientId, oid: claimsOf(assertion).oid })
  }
})

test('the user is who the assertion says, not who the authority would sign in', async (t) => {
  const oid = 'aaaaaaaa-2222-4333-8444-555555555555'
  const assertion = incoming({ claims: { oid, name: 'Alex Wilber', upn: 'alex@tenant.example' } })
  t.like(await accessClaims(authority, form({ assertion })), {
    oid,
    name: 'Alex Wilber',
    preferred_username: 'alex@tenant.example'
  })
})

test('the older endpoint takes the resource, and answers in strings', async (t) => {
  const { status, body } = await askFor(authority, form({ scope: undefined, resource: 'api://downstream' }), {
    version: ''
  })
  t.is(status, 200)
  t.like(body, { expires_in: '3599', resource: 'api://downstream' })
  t.is(claimsOf(body.access_token).scp, 'Orders.Read Orders.Write')
})

test('a token that is not for the middle tier, is over, or was not issued here is refused', async (t) => {
  const refused = (overrides) => refusalOf(authority, form({ assertion: incoming(overrides) }))
  t.deepEqual(await refused({ audience: 'api://downstream' }), [400, 'invalid_grant', 500131])
  t.deepEqual(await refused({ expiresIn: -1 }), [400, 'invalid_grant', 500133])
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  t.deepEqual(await refused({ key: privateKey }), [400, 'invalid_grant', 50013])
  t.deepEqual(await refused({ header: { kid: 'unknown' } }), [400, 'invalid_grant', 50013])
  t.deepEqual(await refused({ tenantId: OTHER_TENANT }), [400, 'invalid_grant', 50013])
  t.deepEqual(await refusalOf(authority, form({ assertion: 'x.y.z' })), [400, 'invalid_request', 50027])
  const { body } = await askFor(authority, form({ assertion: incoming({ audience: 'api://downstream' }) }))
  t.true(body.error_description.includes(`'${app('middle tier').clientId}'`))
})

test('a token without a user is refused, and an id token', async (t) => {
  const appOnly = incoming({ scopes: undefined, client: app('middle tier').clientId })
  t.deepEqual(await refusalOf(authority, form({ assertion: appOnly })), [400, 'unauthorized_client', 7000114])
  const idToken = authority.issueToken({ idToken: true, client: app('front end').clientId, audience: 'api://middle' })
  t.deepEqual(await refusalOf(authority, form({ assertion: idToken })), [400, 'invalid_request', 240002])
})

test('the middle tier has to prove who it is, and to ask for what there is', async (t) => {
  t.deepEqual(await refusalOf(authority, form({ client_secret: undefined })), [401, 'invalid_client', 7000218])
  t.deepEqual(await refusalOf(authority, form({ client_secret: 'wrong' })), [401, 'invalid_client', 7000215])
  for (const parameter of ['assertion', 'requested_token_use', 'scope']) {
    t.deepEqual(
      await refusalOf(authority, form({ [parameter]: undefined })),
      [400, 'invalid_request', 900144],
      parameter
    )
  }
  t.deepEqual(await refusalOf(authority, form({ requested_token_use: 'x' })), [400, 'invalid_request', 9002313])
  t.deepEqual(await refusalOf(authority, form({ scope: 'api://nobody/x' })), [400, 'invalid_resource', 500011])
  t.deepEqual(await refusalOf(authority, form({ scope: 'api://downstream/Orders.Delete' })), [
    400,
    'invalid_client',
    650053
  ])
  t.deepEqual(await refusalOf(authority, form({ scope: 'User.Read' })), [400, 'invalid_client', 650053])
  t.deepEqual(await refusalOf(authority, form({ scope: 'api://downstream/Orders.Read api://middle/Tasks.Read' })), [
    400,
    'invalid_scope',
    28000
  ])
  t.deepEqual(await refusalOf(authority, form({ resource: 'https://other.example' })), [400, 'invalid_target', 9010010])
})

test('a user without a role is refused where the API requires assignment', async (t) => {
  t.deepEqual(await refusalOf(authority, form({ scope: 'api://assigned/.default' })), [400, 'invalid_grant', 50105])
})
