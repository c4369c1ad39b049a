import { createPublicKey } from 'node:crypto'

export default {
  id: 'jsonwebtoken',
  label: 'jsonwebtoken, KeyObject',
  packages: ['jsonwebtoken'],
  checks: 'issuer, audience, exp, nbf, RS256; one fixed key, parsed beforehand, no look-up by kid',
  setup({ jsonwebtoken }, { publicKeyPem, issuer, audience }) {
    const key = createPublicKey(publicKeyPem)
    const options = { issuer, audience, algorithms: ['RS256'] }
    return { verifySync: (token) => jsonwebtoken.verify(token, key, options) }
  }
}
