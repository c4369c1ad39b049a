import { issueToken, signingKeyOf } from './tokens.mjs'
import { accepts } from './ways.mjs'

const HOUR = 3600

/** What every contender has to refuse, unless it says that it does not look at it. */
const BAD = {
  expired: (world, key) =>
    issueToken(world, key, { claims: { exp: now() - 60, nbf: now() - HOUR, iat: now() - HOUR } }),
  'not yet valid': (world, key) => issueToken(world, key, { claims: { nbf: now() + HOUR } }),
  audience: (world, key) => issueToken(world, key, { claims: { aud: 'api://another' } }),
  issuer: (world, key) => issueToken(world, key, { claims: { iss: 'https://sts.windows.net/another/' } }),
  algorithm: (world, key) => issueToken(world, key, { algorithm: 'RS512' }),
  signature: (world, key) => tampered(issueToken(world, key))
}

/**
 * A contender must not win by omitting checks: it has to accept a valid token and reject each invalid one, except those in its
 * `omits`. It has to accept these, so that the list is correct.
 */
export async function assertJudgesAlike(contender, instance, world) {
  const key = signingKeyOf(world)
  if (!(await accepts(instance, issueToken(world, key)))) throw new Error(`${contender.id} refuses a good token`)
  for (const [what, token] of Object.entries(BAD)) {
    const accepted = await accepts(instance, token(world, key))
    const omitted = contender.omits?.includes(what) ?? false
    if (accepted !== omitted) {
      throw new Error(`${contender.id} ${accepted ? 'accepts' : 'refuses'} a token that is wrong in: ${what}`)
    }
  }
}

/** Another payload under the same signature. */
function tampered(token) {
  const [header, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['Admin'] })).toString('base64url')
  return [header, forged, signature].join('.')
}

function now() {
  return Math.floor(Date.now() / 1000)
}
