// Runs real clients in a process of their own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.
// Argument: JSON of [[name of the client, settings], …]. Prints JSON: for each { token, expiresOn } or { code }.
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  EnvironmentCredential,
  OnBehalfOfCredential,
  WorkloadIdentityCredential
} from '@azure/identity'
import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node'

/** `{ url, tenantId, clientId, scope }` and what proves who the client is. */
const msal = (Application, { url, tenantId, clientId, scope: _, ...auth }) =>
  new Application({
    auth: { clientId, authority: `${url}/${tenantId}`, knownAuthorities: [new URL(url).host], ...auth }
  })

const ofMsal = ({ accessToken, expiresOn }) => ({ token: accessToken, expiresOn: expiresOn.getTime() })

/** MSAL's client credentials, by whatever the settings have: a secret, a certificate, an assertion. */
async function clientCredential(settings) {
  const application = msal(ConfidentialClientApplication, settings)
  return ofMsal(await application.acquireTokenByClientCredential({ scopes: [settings.scope] }))
}

/** The options of the Azure SDKs for another authority than Microsoft's. */
const sdk = ({ url }) => ({ authorityHost: url, disableInstanceDiscovery: true })

async function ofSdk(credential, { scope }) {
  const { token, expiresOnTimestamp } = await credential.getToken(scope)
  return { token, expiresOn: expiresOnTimestamp }
}

const clients = {
  'msal-node': clientCredential,
  'msal-node certificate': clientCredential,
  'msal-node assertion': clientCredential,

  async 'msal-node on-behalf-of'({ oboAssertion, ...settings }) {
    const application = msal(ConfidentialClientApplication, settings)
    return ofMsal(await application.acquireTokenOnBehalfOf({ oboAssertion, scopes: [settings.scope] }))
  },

  async 'msal-node device code'({ approve, ...settings }) {
    const deviceCodeCallback = ({ userCode }) => fetch(`${approve}?code=${userCode}`)
    const application = msal(PublicClientApplication, settings)
    return ofMsal(await application.acquireTokenByDeviceCode({ scopes: [settings.scope], deviceCodeCallback }))
  },

  /** Signs in by the browser, then refreshes. */
  async 'msal-node interactive'({ browse, claims, ...settings }) {
    const application = msal(PublicClientApplication, settings)
    const scopes = [settings.scope]
    const openBrowser = async (url) => {
      await fetch(`${browse}?url=${encodeURIComponent(url)}`)
    }
    const first = await application.acquireTokenInteractive({ scopes, openBrowser, claims })
    const { account } = first
    const cached = await application.acquireTokenSilent({ scopes, account })
    const refreshed = await application.acquireTokenSilent({ scopes, account, forceRefresh: true })
    return {
      ...ofMsal(refreshed),
      account: account.username,
      isCached: claims === undefined && cached.accessToken === first.accessToken,
      isRefreshed: refreshed.accessToken !== first.accessToken,
      first: first.accessToken
    }
  },

  identity: (settings) =>
    ofSdk(
      new ClientSecretCredential(settings.tenantId, settings.clientId, settings.clientSecret, sdk(settings)),
      settings
    ),

  'identity certificate': (settings) => {
    const { tenantId, clientId, certificatePath } = settings
    return ofSdk(new ClientCertificateCredential(tenantId, clientId, { certificatePath }, sdk(settings)), settings)
  },

  'identity assertion': (settings) => {
    const { tenantId, clientId, assertion } = settings
    return ofSdk(new ClientAssertionCredential(tenantId, clientId, async () => assertion, sdk(settings)), settings)
  },

  'identity workload': (settings) => {
    const { tenantId, clientId, tokenFilePath } = settings
    return ofSdk(new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...sdk(settings) }), settings)
  },

  'identity environment': (settings) => {
    process.env.AZURE_TENANT_ID = settings.tenantId
    process.env.AZURE_CLIENT_ID = settings.clientId
    process.env.AZURE_CLIENT_SECRET = settings.clientSecret
    return ofSdk(new EnvironmentCredential(sdk(settings)), settings)
  },

  'identity on-behalf-of': (settings) => {
    const { tenantId, clientId, clientSecret, oboAssertion } = settings
    const options = { tenantId, clientId, clientSecret, userAssertionToken: oboAssertion, ...sdk(settings) }
    return ofSdk(new OnBehalfOfCredential(options), settings)
  },

  'identity device code': (settings) => {
    const { tenantId, clientId, approve } = settings
    const userPromptCallback = ({ userCode }) => fetch(`${approve}?code=${userCode}`)
    return ofSdk(new DeviceCodeCredential({ tenantId, clientId, userPromptCallback, ...sdk(settings) }), settings)
  }
}

const results = []
for (const [name, settings] of JSON.parse(process.argv[2])) {
  try {
    results.push(await clients[name](settings))
  } catch (error) {
    results.push({ code: /AADSTS(\d+)/.exec(error.message)?.[1] ?? error.message })
  }
}
console.log(JSON.stringify(results))
