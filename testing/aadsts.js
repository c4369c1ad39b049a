'use strict'

/**
 * What the texts mention.
 *
 * @typedef {object} Details
 * @property {string} [tenant] as in the URL
 * @property {string} [tenantId]
 * @property {boolean} [discovery] whether a discovery endpoint answers
 * @property {string} [scope]
 * @property {string} [resource] its name or client id
 * @property {string} [resourceName]
 * @property {string} [clientId]
 * @property {string} [clientName]
 * @property {string} [grantType]
 * @property {string} [parameter]
 * @property {string | undefined} [method]
 * @property {string} [path]
 * @property {string} [reason] why a signature is not accepted
 * @property {string} [presented] what the caller sent
 * @property {string} [expected]
 */

/**
 * An error of Entra: HTTP status, OAuth error code, description.
 *
 * @typedef {object} EntraError
 * @property {number} status
 * @property {string | ((details: Details) => string)} error
 * @property {(details: Details) => string} text
 */

/**
 * @param {string} error
 * @param {(details: Details) => string} text
 * @param {number} [status]
 * @returns {EntraError}
 */
const answer = (error, text, status = 400) => ({ status, error, text })

/**
 * Client authentication failed (RFC 6749, section 5.2).
 *
 * @param {(details: Details) => string} text
 */
const invalidClient = (text) => answer('invalid_client', text, 401)

/**
 * Errors by AADSTS number. The texts are Entra's own, as far as they are public, because people search for them.
 *
 * @satisfies {Record<number, EntraError>}
 */
const AADSTS = {
  28000: answer(
    'invalid_scope',
    ({ scope }) =>
      'Provided value for the input parameter scope is not valid because it contains more than one resource. ' +
      `Scope ${scope} is not valid.`
  ),
  50011: answer(
    'invalid_request',
    ({ presented, clientId }) =>
      `The redirect URI '${presented}' specified in the request does not match the redirect URIs configured for the ` +
      `application '${clientId}'. Make sure the redirect URI sent in the request matches one added to your application ` +
      'in the Azure portal.'
  ),
  50013: answer(
    'invalid_grant',
    ({ reason, presented }) =>
      `Assertion failed signature validation. [Reason - ${reason}, Thumbprint of key used by client: '${presented}']`
  ),
  50027: answer('invalid_request', () => 'JWT token is invalid or malformed.'),
  50059: answer(
    'invalid_request',
    () => 'No tenant-identifying information found in either the request or implied by any provided credentials.'
  ),
  50105: answer(
    'invalid_grant',
    ({ resource, resourceName }) =>
      `Your administrator has configured the application ${resourceName} ('${resource}') to block users unless they are ` +
      "specifically granted ('assigned') access to the application. The signed in user is blocked because they are not " +
      'a direct member of a group with access, nor had access directly assigned by an administrator.'
  ),
  50173: answer(
    'invalid_grant',
    () =>
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have ' +
      'changed or reset their password.'
  ),
  54005: answer(
    'invalid_grant',
    () =>
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.'
  ),
  65004: answer('authorization_declined', () => 'User declined to consent to access the app.'),
  70000: answer(
    'invalid_grant',
    ({ parameter }) => `The provided value for the '${parameter}' parameter is not valid.`
  ),
  70003: answer(
    'unsupported_grant_type',
    ({ grantType }) => `The app requested an unsupported grant type '${grantType}'.`
  ),
  70008: answer(
    'invalid_grant',
    () => 'The provided authorization code or refresh token has expired due to inactivity.'
  ),
  70011: answer(
    'invalid_scope',
    ({ scope }) =>
      "The provided request must include a 'scope' input parameter. The provided value for the input parameter " +
      `'scope' is not valid. The scope ${scope} is not valid.`
  ),
  70016: answer(
    'authorization_pending',
    () => 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.'
  ),
  70020: answer(
    'expired_token',
    () => "The provided value for the input parameter 'device_code' is not valid. This device code has expired."
  ),
  90002: {
    status: 400,
    // The discovery endpoints use `invalid_tenant` for the same error.
    error: ({ discovery }) => (discovery ? 'invalid_tenant' : 'invalid_request'),
    text: ({ tenant }) =>
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
      'correct cloud. Check with your subscription administrator, this may happen if there are no active ' +
      'subscriptions for the tenant.'
  },
  90013: answer('invalid_request', () => 'Invalid input received from the user.', 413),
  90033: answer('temporarily_unavailable', () => 'A transient error has occurred. Please try again.', 503),
  240002: answer(
    'invalid_request',
    () => "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant."
  ),
  500011: answer(
    'invalid_resource',
    ({ resource, tenantId }) =>
      `The resource principal named ${resource} was not found in the tenant named ${tenantId}. This can happen if ` +
      'the application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You might have sent your authentication request to the wrong tenant.'
  ),
  500112: answer(
    'invalid_client',
    ({ presented, expected }) =>
      `The reply address '${presented}' does not match the reply address '${expected}' provided when requesting ` +
      'Authorization code.'
  ),
  500131: answer(
    'invalid_grant',
    ({ presented, clientId, clientName }) =>
      'Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was ' +
      `'${presented}' and the expected audience is '${clientId}' or one of the Application Uris of this application with ` +
      `App ID '${clientId}'(${clientName}). The downstream client must request a token for the expected audience (the ` +
      'application that made the OBO request) and this application should use that token as the assertion.'
  ),
  500133: answer(
    'invalid_grant',
    () =>
      'Assertion is not within its valid time range. Ensure that the access token is not expired before using it for ' +
      'user assertion, or request a new token.'
  ),
  501051: answer(
    'invalid_grant',
    ({ clientId, clientName, resource, resourceName }) =>
      `Application '${clientId}'(${clientName}) is not assigned to a role for the application ` +
      `'${resource}'(${resourceName}).`
  ),
  501481: answer(
    'invalid_grant',
    () => 'The Code_Verifier does not match the code_challenge supplied in the authorization request.'
  ),
  650053: answer(
    'invalid_client',
    ({ clientName, scope, resource }) =>
      `The application '${clientName}' asked for scope '${scope}' that doesn't exist on the resource '${resource}'. ` +
      'Contact the app vendor.'
  ),
  700005: answer(
    'invalid_grant',
    () => 'Provided Authorization Code is intended to use against other tenant, thus rejected.'
  ),
  700016: answer(
    'unauthorized_client',
    ({ clientId, tenantId }) =>
      `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if ` +
      'the application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You may have sent your authentication request to the wrong tenant.'
  ),
  700021: invalidClient(() => "Client assertion application identifier doesn't match 'client_id' parameter."),
  700023: invalidClient(() => 'Client assertion audience claim does not match Realm issuer.'),
  700024: invalidClient(
    ({ presented }) => `Client assertion is not within its valid time range. ${presented ?? 'It has no exp claim.'}`
  ),
  700025: invalidClient(
    () => "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
  ),
  700027: invalidClient(
    ({ reason, presented, clientId }) =>
      'The certificate with identifier used to sign the client assertion is not registered on application. ' +
      `[Reason - ${reason}, Thumbprint of key used by client: '${presented}', app Id '${clientId}']`
  ),
  700054: answer(
    'unsupported_response_type',
    ({ presented }) => `response_type '${presented}' is not enabled for the application.`
  ),
  700211: invalidClient(({ presented }) => federated('issuer', presented)),
  700212: invalidClient(({ presented }) => federated('audience', presented)),
  700213: invalidClient(({ presented }) => federated('subject', presented)),
  900023: answer(
    'invalid_request',
    ({ tenant }) => `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`
  ),
  900144: answer(
    'invalid_request',
    ({ parameter }) => `The request body must contain the following parameter: '${parameter}'.`
  ),
  900561: answer(
    'invalid_request',
    ({ method }) => `The endpoint only accepts POST, OPTIONS requests. Received a ${method} request.`
  ),
  1000502: invalidClient(() => 'The provided certificate is not within its specified validity period.'),
  1002012: answer(
    'invalid_scope',
    ({ scope }) =>
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
      '/.default suffixed to the resource identifier (application ID URI).'
  ),
  7000012: answer('invalid_grant', () => 'The grant was obtained for a different tenant.'),
  7000114: answer(
    'unauthorized_client',
    ({ clientId }) => `Application '${clientId}' is not allowed to make application on-behalf-of calls.`
  ),
  7000215: invalidClient(
    ({ clientId }) =>
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not ' +
      `the client secret ID, for a secret added to app '${clientId}'.`
  ),
  7000216: invalidClient(
    ({ grantType }) => `'client_assertion', 'client_secret' or 'request' is required for the '${grantType}' grant type.`
  ),
  7000218: invalidClient(
    () => "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
  ),
  9000411: answer(
    'invalid_request',
    ({ parameter }) => `The request is not properly formatted. The parameter '${parameter}' is duplicated.`
  ),
  9002313: answer('invalid_request', ({ reason }) => `Invalid request. Request is malformed or invalid. ${reason}`),
  9010010: answer(
    'invalid_target',
    () => "The resource parameter provided in the request doesn't match with the requested scopes."
  )
}

/**
 * @param {string} member
 * @param {string | undefined} presented
 */
function federated(member, presented) {
  return (
    `No matching federated identity record found for presented assertion ${member} '${presented}'. Check your federated ` +
    'identity credential Subject, Audience and Issuer against the presented assertion. ' +
    'https://learn.microsoft.com/entra/workload-id/workload-identity-federation'
  )
}

module.exports = { AADSTS }
