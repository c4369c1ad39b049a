// The configurations under which tokens are judged: options of the package, and nothing else. The model and the peers read
// the same options.
import { API, CLIENT, FOREIGN_ISSUER, OTHER_TENANT, TENANT, UNKNOWN_TENANT } from './identities.mjs'
import { jwks } from './signers.mjs'

const common = { jwks, algorithms: ['ES256', 'RS256'], logger: false }
const single = { ...common, tenantId: TENANT, clientId: API }

/** @type {Record<string, Record<string, any>>} */
export const configurations = {
  'one tenant': single,
  'one tenant, RS256 only, no cache': { jwks, logger: false, tenantId: TENANT, clientId: API, tokenCache: false },
  'several algorithms': { ...single, algorithms: ['RS256', 'PS256', 'ES256', 'ES384'] },
  'clock tolerance': { ...single, clockTolerance: 120 },
  'short tokens': { ...single, maxTokenLength: 1000 },
  'v2 only': { ...single, issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
  'v1 only': { ...single, issuer: `https://sts.windows.net/${TENANT}/` },
  'any organization': { ...common, tenantId: 'organizations', allowedTenants: '*', clientId: API },
  'any account': { ...common, tenantId: 'common', allowedTenants: '*', clientId: API },
  'two tenants': { ...common, tenantId: 'organizations', allowedTenants: [TENANT, OTHER_TENANT], clientId: API },
  'US Government': { ...single, authorityHost: 'https://login.microsoftonline.us' },
  'External ID': { ...single, authorityHost: `https://${TENANT}.ciamlogin.com` },
  'other audiences': { ...common, tenantId: TENANT, audience: ['https://api.example/', 'orders', `spn:${API}`] },
  'named clients': { ...single, allowedClients: [CLIENT.toUpperCase()] },
  roles: { ...single, requiredRoles: ['Task.Read', 'Task.Write'] },
  scopes: { ...single, requiredScopes: ['access', 'admin'] },
  'roles and scopes': { ...single, requiredRoles: ['Task.Read'], requiredScopes: ['access'] },
  'binding ignored': { ...single, boundTokens: 'ignore' },
  'several authorities': {
    logger: false,
    audience: [API, `api://${API}`],
    algorithms: ['ES256', 'RS256'],
    authorities: [
      { jwks, tenantId: TENANT },
      { jwks, tenantId: OTHER_TENANT, requiredRoles: ['Task.Read'], algorithms: ['ES256'] },
      { jwks, tenantId: UNKNOWN_TENANT, authorityHost: 'https://login.microsoftonline.us', requiredScopes: ['access'] },
      { jwks, issuer: FOREIGN_ISSUER, audience: 'orders' }
    ]
  },
  'foreign issuer': { ...common, issuer: FOREIGN_ISSUER, audience: 'orders' },
  'foreign issuer, callers': {
    ...common,
    issuer: FOREIGN_ISSUER,
    audience: 'orders',
    allowedClients: ['Web', CLIENT],
    requiredScopes: ['access']
  }
}

/**
 * The options of each authority: those of one configuration, or several with what they have in common.
 *
 * @param {Record<string, any>} options
 * @returns {Record<string, any>[]}
 */
export function authoritiesOf({ authorities, ...common }) {
  return authorities?.map((/** @type {Record<string, any>} */ own) => ({ ...common, ...own })) ?? [common]
}
