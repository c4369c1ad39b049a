// The middleware that people paste: thirty lines around axios and jsonwebtoken. It fetches the keys at each request, and
// what it does not look at stands in `omits`.
export default {
  id: 'axios-jsonwebtoken',
  label: 'axios + jsonwebtoken, as pasted',
  packages: ['axios', 'jsonwebtoken'],
  checks: 'audience, exp, nbf; not the issuer, and any RSA algorithm; fetches the keys at each request',
  omits: ['issuer', 'algorithm'],
  setup({ axios, jsonwebtoken }, { jwksUri, clientId, audience }) {
    const keysUrl = `${jwksUri}?appid=${clientId}`
    return {
      async middleware(req, res, next) {
        const [scheme, token] = (req.headers.authorization ?? '').split(' ')
        if (scheme !== 'Bearer' || !token) return res.status(401).send('Unauthorized')
        try {
          const { kid } = jsonwebtoken.decode(token, { complete: true }).header
          const { data } = await axios.get(keysUrl)
          const key = data.keys.find((candidate) => candidate.kid === kid)
          req.auth = jsonwebtoken.verify(token, certificate(key.x5c[0]), { audience })
        } catch (error) {
          if (error.name === 'TokenExpiredError' || error.message.startsWith('jwt audience invalid')) {
            return res.status(401).send('Either token has expired, or wrong audience')
          }
          return res.status(500).send(`Internal Server Error, ${error.message}`)
        }
        next()
      }
    }
  }
}

function certificate(base64) {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}
