// MSAL and the Azure SDKs get tokens in each of their ways, and call a protected Express application with them.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { createCheckAuthToken } from 'entra-jwt-verify'
import { createClientCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import express from 'express'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { claimsOf, getJson } from '../helpers/testing-http.mjs'

const run = promisify(execFile)
const CLIENT = fileURLToPath(new URL('../helpers/testing-client.mjs', import.meta.url))

let authority
let certificate
let folder
let env
let server
let api
test.before(async () => {
  certificate = await createClientCertificate()
  authority = await startTestAuthority({
    quiet: true,
    tls: true,
    domain: 'tenant.example',
    user: { userName: 'megan@tenant.example', name: 'Megan Bowen' },
    apps: [
      { name: 'API', appIdUri: 'api://tasks', scopes: ['Task.Read'], accessTokenVersion: 2 },
      { name: 'secret', clientSecret: 'secret', roles: ['Reader'] },
      { name: 'certificate', certificates: [certificate.cert], roles: ['Reader'] },
      {
        name: 'workload',
        federatedCredentials: [{ subject: 'system:serviceaccount:default:worker' }],
        roles: ['Reader']
      },
      { name: 'middle tier', appIdUri: 'api://middle', clientSecret: 'secret' },
      { name: 'public' }
    ]
  })
  folder = await mkdtemp(path.join(os.tmpdir(), 'testing-clients-'))
  await writeFile(path.join(folder, 'ca.pem'), authority.ca)
  await writeFile(path.join(folder, 'client.pem'), `${certificate.cert}\n${certificate.key}`)
  await writeFile(path.join(folder, 'federated-token'), authority.federatedToken({ client: app('workload').clientId }))
  env = { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem') }
  server = application().listen(0, '127.0.0.1')
  await once(server, 'listening')
  api = `http://127.0.0.1:${server.address().port}`
})
test.after.always(async () => {
  server?.close()
  server?.closeAllConnections()
  await Promise.all([authority?.close(), folder && rm(folder, { recursive: true })])
})

const app = (name) => authority.apps.find((registered) => registered.name === name)

/** What is called with the tokens, and what plays the user who sits in front of a client. */
function application() {
  const protectedApi = express()
  protectedApi.get('/approve', (req, res) => res.end(authority.approveDevice(req.query.code)))
  protectedApi.get('/browse', async (req, res) => res.end(await authority.browse(req.query.url)))
  protectedApi.use(createCheckAuthToken(authority.options))
  protectedApi.get('/tasks', ({ auth }, res) => {
    const { name, xms_cc } = auth.claims
    res.json({ client: auth.clientId, roles: auth.roles, scopes: auth.scopes, user: name, capabilities: xms_cc })
  })
  return protectedApi
}

function settings(client, changes) {
  const { url, tenantId } = authority
  const scope = ['public', 'middle tier'].includes(client) ? 'api://tasks/Task.Read' : 'api://tasks/.default'
  return { url, tenantId, clientId: app(client).clientId, scope, ...changes }
}

/** What each of some clients gets. */
async function askWith(...clients) {
  const { stdout } = await run(process.execPath, [CLIENT, JSON.stringify(clients)], { env, timeout: 110_000 })
  return JSON.parse(stdout)
}

async function call(token) {
  const response = await fetch(`${api}/tasks`, { headers: { authorization: `Bearer ${token}` } })
  return response.ok ? response.json() : response.status
}

/** Lets clients get their tokens, and compares what the API made of them. */
async function calls(t, clients, expected) {
  const results = await askWith(...clients)
  for (const [index, { token, code }] of results.entries()) {
    const [name] = clients[index]
    t.is(code, undefined, name)
    t.like(await call(token), expected(clients[index][1]), name)
  }
  return results
}

const ofApplication = ({ clientId }) => ({ client: clientId, roles: ['Reader'], scopes: [] })
const ofUser = ({ clientId }) => ({ client: clientId, roles: [], scopes: ['Task.Read'], user: 'Megan Bowen' })

test.serial('msal-node: secret, certificate by either thumbprint, federated token', async (t) => {
  const { key: privateKey, cert: x5c, thumbprint, thumbprintSha256 } = certificate
  const clientAssertion = authority.federatedToken({ client: app('workload').clientId })
  const clients = [
    ['msal-node', settings('secret', { clientSecret: 'secret' })],
    ['msal-node certificate', settings('certificate', { clientCertificate: { thumbprintSha256, privateKey, x5c } })],
    ['msal-node certificate', settings('certificate', { clientCertificate: { thumbprint, privateKey } })],
    ['msal-node assertion', settings('workload', { clientAssertion })]
  ]
  const [{ token, expiresOn }] = await calls(t, clients, ofApplication)
  // An independent library agrees.
  const { url, tenantId, ca } = authority
  const keys = createLocalJWKSet(await getJson(`${url}/${tenantId}/discovery/v2.0/keys`, { ca }))
  const { payload } = await jwtVerify(token, keys, { issuer: `${url}/${tenantId}/v2.0`, audience: app('API').clientId })
  t.deepEqual(payload.roles, ['Reader'])
  t.true(Math.abs(expiresOn / 1000 - payload.exp) <= 10)
})

test.serial('msal-node: on-behalf-of, device code', async (t) => {
  const oboAssertion = authority.issueToken({
    audience: 'api://middle',
    client: app('public').clientId,
    scopes: ['user_impersonation']
  })
  await calls(
    t,
    [
      ['msal-node on-behalf-of', settings('middle tier', { clientSecret: 'secret', oboAssertion })],
      ['msal-node device code', settings('public', { approve: `${api}/approve` })],
      ['msal-node device code', settings('public', { approve: `${api}/approve`, tenantId: 'organizations' })]
    ],
    ofUser
  )
})

test.serial(
  'msal-node: signs in by the browser with PKCE, finds its token in the cache, and refreshes it',
  async (t) => {
    const browse = `${api}/browse`
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } })
    const [plain, capable, challenged] = await calls(
      t,
      [
        ['msal-node interactive', settings('public', { browse })],
        ['msal-node interactive', settings('public', { browse, clientCapabilities: ['CP1'] })],
        ['msal-node interactive', settings('public', { browse, claims })]
      ],
      ofUser
    )
    t.like(plain, { account: 'megan@tenant.example', isCached: true, isRefreshed: true })
    t.is((await call(plain.token)).capabilities, undefined)
    t.deepEqual((await call(capable.token)).capabilities, ['CP1'])
    t.deepEqual(claimsOf(challenged.first).acrs, ['c1'])
  }
)

test.serial('identity: every credential that a service or a tool has', async (t) => {
  const tokenFilePath = path.join(folder, 'federated-token')
  const assertion = authority.federatedToken({ client: app('workload').clientId })
  const secret = { clientSecret: 'secret' }
  await calls(
    t,
    [
      ['identity', settings('secret', secret)],
      ['identity environment', settings('secret', secret)],
      ['identity certificate', settings('certificate', { certificatePath: path.join(folder, 'client.pem') })],
      ['identity assertion', settings('workload', { assertion })],
      ['identity workload', settings('workload', { tokenFilePath })]
    ],
    ofApplication
  )
  const oboAssertion = authority.issueToken({
    audience: 'api://middle',
    client: app('public').clientId,
    scopes: ['user_impersonation']
  })
  await calls(
    t,
    [
      ['identity on-behalf-of', settings('middle tier', { ...secret, oboAssertion })],
      ['identity device code', settings('public', { approve: `${api}/approve` })]
    ],
    ofUser
  )
})

for (const client of ['msal-node', 'identity']) {
  test.serial(`${client} understands the refusals, and the domain of the tenant`, async (t) => {
    const secret = { clientSecret: 'secret' }
    const [wrongSecret, wrongApi, byDomain] = await askWith(
      [client, settings('secret', { clientSecret: 'wrong' })],
      [client, settings('secret', { ...secret, scope: 'api://nobody/.default' })],
      [client, settings('secret', { ...secret, tenantId: 'tenant.example' })]
    )
    t.deepEqual([wrongSecret, wrongApi], [{ code: '7000215' }, { code: '500011' }])
    t.is(claimsOf(byDomain.token).tid, authority.tenantId)
  })
}

test.serial('on-behalf-of of an application without a user is refused, as the clients say', async (t) => {
  const oboAssertion = authority.issueToken({ audience: 'api://middle', client: app('secret').clientId })
  for (const client of ['msal-node on-behalf-of', 'identity on-behalf-of']) {
    const [refused] = await askWith([client, settings('middle tier', { clientSecret: 'secret', oboAssertion })])
    t.deepEqual(refused, { code: '7000114' }, client)
  }
})
