'use strict'

const { generateKeyPairSync, randomUUID } = require('node:crypto')
const { AppRegistrations } = require('./apps')
const { assertText, optionError, refuseUnknownOptions } = require('./errors')
const { assertGuid, isGuid } = require('./guid')
const { createToken } = require('./tokens')
const { defaultUser, readUser } = require('./users')

const OPTIONS = [
  'tenantId',
  'audience',
  'client',
  'roles',
  'scopes',
  'delegated',
  'user',
  'version',
  'expiresIn',
  'currentDate',
  'claims'
]

/** Options of the middleware by which guards answer. */
const ANSWERS = ['responses', 'logger', 'resourceMetadata']

const PUBLIC_CLOUD = 'https://login.microsoftonline.com'
const DOMAIN = 'test-authority.example'

/** Of this process: the same in every token, unless a test says otherwise. */
const TENANT_ID = randomUUID()
const API_ID = randomUUID()
const CLIENT_ID = randomUUID()

/**
 * The key that signs. Elliptic curves, because such a key is made at once.
 *
 * @type {{ privateKey: import('node:crypto').KeyObject, jwk: object, kid: string } | undefined}
 */
let signingKey

function keyOfProcess() {
  if (signingKey === undefined) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const kid = randomUUID()
    signingKey = { privateKey, kid, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
  }
  return signingKey
}

/**
 * A verified token without a server and without the network: it is issued, and verified by a verifier with static keys, so that
 * nothing in the package has to make an exception for tests.
 *
 * @type {typeof import('./index').verifiedToken}
 */
function verifiedToken(overrides = {}, answers = {}) {
  refuseUnknownOptions(overrides, OPTIONS, 'verifiedToken')
  refuseUnknownOptions(answers, ANSWERS, 'verifiedToken')
  const { tenantId = TENANT_ID, client = CLIENT_ID, audience = `api://${API_ID}`, user = {}, ...token } = overrides
  for (const [name, id] of Object.entries({ tenantId, client })) assertGuid(name, id)
  assertText('audience', audience)
  const testUser = readUser(user, defaultUser(DOMAIN))
  if (overrides.user !== undefined && overrides.scopes === undefined && overrides.delegated !== true) {
    throw optionError('user: expected scopes, or delegated: true, beside it: without them the token is app-only')
  }
  const clientId = isGuid(audience) ? audience : API_ID
  const key = keyOfProcess()
  const issuer = {
    url: PUBLIC_CLOUD,
    tenantId,
    apps: new AppRegistrations([
      { clientId, ...(audience !== clientId && { appIdUri: audience }) },
      { clientId: client, clientSecret: 'never sent' }
    ]),
    keys: { signingKey: () => key, get: () => key },
    user: testUser
  }
  // Loaded here: a test authority does without the addon.
  const { createProtection } = require('../lib/http/protection')
  const { verifier } = createProtection({
    tenantId,
    clientId,
    audience: [audience, clientId],
    authorityHost: PUBLIC_CLOUD,
    jwks: { keys: [key.jwk] },
    algorithms: ['ES256'],
    tokenCache: false,
    ...answers
  })
  const { currentDate } = overrides
  return /** @type {import('../lib/http/verifier').RequestVerifier} */ (verifier).verifySync(
    createToken(issuer, { ...token, tenantId, client, audience }),
    currentDate && { currentDate }
  )
}

module.exports = { verifiedToken }
