import type { KeyObject } from 'node:crypto'
import type { Options, VerifiedToken } from '../index'

/**
 * Starts an Entra look-alike on 127.0.0.1, for demos and tests. Never for production: whoever holds the object gets any
 * token signed. It says so on start, in one line on stderr (`quiet: true` turns that off).
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
 * Real clients work too: docs/testing.md has MSAL and the Azure SDKs. They insist on HTTPS, so start it with `tls: true`, write
 * `authority.ca` to a file and start the client's process with `NODE_EXTRA_CA_CERTS` set to that file.
 *
 * Served, for the authority's tenants and, as Entra does it, for `common`, `organizations` and `consumers`; each also without
 * `v2.0`, as the older endpoints:
 * - `POST /{tenant}/oauth2/v2.0/token`: client credentials, authorization code (with PKCE), device code, refresh token,
 *   on-behalf-of. Clients prove who they are by a secret (in the form or as Basic authentication), a certificate, or a federated
 *   token. The parameter `claims` may ask for `xms_cc` and `acrs`. The older endpoint takes `resource` in place of `scope`. Where
 *   the newer one gets `resource` as well, as from MCP clients, it has to be the App ID URI (AADSTS9010010), or a loopback URL
 * - `GET /{tenant}/oauth2/v2.0/authorize`: the test user is always signed in and always consents
 * - `POST /{tenant}/oauth2/v2.0/devicecode`, and the page where the user enters the code
 * - `GET /{tenant}/discovery/keys` and `GET /{tenant}/discovery/v2.0/keys` (each key with `issuer`), both with `?appid=`
 * - `GET /{tenant}/v2.0/.well-known/openid-configuration`; the further endpoints that it names (logout, …) answer 404
 * - `GET /common/discovery/instance`
 *
 * Errors are Entra's: the same JSON with AADSTS number, trace id and correlation id.
 *
 * @throws {TestAuthorityError} `ERR_TESTING_OPTION` for an unknown or unusable option.
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` when `port` is taken.
 */
export function startTestAuthority(options?: TestAuthorityOptions): Promise<TestAuthority>

export interface TestAuthorityOptions {
  /** GUID of the tenant. Default: a new one. */
  tenantId?: string
  /** GUIDs of further tenants, in which the same applications are installed. Their tokens are signed with the same keys. */
  otherTenants?: string[]
  /** A verified domain of the tenant; it may stand in place of the GUID in URLs. Default: `test-authority.example`. */
  domain?: string
  /** App registrations. Default: an API without credentials and a client with a secret, see `api` and `client`. */
  apps?: AppRegistration[]
  /** The user who signs in. */
  user?: Partial<TestUser>
  /**
   * `true`: HTTPS with a certificate for localhost and 127.0.0.1 from a throw-away CA (see `ca`). An object: your own
   * certificate, PEM; `createServerCertificate` makes one that is expired or for another host. Default: `false`, plain HTTP.
   */
  tls?: boolean | { key: string; cert: string; ca?: string }
  /** Default 0: any free port. */
  port?: number
  /** `true`: do not warn on start. */
  quiet?: boolean
}

/** A user of the tenant. */
export interface TestUser {
  /** `preferred_username`, or `upn` in v1 tokens. Default: `testuser@{domain}`. */
  userName: string
  /** Default: `Test User`. */
  name: string
  /** `oid`, a GUID. Default: one that follows from tenant and user name. */
  objectId: string | undefined
  /** App roles assigned to the user, as for an application. Default: none. */
  roles: string[] | Record<string, string[]>
}

/**
 * An app registration and its service principal. One with credentials can get tokens for itself from the token endpoint; one
 * without is a public client, which gets tokens of users only; each can be the resource of tokens.
 */
export interface AppRegistration {
  /** GUID. Default: a new one. */
  clientId?: string
  clientSecret?: string
  /**
   * Certificates, or public RSA keys, in PEM: the application proves who it is by an assertion that it signs with the private key
   * (RS256 or PS256). `createClientCertificate` makes one.
   */
  certificates?: readonly string[]
  /** Tokens of other issuers that prove who the application is: workload identity federation. */
  federatedCredentials?: readonly FederatedCredential[]
  /** Shown in error messages. Default: `test application`. */
  name?: string
  /** The App ID URI. Default: `api://{clientId}`. */
  appIdUri?: string
  /** As API: the delegated permissions that it exposes. Default: `user_impersonation`. */
  scopes?: readonly string[]
  /** As client: where codes may go. Default: any URL of this machine. The port of a loopback URL does not matter, as at Entra. */
  redirectUris?: readonly string[]
  /**
   * As API: the version of the tokens issued for it (`requestedAccessTokenVersion` of the manifest, `api.` in Microsoft Graph).
   * Default: `null`, which Entra takes as 1. A v2 token has the client id as `aud`, a v1 token what the client asked for.
   */
  accessTokenVersion?: 1 | 2 | null
  /** As API: refuse clients without a role (AADSTS501051). Default: `false`, as in Entra. */
  assignmentRequired?: boolean
  /** As API: its tokens are signed with a key of its own, which only `?appid={clientId}` shows. Default: `false`. */
  customSigningKey?: boolean
  /**
   * As client: app roles assigned to it, the `roles` of its tokens. An array holds for every API, an object per API, by
   * client id or App ID URI. Default: none.
   */
  roles?: string[] | Record<string, string[]>
}

export interface FederatedCredential {
  /** Of the token, exactly. Default: the workloads that this authority plays, see `federatedToken`. */
  issuer?: string
  /** Of the token, exactly: case matters. */
  subject: string
  /** Default: `api://AzureADTokenExchange`. */
  audience?: string
  /** The keys of `issuer`, without which that cannot be given: nothing is fetched. */
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
  readonly roles: string[] | Record<string, string[]>
}

export interface TestAuthority {
  /** `http(s)://127.0.0.1:{port}`: the `authorityHost` of verifiers and clients. The same after `stop()` and `start()`. */
  readonly url: string
  /** GUID, lower case. */
  readonly tenantId: string
  /** PEM of the CA to trust; `undefined` with plain HTTP. */
  readonly ca: string | undefined
  readonly apps: RegisteredApp[]
  /** What tokens are for by default: the first application without credentials, else the first. */
  readonly api: RegisteredApp
  /** Who gets tokens by default: the first application with credentials, else `api`. */
  readonly client: RegisteredApp

  /** What configures a verifier or a middleware for `api`: `createCheckAuthToken({ ...authority.options, … })`. */
  readonly options: Required<Pick<Options, 'tenantId' | 'clientId' | 'authorityHost'>> & {
    audience: string[]
    ca?: string
  }
  /**
   * The same as environment variables, for `Object.assign(process.env, authority.env())` or a child process. Certificates have no
   * variable: with `tls`, the process needs `NODE_EXTRA_CA_CERTS` from its start, or the option `ca`.
   */
  env(): Record<'ENTRA_TENANT_ID' | 'ENTRA_CLIENT_ID' | 'ENTRA_AUDIENCE' | 'ENTRA_AUTHORITY_HOST', string>

  /** Makes and signs a token, synchronously and without the network. */
  issueToken(overrides?: TokenOverrides): string
  /** The value of an `Authorization` header with such a token: `Bearer eyJ…`. */
  bearer(overrides?: TokenOverrides): string

  /**
   * A token of a workload, by which an application with `federatedCredentials` proves who it is: what lies in
   * `AZURE_FEDERATED_TOKEN_FILE`, or what an assertion callback returns.
   */
  federatedToken(options?: FederatedTokenOptions): string
  /** The user signs in on a device: that with this code, by default the newest that waits. */
  approveDevice(userCode?: string, user?: Partial<TestUser>): void
  /** The user declines. */
  declineDevice(userCode?: string): void
  /**
   * Opens a URL of the authorize endpoint as the browser of the test user, and brings the answer to the application: the
   * `openBrowser` of MSAL's `acquireTokenInteractive`.
   */
  browse(url: string): Promise<void>
  /** Every refresh token is revoked (AADSTS50173): users have to sign in again. */
  revokeSignIns(): void

  /** All keys, published or not. A new array of copies every time. */
  readonly keys: SigningKey[]
  /**
   * From now on a new key signs. It is published at once; `publish: false` shows an authority that signs before it publishes
   * (`restoreKey(kid)` publishes the key later). `to` names an existing key instead, for example the one that has been
   * published as the next. Earlier keys stay published until they are withdrawn. Resolves to the `kid`.
   */
  rotateKeys(options?: { publish?: boolean; to?: string }): Promise<string>
  /** Adds a key that does not sign unless asked to (`issueToken({ kid })`, `rotateKeys({ to: kid })`). Resolves to the `kid`. */
  addKey(options?: KeyOptions): Promise<string>
  /** The key is no longer published. It can still sign: an authority's answers are not all of one age. */
  withdrawKey(kid: string): void
  /** The key is published (again). */
  restoreKey(kid: string): void

  /**
   * The next requests fail, all until `recover()` if `times` is not given. One failure holds at a time: a further call
   * replaces it, `fail(null)` ends it. A request counts when it arrives.
   */
  fail(kind: FaultKind | number | null, times?: number, options?: FaultOptions): void
  /** Every answer comes that many milliseconds late. 0: at once. */
  delay(milliseconds: number): void
  /** Ends `fail` and `delay`. Requests that hang already keep hanging. */
  recover(): void

  /** What was asked, oldest first, without bodies and secrets. The newest 10 000. Empty it with `requests.length = 0`. */
  readonly requests: ReceivedRequest[]
  /** The requests to one kind of endpoint. */
  requestsTo(endpoint: Endpoint): ReceivedRequest[]

  /** The authority is down: its socket is closed, every connection is cut. Keys, tokens and settings stay. */
  stop(): Promise<void>
  /** Listens again, on the same port. Rejects with `EADDRINUSE` if it is taken. */
  start(): Promise<void>
  /** The end, at once, whatever hangs; no socket and no timer is left. May be called twice. */
  close(): Promise<void>
  /** `await using authority = await startTestAuthority()` */
  [Symbol.asyncDispose](): Promise<void>
}

export interface FederatedTokenOptions {
  /** Client id of the registration whose first federated credential without an `issuer` the token fits. Default: `client`. */
  client?: string
  subject?: string
  audience?: string
  /** Seconds from now to `exp`; negative: expired. Default 3600. */
  expiresIn?: number
  /** Claims to set, last; `undefined` removes a claim. */
  claims?: Record<string, unknown>
}

/** What differs from an ordinary app-only access token of `client` for `api`, valid for an hour from now. */
export interface TokenOverrides {
  /** Default: what the API's registration says (`accessTokenVersion`), 1 for an unknown audience; 2 for id tokens. */
  version?: 1 | 2
  /**
   * For whom. A client id or App ID URI of a registration, or any other text. v2 tokens for a registration have its client id
   * as `aud` (set `claims.aud` for another). Default: `api.appIdUri` in v1, `api.clientId` in v2.
   */
  audience?: string
  /** Client id of the registration that gets the token. Default: `client`. */
  client?: string
  /** Tenant of `tid` and `iss`, known to the authority or not. */
  tenantId?: string
  /** Default: the roles assigned to the client, of a delegated token those of the user. Empty: no `roles` claim. */
  roles?: string[]
  /** `true`: on behalf of a user, with `scp`. Default: whether `scopes` is given. */
  delegated?: boolean
  /** The `scp` of a delegated token. Default there: `user_impersonation`. */
  scopes?: string[]
  /** `true`: an id token for `client`. `audience` changes its `aud`, for example to the API's. */
  idToken?: boolean
  /** Seconds from now to `exp`; negative: expired. Default 3600. `iat` and `nbf` are 300 s back, as in Entra. */
  expiresIn?: number
  /** The instant that counts as now. */
  currentDate?: Date
  /** Claims to set, last; `undefined` removes a claim. `{ nbf: … }` for a token that is not yet valid. */
  claims?: Record<string, unknown>
  /** Header members to set, last and unchecked; `undefined` removes one. Does not change how it is signed: see `algorithm`. */
  header?: Record<string, unknown>
  /** Sign with this key of the authority, published or not. With `key`: only the name in the header. */
  kid?: string
  /** Sign with a key that is not the authority's. The header still names the current key (or `kid`): a forgery. */
  key?: KeyObject
  /** Default: RS256, or what fits `key`. HS* take a secret KeyObject; `none` leaves the signature empty. */
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
  /** base64url of the SHA-1 of the certificate, like Entra's. */
  readonly kid: string
  readonly published: boolean
  /** Whether it signs new tokens (those of its application, if it belongs to one). */
  readonly signing: boolean
  /** The application it belongs to (`customSigningKey`). */
  readonly clientId: string | undefined
  /** What stands in place of the template as `issuer` in the v2 key set. */
  readonly issuer: string | undefined
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  /** PEM. */
  readonly certificate: string
  /** As served in `/discovery/keys`. */
  readonly jwk: PublishedJwk
}

/**
 * A key as Entra publishes it: RSA, no `alg`, `kid` and `x5t` equal. `cloud_instance_name` is the authority's host name
 * without port, `127.0.0.1`: an authority is a cloud of its own.
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
  /** Belongs to this application: only `?appid=` shows it, and it signs the application's tokens from now on. */
  clientId?: string
  /** `issuer` in the v2 key set. Default: `{url}/{tenantid}/v2.0`, literally with `{tenantid}`. */
  issuer?: string
  /** Default: the authority's. */
  cloudInstanceName?: string
  /** Bits. Default 2048. */
  modulusLength?: number
}

/**
 * - `reset`: the connection breaks before the answer
 * - `hang`: no answer ever
 * - `slow-headers`, `slow-body`: a byte a second (`chunkSize`, `interval`)
 * - `cut-body`: the connection breaks in the middle of the body
 * - `truncated`: a whole message with half the JSON
 * - `empty`: 200 without a body
 * - `html`: 200 with a page in place of JSON
 * - `no-keys`: `{"keys":[]}`
 * - `null-keys`: `{"keys":null}`
 * - `no-set`: `{}`
 * - `bad-key`: before the right keys one without its numbers
 * - `duplicate-kids`: the right keys, then each `kid` again with the numbers of another key
 * - `many-keys`: ten thousand
 * - `oversized`: more than a mebibyte
 * - `endless`: for as long as the client reads
 * - `gzip-bomb`: `Content-Encoding: gzip`, asked for or not, that unpacks to 50 MiB
 *
 * `bad-key`, `duplicate-kids` and `many-keys` change key sets only; other documents stay as they are.
 *
 * A number is an HTTP status, 200–599, with Entra's JSON for a passing error; 3xx redirect to the same document with
 * `?redirected=true`.
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
  on?: Endpoint[]
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
  /** Parsed query string; parameters that hold secrets are left out. */
  query: Record<string, string>
  /** `null`: nothing is served there. */
  endpoint: Endpoint | null
  /** Milliseconds since 1970. */
  at: number
}

/**
 * A verified token for unit tests of handlers behind guards, without HTTP, a server or the network: issued and verified like any
 * other, so that guards accept it and an expired one is rejected (it throws the `AuthError`).
 *
 * ```js
 * const req = { auth: verifiedToken({ roles: ['Task.Read'] }) }
 * ```
 *
 * Guards answer as the middleware behind which the token was verified; that one has the options `answers`.
 */
export function verifiedToken(
  token?: VerifiedTokenOptions,
  answers?: Pick<Options, 'responses' | 'logger' | 'resourceMetadata'>
): VerifiedToken

/** What differs from an ordinary app-only access token, as in {@link TokenOverrides}. */
export interface VerifiedTokenOptions
  extends Pick<
    TokenOverrides,
    'version' | 'audience' | 'roles' | 'delegated' | 'scopes' | 'expiresIn' | 'currentDate' | 'claims'
  > {
  /** GUID. Default: one for the whole process. */
  tenantId?: string
  /** Client id of the caller, a GUID. Default: one for the whole process. */
  client?: string
  /** Who a delegated token stands for. */
  user?: Partial<TestUser>
}

/**
 * Starts a test authority before the tests of a file, and closes it after them. The hooks are those of the test runner:
 *
 * ```js
 * const authority = useTestAuthority({ before, after }) // node:test, Mocha
 * const authority = useTestAuthority({ before: beforeAll, after: afterAll }) // Jest, Vitest
 * const authority = useTestAuthority({ before: test.before, after: test.after.always }) // ava
 * ```
 *
 * What is returned is the authority from the first test on; before, each access throws `ERR_TESTING_NOT_STARTED`.
 */
export function useTestAuthority(
  hooks: { before(start: () => Promise<void>): unknown; after(close: () => Promise<void>): unknown },
  options?: TestAuthorityOptions
): TestAuthority

/**
 * A TLS server certificate from a new throw-away CA, as PEM, in the shape of the `tls` option. Default: for localhost and
 * 127.0.0.1, valid from an hour ago until tomorrow; the CA is always valid.
 *
 * ```js
 * const expired = await createServerCertificate({ notAfter: new Date(Date.now() - 60_000) })
 * const authority = await startTestAuthority({ tls: expired })
 * ```
 */
export function createServerCertificate(options?: {
  /** Host names and IP addresses. */
  names?: string[]
  notBefore?: Date
  notAfter?: Date
}): Promise<{ key: string; cert: string; ca: string }>

/**
 * A self-signed certificate with which an application authenticates itself, and its RSA key, as PEM; the thumbprints as clients
 * want them, in hexadecimal. Default: valid from an hour ago until tomorrow.
 */
export function createClientCertificate(options?: {
  /** The common name. Default: `entra-jwt-verify test client`. */
  name?: string
  notBefore?: Date
  notAfter?: Date
}): Promise<{ key: string; cert: string; thumbprint: string; thumbprintSha256: string }>

/** Every name that `fail` takes. */
export const FAULT_KINDS: readonly FaultKind[]

/** A mistake in using this module. What the authority answers over HTTP is never thrown. */
export class TestAuthorityError extends Error {
  private constructor()
  name: 'TestAuthorityError'
  code: 'ERR_TESTING_OPTION' | 'ERR_TESTING_CLOSED' | 'ERR_TESTING_NOT_STARTED'
}
