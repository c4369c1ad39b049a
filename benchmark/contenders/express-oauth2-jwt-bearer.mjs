export default {
  id: 'express-oauth2-jwt-bearer',
  label: 'express-oauth2-jwt-bearer',
  packages: ['express-oauth2-jwt-bearer'],
  checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
  setup({ 'express-oauth2-jwt-bearer': { auth } }, { jwksUri, issuer, audience }) {
    return { middleware: auth({ jwksUri, issuer, audience, tokenSigningAlg: 'RS256', clockTolerance: 0 }) }
  }
}
