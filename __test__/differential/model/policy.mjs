// What a configuration accepts, read from its options as docs/options.md and index.d.ts describe them.
import { PERSONAL_ACCOUNTS } from '../identities.mjs'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Microsoft, "National clouds": where each issues, and how its keys name it. */
const CLOUDS = {
  'https://login.microsoftonline.com': { v1: 'https://sts.windows.net', name: 'microsoftonline.com' },
  'https://login.microsoftonline.us': { v1: 'https://sts.windows.net', name: 'microsoftonline.us' }
}

export const isGuid = (text) => typeof text === 'string' && text.length === 36 && GUID.test(text)

/**
 * @param {Record<string, any>} options
 */
export function policyOf(options) {
  const {
    tenantId,
    clientId,
    audience = [clientId, `api://${clientId}`],
    authorityHost = 'https://login.microsoftonline.com',
    algorithms = ['RS256'],
    clockTolerance = 0,
    maxTokenLength = 16_384,
    boundTokens = 'refuse',
    allowedClients,
    requiredRoles,
    requiredScopes,
    jwks
  } = options
  const isEntra = tenantId !== undefined
  const isExternalId = authorityHost === `https://${tenantId}.ciamlogin.com`
  const issuers = isEntra ? issuersAt(authorityHost, tenantId) : undefined
  return {
    isEntra,
    jwks,
    algorithms,
    clockTolerance,
    maxTokenLength,
    boundTokens,
    allowedClients,
    requiredRoles,
    requiredScopes,
    /** As the options have them, for the peers. */
    audiences: [audience].flat(),
    // External ID is a part of the public cloud.
    cloud: isExternalId ? 'microsoftonline.com' : CLOUDS[authorityHost]?.name,
    keyIssuers: keyIssuersOf(issuers, isExternalId),
    /** Of a tenant, by version; without one, exactly this. */
    issuers,
    exactIssuer: isEntra ? undefined : options.issuer,
    versions: isEntra ? versionsOf(options.issuer, issuers, tenantId) : undefined,
    /** The one tenant, where there is only one. */
    onlyTenant: isGuid(tenantId) && options.allowedTenants === undefined ? tenantId : undefined,
    allowsTenant: tenantRule(options)
  }
}

/** @typedef {ReturnType<typeof policyOf>} ModelPolicy */

/** Microsoft, "Access token claims reference", `iss`. */
function issuersAt(host, tenantId) {
  const v2 = (tenant) => `${host}/${tenant}/v2.0`
  // The host names the tenant, so that there is one spelling of the issuer.
  if (host === `https://${tenantId}.ciamlogin.com`) return { '2.0': () => v2(tenantId) }
  return { '1.0': (tenant) => `${CLOUDS[host].v1}/${tenant}/`, '2.0': v2 }
}

/**
 * Whom a key may be published for that signs tokens of a tenant: Microsoft.IdentityModel.Validators compare it with the v2 issuer
 * of the same authority. Key sets of External ID are also those of the public cloud.
 */
function keyIssuersOf(issuers, isExternalId) {
  const publicCloud = (tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`
  return isExternalId ? [issuers['2.0'], publicCloud] : issuers && [issuers['2.0']]
}

/** An `issuer` of the tenant narrows what is accepted to its version. */
function versionsOf(issuer, issuers, tenantId) {
  const versions = Object.keys(issuers)
  return issuer === undefined ? versions : versions.filter((version) => issuers[version](tenantId) === issuer)
}

function tenantRule({ tenantId, allowedTenants }) {
  if (allowedTenants === '*') {
    return (tenant) => tenant.toLowerCase() !== PERSONAL_ACCOUNTS || tenantId === 'common' || tenantId === 'consumers'
  }
  const allowed = (allowedTenants ?? [tenantId]).map((tenant) => tenant?.toLowerCase())
  return (tenant) => allowed.includes(tenant.toLowerCase())
}
