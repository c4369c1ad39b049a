'use strict'

const { jsonAnswer } = require('./answers')

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
 */

/**
 * An error of Entra's: HTTP status, OAuth error code, description.
 *
 * @typedef {{
 *   status: number,
 *   error: string | ((details: Details) => string),
 *   text: (details: Details) => string
 * }} EntraError
 */

/**
 * By the number behind AADSTS. The texts are Entra's own: people paste them into search engines.
 *
 * @satisfies {Record<number, EntraError>}
 */
const ERRORS = {
  50059: {
    status: 400,
    error: 'invalid_request',
    text: () => 'No tenant-identifying information found in either the request or implied by any provided credentials.'
  },
  70003: {
    status: 400,
    error: 'unsupported_grant_type',
    text: ({ grantType }) => `The app requested an unsupported grant type '${grantType}'.`
  },
  70011: {
    status: 400,
    error: 'invalid_scope',
    text: ({ scope }) =>
      "The provided request must include a 'scope' input parameter. The provided value for the input parameter " +
      `'scope' is not valid. The scope ${scope} is not valid.`
  },
  90002: {
    status: 400,
    // The discovery endpoints say `invalid_tenant` for the same thing.
    error: ({ discovery }) => (discovery ? 'invalid_tenant' : 'invalid_request'),
    text: ({ tenant }) =>
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
      'correct cloud. Check with your subscription administrator, this may happen if there are no active ' +
      'subscriptions for the tenant.'
  },
  90013: { status: 413, error: 'invalid_request', text: () => 'Invalid input received from the user.' },
  90033: {
    status: 503,
    error: 'temporarily_unavailable',
    text: () => 'A transient error has occurred. Please try again.'
  },
  500011: {
    status: 400,
    error: 'invalid_resource',
    text: ({ resource, tenantId }) =>
      `The resource principal named ${resource} was not found in the tenant named ${tenantId}. This can happen if ` +
      'the application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You might have sent your authentication request to the wrong tenant.'
  },
  501051: {
    status: 400,
    error: 'invalid_grant',
    text: ({ clientId, clientName, resource, resourceName }) =>
      `Application '${clientId}'(${clientName}) is not assigned to a role for the application ` +
      `'${resource}'(${resourceName}).`
  },
  700016: {
    status: 400,
    error: 'unauthorized_client',
    text: ({ clientId, tenantId }) =>
      `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if ` +
      'the application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You may have sent your authentication request to the wrong tenant.'
  },
  700027: {
    status: 401,
    error: 'invalid_client',
    text: () => 'Client assertion failed signature validation. (The test authority knows client secrets only.)'
  },
  900023: {
    status: 400,
    error: 'invalid_request',
    text: ({ tenant }) =>
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`
  },
  900144: {
    status: 400,
    error: 'invalid_request',
    text: ({ parameter }) => `The request body must contain the following parameter: '${parameter}'.`
  },
  900561: {
    status: 400,
    error: 'invalid_request',
    text: ({ method }) => `The endpoint only accepts POST, OPTIONS requests. Received a ${method} request.`
  },
  1002012: {
    status: 400,
    error: 'invalid_scope',
    text: ({ scope }) =>
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
      '/.default suffixed to the resource identifier (application ID URI).'
  },
  7000215: {
    status: 401,
    error: 'invalid_client',
    text: ({ clientId }) =>
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not ' +
      `the client secret ID, for a secret added to app '${clientId}'.`
  },
  7000216: {
    status: 401,
    error: 'invalid_client',
    text: ({ grantType }) =>
      `'client_assertion', 'client_secret' or 'request' is required for the '${grantType}' grant type.`
  },
  9000411: {
    status: 400,
    error: 'invalid_request',
    text: ({ parameter }) => `The request is not properly formatted. The parameter '${parameter}' is duplicated.`
  },
  9010010: {
    status: 400,
    error: 'invalid_target',
    text: () => "The resource parameter provided in the request doesn't match with the requested scopes."
  }
}

/**
 * Entra's error JSON with its status.
 *
 * @param {import('./answers').Exchange} exchange
 * @param {keyof typeof ERRORS} code the number behind AADSTS
 * @param {Details} [details]
 * @param {number} [status]
 */
function entraError(exchange, code, details = {}, status = ERRORS[code].status) {
  /** @type {EntraError} */
  const { error, text } = ERRORS[code]
  const { traceId, correlationId } = exchange
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
  return jsonAnswer(
    exchange,
    status,
    {
      error: typeof error === 'function' ? error(details) : error,
      error_description:
        `AADSTS${code}: ${text(details)}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\n` +
        `Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${exchange.directory.url}/error?code=${code}`
    },
    { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1' }
  )
}

/**
 * A name without a dot cannot be a domain, which Entra says in other words than "not found".
 *
 * @param {import('./answers').Exchange} exchange
 * @param {string} tenant
 * @param {boolean} discovery whether a discovery endpoint answers
 */
function unknownTenant(exchange, tenant, discovery) {
  return /[.-]/.test(tenant)
    ? entraError(exchange, 90002, { tenant, discovery })
    : entraError(exchange, 900023, { tenant })
}

module.exports = { entraError, unknownTenant }
