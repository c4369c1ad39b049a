// The requests that the applications before and after a migration are sent.
import { createSecretKey, generateKeyPairSync } from 'node:crypto'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Of a user with the scope and the role that the applications of the guides ask for, through a client of the tenant. */
const GOOD = { scopes: ['Task.Read'], roles: ['Task.Read'] }

/** When the authority fails: from the start, or once each application has its keys. */
export const OUTAGES = {
  withoutKeys: 'valid; the key endpoint is down and no key is cached',
  withKeys: 'valid; the key endpoint is down and the key is cached',
  silent: 'valid; the key endpoint does not answer and the key is cached'
}

/** Sent while the authority answers. The keys of what can pass are the ones that each application has. */
export const VALID = 'valid'

/**
 * What is sent, by what it is.
 *
 * @returns {Record<string, { authorization?: string, path?: string, preflight?: boolean }>}
 */
export function requestsOf(authority) {
  const token = (overrides) => authority.issueToken({ ...GOOD, ...overrides })
  const bearer = (overrides) => ({ authorization: `Bearer ${token(overrides)}` })
  const claims = (changed) => bearer({ claims: changed })
  const header = (changed) => bearer({ header: changed })
  const good = token()
  const [head, payload, signature] = good.split('.')
  const { clientId, appIdUri } = authority.api
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  // The last character of 342 has four bits that say nothing.
  const respelled = signature.slice(0, -1) + BASE64URL[BASE64URL.indexOf(signature.at(-1)) + 1]
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  return {
    [VALID]: { authorization: `Bearer ${good}` },
    'valid, v1': bearer({ version: 1 }),
    'valid, the scheme in lower case': { authorization: `bearer ${good}` },
    'valid, two spaces after `Bearer`': { authorization: `Bearer  ${good}` },
    'valid, without the scheme': { authorization: good },
    'valid, in the query as `access_token`': { path: `/tasks?access_token=${good}` },
    'no `Authorization` header': {},
    'a preflight of CORS': { preflight: true },
    'another scheme': { authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
    '`Bearer` without a token': { authorization: 'Bearer' },
    'not a JWT': { authorization: 'Bearer token' },
    'text after the token': { authorization: `Bearer ${good} more` },
    'signed by another key': bearer({ key: privateKey }),
    'no signature (`alg: none`)': bearer({ algorithm: 'none' }),
    'the signature cut off': { authorization: `Bearer ${head}.${payload}.` },
    'HS256, signed with the public key': bearer({
      algorithm: 'HS256',
      key: createSecretKey(authority.keys[0].publicKey.export({ type: 'spki', format: 'pem' }))
    }),
    'RS512 with the right key': bearer({ algorithm: 'RS512' }),
    'PS256 with the right key': bearer({ algorithm: 'PS256' }),
    'another spelling of the signature': { authorization: `Bearer ${head}.${payload}.${respelled}` },
    'valid, v1, `x5t` in place of `kid`': bearer({ version: 1, header: { kid: undefined } }),
    '`kid` and `x5t` missing': header({ kid: undefined, x5t: undefined }),
    expired: bearer({ expiresIn: -3600 }),
    'expired ten seconds ago': bearer({ expiresIn: -10 }),
    '`exp` missing': claims({ exp: undefined }),
    '`exp` is a string': claims({ exp: 'soon' }),
    '`nbf` in the future': claims({ nbf: inAnHour }),
    'for another API': bearer({ version: 2, audience: 'api://another' }),
    '`aud` missing': claims({ aud: undefined }),
    'valid, `aud` in upper case': claims({ aud: clientId.toUpperCase() }),
    'valid, v1, `aud` with `spn:`': bearer({ version: 1, claims: { aud: `spn:${clientId}` } }),
    'valid, v1, `aud` with a slash at its end': bearer({ version: 1, claims: { aud: `${appIdUri}/` } }),
    '`aud` with the API among others': claims({ aud: [clientId, 'api://another'] }),
    'for Microsoft Graph (`nonce` in the header)': header({ nonce: 'x' }),
    'of another tenant': bearer({ tenantId: 'b2a1c0d9-8e7f-4a6b-9c5d-4e3f2a1b0c9d' }),
    '`tid` contradicts `iss`': claims({ tid: 'b2a1c0d9-8e7f-4a6b-9c5d-4e3f2a1b0c9d' }),
    'another issuer, right key': claims({ iss: 'https://issuer.example' }),
    'an id token': bearer({ idToken: true, audience: clientId }),
    'bound to a key (`cnf`)': claims({ cnf: { jkt: 'x' } }),
    'another kind of JWT (`typ`)': header({ typ: 'logout+jwt' }),
    'a critical header (`crit`)': header({ crit: ['x'], x: 1 }),
    '`roles` is a string': claims({ roles: 'Task.Read' }),
    '`scp` is an array': claims({ scp: ['Task.Read'] }),
    'without the role': bearer({ roles: [] }),
    'without the scope': bearer({ scopes: ['Other.Read'] }),
    'of an application, with the role': bearer({ delegated: false, scopes: undefined }),
    // Last: after a fetch that an unknown key caused, another one has to wait.
    'an unknown `kid`': header({ kid: 'unknown', x5t: undefined })
  }
}
