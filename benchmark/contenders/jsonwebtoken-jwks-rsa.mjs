export default {
  id: 'jsonwebtoken-jwks-rsa',
  label: 'jsonwebtoken + jwks-rsa',
  packages: ['jsonwebtoken', 'jwks-rsa'],
  checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
  setup({ jsonwebtoken, 'jwks-rsa': jwksClient }, { jwksUri, issuer, audience }) {
    const client = jwksClient({ jwksUri })
    const options = { issuer, audience, algorithms: ['RS256'] }
    const keyFor = ({ kid }, callback) =>
      client.getSigningKey(kid).then((key) => callback(null, key.getPublicKey()), callback)
    return {
      verify: (token) =>
        new Promise((resolve, reject) => {
          jsonwebtoken.verify(token, keyFor, options, (error, claims) => (error ? reject(error) : resolve(claims)))
        })
    }
  }
}
