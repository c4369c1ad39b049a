// A key set and a token under it, as environment of what is bundled: nothing is fetched.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

const TENANT_ID = randomUUID()
const CLIENT_ID = randomUUID()

export const expected = { tenantId: TENANT_ID, forged: 'ERR_TOKEN_SIGNATURE' }

export function environment() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    aud: CLIENT_ID,
    iss: `https://login.microsoftonline.com/${TENANT_ID}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + 3600,
    tid: TENANT_ID,
    ver: '2.0',
    azp: randomUUID(),
    azpacr: '1',
    oid: randomUUID(),
    sub: randomUUID(),
    roles: ['Task.Read']
  }
  const input = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'key' })}.${encode(claims)}`
  const signature = sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'key', use: 'sig' }
  return { TENANT_ID, CLIENT_ID, JWKS: JSON.stringify({ keys: [key] }), TOKEN: `${input}.${signature}` }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
