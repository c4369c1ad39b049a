// An OIDC provider that is not Entra. Its metadata and its keys are whatever the test puts there, also what no honest
// provider would publish.
import { generateKeyPair } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'

const WELL_KNOWN = '/.well-known/openid-configuration'

/**
 * Listens until the test ends.
 * - `url`: what the option `authority` is to name; `path` is its path, none by default
 * - `jwksUri`: where its keys are, at `keysPath`; what is asked for in the query changes nothing
 * - `metadata`: what is served as openid-configuration, without a `Content-Type` check; `status` with another status
 * - `keys`: what is served as key set, entries as `newKey()` makes them under `jwk`
 * - `documents`: what else is served, by path
 * - `requests`: paths that were asked for
 */
export async function startForeignAuthority(t, { path = '', keysPath = '/keys' } = {}) {
  const authority = { metadata: {}, keys: [], documents: {}, requests: [], status: 200 }
  const server = createServer((req, res) => {
    authority.requests.push(req.url)
    const own = { [`${path}${WELL_KNOWN}`]: authority.metadata, [keysPath]: { keys: authority.keys } }
    const documents = { ...own, ...authority.documents }
    const [asked] = req.url.split('?')
    res.statusCode = asked in documents ? authority.status : 404
    res.end(JSON.stringify(documents[asked]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${server.address().port}`
  Object.assign(authority, { origin, url: origin + path, jwksUri: `${origin}${keysPath}` })
  authority.metadata = { issuer: origin + path, jwks_uri: authority.jwksUri }
  authority.key = await firstKey
  authority.keys = [authority.key.jwk]
  /** A token of this provider; nothing in it is Entra's. */
  authority.issueToken = (claims, { key = authority.key } = {}) =>
    signToken(key, { iss: authority.metadata.issuer, aud: AUDIENCE, sub: 'somebody', ...claims })
  return authority
}

// Looking for primes takes its time, and one provider's first key is as good as another's.
const firstKey = newKey('key-1')

/** For whom its tokens are. */
export const AUDIENCE = 'https://api.example'

/** An RSA key as B2C publishes it: without `x5c` and `x5t`. */
export async function newKey(kid, more) {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { kty, n, e } = publicKey.export({ format: 'jwk' })
  return { kid, privateKey, jwk: { kid, use: 'sig', kty, n, e, ...more } }
}

/** `undefined` leaves a claim out. */
export function signToken({ kid, privateKey }, claims) {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'RS256', kid }
  return new SignJWT({ nbf: now, exp: now + 3600, ...claims }).setProtectedHeader(header).sign(privateKey)
}
