// Runs a real client in a process of its own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.
// Arguments: name of the client, JSON of { url, tenantId, clientId, clientSecret, scope }. Prints JSON: { token } or { code }.
import { ClientSecretCredential } from '@azure/identity'
import { ConfidentialClientApplication } from '@azure/msal-node'

const clients = {
  async 'msal-node'({ url, tenantId, clientId, clientSecret, scope }) {
    const application = new ConfidentialClientApplication({
      auth: {
        clientId,
        clientSecret,
        authority: `${url}/${tenantId}`,
        knownAuthorities: [new URL(url).host]
      }
    })
    const { accessToken, expiresOn } = await application.acquireTokenByClientCredential({ scopes: [scope] })
    return { token: accessToken, expiresOn: expiresOn.getTime() }
  },

  async identity({ url, tenantId, clientId, clientSecret, scope }) {
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
      authorityHost: url,
      disableInstanceDiscovery: true
    })
    const { token, expiresOnTimestamp } = await credential.getToken(scope)
    return { token, expiresOn: expiresOnTimestamp }
  }
}

const [, , name, settings] = process.argv
try {
  console.log(JSON.stringify(await clients[name](JSON.parse(settings))))
} catch (error) {
  console.log(JSON.stringify({ code: /AADSTS(\d+)/.exec(error.message)?.[1] ?? error.message }))
}
