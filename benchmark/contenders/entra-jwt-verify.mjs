export default {
  id: 'entra-jwt-verify',
  label: 'entra-jwt-verify, token seen before',
  packages: ['entra-jwt-verify'],
  checks:
    'issuer, tenant, audience, exp, nbf, RS256, access token and not id token, strict encoding and JSON; keys of the authority by kid, cached',
  sight: 'again',
  setup({ 'entra-jwt-verify': { createCheckAuthToken } }, world) {
    return { middleware: createCheckAuthToken(optionsFor(world)) }
  }
}

export function optionsFor({ tenantId, clientId, audience, authorityHost }) {
  return { tenantId, clientId, audience, authorityHost, logger: false }
}
