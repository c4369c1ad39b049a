export default {
  id: 'express-jwt',
  label: 'express-jwt + jwks-rsa',
  packages: ['express-jwt', 'jwks-rsa'],
  checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
  setup({ 'express-jwt': { expressjwt }, 'jwks-rsa': jwksClient }, { jwksUri, issuer, audience }) {
    const secret = jwksClient.expressJwtSecret({ jwksUri, cache: true })
    return { middleware: expressjwt({ secret, issuer, audience, algorithms: ['RS256'] }) }
  }
}
