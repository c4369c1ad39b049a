import { createVerifier } from 'entra-jwt-verify'

export const dynamic = 'force-dynamic'

let verifier

export async function GET(request) {
  const { TENANT_ID, CLIENT_ID, JWKS } = process.env
  verifier ??= createVerifier({ tenantId: TENANT_ID, clientId: CLIENT_ID, jwks: JSON.parse(JWKS) })
  const token = request.headers.get('authorization').slice('Bearer '.length)
  try {
    const { tenantId } = await verifier.verify(token)
    return Response.json({ tenantId })
  } catch ({ code }) {
    return Response.json({ code }, { status: 401 })
  }
}
