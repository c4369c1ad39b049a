import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { getJson } from '../helpers/testing-http.mjs'

const run = promisify(execFile)
const CLIENT = fileURLToPath(new URL('../helpers/testing-client.mjs', import.meta.url))

let authority
let folder
let env
test.before(async () => {
  authority = await startTestAuthority({
    quiet: true,
    tls: true,
    domain: 'tenant.example',
    apps: [{ accessTokenVersion: 2 }, { clientSecret: 'secret', roles: ['Reader'] }]
  })
  folder = await mkdtemp(path.join(os.tmpdir(), 'testing-clients-'))
  await writeFile(path.join(folder, 'ca.pem'), authority.ca)
  env = { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem') }
})
test.after.always(() => Promise.all([authority?.close(), folder && rm(folder, { recursive: true })]))

async function getToken(client, changes) {
  const settings = {
    url: authority.url,
    tenantId: authority.tenantId,
    clientId: authority.client.clientId,
    clientSecret: authority.client.clientSecret,
    scope: `${authority.api.appIdUri}/.default`,
    ...changes
  }
  const { stdout } = await run(process.execPath, [CLIENT, client, JSON.stringify(settings)], { env, timeout: 60_000 })
  return JSON.parse(stdout)
}

for (const client of ['msal-node', 'identity']) {
  test.serial(`${client} gets a token over HTTPS that verifies`, async (t) => {
    const { url, tenantId, ca, api } = authority
    const { token, expiresOn } = await getToken(client)
    const keys = createLocalJWKSet(await getJson(`${url}/${tenantId}/discovery/v2.0/keys`, { ca }))
    const { payload } = await jwtVerify(token, keys, { issuer: `${url}/${tenantId}/v2.0`, audience: api.clientId })
    t.deepEqual(payload.roles, ['Reader'])
    t.true(Math.abs(expiresOn / 1000 - payload.exp) <= 10)
  })

  test.serial(`${client} understands the refusals`, async (t) => {
    t.deepEqual(await getToken(client, { clientSecret: 'wrong' }), { code: '7000215' })
    t.deepEqual(await getToken(client, { scope: 'api://nobody/.default' }), { code: '500011' })
  })

  test.serial(`${client} accepts the domain of the tenant`, async (t) => {
    t.is(typeof (await getToken(client, { tenantId: 'tenant.example' })).token, 'string')
  })
}
