// verifier.explain: the verdict of verify, with every check; and what it recognises in tokens of an authority.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'ava'
import { AuthError, createVerifier } from 'entra-jwt-verify'
import { sharedFile } from '../../scripts/shared.mjs'
import { testWithShared } from '../helpers/shared.mjs'
import { optionsFor, start, verdict } from '../helpers/start.mjs'
import { verifierFor } from '../helpers/vectors-adapter.mjs'

/** What an explanation says in place of a verdict. */
function outcome({ verdict: said, code, checks }) {
  const firstFailed = checks.find(({ status }) => status === 'failed')?.code
  return { said, code, firstFailed }
}

function expectedOutcome(code) {
  if (code === 'passes') return { said: 'valid', code: undefined, firstFailed: undefined }
  return { said: code === 'ERR_KEYS_UNAVAILABLE' ? 'unknown' : 'refused', code, firstFailed: code }
}

const statuses = ({ checks }) => Object.fromEntries(checks.map(({ name, status }) => [name, status]))
const findings = (explanation) => explanation.findings.map(({ name }) => name)

test('a token that may pass is valid, and every check says so', async (t) => {
  const { authority, verifier } = await start(t)
  const explanation = await verifier().explain(authority.issueToken({ version: 2, roles: ['Task.Read'] }))
  t.is(explanation.verdict, 'valid')
  t.deepEqual(Object.keys(statuses(explanation)), [
    'form',
    'header',
    'algorithm',
    'type',
    'nonce',
    'key',
    'signature',
    'claims',
    'expiry',
    'not-before',
    'entra-claims',
    'issuer',
    'tenant',
    'use',
    'audience'
  ])
  t.true(explanation.checks.every(({ status, hint }) => status === 'passed' && hint === undefined))
  t.deepEqual(explanation.findings, [])
})

test('an empty signature is named, and expected and found do not say the same', async (t) => {
  const { authority, verifier } = await start(t)
  const token = authority.issueToken({ algorithm: 'none' })
  const error = await t.throwsAsync(verifier().verify(token), { code: 'ERR_TOKEN_MALFORMED' })
  t.is(error.reason, 'base64url')
  t.regex(error.hint, /the signature is empty/)
  const [form] = (await verifier().explain(token)).checks
  t.is(form.name, 'form')
  t.regex(form.expected, /^three segments, none of them empty, /)
  t.regex(form.found, /^3 segments, the signature empty, /)
})

test('a client id with what does not belong to it is named by its own variable', async (t) => {
  const { authority, options } = await start(t)
  for (const clientId of [`${options.clientId}\r`, `"${options.clientId}"`]) {
    for (const version of [1, 2]) {
      const { findings } = await createVerifier({ ...options, clientId }).explain(authority.issueToken({ version }))
      t.is(findings[0].name, 'audience-form')
      t.is(findings[0].hint, `set ENTRA_CLIENT_ID (option clientId) to ${options.clientId}`)
    }
  }
})

test('the warning about an app-only token without a role says of which tenants applications can get one', async (t) => {
  const { authority, verifier } = await start(t)
  for (const [options, whose] of [
    [{}, 'any application of the tenant'],
    [{ tenantId: 'organizations', allowedTenants: '*' }, 'any application of any tenant'],
    [
      { tenantId: 'organizations', allowedTenants: [authority.tenantId, crypto.randomUUID()] },
      'any application of the accepted tenants'
    ]
  ]) {
    const { findings } = await verifier(options).explain(authority.issueToken())
    t.is(findings[0].name, 'no-role')
    t.true(findings[0].message.includes(`${whose} can get one`), findings[0].message)
  }
})

test('explain says of every kind of token what verify says', async (t) => {
  const { authority, verifier } = await start(t, { otherTenants: ['8d1e6c2f-405b-4c1f-8b64-203070100b22'] })
  const tokens = [
    {},
    { version: 2 },
    { delegated: true },
    { audience: 'api://another' },
    { audience: 'https://graph.microsoft.com', header: { nonce: 'n' } },
    { expiresIn: -1 },
    { expiresIn: -3600 },
    { claims: { nbf: Date.now() / 1000 + 100 } },
    { claims: { exp: undefined } },
    { claims: { exp: '1', aud: 'x' } },
    { claims: { aud: [] } },
    { claims: { iss: 'https://login.microsoftonline.us/x/v2.0' } },
    { claims: { tid: 'x' } },
    { claims: { TID: authority.tenantId } },
    { claims: { ver: '3.0' } },
    { claims: { idtyp: 'app', scp: 'a' } },
    { claims: { roles: 'a' } },
    { tenantId: '8d1e6c2f-405b-4c1f-8b64-203070100b22' },
    { tenantId: '8d1e6c2f-405b-4c1f-8b64-203070100b22', expiresIn: -1 },
    { idToken: true },
    { idToken: true, audience: authority.api.clientId },
    { algorithm: 'none' },
    { algorithm: 'RS512' },
    { header: { typ: 'dpop+jwt' } },
    { header: { kid: undefined, x5t: undefined } },
    { header: { kid: 'unknown' } },
    { header: { crit: ['x'] } },
    { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }
  ].map((overrides) => authority.issueToken(overrides))
  tokens.push(
    '',
    'x',
    'a.b.c',
    'a.b.c.d.e',
    `Bearer ${tokens[0]}`,
    `${tokens[0]}\n`,
    `${tokens[0]}Ł`,
    'x'.repeat(20_000)
  )
  for (const more of [
    {},
    { algorithms: ['RS512', 'RS256'] },
    { clockTolerance: 60 },
    { allowedClients: ['8d1e6c2f-405b-4c1f-8b64-203070100b22'] },
    { requiredRoles: ['x'], requiredScopes: ['y'] },
    { tenantId: 'common', allowedTenants: '*' },
    { issuer: `https://sts.windows.net/${authority.tenantId}/` },
    { issuer: 'https://issuer.example', tenantId: undefined, jwksUri: `${authority.url}/common/discovery/keys` },
    { tenantId: 'test-authority.example' }
  ]) {
    const one = verifier(more)
    for (const token of tokens) {
      t.deepEqual(outcome(await one.explain(token)), expectedOutcome(await verdict(one, token)), token)
    }
  }
})

for (const file of ['attacks.json', 'rfc.json']) {
  testWithShared(`explain says of ${file} what verify says`, async (t) => {
    const { cases } = JSON.parse(readFileSync(sharedFile('vectors', file)))
    const said = new Map()
    for (const { id, jwks, token_segments: segments, allowed_algs: allowedAlgs, now, issuer, audience } of cases) {
      const token = segments?.join('.')
      const made =
        token === undefined
          ? undefined
          : attempt(() => verifierFor({ token, jwks, allowedAlgs, now, issuer, audience }))
      if (!made) continue
      const explanation = await made.verifier.explain(token, made.options)
      const code = await verdict(made.verifier, token, made.options)
      t.deepEqual(outcome(explanation), expectedOutcome(code), id)
      said.set(explanation.verdict, (said.get(explanation.verdict) ?? 0) + 1)
    }
    t.true(said.get('valid') >= 4 && said.get('refused') > 30, JSON.stringify([...said]))
  })
}

/** A case whose keys or algorithms no verifier accepts has nothing to explain. */
function attempt(make) {
  try {
    return make()
  } catch (error) {
    if (error.code === 'ERR_CONFIG') return undefined
    throw error
  }
}

test('it waits for the keys, and causes one fetch', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const explanations = await Promise.all(Array.from({ length: 20 }, () => one.explain(authority.issueToken())))
  t.true(explanations.every(({ verdict: said }) => said === 'valid'))
  t.is(authority.requestsTo('keys').length, 1)
})

test('without keys nobody can tell, but the claims are judged', async (t) => {
  const { authority, verifier } = await start(t)
  await authority.stop()
  const explanation = await verifier().explain(authority.issueToken({ audience: 'api://another' }))
  t.is(explanation.verdict, 'unknown')
  t.is(explanation.code, 'ERR_KEYS_UNAVAILABLE')
  const { key, signature, audience, expiry } = statuses(explanation)
  t.deepEqual([key, signature, expiry, audience], ['failed', 'not-reached', 'passed', 'failed'])
})

test('a Graph token is explained although no key was needed to refuse it', async (t) => {
  const { authority, verifier } = await start(t)
  const token = authority.issueToken({ audience: 'https://graph.microsoft.com', header: { nonce: 'n' } })
  const explanation = await verifier().explain(token)
  t.is(explanation.code, 'ERR_TOKEN_GRAPH')
  t.deepEqual(findings(explanation), ['graph-token'])
  t.is(statuses(explanation).key, 'passed')
})

test('a custom signing key is recognised, and asked for with the clientId it is known', async (t) => {
  const apps = [{ customSigningKey: true }, { clientSecret: 'secret' }]
  const { authority, verifier } = await start(t, { apps })
  const token = authority.issueToken({ roles: ['a'] })
  const without = await verifier({ clientId: undefined, audience: authority.api.appIdUri }).explain(token)
  t.is(without.code, 'ERR_TOKEN_KEY_UNKNOWN')
  t.deepEqual(findings(without), ['custom-signing-keys'])
  t.regex(without.checks.find(({ name }) => name === 'key').hint, /ENTRA_CLIENT_ID/)
  t.is((await verifier().explain(token)).verdict, 'valid')
})

test('currentDate moves the instant', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const token = authority.issueToken()
  const at = (minutes) => one.explain(token, { currentDate: new Date(Date.now() + minutes * 60_000) })
  t.is((await at(59)).verdict, 'valid')
  const late = await at(61)
  t.is(late.code, 'ERR_TOKEN_EXPIRED')
  t.deepEqual(findings(late), ['clock-skew'])
  t.deepEqual(findings(await at(120)), ['expired-token'])
  await t.throwsAsync(one.explain(token, { currentDate: 'now' }), { code: 'ERR_CONFIG' })
})

test('of a time that was given, nothing is said about the clock of this host', async (t) => {
  const { authority, verifier } = await start(t)
  const token = authority.issueToken()
  const one = verifier()
  for (const minutes of [61, 120, -6, -120]) {
    const told = await one.explain(token, { currentDate: new Date(Date.now() + minutes * 60_000) })
    t.is(told.verdict, 'refused')
    const text = JSON.stringify(told)
    t.true(text.includes('(the given time)'), text)
    t.notRegex(text, /\(now\)|host|doctor|may be the clock/, text)
  }
  const now = await one.explain(authority.issueToken({ expiresIn: -5 }))
  t.regex(JSON.stringify(now), /\(now\).*this host's clock/)
})

test('what is no string is refused as verify refuses it', async (t) => {
  const { verifier } = await start(t)
  for (const wrong of [undefined, null, 1, {}, ['x'], Symbol('x')]) {
    await t.throwsAsync(verifier().explain(wrong), { instanceOf: AuthError, code: 'ERR_TOKEN_MALFORMED' })
  }
})

test('who signed in is not told', async (t) => {
  const { authority, verifier } = await start(t)
  for (const version of [1, 2]) {
    const token = authority.issueToken({
      version,
      delegated: true,
      audience: 'api://x',
      claims: { email: 'a@b.example' }
    })
    const text = JSON.stringify(await verifier().explain(token))
    t.notRegex(text, /testuser|Test User|203\.0\.113|a@b\.example/)
    for (const segment of token.split('.')) t.false(text.includes(segment))
  }
})

test('over HTTPS a CA that is not trusted makes the keys unavailable', async (t) => {
  const { authority } = await start(t, { tls: true })
  const trusting = createVerifier(optionsFor(authority))
  const distrustful = createVerifier({ ...optionsFor(authority), ca: undefined })
  const token = authority.issueToken()
  t.is((await trusting.explain(token)).verdict, 'valid')
  t.is((await distrustful.explain(token)).code, 'ERR_KEYS_UNAVAILABLE')
})
