// The keys of the authority, those of strangers, and the key set as it is published.
import { constants, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { AUTHORITY, PERSONAL_ACCOUNTS } from './identities.mjs'

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = (namedCurve) => generateKeyPairSync('ec', { namedCurve })

/** Two pairs of each kind that tokens are signed with, and one that is published nowhere. */
const pairs = {
  rsa: rsa(),
  otherRsa: rsa(),
  p256: ec('P-256'),
  otherP256: ec('P-256'),
  p384: ec('P-384'),
  stranger: ec('P-256')
}

const V2_ISSUER = `${AUTHORITY}/{tenantid}/v2.0`

/** kid → the pair, and what its JWK says beside the numbers. */
const published = {
  plain: { pair: pairs.p256 },
  rsa: { pair: pairs.rsa },
  'rsa-2': { pair: pairs.otherRsa },
  'p256-2': { pair: pairs.otherP256 },
  p384: { pair: pairs.p384 },
  thumbprint: { pair: pairs.p256, more: { x5t: 'thumbprint' } },
  'other-thumbprint': { pair: pairs.p256, more: { x5t: 'x5t-of-its-own' } },
  'for-signatures': { pair: pairs.p256, more: { use: 'sig', key_ops: ['verify'], alg: 'ES256' } },
  'for-rs256': { pair: pairs.rsa, more: { use: 'sig', alg: 'RS256' } },
  'for-ps256': { pair: pairs.rsa, more: { alg: 'PS256' } },
  'for-encryption': { pair: pairs.p256, more: { use: 'enc' } },
  'for-signing': { pair: pairs.p256, more: { key_ops: ['sign'] } },
  'public-cloud': { pair: pairs.p256, more: { cloud_instance_name: 'microsoftonline.com' } },
  'us-government': { pair: pairs.p256, more: { cloud_instance_name: 'microsoftonline.us' } },
  organizations: { pair: pairs.p256, more: { issuer: V2_ISSUER } },
  'personal-accounts': { pair: pairs.p256, more: { issuer: V2_ISSUER.replace('{tenantid}', PERSONAL_ACCOUNTS) } },
  'of-foreign-issuer': { pair: pairs.p256, more: { issuer: 'https://issuer.example' } }
}

/** The key set that verifier, model and peers are given. */
export const jwks = {
  keys: Object.entries(published).map(([kid, { pair, more }]) => ({
    ...pair.publicKey.export({ format: 'jwk' }),
    kid,
    ...more
  }))
}

export const kids = Object.keys(published)

/** alg → how node:crypto signs and verifies it. */
const SCHEMES = {
  RS256: { hash: 'sha256', kty: 'RSA', padding: { padding: constants.RSA_PKCS1_PADDING } },
  RS384: { hash: 'sha384', kty: 'RSA', padding: { padding: constants.RSA_PKCS1_PADDING } },
  RS512: { hash: 'sha512', kty: 'RSA', padding: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: { hash: 'sha256', kty: 'RSA', padding: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
  ES256: { hash: 'sha256', kty: 'EC', crv: 'P-256', bytes: 64, padding: { dsaEncoding: 'ieee-p1363' } },
  ES384: { hash: 'sha384', kty: 'EC', crv: 'P-384', bytes: 96, padding: { dsaEncoding: 'ieee-p1363' } }
}

/** The pair that a published key stands for, and a pair of the algorithm's kind where there is none. */
function pairFor(kid, alg) {
  const pair = published[kid]?.pair
  const { kty, crv } = SCHEMES[alg]
  const jwk = pair?.publicKey.export({ format: 'jwk' })
  if (jwk?.kty === kty && jwk.crv === crv) return pair
  if (kty === 'RSA') return pairs.rsa
  return crv === 'P-256' ? pairs.p256 : pairs.p384
}

/**
 * A signature as RFC 7518 has it.
 *
 * @param {{ alg: string, kid: string, by?: 'stranger' | 'der' }} how
 * @param {string} input
 */
export function signatureOf({ alg, kid, by }, input) {
  const scheme = SCHEMES[alg] ?? SCHEMES.ES256
  const pair = by === 'stranger' ? pairs.stranger : pairFor(kid, SCHEMES[alg] ? alg : 'ES256')
  // A stranger has one key, whatever the header says.
  if (by === 'stranger') return sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  const padding = by === 'der' && scheme.kty === 'EC' ? {} : scheme.padding
  return sign(scheme.hash, Buffer.from(input), { key: pair.privateKey, ...padding })
}

/** OpenSSL's word on a signature, which is not what the core verifies with. */
export function isSignedBy(jwk, alg, input, signature) {
  const { hash, padding, bytes } = SCHEMES[alg]
  if (bytes !== undefined && signature.length !== bytes) return false
  return verify(hash, Buffer.from(input), { key: publicKey(jwk), ...padding }, signature)
}

/** What RFC 7518, section 3.1, demands of a key for an algorithm. */
export function fits(jwk, alg) {
  const scheme = SCHEMES[alg]
  return scheme !== undefined && jwk.kty === scheme.kty && (scheme.crv === undefined || jwk.crv === scheme.crv)
}

const objects = new Map()

/** The KeyObject of a published key. */
export function publicKey(jwk) {
  if (!objects.has(jwk)) objects.set(jwk, createPublicKey({ key: jwk, format: 'jwk' }))
  return objects.get(jwk)
}
