import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { promisify } from 'node:util'

/** Bytes of an ordinary token of Entra's. */
export const TOKEN_SIZE = 1400

// A whole benchmark runs with the tokens signed at its start.
const LIFETIME = 6 * 3600

// `sign` with a callback runs in the thread pool, so that many tokens are signed on all cores.
const signInPool = promisify(sign)

/** How node:crypto signs and verifies for an algorithm. */
export const SIGNATURES = {
  RS256: { hash: 'sha256', options: {} },
  RS512: { hash: 'sha512', options: {} },
  // 6: RSA_PKCS1_PSS_PADDING
  PS256: { hash: 'sha256', options: { padding: 6, saltLength: 32 } },
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } }
}

/** A signing key, with its public half as a JWK; `kid` looks as one of Entra's. */
export function createSigningKey(algorithm) {
  const { privateKey, publicKey } = algorithm.startsWith('ES')
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomBytes(20).toString('base64url')
  return { kid, privateKey, publicKey, jwk: { use: 'sig', kid, ...publicKey.export({ format: 'jwk' }) } }
}

/** The signing key of a test authority. */
export function signingKeyOf({ kid, privateKeyPem }) {
  return { kid, privateKey: createPrivateKey(privateKeyPem) }
}

/** Tenant, API and issuer of a benchmark that needs no authority. */
export function createTenant() {
  const tenantId = randomUUID()
  const clientId = randomUUID()
  return { tenantId, clientId, audience: `api://${clientId}`, issuer: `https://sts.windows.net/${tenantId}/` }
}

/**
 * One token, an app-only v1 access token as the recorded ones are.
 *
 * @param world has `issuer`, `audience`, `tenantId`
 * @param {{ algorithm?: string, size?: number, claims?: object }} options `size`: characters, give or take one
 */
export function issueToken(world, key, options = {}) {
  const { input, hash, parameters } = unsigned(world, key, options)
  return fresh(`${input}.${sign(hash, input, parameters).toString('base64url')}`)
}

/** That many tokens, no two alike. */
export async function issueTokens(world, key, count, options = {}) {
  const tokens = []
  // In portions, so that not all of them wait in the pool at once.
  while (tokens.length < count) {
    const portion = Array.from({ length: Math.min(1000, count - tokens.length) }, async () => {
      const { input, hash, parameters } = unsigned(world, key, options)
      const signature = await signInPool(hash, Buffer.from(input), parameters)
      return fresh(`${input}.${signature.toString('base64url')}`)
    })
    tokens.push(...(await Promise.all(portion)))
  }
  return tokens
}

/**
 * A new string, flat and never hashed, like a token from a socket. With one reused string, a look-up in a `Map` would only
 * compare pointers.
 */
export function fresh(text) {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function unsigned(world, { kid, privateKey }, { algorithm = 'RS256', size = TOKEN_SIZE, claims }) {
  const { hash, options } = SIGNATURES[algorithm]
  const header = encode({ typ: 'JWT', alg: algorithm, x5t: kid, kid })
  const signatureLength = algorithm.startsWith('ES') ? 86 : 342
  const bytes = Math.floor(((size - header.length - signatureLength - 2) * 3) / 4)
  const payload = encode(padded({ ...entraClaims(world), ...claims }, bytes))
  return { input: `${header}.${payload}`, hash, parameters: { key: privateKey, ...options } }
}

function entraClaims({ tenantId, issuer, audience }) {
  const now = Math.floor(Date.now() / 1000)
  const servicePrincipal = '2f1c9d0e-6a53-4b8e-9d8e-0b6f5a7c3e21'
  return {
    aud: audience,
    iss: issuer,
    iat: now - 300,
    nbf: now - 300,
    exp: now + LIFETIME,
    aio: '',
    appid: '8b0c7a54-1f3d-4c86-8f5e-7d2a9e6b4c10',
    appidacr: '1',
    idp: issuer,
    oid: servicePrincipal,
    rh: randomBytes(40).toString('base64url'),
    roles: ['Task.Read', 'Task.Write'],
    sub: servicePrincipal,
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0'
  }
}

/** Grows to a size as Entra's tokens do: by the ids of groups. The rest goes into `aio`, which is opaque. */
function padded(claims, bytes) {
  const lengthOf = (value) => JSON.stringify(value).length
  const groups = Math.max(0, Math.floor((bytes - lengthOf(claims) - 200) / 39))
  const grown = groups > 0 ? { ...claims, groups: Array.from({ length: groups }, () => randomUUID()) } : claims
  return {
    ...grown,
    aio: randomBytes(bytes)
      .toString('base64url')
      .slice(0, Math.max(0, bytes - lengthOf(grown)))
  }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
