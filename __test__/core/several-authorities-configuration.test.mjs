// Several authorities in one verifier: which configurations are refused, and what of them is read and shown.
import { createRequire } from 'node:module'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, signToken, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { polluted } from '../helpers/pollution.mjs'
import { verdict } from '../helpers/start.mjs'

const { configure } = createRequire(import.meta.url)('../../lib/core/options.js')

const TENANT = '775527ff-9a37-4307-8b3d-cc311f58d925'
const HOST = 'https://login.example.com'
const ISSUER = `https://contoso.b2clogin.com/${TENANT}/v2.0/`

const authority = (url, more) => ({ authority: url, audience: AUDIENCE, ...more })
const flow = (name, more) => authority(`https://contoso.b2clogin.com/contoso.onmicrosoft.com/${name}/v2.0`, more)
const pathOf = (name) => `/contoso.onmicrosoft.com/${name}/v2.0`

test('two entries of one authority are refused, however they are written', (t) => {
  const domain = { tenantId: 'contoso.com', audience: AUDIENCE }
  const everybody = { tenantId: 'organizations', allowedTenants: '*', audience: AUDIENCE }
  const unlisted = { tenantId: TENANT, authorityHost: HOST, audience: AUDIENCE }
  const written = (iss) => ({ issuer: iss, audience: AUDIENCE, jwksUri: `${HOST}/keys` })
  for (const [one, other] of [
    [flow('B2C_1_a'), flow('b2c_1_A')],
    [flow('B2C_1_a', { issuer: ISSUER }), flow('b2c_1_A', { issuer: ISSUER })],
    [flow('B2C_1_a', { issuer: ISSUER }), written(ISSUER)],
    [authority('https://a.example/t'), authority('https://a.example/t/')],
    [domain, everybody],
    [unlisted, written(`${HOST}/${TENANT}/v2.0`)]
  ]) {
    const pairs = [
      [one, other],
      [other, one]
    ]
    for (const authorities of pairs) {
      const error = t.throws(() => createVerifier({ authorities }), { code: 'ERR_CONFIG' }, JSON.stringify(authorities))
      t.regex(error.message, /accept tokens of the same issuer/)
    }
  }
})

test('entries that something tells apart are not', (t) => {
  for (const authorities of [
    [flow('B2C_1_a'), flow('B2C_1_b')],
    [flow('B2C_1_a', { issuer: ISSUER }), flow('B2C_1_b', { issuer: ISSUER })],
    [authority('https://a.example/t'), authority('https://a.example/T')],
    [authority('https://a.example/t'), authority('https://b.example/t')],
    [
      { tenantId: 'contoso.com', audience: AUDIENCE },
      { tenantId: TENANT, audience: AUDIENCE }
    ],
    [
      { tenantId: TENANT, authorityHost: HOST, audience: AUDIENCE },
      { issuer: `${HOST}/other/v2.0`, audience: AUDIENCE, jwksUri: `${HOST}/keys` }
    ]
  ]) {
    t.notThrows(() => createVerifier({ authorities }), JSON.stringify(authorities))
  }
})

test('a token of a user flow that is not configured is for the entry of the whole issuer, not for another flow', async (t) => {
  const b2c = await startForeignAuthority(t, { path: pathOf('B2C_1_a') })
  const issuer = `${b2c.origin}/${TENANT}/v2.0/`
  b2c.metadata.issuer = issuer
  const ofFlow = authority(b2c.url)
  const ofAll = { issuer, jwksUri: b2c.jwksUri, audience: AUDIENCE, requiredRoles: ['Any'] }
  for (const authorities of [
    [ofFlow, ofAll],
    [ofAll, ofFlow]
  ]) {
    const verifier = createVerifier({ authorities })
    t.is(await verdict(verifier, await b2c.issueToken({ tfp: 'B2C_1_a' })), 'passes')
    for (const named of [{ tfp: 'B2C_1_c' }, { acr: 'b2c_1_c' }]) {
      t.is(await verdict(verifier, await b2c.issueToken(named)), 'ERR_TOKEN_POLICY')
      t.is(await verdict(verifier, await b2c.issueToken({ ...named, roles: ['Any'] })), 'passes')
    }
  }
})

test('a polluted prototype names no authority', async (t) => {
  const { jwk } = await newKey('a')
  const authorities = [
    { tenantId: TENANT, audience: AUDIENCE, jwks: { keys: [jwk] } },
    { issuer: 'https://issuer.example', audience: AUDIENCE, jwks: { keys: [jwk] } }
  ]
  const names = (verifier) => verifier.stats().authorities.map((one) => one.authority)
  const expected = names(createVerifier({ authorities }))
  const evil = { authority: 'https://attacker.example', audience: 'https://attacker.example' }
  t.deepEqual(names(polluted(evil, () => createVerifier({ authorities }))), expected)
})

test('null in an entry counts as not given there', (t) => {
  const given = {
    authority: 'https://tfp.example/a/',
    audience: AUDIENCE,
    authorities: [{ authority: null, audience: null }]
  }
  const alone = createVerifier({ authority: given.authority, audience: AUDIENCE })
  t.deepEqual(createVerifier(given).stats(), alone.stats())
  t.deepEqual(configure(given).authorities, [
    { authority: given.authority, audiences: [AUDIENCE], clientId: undefined }
  ])
})

test('hints name no variable where none is read', async (t) => {
  const key = await newKey('a')
  const given = { audience: AUDIENCE, jwks: { keys: [key.jwk] } }
  const stranger = crypto.randomUUID()
  const iss = `https://login.microsoftonline.com/${stranger}/v2.0`
  const ofStranger = await signToken(key, { iss, tid: stranger, ver: '2.0', azp: stranger, aud: AUDIENCE })
  const verifier = createVerifier({ authorities: [{ tenantId: TENANT, ...given }] })
  const alone = createVerifier({ tenantId: TENANT, ...given })
  const hintOf = async (one) => {
    const { checks } = await one.explain(ofStranger)
    return checks.map(({ hint }) => hint ?? '').join('\n')
  }
  t.regex(await hintOf(alone), /set ENTRA_TENANT_ID \(option tenantId\)/)
  const hint = await hintOf(verifier)
  t.regex(hint, /set the option tenantId/)
  t.notRegex(hint, /ENTRA_/)
})
