'use strict'

/**
 * Common errors of Entra, by AADSTS number: what happened, and what to do. Entra's own texts are not repeated, because
 * they name users, applications and tenants. No advice may weaken an API, such as to remove a required assignment or a
 * Conditional Access policy.
 *
 * @type {Record<string, [is: string, advice: string]>}
 */
const ERRORS = {
  16000: [
    'the account that signed in is not in this tenant',
    'sign in with an account of the tenant, or invite the account as a guest'
  ],
  28002: ['the scope is not valid', 'ask for the scope of one API: <App ID URI>/.default, or <App ID URI>/<scope>'],
  50001: ['the API that was asked for is disabled or does not exist', 'check the scope or resource of the request'],
  500011: [
    'the API that was asked for is not in this tenant',
    "check the App ID URI in the scope and the tenant in the URL; if both are right, create the API's enterprise application in \
this tenant (an administrator consents to the API once)"
  ],
  50011: [
    'the redirect URI is not registered',
    'add the redirect URI of the request, to the letter, under Entra admin center, App registrations, the client, Authentication'
  ],
  50013: [
    'the assertion is not valid',
    'for on-behalf-of, send an access token whose aud is the application that asks, and that has not expired'
  ],
  500133: [
    'the assertion has expired',
    'get a new token from the client before the on-behalf-of request; do not store it'
  ],
  50020: [
    'the account that signed in is of another tenant or provider, and not in this one',
    'invite the account as a guest, or sign in with an account of this tenant'
  ],
  50034: ['there is no such user in this tenant', 'check the user name, and the tenant in the URL of the request'],
  50053: [
    'the account is locked, or the sign-in came from a suspicious address',
    'look at the sign-in logs of the tenant'
  ],
  50055: ['the password has expired', 'have the user set a new password'],
  50057: ['the user account is disabled', 'have an administrator enable the account'],
  50058: ['no user is signed in, and the request allows no sign-in page', 'ask again with an interactive sign-in'],
  50059: ['the request does not say which tenant is meant', 'put the tenant id into the URL of the request'],
  50072: ['the user has to register for multifactor authentication', 'have the user sign in interactively'],
  50074: ['multifactor authentication is required', 'ask again with an interactive sign-in'],
  50076: ['multifactor authentication is required', 'ask again with an interactive sign-in for this API'],
  50078: ['the multifactor authentication has expired', 'ask again with an interactive sign-in'],
  50079: ['the user has to register for multifactor authentication', 'have the user sign in interactively'],
  50097: ['the device has to authenticate', 'sign in on a registered device, in a browser or broker that can do that'],
  50105: [
    'the user is not assigned to the application',
    'assign the user or one of their groups under Entra admin center, Enterprise applications, the application, Users and groups'
  ],
  50126: ['the user name or the password is wrong', 'check them; prefer a sign-in page to sending passwords'],
  50128: [
    'the request names no tenant, or a domain that is not valid',
    'put the tenant id into the URL of the request'
  ],
  50131: [
    'Conditional Access refused the request',
    'look at the sign-in logs for the policy; an administrator can say more'
  ],
  50132: ['the session ended, because the password changed or expired', 'have the user sign in again'],
  50133: ['the session ended, because the password changed or expired', 'have the user sign in again'],
  50146: [
    'the API needs a signing key of its own and has none that is valid',
    'have the owner of the API give its enterprise application a signing key (claims mapping), or renew the one it has'
  ],
  501461: [
    'mapped claims need an audience that is the application id or in a verified domain',
    'ask for the API by its application id, or give the API a signing key of its own'
  ],
  501051: [
    'the client application is not assigned to the API',
    'give the client an app role of the API under App registrations, the client, API permissions, and grant admin consent'
  ],
  501481: [
    'the code_verifier is not that of the code',
    'send the verifier of the very sign-in that gave the code (PKCE)'
  ],
  50173: ['the sign-in was revoked', 'have the user sign in again'],
  50194: [
    'the application is for one tenant, and /common was asked',
    'use the authority of the tenant, https://login.microsoftonline.com/<tenant id>'
  ],
  50196: ['the client asks for the same token again and again', 'cache tokens in the client; MSAL does that by itself'],
  53000: ['the device does not comply with a policy', 'enrol the device; the administrator of the tenant can say more'],
  53001: ['the device is not joined to the domain', 'sign in on a device of the organization'],
  53003: [
    'Conditional Access blocked the request',
    'look at the sign-in logs for the policy; an administrator can say more'
  ],
  54005: ['the authorization code was already used', 'redeem each code once; sign in again for a new one'],
  65001: [
    'consent to this permission is missing for the client',
    'have the user or an administrator consent: App registrations, the client, API permissions, Grant admin consent'
  ],
  65002: [
    'the client is an application of Microsoft that may not call this API',
    'register a client application of your own and ask with its id'
  ],
  65004: ['the user declined to consent', 'ask again, and have the user or an administrator consent'],
  650052: [
    'the organization has no subscription to the service',
    'have an administrator add the service to the tenant'
  ],
  650053: [
    'the API has no scope of that name',
    'check the scope; the names are under App registrations, the API, Expose an API'
  ],
  650056: [
    'the client has no permission for this API, or no consent',
    'add the permission under App registrations, the client, API permissions, and grant consent'
  ],
  650057: [
    'the API is not among the permissions of the client',
    'add it under App registrations, the client, API permissions'
  ],
  70000: ['the code or refresh token is not valid', 'sign in again; send it to the tenant and client that got it'],
  70001: [
    'there is no such client in this tenant, or it is disabled',
    'check the client id, and the tenant in the URL'
  ],
  700016: [
    'there is no such client in this tenant',
    'check the client id, and that the URL names the tenant in which the client is registered'
  ],
  70002: ['the client secret is wrong', 'send the value of a current secret of this client, not its id'],
  700025: [
    'the client is a public one, and sent a secret',
    "leave client_secret out, or register the client's redirect URI under the platform Web instead of Mobile and desktop"
  ],
  700027: [
    'the signature of the client assertion is not valid',
    'upload the certificate that signs it under App registrations, the client, Certificates & secrets'
  ],
  700024: [
    'the client assertion has expired, or is not valid yet',
    'make a new assertion for each request; check the clock'
  ],
  700030: [
    'the certificate is not accepted',
    'upload the certificate under App registrations, the client, Certificates & secrets'
  ],
  70003: ['the grant type is not supported', 'check grant_type in the request'],
  700051: [
    'response_type token is not enabled for the client',
    'use the authorization code flow with PKCE instead (MSAL does); the implicit flow is outdated'
  ],
  700054: [
    'response_type id_token is not enabled for the client',
    'use the authorization code flow, or enable ID tokens under App registrations, the client, Authentication'
  ],
  70008: ['the code or refresh token has expired', 'sign in again'],
  700082: ['the refresh token expired unused', 'have the user sign in again'],
  700084: ['the refresh token of a single-page application expired (24 hours)', 'sign in again in the browser'],
  70011: [
    'the scope is not valid',
    'ask for one API at a time, <App ID URI>/<scope>, or <App ID URI>/.default with client credentials'
  ],
  70016: ['the user has not finished the sign-in (device code)', 'wait for the user; the client asks again by itself'],
  70018: ['the user code is wrong', 'start the device code flow again'],
  70019: ['the device code has expired', 'start the device code flow again'],
  70021: [
    'no federated identity credential fits the assertion',
    'compare issuer, subject and audience with App registrations, the client, Certificates & secrets, Federated credentials'
  ],
  700211: ['no federated identity credential has this issuer', 'correct the issuer of the federated credential'],
  700212: [
    'no federated identity credential has this audience',
    'correct the audience; api://AzureADTokenExchange is usual'
  ],
  700213: ['no federated identity credential has this subject', 'correct the subject of the federated credential'],
  70043: ['the sign-in is too old for a Conditional Access policy', 'have the user sign in again'],
  7000112: ['the client application is disabled', 'have an administrator enable its enterprise application'],
  7000215: [
    'the client secret is wrong',
    'send the Value of the secret, not the Secret ID, of this very client; a new one is made under App registrations, the \
client, Certificates & secrets'
  ],
  7000216: [
    'the request has neither client_secret nor client_assertion',
    'send one of them, or use a public client flow'
  ],
  7000218: [
    'the request has neither client_secret nor client_assertion',
    'send one of them; if the client is an app without a secret, register it as a public client'
  ],
  7000222: [
    'the client secret has expired',
    'make a new one under App registrations, the client, Certificates & secrets; a managed identity needs none'
  ],
  90002: [
    'there is no such tenant in this cloud',
    "check the tenant id, and that the URL is that of the tenant's cloud"
  ],
  90009: [
    'the client asked for a token for itself by its App ID URI',
    'ask with the scope of the API that is to be called; for itself, a client asks by its application id'
  ],
  90013: ['a parameter of the request is not valid', 'compare the request with the documentation of the flow'],
  90014: ['a parameter is missing', 'add the parameter that the error names'],
  900144: ['a parameter is missing in the body', 'send it in the body, as application/x-www-form-urlencoded'],
  900021: ['the tenant in the URL is neither a GUID nor a domain of a tenant', 'put the tenant id there'],
  900023: ['the tenant in the URL is neither a GUID nor a domain of a tenant', 'put the tenant id there'],
  90033: ['Entra has a problem of its own', 'try again later; nothing is wrong with the tenant or the client'],
  90055: ['there are too many requests: Entra throttles them', 'wait, then try again; cache tokens in the client'],
  90072: ['the account that signed in is not in this tenant', 'invite the account as a guest, or use another account'],
  90094: ['an administrator has to consent', 'have an administrator grant consent for the client'],
  9002313: ['the request is malformed', 'check that each parameter is there once, and URL-encoded'],
  9002325: ['the request needs PKCE', 'send code_challenge and code_verifier; MSAL does that by itself'],
  9002326: [
    'the redirect URI is not registered for a single-page application',
    'register it under the platform Single-page application (App registrations, the client, Authentication)'
  ],
  9002327: [
    'the code is for a single-page application, and a server redeems it',
    'redeem it in the browser, or register the redirect URI under the platform Web'
  ],
  1002012: ['the scope does not fit client credentials', 'ask for <App ID URI>/.default'],
  1002016: ['the TLS version of the client is too old', 'use TLS 1.2 or later'],
  5000224: [
    'the tenant is not available: deleted, or blocked',
    'check the tenant id; if it is right, ask the owner of the tenant'
  ],
  5000225: [
    'the tenant is blocked, because it was not used',
    'have an administrator of the tenant ask Microsoft to restore it, or use another tenant'
  ]
}

/** Errors that Entra itself causes. */
const TRANSIENT = ['50033', '50087', '90006', '90024', '90033', '90055']

/**
 * The number of the first AADSTS error in a text.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
function aadstsCode(text) {
  return /\bAADSTS(\d{4,8})\b/.exec(text)?.[1]
}

/**
 * The cause of an error of Entra, and what to do.
 *
 * @param {string} code its number
 * @returns {{ is: string, advice: string }}
 */
function explainAadsts(code) {
  const [is, advice] = Object.hasOwn(ERRORS, code) ? (ERRORS[code] ?? []) : []
  const link = `https://login.microsoftonline.com/error?code=${code}`
  return {
    is: is ?? 'an error that is not in the table of this program',
    advice: advice ?? `look it up at ${link}`
  }
}

/** @param {string} code */
function isTransient(code) {
  return TRANSIENT.includes(code)
}

module.exports = { ERRORS, aadstsCode, explainAadsts, isTransient }
