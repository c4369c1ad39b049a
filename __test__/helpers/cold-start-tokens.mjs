// The tokens that a cold start is asked about, and what it has to answer.

/** Options and tokens for `cold-start.cjs`. */
export function coldStartOf(authority) {
  const good = authority.issueToken()
  const [header, payload, signature] = good.split('.')
  return {
    options: { tenantId: authority.tenantId, clientId: authority.api.clientId, authorityHost: authority.url },
    tokens: {
      good,
      'another signature': `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      'an invented kid': authority.issueToken({ header: { kid: 'invented' } }),
      expired: authority.issueToken({ expiresIn: -1 }),
      'another audience': authority.issueToken({ audience: 'api://another' })
    }
  }
}

export function expectedOf(authority) {
  const client = authority.client.clientId
  const is401 = '401 Either token has expired, or wrong audience'
  return {
    good: { middleware: `200 handler ${client}`, verifier: `verified ${client}` },
    'another signature': {
      middleware: '500 Internal Server Error, invalid signature',
      verifier: 'ERR_TOKEN_SIGNATURE'
    },
    'an invented kid': {
      middleware: '500 Internal Server Error, signing key not found',
      verifier: 'ERR_TOKEN_KEY_UNKNOWN'
    },
    expired: { middleware: is401, verifier: 'ERR_TOKEN_EXPIRED' },
    'another audience': { middleware: is401, verifier: 'ERR_TOKEN_AUDIENCE' }
  }
}
