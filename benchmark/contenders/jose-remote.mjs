export default {
  id: 'jose-remote',
  label: 'jose, remote key set',
  packages: ['jose'],
  checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
  setup({ jose }, { jwksUri, issuer, audience }) {
    const keys = jose.createRemoteJWKSet(new URL(jwksUri))
    const options = { issuer, audience, algorithms: ['RS256'] }
    return { verify: (token) => jose.jwtVerify(token, keys, options) }
  }
}
