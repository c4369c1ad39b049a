// Runs in a child process. The test authority signs nothing here: see tokens.mjs, which also makes what it cannot.
import testing from '../../testing/index.js'

let authority

export default async function start() {
  authority = await testing.startTestAuthority({ tls: true, quiet: true })
  const { url, tenantId, api, ca } = authority
  return {
    tenantId,
    clientId: api.clientId,
    audience: api.appIdUri,
    issuer: `https://sts.windows.net/${tenantId}/`,
    authorityHost: url,
    metadataUrl: `${url}/${tenantId}/.well-known/openid-configuration`,
    jwksUri: `${url}/${tenantId}/discovery/keys`,
    ...signingKey(),
    ca
  }
}

export const methods = {
  async rotateKeys() {
    await authority.rotateKeys()
    return signingKey()
  },
  delay(milliseconds) {
    authority.delay(milliseconds)
  },
  keyRequests() {
    return authority.requestsTo('keys').length
  }
}

function signingKey() {
  const { kid, jwk, privateKey, publicKey } = authority.keys.find((key) => key.signing)
  return {
    kid,
    jwk,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' })
  }
}
