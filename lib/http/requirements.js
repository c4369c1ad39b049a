'use strict'

const { authError, callError, internalError, kindOf } = require('../core/errors')
const { isGuid, isSameId } = require('../core/guid')
const { guarded, isPlainObject, ownMembers } = require('../core/options')
const { qualifiedScope } = require('../core/scope')
const { isOfAnotherCopy, isVerifiedToken, verifierOf } = require('../core/verified-token')
const { identityOf } = require('../core/verifier')
const { warnOnce } = require('../core/warning')
const { bearerToken, missingTokenError } = require('./authorization')
const { claimsChallenge } = require('./claims-challenge')
const { MET, UNPROTECTED } = require('./protection')

/** @import { AuthError, VerifiedToken } from '../..' */

/**
 * A requirement of a route: returns `MET`, an error if the caller does not meet it, or a promise of either.
 *
 * @typedef {(auth: VerifiedToken) => typeof MET | AuthError | Undecided} Requirement
 */

/** @type {(guard: string, problem: string) => AuthError} */
const guardError = (guard, problem) => callError(guard, problem, 'docs/authorization.md')

/** @type {(value: unknown) => value is Undecided} */
let isUndecided

/** A requirement that the application decides. */
class Undecided {
  #decision

  static {
    isUndecided = /** @type {typeof isUndecided} */ (
      (value) => value !== null && typeof value === 'object' && #decision in value
    )
  }

  /** @param {Promise<typeof MET | AuthError>} decision never rejects */
  constructor(decision) {
    this.#decision = decision
  }

  get decision() {
    return this.#decision
  }
}

/**
 * Any of these app roles (`roles`).
 *
 * @param {string[]} anyOf
 * @returns {Requirement}
 */
function requireRole(...anyOf) {
  const roles = nonEmptyStrings('requireRole', anyOf)
  return (auth) =>
    roles.some((role) => auth.hasRole(role))
      ? MET
      : lacking('role', 'roles', { auth, requirement: { roles }, scopes: undefined })
}

/**
 * Any of these delegated permissions (`scp`).
 *
 * @param {string[]} anyOf
 * @returns {Requirement}
 */
function requireScope(...anyOf) {
  const scopes = scopeNames('requireScope', anyOf)
  return (auth) => {
    if (scopes.some((scope) => auth.hasScope(scope))) return MET
    return lacking('scope', 'scp', { auth, requirement: { scopes }, scopes: qualified(auth, scopes) })
  }
}

/**
 * Users need any of the scopes, applications that act for themselves any of the roles.
 *
 * @param {{ scopes: string[], roles: string[] }} anyOf
 * @returns {Requirement}
 */
function requireScopeOrRole(anyOf) {
  const given = guarded('requireScopeOrRole', () => {
    if (isPlainObject(anyOf)) return new Map(ownMembers(anyOf, 'requireScopeOrRole'))
    throw guardError('requireScopeOrRole', `expected { scopes, roles }, got ${kindOf(anyOf)}`)
  })
  assertOnlyMembers('requireScopeOrRole', given, SCOPES_AND_ROLES)
  for (const name of SCOPES_AND_ROLES) {
    const list = given.get(name)
    if (!Array.isArray(list))
      throw guardError('requireScopeOrRole', `expected ${name} to be an array of strings, got ${kindOf(list)}`)
  }
  const scopes = scopeNames('requireScopeOrRole', given.get('scopes'))
  const roles = nonEmptyStrings('requireScopeOrRole', given.get('roles'))
  return (auth) => {
    const isMet = auth.isAppOnly
      ? roles.some((role) => auth.hasRole(role))
      : scopes.some((scope) => auth.hasScope(scope))
    if (isMet) return MET
    const requirement = auth.isAppOnly ? { roles } : { scopes }
    return lacking('scope or role', 'scp', { auth, requirement, scopes: qualified(auth, scopes) })
  }
}

const SCOPES_AND_ROLES = ['scopes', 'roles']

/**
 * @param {string} guard
 * @param {ReadonlyMap<string, unknown>} given
 * @param {readonly string[]} known
 */
function assertOnlyMembers(guard, given, known) {
  const unknown = [...given.keys()].find((name) => !known.includes(name))
  if (unknown === undefined) return
  const { nearest } = require('../spelling')
  const name = unknown.slice(0, 60)
  const meant = nearest(name, known)
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  throw guardError(guard, `expected only { ${known.join(', ')} }, got ${name}${question}`)
}

/**
 * Any of these client applications. GUIDs compare without case, as in the option `allowedClients`.
 *
 * @param {string[]} ids
 * @returns {Requirement}
 */
function requireClient(...ids) {
  const clients = nonEmptyStrings('requireClient', ids)
  return (auth) => {
    if (clients.some((client) => isSameId(client, auth.clientId))) return MET
    const hint = 'get the token with another client application: this route is not for this one'
    return policyError('client not allowed', 'client', hint, 'azp', {
      auth,
      requirement: { clients },
      scopes: undefined
    })
  }
}

/**
 * Members of any of these groups, by id. If a token has no groups because there are too many, membership is unknown:
 * the caller is rejected with its own reason, or `onOverage` decides.
 *
 * @param {Array<string | { onOverage?: (auth: VerifiedToken) => Promise<boolean> }>} idsAndOptions
 * @returns {Requirement}
 */
function requireGroup(...idsAndOptions) {
  const last = idsAndOptions.at(-1)
  if (idsAndOptions.some(Array.isArray)) {
    throw guardError(
      'requireGroup',
      "expected ids of groups, each on its own, got an array: write requireGroup('…', '…')"
    )
  }
  const hasOptions = isPlainObject(last)
  const onOverage = hasOptions ? onOverageOf(last) : undefined
  const groups = nonEmptyStrings('requireGroup', hasOptions ? idsAndOptions.slice(0, -1) : idsAndOptions)
  return (auth) => {
    const { groups: found } = auth.claims
    const isMember = Array.isArray(found) && groups.some((group) => found.some((id) => isSameId(group, id)))
    if (isMember) return MET
    if (!auth.hasGroupsOverage) return notInGroup(auth, groups)
    return onOverage === undefined ? overageError(auth) : new Undecided(decided(onOverage, auth, groups))
  }
}

/** @param {object} options */
function onOverageOf(options) {
  const given = guarded('requireGroup', () => new Map(ownMembers(options, 'requireGroup')))
  assertOnlyMembers('requireGroup', given, ['onOverage'])
  const onOverage = given.get('onOverage')
  if (typeof onOverage !== 'function') {
    throw guardError('requireGroup', `expected onOverage to be a function, got ${kindOf(onOverage)}`)
  }
  return /** @type {(auth: VerifiedToken) => unknown} */ (onOverage)
}

/**
 * Only `true` admits. Never rejects.
 *
 * @param {(auth: VerifiedToken) => unknown} onOverage
 * @param {VerifiedToken} auth
 * @param {readonly string[]} groups
 * @returns {Promise<typeof MET | AuthError>}
 */
async function decided(onOverage, auth, groups) {
  try {
    return (await onOverage(auth)) === true ? MET : notInGroup(auth, groups)
  } catch (cause) {
    return internalError(cause, 'onOverage of requireGroup threw an exception; see the cause of this error')
  }
}

/**
 * @param {VerifiedToken} auth
 * @param {readonly string[]} groups
 */
function notInGroup(auth, groups) {
  return policyError('required group missing', 'group', groupHint(auth, groups), 'groups')
}

/**
 * @param {VerifiedToken} auth
 * @param {readonly string[]} groups
 */
function groupHint(auth, groups) {
  const { groups: found } = auth.claims
  const isOfEntra = identityOf(auth).appIdUri !== undefined
  const caller = callerOf(auth)
  if (found === undefined && !auth.hasGroupsOverage) {
    // Entra leaves the claim out for a caller in no group: the registration may be right.
    return isOfEntra
      ? `this token has no groups: ${caller} is in none that the API gets (add ${caller} to the group), or the claim is not configured ` +
          '(App registrations, the API, Token configuration, Add groups claim)'
      : "have the token's issuer put the groups into the claim groups: this token has none"
  }
  const name = groups.find((group) => !isGuid(group))
  if (isOfEntra && name !== undefined && Array.isArray(found) && found.length > 0 && found.every(isGuid)) {
    return (
      `write the Object ID of the group '${name}' in requireGroup: Microsoft Entra ID, Groups, the group, Overview. The groups in ` +
      'this token are ids'
    )
  }
  return `add ${caller} to the group, then get a new token: the token lacks the required group`
}

/** @param {VerifiedToken} auth */
function callerOf({ isAppOnly }) {
  return isAppOnly ? 'the caller' : 'the user'
}

/** @param {VerifiedToken} auth */
function overageError(auth) {
  return authError({
    code: 'ERR_TOKEN_POLICY',
    message: 'groups not in token',
    hint:
      'configure the API registration to emit only groups that are assigned to the application (Token configuration, groups ' +
      `claim), or query Microsoft Graph in onOverage of requireGroup; ${callerOf(auth)} is in more groups than fit in a token`,
    claim: 'groups',
    reason: 'groups-overage'
  })
}

/**
 * An authentication context of Conditional Access (`acrs`), such as `c1`. A caller without it gets a claims challenge.
 *
 * @param {string} id
 * @returns {Requirement}
 */
function requireAuthContext(id) {
  if (typeof id !== 'string' || !/^c\d{1,2}$/.test(id)) {
    throw guardError('requireAuthContext', 'expected the id of an authentication context, c1 to c99')
  }
  const challenge = claimsChallenge({ access_token: { acrs: { essential: true, value: id } } })
  return (auth) => {
    const { acrs } = auth.claims
    const isMet = Array.isArray(acrs) ? acrs.includes(id) : acrs === id
    return isMet ? MET : challenge(auth)
  }
}

/**
 * Applications that act for themselves.
 *
 * @param {unknown[]} none
 * @returns {Requirement}
 */
function requireAppOnly(...none) {
  nothing('requireAppOnly', none)
  return ({ isAppOnly }) => {
    if (isAppOnly) return MET
    return policyError(
      'app-only token required',
      'app-only',
      'get the token with client credentials, without a user',
      'idtyp'
    )
  }
}

/**
 * Applications that act for a user. The token has to show that: it is not enough not to be app-only.
 *
 * @param {unknown[]} none
 * @returns {Requirement}
 */
function requireDelegated(...none) {
  nothing('requireDelegated', none)
  return ({ claims: { scp, idtyp }, isAppOnly, scopes }) => {
    if (!isAppOnly && (scp !== undefined || scopes.length > 0 || idtyp === 'user')) return MET
    return policyError(
      'delegated token required',
      'delegated',
      'get the token on behalf of a user, not with client credentials',
      'idtyp'
    )
  }
}

/**
 * The error of a requirement if there is no verified token.
 *
 * @param {Requirement} requirement
 * @param {unknown} auth
 * @param {string} place where it was, as applications write it, such as `req.auth`
 */
function decide(requirement, auth, place) {
  return isVerifiedToken(auth) ? requirement(auth) : unverifiedError(auth, place)
}

/**
 * Warns once per process if a guard rejects a request whose `auth` is not a verified token of this package: a token of
 * another copy, or another object, such as a stub in a test.
 *
 * @param {unknown} auth
 * @param {string} place as for `decide`
 */
function warnOfUnverified(auth, place) {
  if (!isThere(auth) || isVerifiedToken(auth)) return
  if (!isOfAnotherCopy(auth)) {
    return warnOnce(
      'ENTRA_JWT_VERIFY_UNVERIFIED',
      `${place} is ${UNVERIFIED}, so a guard rejects the request: leave it as checkAuthToken set it; ${inUnitTests(place)}.`
    )
  }
  warnOnce(
    'ENTRA_JWT_VERIFY_COPIES',
    `${place} was set by another copy of entra-jwt-verify than the guard behind it, which rejects the request. ` +
      'Install one copy (`npm ls entra-jwt-verify` shows them), and import middleware and guards from the same place.'
  )
}

/**
 * Warns once per process if a guard rejects a request with a token, which no middleware in front of it has verified.
 *
 * @param {import('./protection').AppProtection} protection that admitted the request
 * @param {unknown} auth
 * @param {unknown} authorization value of the header
 * @param {string} [mount] how the framework mounts the middleware
 */
function warnOfUnprotected(protection, auth, authorization, mount = 'app.use(checkAuthToken)') {
  if (protection !== UNPROTECTED || isThere(auth) || bearerToken(authorization) === undefined) return
  warnOnce(
    'ENTRA_JWT_VERIFY_UNPROTECTED',
    'A guard rejects a request with a token, because checkAuthToken does not run in front of it: mount it first, such as ' +
      `${mount}, and import both from the same entry.`
  )
}

/** What is in the place of a verified token. */
const UNVERIFIED = 'not a verified token but a copy of one or another object'

/** @param {string} place */
function inUnitTests(place) {
  return `in unit tests, set ${place} to verifiedToken({ roles: ['Task.Read'] }) of entra-jwt-verify/testing`
}

/**
 * The hint for another value in place of a verified token.
 *
 * @param {string} place
 */
function unverifiedHint(place) {
  return `leave ${place} as checkAuthToken set it: it is ${UNVERIFIED}; ${inUnitTests(place)}`
}

/**
 * To the caller, there is no token; the hint is for the developer.
 *
 * @param {unknown} auth
 * @param {string} place
 */
function unverifiedError(auth, place) {
  if (!isThere(auth)) return missingTokenError(undefined)
  return authError({ code: 'ERR_TOKEN_MISSING', message: 'no bearer token', hint: unverifiedHint(place) })
}

/** @param {unknown} auth */
function isThere(auth) {
  return auth !== undefined && auth !== null
}

/**
 * Scopes as clients request them.
 *
 * @param {VerifiedToken} auth
 * @param {readonly string[]} scopes
 */
function qualified(auth, scopes) {
  const { appIdUri } = identityOf(auth)
  return scopes.map((scope) => qualifiedScope(scope, appIdUri))
}

/**
 * @param {string} what
 * @param {string} claim
 * @param {Lack} lack
 */
function lacking(what, claim, lack) {
  const { roles, scopes = [] } = lack.requirement
  const names = roles === undefined ? `scope ${scopes.join(' or ')}` : `role ${roles.join(' or ')}`
  const hint = `the token lacks the required ${names}; if it was granted recently, get a new token`
  return policyError(`required ${what} missing`, what.replaceAll(' ', '-'), hint, claim, lack)
}

/**
 * The caller and the guard's requirement, for the log.
 *
 * @typedef {object} Lack
 * @property {VerifiedToken} auth
 * @property {import('../../native').NativeRequirement} requirement
 * @property {readonly string[] | undefined} scopes that would have been sufficient, as the caller asks for them
 */

/**
 * @param {string} message
 * @param {string} reason
 * @param {string} hint
 * @param {string} claim
 * @param {Lack} [lack]
 */
function policyError(message, reason, hint, claim, lack) {
  const failure = { code: 'ERR_TOKEN_POLICY', message, reason, hint, claim, scope: lack?.scopes?.join(' ') }
  if (lack === undefined) return authError(failure)
  const { auth, requirement } = lack
  return authError(failure, { verifier: verifierOf(auth), token: auth.token, requirement })
}

/**
 * A guard without a requirement would admit every caller, so it is an error at once.
 *
 * @param {string} guard
 * @param {unknown} list
 * @returns {string[]}
 */
function nonEmptyStrings(guard, list) {
  // A sparse array has `undefined` there.
  const names = Array.isArray(list) ? [...list] : []
  const isUsable = names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')
  if (isUsable) return names
  const expected = 'expected one or more non-empty strings'
  // A framework passes `next` with a request.
  if (names.some((name) => typeof name === 'function')) {
    throw guardError(guard, `${expected}: write ${guard}('…') where the guard is passed`)
  }
  if (guard !== 'requireScopeOrRole' && names.some(Array.isArray)) {
    throw guardError(guard, `${expected}, got an array: pass them separately, ${guard}('…', '…') or ${guard}(...list)`)
  }
  const at = names.findIndex((name) => typeof name !== 'string')
  throw guardError(guard, at === -1 ? expected : `${expected}, got ${kindOf(names[at])}`)
}

/**
 * A guard that is passed instead of called would get a request and never answer it.
 *
 * @param {string} guard
 * @param {unknown[]} none
 */
function nothing(guard, none) {
  if (none.length > 0) throw guardError(guard, `expected no arguments: write ${guard}() where the guard is passed`)
}

/**
 * `scp` is separated by spaces: no token has a scope that contains one.
 *
 * @param {string} guard
 * @param {unknown} list
 */
function scopeNames(guard, list) {
  const scopes = nonEmptyStrings(guard, list)
  if (scopes.some((scope) => scope.includes(' ')))
    throw guardError(guard, 'expected scopes without spaces, each on its own')
  for (const scope of scopes) {
    const at = scope.lastIndexOf('/')
    const [resource, name] = [scope.slice(0, Math.max(at, 0)), scope.slice(at + 1)]
    const isQualified = resource.includes('://') || isGuid(resource)
    const isDefault = name === '.default' || (isQualified && name === '')
    if (!isQualified && !isDefault) continue
    const expected = isDefault
      ? 'a scope that the API exposes, such as Task.Read, which a token can have'
      : `'${name}', the form in scp, without ${resource}/`
    throw guardError(guard, `expected ${expected}, got '${scope}'`)
  }
  return scopes
}

module.exports = {
  decide,
  isUndecided,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  warnOfUnprotected,
  warnOfUnverified
}
