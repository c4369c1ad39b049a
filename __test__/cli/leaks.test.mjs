// Nothing that is said of a token repeats it, a secret, or who somebody is; and nothing in it acts on a terminal, a log or a page.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { format } from 'node:util'
import test from 'ava'
import { createCheckAuthToken, requireClient, requireRole, requireScope } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import explanation from '../../lib/cli/explain/explanation.js'
import show from '../../lib/cli/explain/show.js'
import output from '../../lib/cli/output.js'
import pages from '../../lib/cli/page.js'
import answers from '../../lib/cli/web/answers.js'
import doctors from '../../lib/doctor/index.js'
import { optionsFor } from '../helpers/start.mjs'

/** Characters of a part that is told apart from words that happen to be the same. */
const WINDOW = 12

const HOME = 'c17f03ae-94b2-4e6d-8a5c-2d90f7b6e138'
const PERSON = {
  name: 'Ada Inventedson',
  given_name: 'Adalinde',
  family_name: 'Inventedson',
  preferred_username: 'ada.inventedson@contoso.example',
  upn: 'ada.upn@contoso.example',
  unique_name: 'ada.unique@contoso.example',
  email: 'ada.mail@contoso.example',
  ipaddr: '203.0.113.77',
  oid: 'aa11bb22-3333-4444-8555-666677778888',
  sub: 'sub-of-ada-aa11bb22-9999'
}
const EVIL =
  '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u2066\u2028\u200b\ufeff\u0000<img src=x onerror=alert(1)>\r\n✓ valid'

/** The forms of secrets, invented. */
const SECRETS = {
  'a client secret': 'Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB',
  'a refresh token': `1.AX${'Qw3'.repeat(20)}.AgABAwEAAABVrSpeuWamRam2jAF1XRQE${'zY7-k_Q2'.repeat(40)}`,
  'a code': `1.AX${'Qw3'.repeat(20)}.BQABBAIAAAADAOz_BQD0_${'zY7-k_Q2'.repeat(40)}`,
  'an opaque token': `PAQABAAEAAAD--DLA3VO7QrddgJg7Wevr${'zY7-k_Q2'.repeat(40)}`,
  'a key of Functions': 'Q7x8inVenTedFunctionKeyZZZZZZZZZ0aB1234567890abcdefgh==',
  'a connection string': 'AccountName=x;AccountKey=inVenTedAccountKey0123456789abcdefghijklmnopqrst==',
  'a shared access signature': 'sv=2022-11-02&se=2026-11-28&sig=inVenTedSignature0123456789abcdefghijk%3D',
  'a private key':
    '-----BEGIN PRIVATE KEY-----\ninVenTedPrivateKey0123456789abcdefghijklmnop\n-----END PRIVATE KEY-----',
  'basic credentials': `Basic ${Buffer.from('ada.inventedson:hunter2secret99999').toString('base64')}`,
  'a password': 'hunter2secret99999'
}

let authority
let options
let tokens
test.before(async () => {
  const apps = [{ name: 'API' }, { name: 'client', clientSecret: 'x' }]
  authority = await startTestAuthority({ quiet: true, apps, otherTenants: [HOME] })
  options = optionsFor(authority)
  const issue = (overrides) => authority.issueToken(overrides)
  const ofUser = (claims, more) =>
    issue({ delegated: true, scopes: ['Task.Read'], claims: { ...PERSON, ...claims }, ...more })
  tokens = {
    'a good one': issue({ roles: ['Task.Read'] }),
    'without a role': issue(),
    "a user's": ofUser(),
    "a user's v2": ofUser({}, { version: 2 }),
    'of another tenant': ofUser({}, { tenantId: HOME }),
    'of nobody’s tenant': ofUser({}, { tenantId: 'd4d09b36-58a1-4c7f-92bd-6b3f8e17a05c' }),
    'for another API': ofUser({ aud: 'api://another' }),
    'for Microsoft Graph': ofUser({ aud: '00000003-0000-0000-c000-000000000000' }, { header: { nonce: 'x' } }),
    'an id token': issue({ idToken: true, claims: PERSON }),
    expired: ofUser({}, { expiresIn: -9000 }),
    'with an unknown key': ofUser({}, { header: { kid: 'nobodys' } }),
    'of another issuer': ofUser({ iss: 'https://accounts.google.com', email_verified: true }),
    'of B2C': ofUser({ iss: `https://contoso.b2clogin.com/${HOME}/v2.0/`, tfp: 'B2C_1_susi', emails: [PERSON.email] }),
    'of a managed identity': issue({ claims: { xms_mirid: '/subscriptions/x', appidacr: '2' } }),
    'with groups left out': ofUser({ _claim_names: { groups: 'src1' } }),
    bound: ofUser({ cnf: { kid: 'x' } }),
    'with hostile claims': ofUser({ aud: EVIL, iss: EVIL, tid: EVIL, azp: EVIL, scp: EVIL, ver: EVIL, [EVIL]: EVIL }),
    'with hostile lists': issue({ claims: { aud: [EVIL, EVIL], roles: [EVIL], appid: EVIL, exp: EVIL } }),
    'with a hostile header': issue({ header: { kid: EVIL, typ: EVIL, alg: EVIL, [EVIL]: EVIL } }),
    'with a hostile name of its key': issue({ header: { kid: EVIL } })
  }
})
test.after.always(() => authority?.close())

/** Parts of a text that must not be repeated: of a token every piece of its claims and signature. */
function piecesOf(secret) {
  const parts = secret.split(/[.\s]/).filter((part) => part.length >= WINDOW)
  return new Set(
    parts.flatMap((part) => Array.from({ length: part.length - WINDOW + 1 }, (_, at) => part.slice(at, at + WINDOW)))
  )
}

/** Asserts that a text says nothing it must not, and has nothing in it that acts. */
function assertClean(t, text, pieces, what) {
  const windows = Array.from({ length: text.length }, (_, at) => text.slice(at, at + WINDOW))
  const leaked = [
    ...windows.filter((each) => pieces.has(each)),
    ...Object.values(PERSON).filter((each) => text.includes(each))
  ]
  t.deepEqual(leaked.slice(0, 3), [], what)
  t.notRegex(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, what)
}

/** What explain says of a text: to a terminal, as JSON, and on the page. */
async function sayings(text, given) {
  const told = await explanation.explainText(text, given)
  const page = (columns, all) => {
    const lines = pages.createPage({ columns }, { LC_ALL: 'C.UTF-8' })
    show.showExplanation(told, lines, { all })
    return lines.take()
  }
  const { claims, ...shown } = await answers.explanationFor(text, given)
  // The values of claims are hidden until they are asked for; their names are not.
  const onPage = [
    ...stringsIn({ ...shown, told: { ...shown.told, claimed: undefined } }),
    ...claims.map(({ name }) => name)
  ]
  return { narrow: page(60, false), wide: page(120, true), json: output.json(told), page: onPage.join('\n') }
}

/** All strings in a value, as a page shows them. */
function stringsIn(value) {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : []
}

/** What can be asked for in addition, so that each check has something to say. */
const strict = () => ({
  ...options,
  allowedClients: [HOME],
  requiredRoles: ['Task.Write'],
  requiredScopes: ['Task.Write']
})

test.serial('explain repeats no token, no secret and no personal claim, configured or not', async (t) => {
  for (const [what, token] of Object.entries(tokens)) {
    const pieces = piecesOf(token)
    for (const [how, given] of Object.entries({ configured: options, strict: strict(), unconfigured: {} })) {
      for (const pasted of [token, `"${token}"`, `${token.slice(0, -20)}`, JSON.stringify({ access_token: token })]) {
        const said = await sayings(pasted, given)
        for (const [where, text] of Object.entries(said)) assertClean(t, text, pieces, `${what}, ${how}, ${where}`)
      }
    }
  }
})

test.serial('explain repeats no secret in place of a token, whatever it was pasted with', async (t) => {
  for (const [what, secret] of Object.entries(SECRETS)) {
    const pieces = piecesOf(secret)
    for (const pasted of [
      secret,
      `Bearer ${secret}`,
      `Authorization: Bearer ${secret}`,
      JSON.stringify({ token: secret })
    ]) {
      for (const given of [options, {}]) {
        const said = await sayings(pasted, given)
        for (const [where, text] of Object.entries(said)) assertClean(t, text, pieces, `${what}, ${where}`)
      }
    }
  }
})

test.serial(
  'a configuration that holds a secret or a token in a wrong place is not repeated by explain or doctor',
  async (t) => {
    const names = ['ENTRA_TENANT_ID', 'ENTRA_CLIENT_ID', 'ENTRA_AUDIENCE', 'ENTRA_AUTHORITY_HOST', 'ENTRA_AUTHORITY']
    const clear = () => {
      for (const name of names) delete process.env[name]
    }
    t.teardown(clear)
    const values = [
      ...[SECRETS['a client secret'], SECRETS['a key of Functions'], tokens["a user's"], SECRETS['a refresh token']],
      'https://ada.inventedson:hunter2secret99999@login.microsoftonline.com'
    ]
    for (const value of values) {
      const pieces = piecesOf(value.replace('@login.microsoftonline.com', '').replace('https://', ''))
      for (const name of names) {
        clear()
        process.env[name] = value
        const { steps, cause } = await doctors.doctor({ jwksUri: false })
        assertClean(t, JSON.stringify({ steps, cause }), pieces, `${name} of doctor`)
        const said = await sayings(tokens['for another API'], { jwksUri: false })
        for (const [where, text] of Object.entries(said)) assertClean(t, text, pieces, `${name}, ${where}`)
      }
    }
  }
)

test.serial('a log says why, and repeats no token, no secret and no personal claim', async (t) => {
  const jwks = JSON.parse(await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).text())
  const lines = []
  const write = (...parts) => lines.push(format(...parts))
  const given = { ...options, jwks, logger: { warn: write, error: write }, boundTokens: 'ignore' }
  const pass = (_request, _response, next) => next()
  for (const guard of [pass, requireRole('Task.Write'), requireScope('Task.Write'), requireClient(HOME)]) {
    for (const [what, text] of [...Object.entries(tokens), ...Object.entries(SECRETS)]) {
      // Each has a log of its own: lines of one code are limited.
      const checkAuthToken = createCheckAuthToken(given)
      const server = createServer((request, response) =>
        checkAuthToken(request, response, () => guard(request, response, () => response.end('passed')))
      ).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const headers = { Authorization: `Bearer ${text.replace(/\s/g, ' ')}`, Connection: 'close' }
      const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers })
      const said = [await answer.text(), answer.headers.get('www-authenticate') ?? '', ...lines.splice(0)]
      server.close()
      if (answer.status !== 200) t.true(said.length > 2, what)
      for (const line of said) assertClean(t, line, piecesOf(text), what)
    }
  }
})
