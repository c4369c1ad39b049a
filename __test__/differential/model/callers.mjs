// Who calls, and whether they may: `req.auth` as index.d.ts describes it, and the options about callers.
import { isGuid } from './policy.mjs'
import { isText, isTexts } from './types.mjs'

export function callerOf(payload, policy) {
  const { isEntra } = policy
  return {
    tenantId: textOf(payload, 'tid'),
    clientId: clientOf(payload, isEntra),
    roles: rolesOf(payload),
    scopes: scopesOf(payload, isEntra),
    expiresAt: payload.get('exp'),
    isAppOnly: isEntra ? isAppOnlyOfEntra(payload) : isAppOnlyElsewhere(payload)
  }
}

export function checkCaller(payload, policy, broken) {
  const { allowedClients, requiredRoles, requiredScopes, isEntra } = policy
  const client = clientOf(payload, isEntra)
  const isSame = (id) => id === client || (isGuid(id) && id.toLowerCase() === client?.toLowerCase())
  if (allowedClients && !allowedClients.some(isSame)) broken.add('client-not-allowed')
  if (requiredRoles && !rolesOf(payload).some((role) => requiredRoles.includes(role))) broken.add('role-missing')
  if (requiredScopes && !scopesOf(payload, isEntra).some((scope) => requiredScopes.includes(scope))) {
    broken.add('scope-missing')
  }
}

/** v1 names the client in `appid`, v2 in `azp`; elsewhere `azp` (OpenID Connect), `appid` (AD FS) or `client_id` (RFC 9068). */
function clientOf(payload, isEntra) {
  // Under Entra's rules the claim of the other version does not say who calls.
  if (isEntra) return textOf(payload, payload.get('ver') === '1.0' ? 'appid' : 'azp')
  return ['azp', 'appid', 'client_id'].map((name) => textOf(payload, name)).find((client) => client !== undefined)
}

function rolesOf(payload) {
  return isTexts(payload.get('roles')) ? payload.get('roles') : []
}

function scopesOf(payload, isEntra) {
  const scopes = isEntra ? textOf(payload, 'scp') : (textOf(payload, 'scp') ?? textOf(payload, 'scope'))
  return (scopes ?? '').split(' ').filter((scope) => scope !== '')
}

/** Microsoft, "Access token claims reference": `idtyp`; without it, a service principal is `oid` and `sub` in one. */
function isAppOnlyOfEntra(payload) {
  if (payload.has('idtyp')) return payload.get('idtyp') === 'app'
  return textOf(payload, 'oid') !== undefined && payload.get('oid') === payload.get('sub') && !payload.has('scp')
}

function isAppOnlyElsewhere(payload) {
  if (payload.has('idtyp')) return payload.get('idtyp') === 'app'
  const proved = ['azpacr', 'appidacr'].some((name) => ['1', '2'].includes(payload.get(name)))
  return proved && !payload.has('scp') && !payload.has('scope')
}

function textOf(payload, name) {
  const value = payload.get(name)
  return isText(value) ? value : undefined
}
