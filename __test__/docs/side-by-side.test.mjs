// docs/responses-and-errors.md, "What your callers will notice": the middleware that people paste and this package, each in
// front of an Express 5 application, are sent the same requests. Every row of the tables is one.
import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import axios from 'axios'
import { createCheckAuthToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import jsonwebtoken from 'jsonwebtoken'
import pasted from '../../benchmark/contenders/axios-jsonwebtoken.mjs'
import { frameworks, listen } from '../helpers/app.mjs'
import { rows, section, text } from '../helpers/facts.mjs'

const PAGE = text('docs/responses-and-errors.md')
const documented = rows(section(PAGE, 'What your callers will notice'))

/** In place of an answer: there was none within two seconds. */
const NO_ANSWER = 'no answer'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const { api, tenantId, url } = authority
  const keys = { jwksUri: `${url}/${tenantId}/discovery/keys`, clientId: api.clientId }
  const before = pasted.setup({ axios, jsonwebtoken }, { ...keys, audience: [api.clientId, api.appIdUri] }).middleware
  const options = { ...authority.options, logger: false }
  const now = createCheckAuthToken(options)
  await now.verifier.preload()
  // Another client id has another cache of keys, which stays empty.
  const withoutKeys = createCheckAuthToken({ ...options, clientId: crypto.randomUUID() })
  const servers = await Promise.all([before, now, withoutKeys].map((each) => listen(frameworks['Express 5'](each))))
  t.context = { authority, servers }
})

test.after.always(async (t) => {
  for (const { close } of t.context.servers) close()
  await t.context.authority.close()
})

/** What is sent, by the first cell of a row. Several tokens have one answer. */
function tokensOf(authority) {
  const token = (overrides) => authority.issueToken(overrides)
  const bearer = (overrides) => [`Bearer ${token(overrides)}`]
  const claims = (own) => bearer({ claims: own })
  const header = (own) => bearer({ header: own })
  const good = token()
  const [head, payload, signature] = good.split('.')
  const { api } = authority
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  // The last character of 342 has four bits that say nothing.
  const other = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spelled = signature.slice(0, -1) + other[other.indexOf(signature.at(-1)) + 1]
  return {
    'a valid token, v1 or v2': [...bearer({ version: 1 }), ...bearer({ version: 2 })],
    'no header': [undefined],
    expired: bearer({ expiresIn: -1 }),
    'for another API': bearer({ audience: 'api://another' }),
    'changed after signing': [`Bearer ${head}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`],
    '`nbf` in the future': claims({ nbf: inAnHour }),
    'a token of another tenant': bearer({ tenantId: crypto.randomUUID() }),
    'another issuer, same key': claims({ iss: 'https://issuer.example' }),
    "an id token for the API's client id": bearer({ idToken: true, audience: api.clientId }),
    'a Microsoft Graph token (`nonce` in the header)': header({ nonce: 'x' }),
    'bound to a key (`cnf`)': claims({ cnf: { jkt: 'x' } }),
    'another kind of JWT (`typ`)': header({ typ: 'logout+jwt' }),
    '`scp` is a number': claims({ scp: 1 }),
    'no `exp`': claims({ exp: undefined }),
    'RS384, RS512, PS256 with the same key': ['RS384', 'RS512', 'PS256'].flatMap((algorithm) => bearer({ algorithm })),
    'a critical header (`crit`)': header({ crit: ['x'], x: 1 }),
    'text after the token': [`Bearer ${good} more`],
    'another spelling of the signature': [`Bearer ${head}.${payload}.${spelled}`],
    '`bearer` in lower case': [`bearer ${good}`],
    'two spaces after `Bearer`': [`Bearer  ${good}`],
    '`aud` in upper case, with a trailing slash, or `spn:`': [
      ...claims({ aud: api.clientId.toUpperCase() }),
      ...claims({ aud: `${api.appIdUri}/` }),
      ...claims({ aud: `spn:${api.clientId}` })
    ],
    '`x5t` instead of `kid`': header({ kid: undefined }),
    'the key endpoint is down, the key is cached': bearer(),
    'the key endpoint does not answer, the key is cached': bearer(),
    'the key endpoint is down, no key is cached': bearer(),
    'not a JWT': ['Bearer a.b.c', 'Bearer token', `Bearer ${head}.${payload}`],
    'an unknown `kid`': header({ kid: 'unknown' }),
    'no signature': [`Bearer ${head}.${payload}.`],
    '`exp` is a text': claims({ exp: 'soon' })
  }
}

/** How the authority fails meanwhile. */
const FAILURES = [
  [/is down/, 503],
  [/does not answer/, 'hang']
]

test.serial('each row of the tables is what both answer', async (t) => {
  const { authority, servers } = t.context
  const [before, now, withoutKeys] = servers.map(({ url }) => url)
  const tokens = tokensOf(authority)
  t.deepEqual(documented.map(([request]) => request).toSorted(), Object.keys(tokens).toSorted())
  for (const [request, answeredBefore, answeredNow] of documented) {
    const [, failure] = FAILURES.find(([pattern]) => pattern.test(request)) ?? []
    if (failure) authority.fail(failure)
    for (const authorization of tokens[request]) {
      const target = request.endsWith('no key is cached') ? withoutKeys : now
      t.is(await answerOf(before, authorization), answeredBefore, `${request}: before`)
      t.is(await answerOf(target, authorization), answeredNow, `${request}: now`)
    }
    authority.recover()
  }
})

test.serial('a forged token passes neither', async (t) => {
  const { authority, servers } = t.context
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const authorization = `Bearer ${authority.issueToken({ key: privateKey })}`
  for (const { url } of servers.slice(0, 2)) {
    t.is(await answerOf(url, authorization), '500 `Internal Server Error, invalid signature`')
  }
})

test.serial('headers differ as the page says', async (t) => {
  const { authority, servers } = t.context
  const headersOf = async ({ url }) => {
    const authorization = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
    const { headers } = await fetch(url, { headers: { authorization } })
    return ['content-type', 'etag', 'www-authenticate'].map((name) => headers.get(name)?.split(/[;/ ]/)[1] ?? null)
  }
  t.deepEqual(
    (await headersOf(servers[0])).map((value) => value !== null),
    [true, true, false]
  )
  t.deepEqual(await headersOf(servers[1]), ['plain', null, 'error="invalid_token",'])
})

/** An answer as the tables have it. */
async function answerOf(url, authorization) {
  const headers = authorization === undefined ? {} : { authorization }
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) })
    const body = await response.text()
    return response.ok ? String(response.status) : `${response.status} \`${body}\``
  } catch (error) {
    if (error.name === 'TimeoutError') return NO_ANSWER
    throw error
  }
}
