export default {
  id: 'jose-local',
  label: 'jose, local key set',
  packages: ['jose'],
  checks: 'issuer, audience, exp, nbf, RS256; given keys by kid',
  setup({ jose }, { jwk, issuer, audience }) {
    const keys = jose.createLocalJWKSet({ keys: [jwk] })
    const options = { issuer, audience, algorithms: ['RS256'] }
    return { verify: (token) => jose.jwtVerify(token, keys, options) }
  }
}
