export default {
  id: 'aws-jwt-verify',
  label: 'aws-jwt-verify',
  packages: ['aws-jwt-verify'],
  checks: 'issuer, audience, exp, nbf, RS256 (by customJwtCheck); given keys by kid, cached',
  setup({ 'aws-jwt-verify': { JwtVerifier } }, { jwk, jwksUri, issuer, audience }) {
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri, customJwtCheck: assertRs256 })
    verifier.cacheJwks({ keys: [jwk] })
    return { verifySync: (token) => verifier.verifySync(token) }
  }
}

// It takes the algorithm from the key, and Entra's keys name none.
function assertRs256({ header }) {
  if (header.alg !== 'RS256') throw new Error('algorithm not allowed')
}
