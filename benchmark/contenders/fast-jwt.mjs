export default {
  id: 'fast-jwt',
  label: 'fast-jwt',
  packages: ['fast-jwt'],
  checks: 'issuer, audience, exp, nbf, RS256; one fixed key, parsed beforehand, no look-up by kid',
  setup({ 'fast-jwt': { createVerifier } }, world) {
    return { verifySync: createVerifier(optionsFor(world)) }
  }
}

export function optionsFor({ publicKeyPem, issuer, audience }) {
  return {
    key: publicKeyPem,
    algorithms: ['RS256'],
    allowedIss: issuer,
    allowedAud: audience,
    // Without it, a token that lacks a claim passes.
    requiredClaims: ['iss', 'aud', 'exp']
  }
}
