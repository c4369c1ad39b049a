// The token endpoint of a test authority as a client sees it.
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { claimsOf, postForm } from './testing-http.mjs'

/** `oauth2/v2.0/token` of the authority's tenant, or another endpoint, version or tenant. */
export function endpointOf({ url, tenantId }, { endpoint = 'token', version = 'v2.0/', tenant = tenantId } = {}) {
  return `${url}/${tenant}/oauth2/${version}${endpoint}`
}

/** Asks for tokens; resolves to `{ status, body }`. */
export async function askFor(authority, parameters, where) {
  const answer = await postForm(endpointOf(authority, where), parameters)
  return { status: answer.status, body: await answer.json() }
}

/** Asks for tokens that are refused; resolves to `[status, error, AADSTS number]`. */
export async function refusalOf(authority, parameters, where) {
  const { status, body } = await askFor(authority, parameters, where)
  return [status, body.error, ...(body.error_codes ?? [])]
}

/** Asks for tokens; resolves to the claims of the access token. */
export async function accessClaims(authority, parameters, where) {
  const { body } = await askFor(authority, parameters, where)
  if (body.access_token === undefined) throw new Error(body.error_description)
  return claimsOf(body.access_token)
}

/** The headers that name the certificate of an assertion. */
export const thumbprints = ({ thumbprint, thumbprintSha256 }) => ({
  x5t: Buffer.from(thumbprint, 'hex').toString('base64url'),
  'x5t#S256': Buffer.from(thumbprintSha256, 'hex').toString('base64url')
})

/** A token signed by hand: RS256 or PS256, with a key in PEM or a KeyObject. */
export function signJwt(header, claims, key) {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : key
  // RSA_PKCS1_PSS_PADDING, and a salt as long as the digest.
  const padding = header.alg === 'PS256' ? { padding: 6, saltLength: -1 } : {}
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, ...padding }).toString('base64url')}`
}

/** A PKCE pair (RFC 7636). */
export function pkce(verifier = 'a verifier that is long enough for a code challenge') {
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}
