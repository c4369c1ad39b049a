import type { KeyObject } from 'node:crypto'
import type { Options, VerifiedToken } from '../index'

/**
 * Starts a test authority that behaves like Entra on 127.0.0.1, for demos and tests. Never use it in production: it signs any
 * token. It prints a one-line warning to stderr on start (`quiet: true` suppresses it).
 *
 * ```js
 * const { startTestAuthority } = require('entra-jwt-verify/testing')
 * const { createCheckAuthToken } = require('entra-jwt-verify')
 *
 * const authority = await startTestAuthority()
 * const checkAuthToken = createCheckAuthToken(authority.options)
 * // … send a request with `Authorization: ${authority.bearer({ roles: ['Task.Read'] })}`
 * await authority.close()
 * ```
 *
 * Real clients work too: see docs/testing.md for MSAL and the Azure SDKs. They require HTTPS: start it with `tls: true`, write
 * `authority.ca` to a file and start the client's process with `NODE_EXTRA_CA_CERTS` set to that file.
 *
 * Endpoints, for the authority's tenants and, as in Entra, for `common`, `organizations` and `consumers`; each also without
 * `v2.0` (the v1 endpoints):
 * - `POST /{tenant}/oauth2/v2.0/token`: client credentials, authorization code (with PKCE), device code, refresh token,
 *   on-behalf-of. Clients authenticate with a secret (in the form or as Basic authentication), a certificate, or a federated
 *   token. The parameter `claims` can request `xms_cc` and `acrs`. The v1 endpoint takes `resource` instead of `scope`. If the
 *   v2 endpoint gets `resource` too, as from MCP clients, it must be the App ID URI (else AADSTS9010010) or a loopback URL
 * - `GET /{tenant}/oauth2/v2.0/authorize`: the test user is always signed in and always consents
 * - `POST /{tenant}/oauth2/v2.0/devicecode`, and the page where the user enters the code
 * - `GET /{tenant}/discovery/keys` and `GET /{tenant}/discovery/v2.0/keys` (each key with `issuer`), both with `?appid=`
 * - `GET /{tenant}/v2.0/.well-known/openid-configuration`; the other endpoints in it (logout, …) respond with 404
 * - `GET /common/discovery/instance`
 *
 * Errors have the same JSON format as Entra's, with AADSTS number, trace id and correlation id.
 *
 * @throws {TestAuthorityError} `ERR_TESTING_OPTION` for an unknown option or an invalid value
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if `port` is in use
 */
export function startTestAuthority(options?: TestAuthorityOptions): Promise<TestAuthority>

export interface TestAuthorityOptions {
  /** GUID of the tenant. Default: a new one. */
  tenantId?: string
  /** GUIDs of further tenants with the same applications. Their tokens are signed with the same keys. */
  otherTenants?: readonly string[]
  /** A verified domain of the tenant, accepted instead of the GUID in URLs. Default: `test-authority.example`. */
  domain?: string
  /** App registrations. Default: an API without credentials and a client with a secret, see `api` and `client`. */
  apps?: readonly AppRegistration[]
  /** The user who signs in. */
  user?: Partial<TestUser>
  /**
   * `true`: HTTPS with a certificate for localhost and 127.0.0.1 from a throw-away CA (see `ca`). An object: your own
   * certificate, PEM; `createServerCertificate` makes one that is expired or for another host. Default: `false`, plain HTTP.
   */
  tls?: boolean | { key: string; cert: string; ca?: string }
  /** Default 0: any free port. */
  port?: number
  /** `true`: no warning on start. */
  quiet?: boolean
}

/** A user of the tenant. */
export interface TestUser {
  /** `preferred_username`, or `upn` in v1 tokens. Default: `testuser@{domain}`. */
  userName: string
  /** Default: `Test User`. */
  name: string
  /** `oid`, a GUID. Default: derived from the tenant and the user name. */
  objectId: string | undefined
  /** App roles assigned to the user, as for an application. Default: none. */
  roles: readonly string[] | Readonly<Record<string, readonly string[]>>
}

/**
 * An app registration and its service principal. With credentials it is a confidential client, which can get app-only tokens;
 * without, it is a public client, which gets delegated tokens only. Either can be the resource of a token.
 */
export interface AppRegistration {
  /** GUID. Default: a new one. */
  clientId?: string
  clientSecret?: string
  /**
   * Certificates, or public RSA keys, in PEM: the application authenticates with an assertion signed with the private key
   * (RS256 or PS256). `createClientCertificate` creates one.
   */
  certificates?: readonly string[]
  /** Tokens of other issuers with which the application authenticates: workload identity federation. */
  federatedCredentials?: readonly FederatedCredential[]
  /** Shown in error messages. Default: `test application`. */
  name?: string
  /** The App ID URI. Default: `api://{clientId}`. */
  appIdUri?: string
  /** As an API: the delegated permissions that it exposes. Default: `user_impersonation`. */
  scopes?: readonly string[]
  /** As a client: allowed redirect URIs. Default: any URL of this machine. The port of a loopback URL is ignored, as in Entra. */
  redirectUris?: readonly string[]
  /**
   * As an API: the version of the tokens issued for it (`requestedAccessTokenVersion` in the manifest, under `api` in Microsoft
   * Graph). Default: `null`, which means 1. The `aud` of a v2 token is the client id, that of a v1 token the requested resource.
   */
  accessTokenVersion?: 1 | 2 | null
  /** As an API: reject clients without a role (AADSTS501051). Default: `false`, as in Entra. */
  assignmentRequired?: boolean
  /** As an API: its tokens are signed with its own key, which is only published with `?appid={clientId}`. Default: `false`. */
  customSigningKey?: boolean
  /**
   * As a client: app roles assigned to it, the `roles` of its tokens. An array applies to every API, an object assigns roles per
   * API, by client id or App ID URI. Default: none.
   */
  roles?: readonly string[] | Readonly<Record<string, readonly string[]>>
}

export interface FederatedCredential {
  /** The `iss` of the token, compared exactly. Default: the workload issuer of this authority, see `federatedToken`. */
  issuer?: string
  /** The `sub` of the token, compared exactly; case-sensitive. */
  subject: string
  /** Default: `api://AzureADTokenExchange`. */
  audience?: string
  /** The keys of `issuer`; required with it, because nothing is fetched. */
  jwks?: { readonly keys: readonly object[] }
}

/** An app registration with every default filled in. */
export interface RegisteredApp {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly certificates: readonly string[]
  readonly federatedCredentials: readonly (FederatedCredential & { audience: string })[]
  readonly name: string
  readonly appIdUri: string
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[] | undefined
  readonly accessTokenVersion: 1 | 2 | null
  readonly assignmentRequired: boolean
  readonly customSigningKey: boolean
  readonly roles: readonly string[] | Readonly<Record<string, readonly string[]>>
}

export interface TestAuthority {
  /** `http(s)://127.0.0.1:{port}`: the `authorityHost` of verifiers and clients. The same after `stop()` and `start()`. */
  readonly url: string
  /** GUID, lower case. */
  readonly tenantId: string
  /** PEM of the CA to trust; `undefined` with plain HTTP. */
  readonly ca: string | undefined
  readonly apps: RegisteredApp[]
  /** The API that tokens are issued for by default: the first application without credentials, else the first. */
  readonly api: RegisteredApp
  /** The client that tokens are issued to by default: the first application with credentials, else `api`. */
  readonly client: RegisteredApp

  /** The options of a verifier or middleware for `api`: `createCheckAuthToken({ ...authority.options, … })`. */
  readonly options: Required<Pick<Options, 'tenantId' | 'clientId' | 'authorityHost'>> & {
    audience: string[]
    ca?: string
  }
  /**
   * The same as environment variables, for `Object.assign(process.env, authority.env())` or a child process. There is no
   * variable for the CA: with `tls`, start the process with `NODE_EXTRA_CA_CERTS`, or set the option `ca`.
   */
  env(): Record<'ENTRA_TENANT_ID' | 'ENTRA_CLIENT_ID' | 'ENTRA_AUDIENCE' | 'ENTRA_AUTHORITY_HOST', string>

  /** Issues a signed token, synchronously and without network access. */
  issueToken(overrides?: TokenOverrides): string
  /** The value of an `Authorization` header with such a token: `Bearer eyJ…`. */
  bearer(overrides?: TokenOverrides): string

  /**
   * A workload token, with which an application with `federatedCredentials` authenticates: the content of
   * `AZURE_FEDERATED_TOKEN_FILE`, or the return value of an assertion callback.
   */
  federatedToken(options?: FederatedTokenOptions): string
  /** The user approves a device sign-in: the one with this code, by default the newest pending one. */
  approveDevice(userCode?: string, user?: Partial<TestUser>): void
  /** The user declines a device sign-in. */
  declineDevice(userCode?: string): void
  /**
   * Opens a URL of the authorize endpoint as the test user's browser would, and follows the redirect to the application. Use it
   * as `openBrowser` of MSAL's `acquireTokenInteractive`.
   */
  browse(url: string): Promise<void>
  /** Revokes every refresh token (AADSTS50173): users have to sign in again. */
  revokeSignIns(): void

  /** All keys, published or not. A new array of copies every time. */
  readonly keys: SigningKey[]
  /**
   * Signs new tokens with a new key from now on. The key is published at once; `publish: false` simulates an authority that
   * signs before it publishes (`restoreKey(kid)` publishes the key later). `to` selects an existing key instead, for example
   * one published in advance. Earlier keys stay published until they are withdrawn. Resolves to the `kid`.
   */
  rotateKeys(options?: { publish?: boolean; to?: string }): Promise<string>
  /** Adds a key that only signs when selected (`issueToken({ kid })`, `rotateKeys({ to: kid })`). Resolves to the `kid`. */
  addKey(options?: KeyOptions): Promise<string>
  /** Removes the key from the published key set. It can still sign, as when replicas of an authority are out of sync. */
  withdrawKey(kid: string): void
  /** Publishes the key (again). */
  restoreKey(kid: string): void

  /**
   * Makes the next `times` requests fail; without `times`, all requests until `recover()`. Only one failure is active at a
   * time: another call replaces it, `fail(null)` ends it. A request is counted when it arrives.
   */
  fail(kind: FaultKind | number | null, times?: number, options?: FaultOptions): void
  /** Delays every response by this many milliseconds. 0: no delay. */
  delay(milliseconds: number): void
  /** Ends `fail` and `delay`. Requests that already hang keep hanging. */
  recover(): void

  /** The newest 10 000 received requests, oldest first, without bodies and secrets. Clear it with `requests.length = 0`. */
  readonly requests: ReceivedRequest[]
  /** The requests to one kind of endpoint. */
  requestsTo(endpoint: Endpoint): ReceivedRequest[]

  /** Simulates an outage: closes the listening socket and every connection. Keys, tokens and settings are kept. */
  stop(): Promise<void>
  /** Listens again on the same port. Rejects with `EADDRINUSE` if the port is in use. */
  start(): Promise<void>
  /** Closes the authority at once, including hanging requests; leaves no socket or timer open. Can be called twice. */
  close(): Promise<void>
  /** `await using authority = await startTestAuthority()` */
  [Symbol.asyncDispose](): Promise<void>
}

export interface FederatedTokenOptions {
  /** Client id of the registration whose first federated credential without an `issuer` the token matches. Default: `client`. */
  client?: string
  subject?: string
  audience?: string
  /** Seconds from now to `exp`; negative: expired. Default 3600. */
  expiresIn?: number
  /** Claims to set, last; `undefined` removes a claim. */
  claims?: Record<string, unknown>
}

/**
 * Differences from the default token: an app-only access token of `client` for `api`, valid for one hour. The user of delegated
 * tokens is set with `startTestAuthority({ user })`.
 */
export interface TokenOverrides {
  /** Default: `accessTokenVersion` of the API's registration, 1 for an unknown audience; 2 for id tokens. */
  version?: 1 | 2
  /**
   * The audience: client id or App ID URI of a registration, or any other string. v2 tokens for a registration have its client
   * id as `aud` (set `claims.aud` for another value). Default: `api.appIdUri` in v1, `api.clientId` in v2.
   */
  audience?: string
  /** Client id of the registration that gets the token. Default: `client`. */
  client?: string
  /** Tenant for `tid` and `iss`; does not have to be a tenant of the authority. */
  tenantId?: string
  /** Default: the roles assigned to the client, or in a delegated token to the user. Empty: no `roles` claim. */
  roles?: readonly string[]
  /** `true`: on behalf of a user, with `scp`. Default: whether `scopes` is given. */
  delegated?: boolean
  /** The `scp` of a delegated token. Default for delegated tokens: `user_impersonation`. */
  scopes?: readonly string[]
  /** `true`: an id token for `client`. `audience` changes its `aud`, for example to the API's. */
  idToken?: boolean
  /** Seconds from now to `exp`; negative: expired. Default 3600. `iat` and `nbf` are 300 s back, as in Entra. */
  expiresIn?: number
  /** The time to use as now. */
  currentDate?: Date
  /** Claims to set, last; `undefined` removes a claim. `{ nbf: … }` makes a token that is not yet valid. */
  claims?: Record<string, unknown>
  /** Header members to set, last and unchecked; `undefined` removes one. Does not change the signature: see `algorithm`. */
  header?: Record<string, unknown>
  /** Sign with this key of the authority, published or not. With `key`, only sets `kid` in the header. */
  kid?: string
  /** Sign with a foreign key. The header still names the current key (or `kid`), so the token is a forgery. */
  key?: KeyObject
  /** Default: RS256, or the algorithm for the type of `key`. HS* require a secret `KeyObject`; `none` leaves the signature empty. */
  algorithm?:
    | 'RS256'
    | 'RS384'
    | 'RS512'
    | 'PS256'
    | 'PS384'
    | 'PS512'
    | 'ES256'
    | 'ES384'
    | 'ES512'
    | 'HS256'
    | 'HS384'
    | 'HS512'
    | 'none'
}

export interface SigningKey {
  /** base64url of the SHA-1 of the certificate, as in Entra. */
  readonly kid: string
  readonly published: boolean
  /** Whether it signs new tokens (those of its application, if it belongs to one). */
  readonly signing: boolean
  /** The application it belongs to (`customSigningKey`). */
  readonly clientId: string | undefined
  /** Its `issuer` in the v2 key set, if it is not the template. */
  readonly issuer: string | undefined
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  /** PEM. */
  readonly certificate: string
  /** As served in `/discovery/keys`. */
  readonly jwk: PublishedJwk
}

/**
 * A key as Entra publishes it: RSA, no `alg`, and `kid` equals `x5t`. `cloud_instance_name` is the authority's host name
 * without the port (`127.0.0.1`), because each authority is its own cloud.
 */
export interface PublishedJwk {
  kty: 'RSA'
  use: 'sig'
  kid: string
  x5t: string
  n: string
  e: string
  /** One certificate, base64 of the DER. */
  x5c: string[]
  cloud_instance_name: string
}

export interface KeyOptions {
  /** Default `true`. */
  publish?: boolean
  /** Assigns the key to this application: it is only published with `?appid=`, and signs the application's tokens from now on. */
  clientId?: string
  /** `issuer` in the v2 key set. Default: `{url}/{tenantid}/v2.0`, with the literal `{tenantid}`. */
  issuer?: string
  /** Default: the authority's. */
  cloudInstanceName?: string
  /** Bits. Default 2048. */
  modulusLength?: number
}

/**
 * - `reset`: the connection is reset before the response
 * - `hang`: never responds
 * - `slow-headers`, `slow-body`: one byte per second (`chunkSize`, `interval`)
 * - `cut-body`: the connection is closed in the middle of the body
 * - `truncated`: a complete HTTP message with half of the JSON
 * - `empty`: 200 without a body
 * - `html`: 200 with an HTML page instead of JSON
 * - `no-keys`: `{"keys":[]}`
 * - `null-keys`: `{"keys":null}`
 * - `no-set`: `{}`
 * - `bad-key`: a key without `n` and `e` before the correct keys
 * - `duplicate-kids`: the correct keys, then each `kid` again with the `n` of another key
 * - `many-keys`: ten thousand keys
 * - `oversized`: a body of more than 1 MiB
 * - `endless`: a body that never ends
 * - `gzip-bomb`: `Content-Encoding: gzip`, requested or not, that unpacks to 50 MiB
 *
 * `bad-key`, `duplicate-kids` and `many-keys` only affect key sets, not other documents.
 *
 * A number is an HTTP status, 200–599, with the JSON that Entra sends for a transient error; 3xx redirect to the same document
 * with `?redirected=true`.
 */
export type FaultKind =
  | 'reset'
  | 'hang'
  | 'slow-headers'
  | 'slow-body'
  | 'cut-body'
  | 'truncated'
  | 'empty'
  | 'html'
  | 'no-keys'
  | 'null-keys'
  | 'no-set'
  | 'bad-key'
  | 'duplicate-kids'
  | 'many-keys'
  | 'oversized'
  | 'endless'
  | 'gzip-bomb'

export interface FaultOptions {
  /** Which endpoints fail. Default: `keys`, `metadata` and `instance`. */
  on?: readonly Endpoint[]
  /** `Retry-After` of an HTTP status: seconds or an HTTP date. Default: none. */
  retryAfter?: number | string
  /** `Location` of a 3xx. */
  location?: string
  /** Milliseconds between the chunks of `slow-headers` and `slow-body`. Default 1000. */
  interval?: number
  /** Bytes in such a chunk. Default 1. */
  chunkSize?: number
}

/**
 * `keys`: both key sets; `metadata`: both openid-configuration documents; `instance`: instance discovery; `token`, `authorize`,
 * `devicecode`: both endpoints of that name; `deviceauth`: the page where a user enters the code of a device.
 */
export type Endpoint = 'keys' | 'metadata' | 'instance' | 'token' | 'authorize' | 'devicecode' | 'deviceauth'

export interface ReceivedRequest {
  method: string
  path: string
  /** Parsed query string, without parameters that contain secrets. */
  query: Record<string, string>
  /** `null`: no such endpoint. */
  endpoint: Endpoint | null
  /** Milliseconds since the Unix epoch. */
  at: number
}

/**
 * A verified token for unit tests of handlers behind guards, without HTTP, a server or network access. It is issued and verified
 * like any other token: guards accept it, and for an expired one the function throws the `AuthError`.
 *
 * ```js
 * const req = { auth: verifiedToken({ roles: ['Task.Read'] }) }
 * ```
 *
 * Guards reject it in the form that the options in `answers` select.
 */
export function verifiedToken(
  token?: VerifiedTokenOptions,
  answers?: Pick<Options, 'responses' | 'logger' | 'resourceMetadata'>
): VerifiedToken

/** Differences from the default app-only access token, as in {@link TokenOverrides}. */
export interface VerifiedTokenOptions
  extends Pick<
    TokenOverrides,
    'version' | 'audience' | 'roles' | 'delegated' | 'scopes' | 'expiresIn' | 'currentDate' | 'claims'
  > {
  /** GUID. Default: the same for the whole process. */
  tenantId?: string
  /** Client id of the caller, a GUID. Default: the same for the whole process. */
  client?: string
  /** The user of a delegated token. */
  user?: Partial<TestUser>
}

/** Hooks of a test runner. */
export interface TestHooks {
  /** Calls this function before the first test, and waits for it. */
  before(start: () => Promise<void>): unknown
  /** Calls this function after the last test. */
  after(close: () => Promise<void>): unknown
}

/**
 * Starts a test authority before the tests of a file and closes it after them. Pass the hooks of the test runner:
 *
 * ```js
 * const authority = useTestAuthority({ before, after }) // node:test, Mocha
 * const authority = useTestAuthority({ beforeAll, afterAll }) // Jest, Vitest
 * const authority = useTestAuthority({ before: test.before, after: test.after.always }) // ava
 * ```
 *
 * The returned object is usable from the first test on; any earlier access throws `ERR_TESTING_NOT_STARTED`.
 */
export function useTestAuthority(
  hooks: TestHooks | { beforeAll: TestHooks['before']; afterAll: TestHooks['after'] },
  options?: TestAuthorityOptions
): TestAuthority

/**
 * Creates a TLS server certificate from a new throw-away CA, as PEM, in the form of the option `tls`. Default: for localhost
 * and 127.0.0.1, valid from an hour ago until tomorrow. The CA is always valid.
 *
 * ```js
 * const expired = await createServerCertificate({ notAfter: new Date(Date.now() - 60_000) })
 * const authority = await startTestAuthority({ tls: expired })
 * ```
 */
export function createServerCertificate(options?: {
  /** Host names and IP addresses. */
  names?: readonly string[]
  notBefore?: Date
  notAfter?: Date
}): Promise<{ key: string; cert: string; ca: string }>

/**
 * Creates a self-signed client certificate for an application and its RSA key, as PEM, with the thumbprints in hexadecimal, as
 * clients expect them. Default: valid from an hour ago until tomorrow.
 */
export function createClientCertificate(options?: {
  /** The common name. Default: `entra-jwt-verify test client`. */
  name?: string
  notBefore?: Date
  notAfter?: Date
}): Promise<{ key: string; cert: string; thumbprint: string; thumbprintSha256: string }>

/** All values of `FaultKind`. */
export const FAULT_KINDS: readonly FaultKind[]

/** Incorrect use of this module. Errors that the authority sends over HTTP are never thrown. */
export class TestAuthorityError extends Error {
  private constructor()
  name: 'TestAuthorityError'
  code: 'ERR_TESTING_OPTION' | 'ERR_TESTING_CLOSED' | 'ERR_TESTING_NOT_STARTED'
}
