// What header and claims say.
import { textIn } from '../draft.mjs'
import {
  API,
  CLIENT,
  FOREIGN_ISSUER,
  NOW,
  OTHER_CLIENT,
  OTHER_TENANT,
  PERSONAL_ACCOUNTS,
  TENANT,
  UNKNOWN_TENANT
} from '../identities.mjs'
import { kids } from '../signers.mjs'

/** Values of every JSON type and some that are at the edge of one, as text. */
const ANY = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '-1',
  '1e3',
  '0.5',
  '1e308',
  '""',
  '"x"',
  '"1.0"',
  '[]',
  '[""]',
  '["x",1]',
  '[["x"]]',
  '{}',
  '{"a":1}'
]

/** Texts that readers and comparisons have stumbled over. */
const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\n',
  'é',
  '\u212a',
  '\u202e',
  '\u{1f600}',
  '__proto__',
  'constructor',
  '{tenantid}',
  'undefined',
  '*'
]

const TYPS = [
  'JWT',
  'jwt',
  'JWS',
  'JOSE',
  'at+jwt',
  'AT+JWT',
  'application/jwt',
  'application/at+jwt',
  'dpop+jwt',
  'logout+jwt',
  'JWT ',
  'JWT\n',
  'JW\u212a',
  'text/jwt',
  ''
]

const ALGORITHMS = [
  'none',
  'None',
  'HS256',
  'RS256',
  'RS384',
  'PS256',
  'ES256',
  'ES384',
  'ES256K',
  'EdDSA',
  'es256',
  'RS256 ',
  '',
  'dir'
]

const INSTANTS = [-3601, -121, -120, -119, -1, -0.25, 0, 0.25, 0.5, 0.75, 1, 119, 120, 120.5, 121, 3600].map((offset) =>
  String(NOW + offset)
)

const TENANTS = [
  TENANT,
  OTHER_TENANT,
  UNKNOWN_TENANT,
  PERSONAL_ACCOUNTS,
  TENANT.toUpperCase(),
  TENANT.replaceAll('-', ''),
  `{${TENANT}}`,
  `${TENANT} `,
  'common',
  'contoso.onmicrosoft.com',
  ''
]

const set = (member, name, texts) => ({
  name: `${member} ${name}`,
  apply: (draft, random) => draft[member].set(name, random.pick(texts))
})
const remove = (member, name) => ({ name: `${member} without ${name}`, apply: (draft) => draft[member].remove(name) })
const texts = (list) => list.map((text) => JSON.stringify(text))

const header = (name, list) => set('header', name, list)
const claim = (name, list) => set('payload', name, list)

export const headerChanges = [
  [3, header('typ', texts(TYPS))],
  [3, header('alg', texts(ALGORITHMS))],
  [1, { ...header('alg', texts(ALGORITHMS)), name: 'signed with another algorithm', apply: signedWithAnother }],
  [3, { name: 'another kid', apply: anotherKid }],
  [2, { name: 'another kid, its own signature', apply: anotherSigner }],
  [2, header('kid', [...texts(TEXTS), ...ANY, ...texts(['Plain', 'plain ', 'thumbprint'])])],
  [2, { name: 'x5t in place of kid', apply: thumbprintOnly }],
  [1, header('x5t', [...ANY, ...texts(['x5t-of-its-own', 'plain'])])],
  [2, { name: 'no key named', apply: unnamed }],
  [1, remove('header', 'typ')],
  [1, remove('header', 'alg')],
  [1, header('alg', ANY)],
  [1, header('typ', ANY)],
  [1, header('crit', ['[]', '["exp"]', '["b64"]', '["x"]', 'null', '"exp"'])],
  [1, header('b64', ['true', 'false', 'null'])],
  [1, header('enc', texts(['A256GCM', '']))],
  [1, header('zip', texts(['DEF', '']))],
  [2, header('nonce', ['"c2Vzc2lvbg"', 'null', '""'])],
  [1, { name: 'a key in the header', apply: keyInHeader }],
  [1, header('cty', texts(['JWT', 'json', '']))]
]

export const claimChanges = [
  [4, claim('exp', [...INSTANTS, ...ANY])],
  [3, claim('nbf', [...INSTANTS, ...ANY])],
  [1, claim('iat', [...INSTANTS, ...ANY])],
  [4, { name: 'another audience', apply: (draft, random) => draft.payload.set('aud', random.pick(audiences())) }],
  [1, claim('aud', ANY)],
  [4, { name: 'another issuer', apply: (draft, random) => draft.payload.set('iss', random.pick(issuers())) }],
  [1, claim('iss', ANY)],
  [3, claim('tid', [...texts(TENANTS), ...ANY])],
  [2, { name: 'another tenant, throughout', apply: anotherTenant }],
  [2, { name: 'the tenant in other case, in one place', apply: tenantInOtherCase }],
  [1, claim(JSON.parse('"TID"'), texts(TENANTS))],
  [1, claim('Tid', [...texts(TENANTS), ...ANY])],
  [3, claim('ver', [...texts(['1.0', '2.0', '1', '2', '1.0 ', '3.0', '']), ...ANY])],
  [2, claim('appid', [...texts([CLIENT, OTHER_CLIENT, API, '']), ...ANY])],
  [2, claim('azp', [...texts([CLIENT, OTHER_CLIENT, CLIENT.toUpperCase(), 'web', '']), ...ANY])],
  [1, claim('client_id', [...texts([CLIENT, 'Web', '']), ...ANY])],
  [2, { name: 'no client', apply: withoutClient }],
  [2, claim('idtyp', [...texts(['app', 'user', 'APP', '']), ...ANY])],
  [
    3,
    claim('scp', [
      ...texts(['access', 'Access', 'accessory', 'read access', ' access', 'read\taccess', 'a  access ', '']),
      ...ANY
    ])
  ],
  [1, claim('scope', [...texts(['access', 'read']), ...ANY])],
  [
    3,
    claim('roles', [
      '[]',
      '["task.read"]',
      '["Task.Read"]',
      '["Task.Write","x"]',
      '["Task.Read",7]',
      '"Task.Read"',
      ...ANY
    ])
  ],
  [
    2,
    claim('cnf', [
      '{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}',
      '{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}',
      'null',
      '{}'
    ])
  ],
  [1, claim('xms_ds_cnf', texts(['key']))],
  [1, claim('sub', [...texts(TEXTS), ...ANY])],
  [1, claim('jti', [...texts(TEXTS), ...ANY])],
  [1, claim('oid', [...texts(TEXTS), ...ANY])],
  [1, claim('azpacr', [...texts(['0', '1', '2']), ...ANY])],
  ...['exp', 'nbf', 'aud', 'iss', 'tid', 'ver', 'oid', 'sub', 'scp', 'roles'].map((name) => [
    1,
    remove('payload', name)
  ]),
  [1, { name: 'another claim', apply: (draft, random) => draft.payload.set(random.pick(TEXTS), random.pick(ANY)) }]
]

function audiences() {
  const others = [
    'https://graph.microsoft.com',
    '00000003-0000-0000-c000-000000000000',
    `api://${CLIENT}`,
    `api://${API}/`,
    `api://${API}//`,
    `api://${API}/access`,
    `API://${API}`,
    `spn:${API}`,
    `SPN:${API}`,
    `spn:api://${API}`,
    API.toUpperCase(),
    `${API}/`,
    ` ${API}`,
    'orders/',
    'Orders',
    'https://api.example//',
    'https://API.example',
    ''
  ]
  return [...texts(others), JSON.stringify(['another', API]), JSON.stringify([API, null]), JSON.stringify([[API]])]
}

function issuers() {
  const tenants = [TENANT, OTHER_TENANT, UNKNOWN_TENANT, '', '{tenantid}', `${TENANT}/x`, `x/${TENANT}`]
  const forms = [
    (tenant) => `https://sts.windows.net/${tenant}/`,
    (tenant) => `https://sts.windows.net/${tenant}`,
    (tenant) => `http://sts.windows.net/${tenant}/`,
    (tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`,
    (tenant) => `https://login.microsoftonline.com/${tenant}/v2.0/`,
    (tenant) => `https://login.microsoftonline.com/${tenant}/V2.0`,
    (tenant) => `https://login.microsoftonline.us/${tenant}/v2.0`,
    (tenant) => `https://login.microsoftonline.com.example/${tenant}/v2.0`,
    (tenant) => `https://${TENANT}.ciamlogin.com/${tenant}/v2.0`
  ]
  return texts([
    ...forms.flatMap((form) => tenants.map(form)),
    FOREIGN_ISSUER,
    `${FOREIGN_ISSUER}/`,
    FOREIGN_ISSUER.toUpperCase()
  ])
}

function anotherKid(draft, random) {
  draft.header.set('kid', JSON.stringify(random.pick([...kids, 'unknown'])))
}

function anotherSigner(draft, random) {
  const kid = random.pick(kids)
  draft.header.set('kid', JSON.stringify(kid))
  draft.signer = { ...draft.signer, kid }
}

function signedWithAnother(draft, random) {
  draft.signer = { ...draft.signer, alg: random.pick(['RS256', 'RS384', 'PS256', 'ES256', 'ES384']) }
}

function thumbprintOnly(draft, random) {
  const [x5t, kid] = random.pick([
    ['plain', 'plain'],
    ['thumbprint', 'thumbprint'],
    ['x5t-of-its-own', 'other-thumbprint'],
    ['other-thumbprint', 'other-thumbprint'],
    ['unknown', 'plain']
  ])
  draft.header.remove('kid')
  draft.header.set('x5t', JSON.stringify(x5t))
  draft.header.set('alg', '"ES256"')
  draft.signer = { alg: 'ES256', kid }
}

function unnamed(draft, random) {
  draft.header.remove('kid')
  draft.header.remove('x5t')
  // Of this kind there is one key only.
  if (random.chance(0.5)) {
    draft.header.set('alg', '"ES384"')
    draft.signer = { alg: 'ES384', kid: 'p384' }
  }
}

function keyInHeader(draft, random) {
  const member = random.pick(['jwk', 'jku', 'x5u', 'x5c'])
  draft.header.set(
    member,
    random.pick(['{"kty":"oct","k":"AAAA"}', '"https://attacker.example/keys"', '["AAAA"]', 'null'])
  )
}

function anotherTenant(draft, random) {
  const tenant = random.pick(TENANTS)
  const own = textIn(draft.payload.get('tid') ?? '')
  const iss = draft.payload.get('iss')
  if (own && iss) draft.payload.set('iss', iss.replace(own, JSON.stringify(tenant).slice(1, -1)))
  draft.payload.set('tid', JSON.stringify(tenant))
}

function tenantInOtherCase(draft, random) {
  const name = random.pick(['tid', 'iss'])
  const text = draft.payload.get(name)
  if (text) draft.payload.set(name, text.replace(TENANT, TENANT.toUpperCase()))
}

function withoutClient(draft) {
  for (const name of ['appid', 'azp', 'client_id']) draft.payload.remove(name)
}
