'use strict'

const { createHash, randomBytes } = require('node:crypto')
const { isDate, isKeyObject } = require('node:util/types')
const { isPublic } = require('./apps')
const { assertBoolean, kindOf, optionError, refuseUnknownOptions, shown } = require('./errors')
const { assertScopes, stringsIn } = require('./permissions')
const { signCompact, usualAlgorithm } = require('./signing')

/**
 * @typedef {import('./index').TokenOverrides} TokenOverrides
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 * @typedef {import('./authority').Directory} Directory
 * @typedef {1 | 2} Version
 */

/**
 * A token to be made, with every default filled in.
 *
 * @typedef {object} TokenRequest
 * @property {string} url of the authority
 * @property {Version} version
 * @property {RegisteredApp | undefined} resource `undefined` where the audience names no registration
 * @property {RegisteredApp} client
 * @property {boolean} idToken
 * @property {boolean} delegated
 * @property {string} audience
 * @property {string} tenantId
 * @property {readonly string[]} scopes
 * @property {readonly string[]} roles
 * @property {import('./index').TestUser} user
 * @property {'0' | '1' | '2'} authentication how the client proved who it is
 * @property {number} iat
 * @property {number} nbf
 * @property {number} exp
 */

/** Seconds. Entra answers `expires_in: 3599` for it. */
const TOKEN_LIFETIME = 3600

// Entra dates its tokens five minutes back, so that a resource whose clock is late accepts them at once.
const BACKDATED = 300

const OPTIONS = [
  'version',
  'audience',
  'client',
  'tenantId',
  'roles',
  'delegated',
  'scopes',
  'idToken',
  'expiresIn',
  'currentDate',
  'claims',
  'header',
  'kid',
  'key',
  'algorithm'
]

/**
 * Who issues a token, with which keys.
 *
 * @typedef {Pick<Directory, 'url' | 'tenantId' | 'apps' | 'user'> & {
 *   keys: {
 *     signingKey(clientId: string | undefined): { privateKey: import('node:crypto').KeyObject, kid: string },
 *     get(kid: string): { privateKey: import('node:crypto').KeyObject, kid: string }
 *   }
 * }} Issuer
 */

/**
 * How the token endpoint came to a token: for whom, and what the client asked for and proved.
 *
 * @typedef {object} Grant
 * @property {import('./index').TestUser} [user]
 * @property {TokenRequest['authentication']} [authentication]
 * @property {object} [claims]
 */

/**
 * Makes a signed token in the shape of the recorded ones; the overrides are described in index.d.ts.
 *
 * @param {Issuer} issuer
 * @param {TokenOverrides} [overrides]
 * @param {Grant} [grant]
 * @param {string} [called] the function that the overrides were given to
 */
function createToken(issuer, overrides = {}, grant = {}, called = 'issueToken') {
  refuseUnknownOptions(overrides, OPTIONS, called)
  const request = readRequest(issuer, overrides, grant)
  const { key, kid } = chooseKey(issuer.keys, request.resource, overrides)
  const algorithm = overrides.algorithm ?? usualAlgorithm(key)
  return signCompact({
    // A member set to undefined is gone: JSON.stringify leaves it out.
    header: { ...tokenHeader(request, algorithm, kid), ...overrides.header },
    claims: {
      ...(request.idToken ? idTokenClaims(request) : accessTokenClaims(request)),
      ...grant.claims,
      ...overrides.claims
    },
    key,
    algorithm
  })
}

/**
 * The issuer of tokens.
 *
 * @param {Version} version
 * @param {string} url
 * @param {string} tenantId or the literal `{tenantid}` of a template
 */
function issuerOf(version, url, tenantId) {
  return version === 2 ? `${url}/${tenantId}/v2.0` : `https://sts.windows.net/${tenantId}/`
}

/**
 * Fills in what the test left open.
 *
 * @param {Issuer} issuer
 * @param {TokenOverrides} overrides
 * @param {Grant} grant
 * @returns {TokenRequest}
 */
function readRequest({ url, tenantId, apps, user: testUser }, overrides, { user = testUser, authentication }) {
  assertOverrides(overrides)
  const resource = overrides.audience === undefined ? apps.api : apps.findResource(overrides.audience)
  const client = overrides.client === undefined ? apps.client : apps.findClient(overrides.client)
  if (client === undefined) throw optionError(`client: no app registration has the client id '${overrides.client}'`)
  const idToken = overrides.idToken === true
  const version = overrides.version ?? (idToken ? 2 : (resource?.accessTokenVersion ?? 1))
  if (version !== 1 && version !== 2) {
    throw optionError(`version: expected 1 or 2, got ${typeof version === 'number' ? version : kindOf(version)}`)
  }
  // Without an override the resource is the API.
  const ownAudience = idToken ? client.clientId : apps.api.appIdUri
  const delegated = overrides.delegated ?? overrides.scopes !== undefined
  return {
    url,
    version,
    resource,
    client,
    idToken,
    delegated,
    audience: audienceOf({ version, resource, client, idToken, audience: overrides.audience ?? ownAudience }),
    tenantId: overrides.tenantId ?? tenantId,
    scopes: overrides.scopes ?? ['user_impersonation'],
    roles: overrides.roles ?? rolesOf(apps, delegated ? user : client, resource),
    user,
    authentication: authentication ?? usualAuthentication(client),
    ...lifetime(overrides)
  }
}

/** @param {TokenOverrides} overrides */
function assertOverrides(overrides) {
  const { delegated, roles, scopes } = overrides
  for (const name of /** @type {const} */ (['audience', 'client', 'tenantId'])) {
    const given = overrides[name]
    // An empty one is a mistake that a test may want.
    if (given !== undefined && typeof given !== 'string') {
      throw optionError(`${name}: expected a string, got ${shown(given)}`)
    }
  }
  if (delegated !== undefined) assertBoolean('delegated', delegated)
  if (delegated === false && scopes !== undefined) {
    throw optionError('scopes: expected none with delegated: false, because an app-only token has no scp')
  }
  if (scopes !== undefined) assertScopes('scopes', scopes)
  if (roles !== undefined) stringsIn('roles', roles)
}

/**
 * @param {Directory['apps']} apps
 * @param {Pick<RegisteredApp, 'roles'>} caller
 * @param {RegisteredApp | undefined} resource
 */
function rolesOf(apps, caller, resource) {
  return resource === undefined ? [] : apps.rolesOf(caller, resource)
}

/**
 * How a client that is registered like this one proves who it is.
 *
 * @param {RegisteredApp} client
 */
function usualAuthentication(client) {
  if (isPublic(client)) return '0'
  return client.clientSecret === undefined ? '2' : '1'
}

/**
 * A v2 access token is always for the client id; a v1 token repeats the name that the client asked for.
 *
 * @param {Pick<TokenRequest, 'version' | 'resource' | 'client' | 'idToken'> & { audience: string }} request
 */
function audienceOf({ version, resource, idToken, audience }) {
  return version === 2 && resource !== undefined && !idToken ? resource.clientId : audience
}

/**
 * `nbf` stays before `exp` for tokens that expired long ago: they are expired and nothing else.
 *
 * @param {TokenOverrides} overrides
 */
function lifetime({ currentDate: date, expiresIn: seconds }) {
  const currentDate = date ?? new Date()
  const expiresIn = seconds ?? TOKEN_LIFETIME
  if (!isDate(currentDate) || Number.isNaN(currentDate.getTime())) {
    throw optionError(`currentDate: expected a valid Date, got ${kindOf(currentDate)}`)
  }
  if (!Number.isFinite(expiresIn))
    throw optionError(`expiresIn: expected seconds as a number, got ${kindOf(expiresIn)}`)
  const now = Math.floor(currentDate.getTime() / 1000)
  const exp = now + expiresIn
  const iat = Math.min(now, exp) - BACKDATED
  return { iat, nbf: iat, exp }
}

/**
 * @param {Issuer['keys']} keys
 * @param {RegisteredApp | undefined} resource
 * @param {TokenOverrides} overrides
 */
function chooseKey(keys, resource, { key, kid }) {
  if (key !== undefined) {
    if (!isKeyObject(key))
      throw optionError(`key: expected a KeyObject, got ${typeof key === 'string' ? 'a string' : kindOf(key)}`)
    return { key, kid: kid ?? keys.signingKey(resource?.clientId).kid }
  }
  const chosen = kid === undefined ? keys.signingKey(resource?.clientId) : keys.get(kid)
  return { key: chosen.privateKey, kid: chosen.kid }
}

/**
 * @param {TokenRequest} request
 * @param {string} algorithm
 * @param {string} kid
 */
function tokenHeader({ version }, algorithm, kid) {
  if (version === 2) return { typ: 'JWT', alg: algorithm, kid }
  return { typ: 'JWT', alg: algorithm, x5t: kid, kid }
}

/** @param {TokenRequest} request */
function accessTokenClaims(request) {
  const { version, client, delegated, roles, scopes, tenantId, url, authentication } = request
  return inEntraOrder(request, {
    ...(version === 2
      ? { azp: client.clientId, azpacr: authentication }
      : { appid: client.clientId, appidacr: authentication }),
    ...(delegated ? userClaims(request) : appClaims(request)),
    ...(version === 1 && !delegated && { idp: issuerOf(1, url, tenantId) }),
    ...(version === 1 && delegated && { acr: '1' }),
    ...(delegated && { scp: scopes.join(' ') }),
    ...(roles.length > 0 && { roles })
  })
}

/**
 * The difference from an access token that counts: it names no client.
 *
 * @param {TokenRequest} request
 */
function idTokenClaims(request) {
  return inEntraOrder(request, userClaims(request))
}

/**
 * The service principal stands for the application in one tenant: object and subject of the token.
 *
 * @param {TokenRequest} request
 */
function appClaims({ tenantId, client }) {
  const servicePrincipal = stableGuid(tenantId, client.clientId)
  return { oid: servicePrincipal, sub: servicePrincipal }
}

/** @param {TokenRequest} request */
function userClaims({ version, tenantId, client, user }) {
  const { name, userName } = user
  const [givenName = '', ...familyNames] = name.split(' ')
  return {
    name,
    oid: objectIdOf(tenantId, user),
    // Pairwise: another application sees another subject.
    sub: createHash('sha256').update(`${tenantId}/${client.clientId}/${userName}`).digest('base64url'),
    ...(version === 2
      ? { preferred_username: userName }
      : {
          amr: ['pwd'],
          family_name: familyNames.join(' ') || undefined,
          given_name: givenName,
          ipaddr: '127.0.0.1',
          unique_name: userName,
          upn: userName
        })
  }
}

/**
 * @param {string} tenantId
 * @param {import('./index').TestUser} user
 */
function objectIdOf(tenantId, { objectId, userName }) {
  return objectId ?? stableGuid(tenantId, userName)
}

/**
 * Recorded tokens have these five first, all others in alphabetical order.
 *
 * @param {TokenRequest} request
 * @param {object} claims
 */
function inEntraOrder({ version, url, tenantId, audience, iat, nbf, exp }, claims) {
  const others = {
    ...claims,
    aio: randomBytes(version === 2 ? 41 : 24).toString('base64'),
    rh: `1.A${randomBytes(39).toString('base64url')}.`,
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: `${version}.0`
  }
  return {
    aud: audience,
    iss: issuerOf(version, url, tenantId),
    iat,
    nbf,
    exp,
    ...Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/**
 * The same application has the same object id in every token of a tenant, without a directory to keep it in.
 *
 * @param {string[]} parts
 */
function stableGuid(...parts) {
  const hex = createHash('sha256').update(parts.join('/')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

module.exports = { createToken, issuerOf, objectIdOf, TOKEN_LIFETIME }
