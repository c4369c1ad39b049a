// Headers and claims of valid tokens, in the variety in which they come.
import { Members } from './draft.mjs'
import {
  API,
  AUTHORITY,
  CLIENT,
  FOREIGN_ISSUER,
  NOW,
  OTHER_CLIENT,
  OTHER_TENANT,
  PERSONAL_ACCOUNTS,
  TENANT,
  UNKNOWN_TENANT
} from './identities.mjs'

/** Keys that sign valid tokens, with the algorithm of each. */
const SIGNERS = [
  [8, { kid: 'plain', alg: 'ES256' }],
  [2, { kid: 'rsa', alg: 'RS256' }],
  [1, { kid: 'rsa', alg: 'PS256' }],
  [1, { kid: 'for-ps256', alg: 'PS256' }],
  [1, { kid: 'for-rs256', alg: 'RS256' }],
  [1, { kid: 'p384', alg: 'ES384' }],
  [1, { kid: 'p256-2', alg: 'ES256' }],
  [1, { kid: 'thumbprint', alg: 'ES256' }],
  [1, { kid: 'for-signatures', alg: 'ES256' }],
  [1, { kid: 'organizations', alg: 'ES256' }],
  [1, { kid: 'public-cloud', alg: 'ES256' }],
  [1, { kid: 'us-government', alg: 'ES256' }]
]

export function validHeader({ algorithms = ['RS256'], authorityHost = AUTHORITY, issuer }, random) {
  const isForeign = issuer === FOREIGN_ISSUER
  const usable = SIGNERS.filter(
    ([, { kid, alg }]) =>
      algorithms.includes(alg) &&
      (isForeign || kid !== 'public-cloud' || authorityHost === AUTHORITY) &&
      (isForeign || kid !== 'us-government' || authorityHost.endsWith('.us')) &&
      (kid !== 'organizations' || (!isForeign && authorityHost === AUTHORITY))
  )
  const signer = random.weighted(usable)
  const typ = random.weighted([
    [12, 'JWT'],
    [1, undefined],
    [1, 'at+jwt'],
    [1, 'jwt'],
    [1, 'application/AT+JWT']
  ])
  const thumbprint = random.weighted([
    [6, { kid: signer.kid }],
    [3, { kid: signer.kid, x5t: signer.kid }],
    [1, { x5t: signer.kid }]
  ])
  return { header: new Members({ typ, alg: signer.alg, ...thumbprint }), signer: { ...signer } }
}

export function validClaims(options, random, now) {
  if (options.issuer === FOREIGN_ISSUER) return foreignClaims(options, random)
  const version = random.pick(versionsOf(options))
  const tenant = tenantOf(options, random)
  const client = options.allowedClients
    ? random.pick([CLIENT, CLIENT.toUpperCase()])
    : random.pick([CLIENT, OTHER_CLIENT])
  const subject = '0b6f3a52-77c1-4d0b-a6a5-30c1f6d2e901'
  const isApp = !options.requiredScopes && random.chance(0.5)
  return new Members({
    aud: audienceOf(options, version, random),
    iss: issuerOf(options, version, tenant),
    iat: NOW - 300,
    nbf: random.weighted([
      [18, NOW - 300],
      [1, undefined],
      [1, now]
    ]),
    exp: random.weighted([
      [8, NOW + 3600],
      [1, NOW + 3600.5]
    ]),
    [version === '1.0' ? 'appid' : 'azp']: client,
    oid: subject,
    sub: isApp ? subject : 'a-pairwise-subject',
    tid: tenant,
    ver: version,
    idtyp: isApp && random.chance(0.5) ? 'app' : undefined,
    scp: isApp ? undefined : random.pick(['access', 'read access', 'admin  other']),
    roles:
      options.requiredRoles || random.chance(0.3) ? random.pick([['Task.Read'], ['other', 'Task.Read']]) : undefined
  })
}

function versionsOf({ issuer, authorityHost = '' }) {
  if (authorityHost.endsWith('.ciamlogin.com')) return ['2.0']
  if (issuer === undefined) return ['1.0', '2.0']
  return [issuer.endsWith('/v2.0') ? '2.0' : '1.0']
}

function tenantOf({ tenantId, allowedTenants, authorityHost = '' }, random) {
  if (authorityHost.endsWith('.ciamlogin.com')) return tenantId
  if (allowedTenants === '*') {
    return random.pick([TENANT, OTHER_TENANT, UNKNOWN_TENANT, tenantId === 'common' ? PERSONAL_ACCOUNTS : TENANT])
  }
  // Its spelling is the token's, as long as there is one only.
  return random.weighted([
    [9, random.pick(allowedTenants ?? [tenantId])],
    [1, (allowedTenants?.[0] ?? tenantId).toUpperCase()]
  ])
}

function issuerOf({ authorityHost = AUTHORITY }, version, tenant) {
  return version === '2.0' ? `${authorityHost}/${tenant}/v2.0` : `https://sts.windows.net/${tenant}/`
}

function audienceOf({ audience }, version, random) {
  const own = audience ? ['https://api.example', 'https://api.example/', 'orders', API] : [API, `api://${API}`]
  const spellings = [
    ...own,
    API.toUpperCase(),
    [own[0]],
    ['another', own[1]],
    ...(version === '1.0' ? [`spn:${API}`] : [])
  ]
  return random.chance(0.6) ? own[0] : random.pick(spellings)
}

function foreignClaims(options, random) {
  const client = options.allowedClients ? random.pick(['Web', CLIENT]) : random.pick(['Web', undefined])
  const scopes = options.requiredScopes || random.chance(0.3) ? 'read access' : undefined
  return new Members({
    iss: FOREIGN_ISSUER,
    aud: random.pick(['orders', ['orders'], ['another', 'orders']]),
    exp: NOW + 3600,
    sub: 'a-subject',
    [random.pick(['azp', 'appid', 'client_id'])]: client,
    [random.pick(['scp', 'scope'])]: scopes,
    ver: random.weighted([
      [5, undefined],
      [1, '1.0'],
      [1, 7]
    ])
  })
}
