export default {
  id: 'node-rs-jsonwebtoken',
  label: '@node-rs/jsonwebtoken',
  packages: ['@node-rs/jsonwebtoken'],
  checks: 'issuer, audience, exp, nbf, RS256; one fixed key as text, no look-up by kid',
  setup({ '@node-rs/jsonwebtoken': { verifySync } }, { publicKeyPem, issuer, audience }) {
    const validation = {
      iss: [issuer],
      aud: [audience],
      algorithms: ['RS256'],
      requiredSpecClaims: ['exp', 'iss', 'aud'],
      validateNbf: true,
      leeway: 0
    }
    return { verifySync: (token) => verifySync(token, publicKeyPem, validation) }
  }
}
