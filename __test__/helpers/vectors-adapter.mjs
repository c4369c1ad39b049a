// Adapter between the vectors' runner and the public API.
//
// A case that names an issuer of Entra is verified as a tenant's, with that issuer demanded besides; any other
// issuer is demanded as it is. We always demand an issuer and an audience: where a case gives none, they are taken
// from the token, so that it is judged by everything else. The cases whose payload is no claims set test signatures
// alone; they are run against the core, in tests/signatures.rs.
import entra from '../../index.js'

const { createVerifier } = entra

export const name = 'entra-jwt-verify'

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
const ENTRA = /^https:\/\/(sts\.windows\.net|login\.microsoftonline\.com)\//

export async function verify(question) {
  const { verifier, options } = verifierFor(question)
  return (await verifier.verify(question.token, options)).claims
}

/** The verifier that a case amounts to, and the options to call it with. */
export function verifierFor({ token, jwks, allowedAlgs, now, issuer, audience }) {
  const claims = peek(token)
  const expected = issuer ?? String(claims.iss ?? 'nobody')
  const verifier = createVerifier({
    tenantId: ENTRA.test(expected) ? GUID.exec(expected)?.[0] : undefined,
    issuer: expected,
    audience: audience ?? [claims.aud ?? 'nobody'].flat().map(String),
    algorithms: allowedAlgs.filter((algorithm) => /^(RS|PS|ES)/.test(algorithm)),
    jwks
  })
  return { verifier, options: { currentDate: now === null ? anyTime(claims) : new Date(now * 1000) } }
}

function peek(token) {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    return claims !== null && typeof claims === 'object' ? claims : {}
  } catch {
    return {}
  }
}

function anyTime({ exp }) {
  return new Date(typeof exp === 'number' ? (exp - 1) * 1000 : 0)
}
