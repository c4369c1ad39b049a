// The option authorities against one verifier for each: random tokens, valid, changed and signed by others, get the verdict of
// the verifier whose issuer they name. Which that is, this file decides by itself.
import { randomUUID, sign } from 'node:crypto'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { randomOf } from '../differential/random.mjs'
import { newKey, startForeignAuthority } from '../helpers/foreign-authority.mjs'

const TOKENS = 500
const SEED = 20261127
const NOW = new Date()
const [ONE, TWO, CUSTOMERS, B2C, STRANGE] = Array.from({ length: 5 }, () => randomUUID())
const CLIENT = randomUUID()
/** What a token is rejected for that none of them is to judge. */
const OF_NONE = /^ERR_TOKEN_(ISSUER|TENANT|CLAIM|MALFORMED)$/

const isUserFlow = (text) => typeof text === 'string' && /^b2c_1/i.test(text)

/** Seven authorities; `has` says which tenants and keys count, `claims` what a valid token of it says. */
async function authoritiesOf(t) {
  const keys = Object.fromEntries(
    await Promise.all(['one', 'two', 'shared'].map(async (kid) => [kid, await newKey(kid)]))
  )
  const set = (...jwks) => ({ keys: jwks })
  const jwk = (key, more) => ({ ...keys[key].jwk, ...more })
  const path = (flow) => `/contoso.onmicrosoft.com/${flow}/v2.0`
  const b2c = await startForeignAuthority(t, { path: path('B2C_1_a') })
  const issuer = `${b2c.origin}/${B2C}/v2.0/`
  const metadata = (name) => ({ issuer, jwks_uri: `${b2c.origin}/${name}` })
  b2c.metadata = metadata('a')
  b2c.documents = {
    [`${path('B2C_1_b')}/.well-known/openid-configuration`]: metadata('b'),
    '/a': set(jwk('shared'), jwk('one')),
    '/b': set(jwk('shared'), jwk('two')),
    '/all': set(jwk('one'), jwk('two'), jwk('shared'))
  }
  const entra = (tid, iss, more) => ({ iss, tid, ver: '2.0', azp: CLIENT, oid: 'o', sub: 's', scp: 'A Read', ...more })
  const v2 = (host, tid) => `https://${host}/${tid}/v2.0`
  const hosts = { public: 'login.microsoftonline.com', us: 'login.microsoftonline.us' }
  const ciam = `https://${CUSTOMERS}.ciamlogin.com/${CUSTOMERS}`
  const foreign = 'https://c.example'
  const ofForeign = (more) => ({ sub: 's', client_id: 'app', scope: 'A', azpacr: '1', ...more })
  const all = [
    {
      // Holds the other cloud's key, as the real key set does.
      options: { tenantId: ONE, audience: 'a', requiredScopes: ['A'] },
      jwks: set(jwk('one'), jwk('two', { cloud_instance_name: 'microsoftonline.us' })),
      has: { host: hosts.public, tenants: [ONE], kids: ['one'] },
      claims: entra(ONE, v2(hosts.public, ONE), { aud: 'a' })
    },
    {
      options: { tenantId: 'common', allowedTenants: [ONE, TWO], authorityHost: `https://${hosts.us}`, audience: 'b' },
      jwks: set(jwk('one', { cloud_instance_name: 'microsoftonline.com' }), jwk('two'), jwk('shared')),
      has: { host: hosts.us, tenants: [ONE, TWO], kids: ['two', 'shared'] },
      claims: entra(TWO, v2(hosts.us, TWO), { aud: 'b', scp: undefined, sub: 'o' })
    },
    {
      options: { authority: ciam, audience: ['c', 'a'] },
      jwks: set(jwk('one'), jwk('shared')),
      has: { ciam: true, tenants: [CUSTOMERS], kids: ['one', 'shared'] },
      claims: entra(CUSTOMERS, `${ciam}/v2.0`, { aud: 'c' })
    },
    {
      // The name of a key says nothing of whose it is.
      options: { issuer: foreign, audience: 'd', algorithms: ['RS256', 'PS256'] },
      jwks: set({ ...jwk('two'), kid: 'one' }, jwk('shared')),
      has: { iss: foreign, kids: ['one', 'shared'], signers: { one: 'two' }, algorithms: ['RS256', 'PS256'] },
      claims: ofForeign({ iss: foreign, aud: 'd' })
    },
    ...['a', 'b'].map((flow) => ({
      options: { authority: `${b2c.origin}${path(`B2C_1_${flow}`)}`, audience: ['e', flow] },
      has: { iss: issuer, flow: `b2c_1_${flow}`, kids: ['shared', flow === 'a' ? 'one' : 'two'] },
      claims: ofForeign({ iss: issuer, aud: 'e', tfp: `B2C_1_${flow}` })
    })),
    {
      options: { issuer, jwksUri: `${b2c.origin}/all`, audience: 'e', requiredRoles: ['Any'] },
      has: { iss: issuer, kids: ['one', 'two', 'shared'] },
      claims: ofForeign({ iss: issuer, aud: 'e', acr: 'B2C_1_other', roles: ['Any'] })
    }
  ]
  return { keys, all: all.map(({ options, jwks, ...rest }) => ({ options: { ...options, jwks }, ...rest })) }
}

/** Whether a token that names this issuer is the authority's. */
function accepts({ iss: exactly, host, ciam, tenants }, iss) {
  if (exactly !== undefined) return iss === exactly
  const tenant = /^https:\/\/sts\.windows\.net\/([^/]*)\/$/.exec(iss)?.[1]
  const [, at, inPath] = /^https:\/\/([^/]*)\/([^/]*)\/v2\.0$/.exec(iss) ?? []
  const inHost = ciam ? at === `${inPath}.ciamlogin.com` : at === host
  return tenants.includes((tenant ?? (inHost ? inPath : undefined))?.toLowerCase())
}

/** The position of the authority that has to judge; `undefined`: none may accept it. */
function judgeOf(all, { claims, isAmbiguous }, { kid, alg }) {
  if (isAmbiguous || typeof claims.iss !== 'string') return undefined
  let candidates = all.map((_, at) => at).filter((at) => accepts(all[at].has, claims.iss))
  const flow = [claims.tfp, claims.acr].find(isUserFlow)?.toLowerCase()
  if (candidates.length > 1 && flow !== undefined) {
    const named = candidates.filter((at) => all[at].has.flow === flow)
    candidates = named.length ? named : candidates.filter((at) => all[at].has.flow === undefined)
  }
  const hasKey = (at) => all[at].has.kids.includes(kid) && (all[at].has.algorithms ?? ['RS256']).includes(alg)
  return candidates.find(hasKey) ?? candidates[0]
}

const NAMES = ['iss', 'aud', 'tid', 'ver', 'tfp', 'acr', 'roles', 'scp', 'scope', 'azp', 'idtyp', 'exp', 'sub']

/** A claim that other tokens have, or one that is spelled, typed or written in another way. Returns JSON members. */
function changed(random, all, claims) {
  const name = random.pick(NAMES)
  const other = random.pick(all).claims
  const { iss, tfp } = claims
  const change = random.weighted([
    [4, () => ({ [name]: other[name] })],
    [3, () => ({ iss: other.iss, tid: other.tid, ver: other.ver })],
    [3, () => ({ ver: '1.0', appid: CLIENT, iss: `https://sts.windows.net/${claims.tid ?? ONE}/` })],
    [2, () => ({ tid: STRANGE, iss: String(iss).replace(claims.tid, STRANGE) })],
    [2, () => ({ tfp: random.pick(['B2C_1_A', 'b2c_1_b', 'B2C_1_c', 'B2C_1', 1, ['B2C_1_b'], null, undefined]) })],
    [2, () => ({ tfp: undefined, acr: random.pick(['B2C_1_a', 'b2c_1_B', '1', tfp, 0, undefined]) })],
    [2, () => ({ iss: random.pick([[iss], null, undefined, '', `${iss}/`, String(iss).toUpperCase(), ` ${iss}`]) })],
    [1, () => ({ iss: String(iss).replace('//', '//user@').replace(/\/v2/, ':443/v2') })],
    [1, () => ({ iss: String(iss).replace(claims.tid, String(claims.tid).toUpperCase()) })],
    [1, () => ({ exp: Math.floor(NOW / 1000) - 1 })],
    [1, () => ({ filler: 'x'.repeat(random.pick([3000, 5000])) })]
  ])
  return { ...claims, ...change() }
}

/** The text of a payload, and whether two of its members have one name. */
function written(random, claims) {
  const escaped = (text) => `"${[...text].map((it) => `\\u00${it.charCodeAt(0).toString(16)}`).join('')}"`
  const members = Object.entries(JSON.parse(JSON.stringify(claims))).map(([name, value]) => {
    const isEscaped = random.chance(0.03)
    const text = isEscaped && typeof value === 'string' ? escaped(value) : JSON.stringify(value)
    return `${isEscaped ? escaped(name) : JSON.stringify(name)}:${text}`
  })
  const isAmbiguous = random.chance(0.03)
  if (isAmbiguous) members.splice(random.int(members.length + 1), 0, random.pick(members))
  return { text: `{${random.shuffled(members).join()}}`, claims: JSON.parse(JSON.stringify(claims)), isAmbiguous }
}

/** A token, and who has to judge it. */
function tokenOf(random, keys, all) {
  const { has, claims } = random.pick(all)
  const now = Math.floor(NOW / 1000)
  let changes = { nbf: now, exp: now + 600, ...claims }
  for (
    let left = random.weighted([
      [4, 0],
      [4, 1],
      [3, 2]
    ]);
    left > 0;
    left--
  )
    changes = changed(random, all, changes)
  const kid = random.chance(0.8) ? random.pick(has.kids) : random.pick(['one', 'two', 'shared', 'none'])
  const signer = random.chance(0.85) ? (has.signers?.[kid] ?? kid) : random.pick(['one', 'two', 'shared'])
  const alg = random.weighted([
    [12, 'RS256'],
    [1, 'PS256'],
    [1, 'none']
  ])
  const payload = written(random, changes)
  const encoded = (text) => Buffer.from(text).toString('base64url')
  const input = `${encoded(JSON.stringify({ typ: 'JWT', alg, kid }))}.${encoded(payload.text)}`
  const { privateKey } = keys[signer] ?? keys.one
  const padding = alg === 'PS256' ? { padding: 6, saltLength: 32 } : {}
  const token = `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, ...padding }).toString('base64url')}`
  return { token, judge: judgeOf(all, payload, { kid, alg }), text: payload.text }
}

/** What a verifier makes of a token. */
async function found(verifier, token) {
  try {
    const auth = await verifier.verify(token, { currentDate: NOW })
    return { clientId: auth.clientId, scopes: [...auth.scopes], roles: [...auth.roles], isAppOnly: auth.isAppOnly }
  } catch ({ code, reason, message }) {
    return { code, reason, message }
  }
}

/** Two looks at a token by each verifier, with another token in between. */
async function foundBy(verifiers, token, other) {
  const looks = []
  for (const verifier of verifiers) {
    looks.push(await found(verifier, token))
    await found(verifier, other)
    looks.push(await found(verifier, token))
  }
  return looks
}

/** A token that has to be judged by one authority, as that one alone judges it. Returns the code of its rejection. */
function judgedAs(t, alone, { looks, explained, name }, about) {
  for (const look of looks) t.deepEqual(look, alone, about)
  t.is(explained.code, alone.code, about)
  if (alone.code !== 'ERR_TOKEN_MALFORMED') t.is(explained.authority, name, about)
  return alone.code
}

/** A token that none of them may accept. */
async function rejectedByAll(t, singles, token, { looks, explained }, about) {
  for (const { code } of [...looks, explained]) t.regex(code ?? 'passes', OF_NONE, about)
  t.is(explained.authority, undefined, about)
  for (const one of singles) t.truthy((await found(one, token)).code, about)
  return looks[0].code
}

test('each token gets the verdict of the one verifier whose issuer it names', async (t) => {
  const { keys, all } = await authoritiesOf(t)
  const common = { maxTokenLength: 6000 }
  const singles = all.map(({ options }) => createVerifier({ ...options, ...common }))
  const given = { authorities: all.map(({ options }) => options), ...common }
  // One that remembers, one that forgets nearly all, one that remembers nothing.
  const several = [{}, { tokenCache: 2 }, { tokenCache: false }].map((more) => createVerifier({ ...given, ...more }))
  await Promise.all([...singles, ...several].map((verifier) => verifier.preload()))
  const names = several[0].stats().authorities.map(({ authority }) => authority)
  const random = randomOf(SEED)
  const accepted = all.map(() => 0)
  const rejected = new Set()
  const former = []
  for (let number = 0; number < TOKENS; number++) {
    const { token, judge, text } = tokenOf(random, keys, all)
    const about = `token ${number} of seed ${SEED}: ${text.slice(0, 400)}`
    const looks = await foundBy(several, token, random.pick([...former, token]))
    const explained = await several[0].explain(token, { currentDate: NOW })
    const seen = { looks, explained, name: names[judge] }
    const code =
      judge === undefined
        ? await rejectedByAll(t, singles, token, seen, about)
        : judgedAs(t, await found(singles[judge], token), seen, about)
    if (code === undefined) accepted[judge]++
    else rejected.add(code.replace('ERR_TOKEN_', ''))
    former.splice(0, former.length, ...former.slice(-7), token)
  }
  t.true(
    accepted.every((count) => count >= 10),
    `each accepts some: ${accepted}`
  )
  for (const code of [
    'SIGNATURE',
    'KEY_UNKNOWN',
    'AUDIENCE',
    'ISSUER',
    'TENANT',
    'POLICY',
    'EXPIRED',
    'ALGORITHM',
    'CLAIM'
  ]) {
    t.true(rejected.has(code), `some are rejected for ${code}: ${[...rejected]}`)
  }
})
