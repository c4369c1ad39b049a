export default {
  id: 'jsonwebtoken-pem',
  label: 'jsonwebtoken, PEM',
  packages: ['jsonwebtoken'],
  checks: 'issuer, audience, exp, nbf, RS256; one fixed key as text, no look-up by kid',
  setup({ jsonwebtoken }, { publicKeyPem, issuer, audience }) {
    const options = { issuer, audience, algorithms: ['RS256'] }
    return { verifySync: (token) => jsonwebtoken.verify(token, publicKeyPem, options) }
  }
}
