'use strict'

/**
 * The errors of Entra that people meet: the numbers behind `AADSTS`, what happened, and what to do. What the numbers mean is
 * compared with Microsoft's list of error codes (https://learn.microsoft.com/entra/identity-platform/reference-error-codes), or
 * with the texts that Entra sends with those that the list leaves out; `testing/aadsts.js` has these for its own answers. Here they
 * are in words of ours, because Entra's name users, applications and tenants. No advice here may weaken an API, such as to drop a
 * required assignment or a Conditional Access policy.
 *
 * @type {[numbers: number[], is: string, advice: string][]}
 */
const ERRORS = [
  // The tenant.
  [
    [90002],
    'there is no such tenant in this cloud',
    "check the tenant id, and that the URL is that of the tenant's cloud"
  ],
  [[900021], 'the tenant in the URL is not a valid id, such as one of zeros only', 'put the id of the tenant there'],
  [
    [900023],
    'the tenant in the URL is neither a GUID nor a domain of a tenant',
    'put the id of the tenant there, or a domain that it has verified'
  ],
  [
    [50059, 50128, 90019],
    'the request does not say which tenant is meant',
    'put the tenant id into the URL of the request'
  ],
  [
    [5000224],
    'the tenant is not available: deleted, or blocked',
    'check the tenant id; if it is right, ask the owner of the tenant'
  ],
  [
    [5000225],
    'the tenant is blocked, because it was not used',
    'have an administrator of the tenant ask Microsoft to restore it, or use another tenant'
  ],
  [
    [90038, 900382, 900432],
    'the tenant or the client is in another cloud',
    "use the authority of the tenant's own cloud, and a client that is registered there"
  ],
  [[50049], 'the host is no authority that Entra knows', 'check the host of the authority'],
  [
    [50194],
    'the client is for one tenant, and /common was asked',
    'use the authority of the tenant, https://login.microsoftonline.com/<tenant id>'
  ],
  [
    [9001023, 9002332, 90124, 90130],
    '/common or /consumers does not serve this request',
    'use the authority of the tenant, https://login.microsoftonline.com/<tenant id>'
  ],
  [
    [90027, 500201],
    'the endpoints of v1 give no tokens to personal accounts',
    'use those of v2 (/oauth2/v2.0/), and set requestedAccessTokenVersion 2 in the manifest of the API'
  ],
  // The API that was asked for.
  [[50001], 'the API that was asked for is disabled or does not exist', 'check the scope or resource of the request'],
  [
    [500011],
    'the API that was asked for is not in this tenant',
    "check the App ID URI in the scope and the tenant in the URL; if both are right, create the API's enterprise application in \
this tenant (an administrator consents to the API once)"
  ],
  [
    [650052],
    'the organization has no subscription to the service',
    'have an administrator add the service to the tenant'
  ],
  [
    [650054],
    'the client asks for permissions of an API that is gone',
    'remove it under App registrations, the client, API permissions, or restore the API'
  ],
  [
    [65005, 650057],
    'the API is not among the permissions of the client',
    'add it under App registrations, the client, API permissions'
  ],
  [
    [650056],
    'the client has no permission for this API, or no consent',
    'add the permission under App registrations, the client, API permissions, and grant consent'
  ],
  [
    [50146],
    'the API needs a signing key of its own and has none that is valid',
    'have the owner of the API give its enterprise application a signing key (claims mapping), or renew the one it has'
  ],
  [
    [501461],
    'mapped claims need an audience that is the application id or in a verified domain',
    'ask for the API by its application id, or give the API a signing key of its own'
  ],
  [
    [90009],
    'the client asked for a token for itself by its App ID URI',
    'ask with the scope of the API that is to be called; for itself, a client asks by its application id'
  ],
  // The scope.
  [
    [28002, 70011],
    'the scope is not valid',
    'ask for one API at a time, <App ID URI>/<scope>, or <App ID URI>/.default with client credentials'
  ],
  [[28000, 700022], 'the scope names more than one API', 'ask for one API at a time: one token is for one API'],
  [
    [650053],
    'the API has no scope of that name',
    'check the scope; the names are under App registrations, the API, Expose an API'
  ],
  [[1002012], 'the scope does not fit client credentials', 'ask for <App ID URI>/.default'],
  [[901002], 'the endpoint of v2 has no parameter resource', 'send scope=<App ID URI>/.default in place of resource'],
  [[9010010], 'resource and scope name different APIs', 'leave resource out, or name the API of the scope in it'],
  // Consent and assignment.
  [
    [65001],
    'consent to this permission is missing for the client',
    'have the user or an administrator consent: App registrations, the client, API permissions, Grant admin consent'
  ],
  [
    [65002],
    'the client is an application of Microsoft that may not call this API',
    'register a client application of your own and ask with its id'
  ],
  [[65004], 'the user declined to consent', 'ask again, and have the user or an administrator consent'],
  [[90094, 90095], 'an administrator has to consent', 'have an administrator grant consent for the client'],
  [
    [50105],
    'the user is not assigned to the application',
    'assign the user or one of their groups under Entra admin center, Enterprise applications, the application, Users and groups'
  ],
  [
    [501051],
    'the client application is not assigned to the API',
    'give the client an app role of the API under App registrations, the client, API permissions, and grant admin consent'
  ],
  // The client.
  [
    [700016, 700011],
    'there is no such client in this tenant',
    'check the client id, and that the URL names the tenant in which the client is registered'
  ],
  [
    [70001],
    'there is no such client in this tenant, or it is disabled',
    'check the client id, and the tenant in the URL'
  ],
  [
    [7000229],
    'the client has no enterprise application in this tenant',
    'have an administrator of this tenant consent to the client, which creates it'
  ],
  [[7000112], 'the client application is disabled', 'have an administrator enable its enterprise application'],
  [
    [7000215],
    'the client secret is wrong',
    'send the Value of the secret, not the Secret ID, of this very client; a new one is made under App registrations, the \
client, Certificates & secrets'
  ],
  [[70002], 'the client secret is wrong', 'send the value of a current secret of this client, not its id'],
  [
    [7000222],
    'the client secret has expired',
    'make a new one under App registrations, the client, Certificates & secrets; a managed identity needs none'
  ],
  [
    [7000232],
    'the client is a managed identity, which has no secret',
    'use ManagedIdentityCredential of @azure/identity in place of a secret'
  ],
  [
    [7000216, 7000218],
    'the request has neither client_secret nor client_assertion',
    'send one of them; if the client is an app without a secret, register it as a public client'
  ],
  [
    [700025],
    'the client is a public one, and sent a secret',
    "leave client_secret out, or register the client's redirect URI under the platform Web instead of Mobile and desktop"
  ],
  [
    [700027, 50012],
    'the signature of the client assertion is not accepted',
    'upload the certificate that signs it under App registrations, the client, Certificates & secrets'
  ],
  [
    [700030],
    'the subject name of the client certificate is not authorized',
    'use the certificate whose subject the client trusts, or upload this one under App registrations, the client, Certificates & \
secrets'
  ],
  [
    [1000502],
    'the client certificate has expired, or is not valid yet',
    'sign with a current certificate; check the clock'
  ],
  [
    [7000214],
    'the client certificate was revoked',
    'upload a new one under App registrations, the client, Certificates & secrets'
  ],
  [
    [700024],
    'the client assertion has expired, or is not valid yet',
    'make a new assertion for each request; check the clock'
  ],
  [
    [700021, 50048],
    'the client assertion is of another client',
    'set iss and sub of the assertion to the client_id of the request'
  ],
  [
    // The list has this number for a scope without an API; Entra sends it with this text.
    [700023],
    'the audience of the client assertion is not this authority',
    'set aud of the assertion to the URL of the token endpoint'
  ],
  [
    [70021],
    'no federated identity credential fits the assertion',
    'compare issuer, subject and audience with App registrations, the client, Certificates & secrets, Federated credentials'
  ],
  [[700211], 'no federated identity credential has this issuer', 'correct the issuer of the federated credential'],
  [
    [700212],
    'no federated identity credential has this audience',
    'correct the audience; api://AzureADTokenExchange is usual'
  ],
  [[700213], 'no federated identity credential has this subject', 'correct the subject of the federated credential'],
  [
    [700229],
    'only the token of an application can be a federated credential of Entra',
    'send an app-only token (client credentials) as the assertion, not the token of a user'
  ],
  // On-behalf-of.
  [
    [50013, 50027],
    'the assertion is not valid',
    'for on-behalf-of, send an access token whose aud is the application that asks, and that has not expired'
  ],
  [
    [500131],
    'the assertion is a token for another application',
    'have the client ask for a scope of the application that makes the on-behalf-of request, and send that token'
  ],
  [
    [500133],
    'the assertion has expired',
    'get a new token from the client before the on-behalf-of request; do not store it'
  ],
  [[240002], 'the assertion is an id token', 'send the access token of the user as the assertion'],
  [
    [7000114],
    'the assertion is the token of an application, and on-behalf-of is for users',
    'send the access token of a user, or call the API with client credentials'
  ],
  // Redirects, codes and refresh tokens.
  [
    [50011, 70004],
    'the redirect URI is not registered',
    'add the redirect URI of the request, to the letter, under Entra admin center, App registrations, the client, Authentication'
  ],
  [
    [500112],
    'the redirect URI is not that of the sign-in',
    'send the redirect_uri of the authorization request with the code'
  ],
  [[900971], 'the request has no redirect URI', 'send redirect_uri, one that is registered for the client'],
  [
    [501481],
    'the code_verifier is not that of the code',
    'send the verifier of the very sign-in that gave the code (PKCE)'
  ],
  [
    [9002325],
    'the code is for a single-page application, which has to use PKCE',
    'send code_challenge and code_verifier, as MSAL does; where a server redeems the code, register the redirect URI under the \
platform Web (App registrations, the client, Authentication)'
  ],
  [
    [9002326],
    'the redirect URI is not registered for a single-page application',
    'register it under the platform Single-page application (App registrations, the client, Authentication)'
  ],
  [
    [9002327],
    'the code is for a single-page application, and a server redeems it',
    'redeem it in the browser, or register the redirect URI under the platform Web'
  ],
  [[54005], 'the authorization code was already used', 'redeem each code once; sign in again for a new one'],
  [[700005, 7000012], 'the code or token is of another tenant', 'redeem it at the tenant that gave it'],
  [[70000], 'the code or refresh token is not valid', 'sign in again; send it to the tenant and client that got it'],
  [[70008], 'the code or refresh token has expired', 'sign in again'],
  [[700082], 'the refresh token expired unused', 'have the user sign in again'],
  [[700084], 'the refresh token of a single-page application expired (24 hours)', 'sign in again in the browser'],
  [[70043], 'the sign-in is too old for a Conditional Access policy', 'have the user sign in again'],
  [
    [70016],
    'the user has not finished the sign-in (device code)',
    'wait for the user; the client asks again by itself'
  ],
  [[70018], 'the user code is wrong', 'start the device code flow again'],
  [[70019, 70020], 'the device code has expired', 'start the device code flow again'],
  // The user.
  [
    [16000, 16003, 50014, 50034, 51004, 90072],
    'the account that signed in is not in this tenant',
    'sign in with an account of the tenant, or invite the account as a guest; check the tenant in the URL'
  ],
  [
    [50020],
    'the account that signed in is of another tenant or provider, and not in this one',
    'invite the account as a guest, or sign in with an account of this tenant'
  ],
  [
    [500208],
    'accounts of this kind cannot sign in to this tenant',
    'sign in with a work or school account of the tenant; a personal account has to be invited as a guest'
  ],
  [
    [500212, 500213],
    'the cross-tenant access settings of one of the tenants keep the account out',
    'ask the administrators of both tenants'
  ],
  [
    [50002, 500021, 500022],
    'this network may not sign in to the tenant (tenant restrictions)',
    'ask the administrator of the network, whose proxy adds the list of permitted tenants'
  ],
  [
    [50053],
    'the account is locked, or the sign-in came from a suspicious address',
    'look at the sign-in logs of the tenant'
  ],
  [[50055, 50144], 'the password has expired', 'have the user set a new password'],
  [[50057], 'the user account is disabled', 'have an administrator enable the account'],
  [[500341], 'the user account was deleted', 'sign in with another account, or have an administrator restore this one'],
  [[50126], 'the user name or the password is wrong', 'check them; prefer a sign-in page to sending passwords'],
  [[50056], 'the account has no password in this tenant', 'sign in on a sign-in page, in place of sending a password'],
  [[50058], 'no user is signed in, and the request allows no sign-in page', 'ask again with an interactive sign-in'],
  [[50072, 50079], 'the user has to register for multifactor authentication', 'have the user sign in interactively'],
  [
    [50074, 50076, 50158],
    'multifactor authentication is required',
    'ask again with an interactive sign-in for this API'
  ],
  [[50078], 'the multifactor authentication has expired', 'ask again with an interactive sign-in'],
  [[700020], 'the user has to sign in interactively', 'ask again with a sign-in page'],
  [[50089], 'the sign-in took too long', 'sign in again'],
  [[50132, 50133], 'the session ended, because the password changed or expired', 'have the user sign in again'],
  [[50173], 'the sign-in was revoked', 'have the user sign in again'],
  [
    [50097],
    'the device has to authenticate',
    'sign in on a registered device, in a browser or broker that can do that'
  ],
  // Conditional Access and other policies.
  [
    [50131, 53003, 530032],
    'Conditional Access, or another security policy, blocked the request',
    'look at the sign-in logs for the policy; an administrator can say more'
  ],
  [
    [530035],
    'the security defaults of the tenant blocked the request',
    'sign in on a sign-in page, in place of sending a password'
  ],
  [[53011], 'the user is blocked as a risk', 'ask the administrator of the home tenant'],
  [
    [50005, 53000],
    'the device does not comply with a policy',
    'enrol the device; the administrator of the tenant can say more'
  ],
  [[53001], 'the device is not joined to the domain', 'sign in on a device of the organization'],
  [
    [53002],
    'a policy permits approved applications only',
    'use one of them; the administrator of the tenant can say more'
  ],
  [
    [53004],
    'the user has to register for multifactor authentication, which a policy blocks here',
    'register from a place or device that the organization trusts'
  ],
  // The request.
  [[70003], 'the grant type is not supported', 'check grant_type in the request'],
  [
    [70005, 700051],
    'the response type is not enabled for the client',
    'use the authorization code flow with PKCE instead (MSAL does); the implicit flow is outdated'
  ],
  [
    [700054],
    'response_type id_token is not enabled for the client',
    'use the authorization code flow, or enable ID tokens under App registrations, the client, Authentication'
  ],
  [[90014], 'a parameter is missing', 'add the parameter that the error names'],
  [[900144], 'a parameter is missing in the body', 'send it in the body, as application/x-www-form-urlencoded'],
  [[90013, 90100], 'a parameter of the request is not valid', 'compare the request with the documentation of the flow'],
  [[9000411], 'a parameter of the request is there twice', 'send each parameter once'],
  [[90004, 90023, 9002313], 'the request is malformed', 'check that each parameter is there once, and URL-encoded'],
  [[90056, 900561], 'the endpoint takes POST only', 'send the parameters in the body of a POST request'],
  [
    [50196],
    'the client asks for the same token again and again',
    'cache tokens in the client; MSAL does that by itself'
  ],
  [[90055], 'there are too many requests: Entra throttles them', 'wait, then try again; cache tokens in the client'],
  [[1002016], 'the TLS version of the client is too old', 'use TLS 1.2 or later'],
  [
    [50033, 50087, 70012, 90006, 90012, 90024, 90033, 90090],
    'Entra has a problem of its own',
    'try again later; nothing is wrong with the tenant or the client'
  ]
]

module.exports = { ERRORS }
