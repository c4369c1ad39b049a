// A service that is bundled: it verifies one token offline and prints what came of it, and of a forged one.
import { createVerifier } from 'entra-jwt-verify'

const { TENANT_ID, CLIENT_ID, JWKS, TOKEN } = process.env
// Some bundlers make CommonJS of this, which has no `await` at the top level.
main()

async function main() {
  const verifier = createVerifier({ tenantId: TENANT_ID, clientId: CLIENT_ID, jwks: JSON.parse(JWKS) })
  const { tenantId } = await verifier.verify(TOKEN)
  const forged = await verifier.verify(`${TOKEN.slice(0, -8)}AAAAAAAA`).catch(({ code }) => code)
  console.log(JSON.stringify({ tenantId, forged }))
}
