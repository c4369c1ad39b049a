// Requests that are refused, one for each kind of refusal, and what the classic contract and RFC 6750 answer to each.

const EXPIRED_OR_AUDIENCE = 'Either token has expired, or wrong audience'

/**
 * @typedef {object} Refusal
 * @property {string | undefined} authorization what is sent
 * @property {string} code of the error
 * @property {string} message of the error
 * @property {boolean} [isLogged] although no bearer token was sent
 * @property {{ status: number, body: string, challenge: string | null }} classic
 * @property {{ status: number, body: object, challenge: string }} rfc6750
 */

/**
 * By name.
 *
 * @returns {Record<string, Refusal>}
 */
export function refusals(authority) {
  const bearer = (overrides) => `Bearer ${authority.issueToken(overrides)}`
  const good = authority.issueToken()
  const [header, payload, signature] = good.split('.')
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  return {
    'no header': missing(undefined),
    'another scheme': missing('Basic dXNlcjpwYXNzd29yZA=='),
    'a bare token': { ...missing(good), isLogged: true },
    'an empty token': noToken('Bearer '),
    'only the scheme': noToken('Bearer'),
    expired: refused(bearer({ expiresIn: -1 }), 'ERR_TOKEN_EXPIRED', 'jwt expired', [401, EXPIRED_OR_AUDIENCE]),
    'no exp': refused(bearer({ claims: { exp: undefined } }), 'ERR_TOKEN_EXPIRED', 'jwt expired', [
      401,
      EXPIRED_OR_AUDIENCE
    ]),
    'another aud': refused(bearer({ audience: 'api://another' }), 'ERR_TOKEN_AUDIENCE', 'jwt audience invalid', [
      401,
      EXPIRED_OR_AUDIENCE
    ]),
    'no aud': refused(bearer({ claims: { aud: undefined } }), 'ERR_TOKEN_AUDIENCE', 'jwt audience invalid', [
      401,
      EXPIRED_OR_AUDIENCE
    ]),
    'not a token': broken('Bearer token', 'ERR_TOKEN_MALFORMED', 'jwt malformed'),
    'two segments': broken(`Bearer ${header}.${payload}`, 'ERR_TOKEN_MALFORMED', 'jwt malformed'),
    'something after the token': broken(`Bearer ${good} more`, 'ERR_TOKEN_MALFORMED', 'jwt malformed'),
    'another signature': broken(
      `Bearer ${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      'ERR_TOKEN_SIGNATURE',
      'invalid signature'
    ),
    'an algorithm that is not allowed': broken(
      bearer({ algorithm: 'PS256' }),
      'ERR_TOKEN_ALGORITHM',
      'invalid algorithm'
    ),
    'nbf in the future': broken(bearer({ claims: { nbf: inAnHour } }), 'ERR_TOKEN_NOT_ACTIVE', 'jwt not active'),
    'an unknown key': broken(bearer({ header: { kid: 'unknown' } }), 'ERR_TOKEN_KEY_UNKNOWN', 'signing key not found'),
    'another tenant': unauthorized(bearer({ tenantId: crypto.randomUUID() }), 'ERR_TOKEN_TENANT', 'jwt tenant invalid'),
    'another issuer': unauthorized(
      bearer({ claims: { iss: 'https://issuer.example' } }),
      'ERR_TOKEN_ISSUER',
      'jwt issuer invalid'
    ),
    'an id token': unauthorized(
      bearer({ idToken: true, audience: authority.api.clientId }),
      'ERR_TOKEN_USE',
      'jwt is not an access token'
    ),
    'a claim of the wrong type': unauthorized(
      bearer({ claims: { exp: 'soon' } }),
      'ERR_TOKEN_CLAIM',
      'invalid exp value'
    ),
    'a Graph token': unauthorized(bearer({ header: { nonce: 'x' } }), 'ERR_TOKEN_GRAPH', 'jwt is for Microsoft Graph')
  }
}

/** Its caller is not told more than that (RFC 6750, section 3.1). */
function missing(authorization) {
  const bare = { status: 401, challenge: 'Bearer' }
  return {
    authorization,
    code: 'ERR_TOKEN_MISSING',
    message: 'no bearer token',
    classic: { ...bare, body: 'Unauthorized' },
    rfc6750: { ...bare, body: { error: 'unauthorized' } }
  }
}

/** The scheme without a token: a malformed request, except in the classic contract. */
function noToken(authorization) {
  const row = missing(authorization)
  return { ...row, rfc6750: { status: 400, ...described('invalid_request', row.message) } }
}

function refused(authorization, code, message, [status, body]) {
  const rfc6750 = { status: 401, ...described('invalid_token', message) }
  return {
    authorization,
    code,
    message,
    classic: { status, body, challenge: status === 500 ? null : rfc6750.challenge },
    rfc6750
  }
}

function broken(authorization, code, message) {
  return refused(authorization, code, message, [500, `Internal Server Error, ${message}`])
}

function unauthorized(authorization, code, message) {
  return refused(authorization, code, message, [401, 'Unauthorized'])
}

function described(error, description) {
  return {
    body: { error, error_description: description },
    challenge: `Bearer error="${error}", error_description="${description}"`
  }
}
