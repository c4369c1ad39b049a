// doctor: what it makes of metadata, of recorded documents where they are there.
import { readFileSync } from 'node:fs'
import test from 'ava'
import documents from '../../lib/doctor/documents.js'
import hosts from '../../lib/doctor/hosts.js'
import { sharedFile } from '../../scripts/shared.mjs'
import { testWithShared } from '../helpers/shared.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const PUBLIC = 'https://login.microsoftonline.com'
const issuersOf = (tenant) => [`https://sts.windows.net/${tenant}/`, `${PUBLIC}/${tenant}/v2.0`]

function judge(document, { issuers = issuersOf(TENANT), host = PUBLIC, status = 200 } = {}) {
  const url = new URL(`${host}/tenant/v2.0/.well-known/openid-configuration`)
  return documents.metadataStep({ url, status, body: Buffer.from(JSON.stringify(document)) }, { issuers })
}

const metadata = (more) => ({ issuer: `${PUBLIC}/${TENANT}/v2.0`, jwks_uri: `${PUBLIC}/keys`, ...more })

test('the issuer has to be one that is accepted', (t) => {
  const other = '8d1e6c2f-405b-4c1f-8b64-203070100b22'
  const template = issuersOf('{tenantid}')
  for (const [issuer, issuers, status] of [
    [`${PUBLIC}/${TENANT}/v2.0`, issuersOf(TENANT), 'passed'],
    [`${PUBLIC}/${other}/v2.0`, issuersOf(TENANT), 'failed'],
    [`${PUBLIC}/{tenantid}/v2.0`, issuersOf(TENANT), 'failed'],
    [`${PUBLIC}/{tenantid}/v2.0`, template, 'passed'],
    [`${PUBLIC}/${other}/v2.0`, template, 'passed'],
    [`${PUBLIC}/${other}/x/v2.0`, template, 'failed'],
    [`https://attacker.example/${other}/v2.0`, template, 'failed'],
    ['https://anybody.example', [], 'passed']
  ]) {
    t.is(judge(metadata({ issuer }), { issuers }).status, status, issuer)
  }
})

test('a tenant of another cloud is sent there', (t) => {
  for (const [host, cloud, status] of [
    [PUBLIC, 'microsoftonline.com', 'passed'],
    [PUBLIC, 'microsoftonline.us', 'failed'],
    [PUBLIC, 'partner.microsoftonline.cn', 'failed'],
    ['https://login.partner.microsoftonline.cn', 'partner.microsoftonline.cn', 'passed'],
    ['https://login.microsoftonline.us', 'microsoftonline.com', 'failed'],
    ['http://127.0.0.1', 'microsoftonline.us', 'passed'],
    [PUBLIC, 'attacker.example', 'passed'],
    [PUBLIC, 5, 'passed']
  ]) {
    const step = judge(metadata({ cloud_instance_name: cloud }), { host })
    t.is(step.status, status, `${host} ${cloud}`)
    if (status === 'failed') t.regex(step.hint, new RegExp(`ENTRA_AUTHORITY_HOST .* to https://login\\.${cloud}$`))
  }
})

test('a document that is not metadata is reported as such', (t) => {
  for (const document of [null, [], 'text', {}, { issuer: 'x' }, { issuer: 1, jwks_uri: 'x' }]) {
    t.regex(judge(document).message, /is not OIDC metadata/)
  }
  t.is(documents.metadataStep(undefined, { issuers: [] }).status, 'skipped')
})

for (const [file, tenant] of [
  ['2024-10-26-entra-common-v2.json', '{tenantid}'],
  ['2024-10-26-entra-organizations-v2.json', '{tenantid}'],
  ['2021-06-01-tenant-v2-with-headers.json', '12345678-1234-1234-1234-123456789012']
]) {
  testWithShared(`recorded metadata is what is expected: ${file}`, (t) => {
    const recorded = JSON.parse(readFileSync(sharedFile('data', 'metadata', file)))
    const step = judge(recorded.body ?? recorded, { issuers: issuersOf(tenant) })
    t.is(step.status, 'passed', step.message)
    t.is(judge(recorded.body ?? recorded, { issuers: issuersOf(TENANT) }).status, 'failed')
  })
}

test('a host that is nearly one of a cloud is known by it', (t) => {
  for (const [host, meant] of [
    ['login.microsoftonlin.com', 'login.microsoftonline.com'],
    ['login.micrsoftonline.us', 'login.microsoftonline.us'],
    ['login.partner.microsoftonline.c', 'login.partner.microsoftonline.cn'],
    ['login.microsoftonline.com', undefined],
    ['auth.example', undefined]
  ]) {
    t.is(hosts.hostMeant(host), meant, host)
  }
  for (const [host, expected] of [
    ['login.microsoftonline.com', true],
    ['contoso.ciamlogin.com', true],
    ['login.microsoftonline.com.attacker.example', false]
  ]) {
    t.is(hosts.isOfMicrosoft(host), expected, host)
  }
})
