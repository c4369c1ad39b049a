'use strict'

const { resourceOfScope, targetOfResource, targetOfScope } = require('./scopes')
const { TOKEN_LIFETIME } = require('./tokens')

/**
 * @typedef {import('./answers').Answer} Answer
 * @typedef {import('./index').RegisteredApp} RegisteredApp
 * @typedef {import('./router').TenantExchange} TenantExchange
 * @typedef {import('./scopes').Target} Target
 */

/**
 * What a client gets. Only users have the last four.
 *
 * @typedef {object} Tokens
 * @property {string} accessToken
 * @property {string} audience as the client called the API
 * @property {string} [scope]
 * @property {string | undefined} [refreshToken]
 * @property {string | undefined} [idToken]
 * @property {string | undefined} [clientInfo]
 */

/**
 * How the two sets of endpoints differ: the name of the parameter with the requested scope or resource, how it is read, and the form
 * of the response.
 *
 * @typedef {object} Version
 * @property {'scope' | 'resource'} parameter
 * @property {'device_code' | 'code'} deviceCode
 * @property {(exchange: TenantExchange, value: string) => { identifier: string } | { refusal: Answer }} resourceOf
 * @property {(exchange: TenantExchange, client: RegisteredApp, value: string) => { target: Target } | { refusal: Answer }} targetOf
 * @property {(tokens: Tokens) => object} respond
 */

/** @type {Version} */
const VERSION_2 = {
  parameter: 'scope',
  deviceCode: 'device_code',
  resourceOf: resourceOfScope,
  targetOf: targetOfScope,
  respond: ({ accessToken, scope, refreshToken, idToken, clientInfo }) => ({
    token_type: 'Bearer',
    scope,
    expires_in: TOKEN_LIFETIME - 1,
    ext_expires_in: TOKEN_LIFETIME - 1,
    access_token: accessToken,
    refresh_token: refreshToken,
    id_token: idToken,
    client_info: clientInfo
  })
}

/**
 * The older endpoints write numbers as strings, and repeat the resource.
 *
 * @type {Version}
 */
const VERSION_1 = {
  parameter: 'resource',
  deviceCode: 'code',
  resourceOf: (_exchange, identifier) => ({ identifier }),
  targetOf: (exchange, _client, identifier) => targetOfResource(exchange, identifier),
  respond: ({ accessToken, audience, scope, refreshToken, idToken, clientInfo }) => {
    const now = Math.floor(Date.now() / 1000)
    return {
      token_type: 'Bearer',
      scope,
      expires_in: String(TOKEN_LIFETIME - 1),
      ext_expires_in: String(TOKEN_LIFETIME - 1),
      expires_on: String(now + TOKEN_LIFETIME),
      not_before: String(now - 300),
      resource: audience,
      access_token: accessToken,
      refresh_token: refreshToken,
      id_token: idToken,
      client_info: clientInfo
    }
  }
}

module.exports = { VERSION_1, VERSION_2 }
