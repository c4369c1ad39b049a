import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Express middleware that admits requests with a valid access token (`Authorization: Bearer`) issued by your Entra tenant
 * for your API. Configured from the environment at the first request: `ENTRA_TENANT_ID` and `ENTRA_CLIENT_ID`, optionally
 * `ENTRA_AUDIENCE` and `ENTRA_AUTHORITY_HOST`. If one is unset, the same name with the prefix `AZURE_` is read.
 *
 * ```js
 * const { checkAuthToken } = require('entra-jwt-verify')
 * app.use(checkAuthToken)
 * ```
 *
 * With a valid token, `req.auth` is a {@link VerifiedToken} and `next()` is called. Any other request is rejected in plain
 * text: 401 if the token is missing or not for this API, 500 if it is malformed or forged or if the signing keys cannot be
 * fetched (see docs/responses-and-errors.md). Guards behind it, such as `requireRole`, answer 403. If the configuration is
 * invalid, the response is 500 and the {@link AuthError} with code `ERR_CONFIG` is logged with `console.error`.
 *
 * By default, every application in the tenant can get a token for your API. See "Who may call" in README.md.
 */
export const checkAuthToken: RequestHandler & {
  /**
   * The verifier behind the middleware, for `preload()`, `stats()` and `authenticate()`.
   *
   * @throws {AuthError} `ERR_CONFIG` if the environment does not configure it
   */
  readonly verifier: Verifier
}

/**
 * Creates the middleware from options.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid, or if the tenant or the audience is not configured
 */
export function createCheckAuthToken(
  options: Options & { resourceMetadata: ResourceMetadata }
): CheckAuthToken & { readonly resourceMetadata: RequestHandler }
export function createCheckAuthToken(options?: Options): CheckAuthToken

/** Returned by {@link createCheckAuthToken}. */
export interface CheckAuthToken extends RequestHandler {
  /** The verifier behind the middleware, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** With the option `resourceMetadata`: serves the RFC 9728 document and answers CORS preflights. Mount it for all methods. */
  readonly resourceMetadata?: RequestHandler
}

/**
 * Creates a verifier that is independent of Express and HTTP.
 *
 * @throws {AuthError} `ERR_CONFIG`, as {@link createCheckAuthToken}
 */
export function createVerifier(options?: Options): Verifier

/**
 * Middleware for Express 4 and 5, Connect, Polka and plain `node:http`. It throws no error of its own. An exception thrown
 * by `next()` propagates to the caller; if a key had to be fetched first, the returned promise rejects with it.
 * Sets `req.auth` to a {@link VerifiedToken}; import `entra-jwt-verify/express` for its type in Express.
 */
export type RequestHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void
) => void | Promise<void>

/**
 * The guards, in the form that the framework expects; every entry point has the same ones. Each admits callers that meet its
 * requirement and rejects others in the form that the middleware's `responses` selects: 403 `Forbidden`,
 * `insufficient_scope`, or the framework's error. Without the middleware, every request is rejected.
 *
 * Each throws an {@link AuthError} with code `ERR_CONFIG` if its requirement is empty.
 */
export interface Guards<Guard> {
  /**
   * App roles (`roles`): any of them.
   *
   * ```js
   * app.delete('/tasks/:id', requireRole('Task.Write'), (req, res) => …)
   * ```
   */
  requireRole<T extends readonly string[]>(...anyOf: NonEmpty<T>): Guard
  /** Delegated permissions (`scp`): any of them. */
  requireScope<T extends readonly string[]>(...anyOf: NonEmpty<T>): Guard
  /**
   * Delegated tokens with any of the scopes, and app-only tokens (`isAppOnly`) with any of the roles. A user's app roles do
   * not replace a scope.
   */
  requireScopeOrRole(anyOf: { scopes: readonly string[]; roles: readonly string[] }): Guard
  /** Any of these client applications. GUIDs are compared case-insensitively, other ids exactly. */
  requireClient<T extends readonly string[]>(...ids: NonEmpty<T>): Guard
  /**
   * Members of any of these groups, by id (`groups`). If the user is in more groups than fit in a token, `onOverage` decides:
   * it queries Microsoft Graph and resolves to `true` for a member. Without it, the response is 403 with the reason
   * `groups-overage`.
   */
  requireGroup<T extends readonly string[]>(...ids: NonEmpty<T>): Guard
  requireGroup(
    ...idsAndOptions: [id: string, ...ids: string[], options: { onOverage: (auth: VerifiedToken) => Promise<boolean> }]
  ): Guard
  /**
   * A Conditional Access authentication context, `c1` to `c99` (`acrs`). A caller without it gets the same challenge as
   * with `claimsChallenge`.
   */
  requireAuthContext(id: string): Guard
  /** App-only tokens: the application acts for itself. */
  requireAppOnly(): Guard
  /** Delegated tokens: the application acts for a user. */
  requireDelegated(): Guard
  /**
   * Rejects every request with a claims challenge (`insufficient_claims`), which tells the client which claims to request from
   * Entra. A client that has not declared support for it (`cp1` in `xms_cc`, case-insensitive) gets 403 instead.
   * `requireAuthContext` sends this challenge itself.
   *
   * ```js
   * const stepUp = claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
   * app.post('/transfer', (req, res, next) => (hasAcrs(req.auth, 'c1') ? next() : stepUp(req, res, next)))
   * ```
   *
   * @param claims a claims request (OpenID Connect Core 1.0, section 5.5)
   */
  claimsChallenge(claims: Record<string, unknown>): Guard
}

/** See {@link Guards.requireRole}. */
export const requireRole: Guards<RequestHandler>['requireRole']
/** See {@link Guards.requireScope}. */
export const requireScope: Guards<RequestHandler>['requireScope']
/** See {@link Guards.requireScopeOrRole}. */
export const requireScopeOrRole: Guards<RequestHandler>['requireScopeOrRole']
/** See {@link Guards.requireClient}. */
export const requireClient: Guards<RequestHandler>['requireClient']
/** See {@link Guards.requireGroup}. */
export const requireGroup: Guards<RequestHandler>['requireGroup']
/** See {@link Guards.requireAuthContext}. */
export const requireAuthContext: Guards<RequestHandler>['requireAuthContext']
/** See {@link Guards.requireAppOnly}. */
export const requireAppOnly: Guards<RequestHandler>['requireAppOnly']
/** See {@link Guards.requireDelegated}. */
export const requireDelegated: Guards<RequestHandler>['requireDelegated']
/** See {@link Guards.claimsChallenge}. */
export const claimsChallenge: Guards<RequestHandler>['claimsChallenge']

/** At least one string: a guard without a requirement would admit every caller. */
export type NonEmpty<T extends readonly string[]> = T extends readonly [] ? [name: string, ...names: string[]] : T

/** Verifies tokens. Created by {@link createVerifier}. Verifiers with the same key source share the cached keys. */
export class Verifier {
  private constructor()

  /**
   * Verifies a token. Waits if a key has to be fetched first.
   *
   * @param token the compact serialization, without `Bearer`
   * @throws {AuthError} rejects with the code of the first check that fails, or with `ERR_KEYS_UNAVAILABLE`
   */
  verify(token: string, options?: VerifyOptions): Promise<VerifiedToken>

  /**
   * Verifies a token without waiting.
   *
   * @throws {AuthError} as `verify`; `ERR_KEYS_UNAVAILABLE` if a key has to be fetched first. This starts the fetch, so a
   * later call can succeed
   */
  verifySync(token: string, options?: VerifyOptions): VerifiedToken

  /**
   * Verifies the token of a request: a `node:http` request (or one of a framework built on it), a fetch `Request`, an AWS Lambda
   * event, or any other object with `headers` (a fetch `Headers`, a `Map`, or an object; names are case-insensitive) or
   * `multiValueHeaders`. Reads the `Authorization` header, or uses the return value of the option `getToken`.
   *
   * @throws {AuthError} rejects as `verify`, with `ERR_TOKEN_MISSING` without a token, and with `ERR_CONFIG` if the argument
   * has no headers
   */
  authenticate(
    request: { readonly headers: object | null } | { readonly multiValueHeaders: object | null }
  ): Promise<VerifiedToken>

  /**
   * Runs every check on a token, even after one has failed, and reports for each what was expected, what was found and
   * what to do. Waits if keys have to be fetched first. For troubleshooting: the report contains the values of checked claims,
   * never the token.
   *
   * @throws {AuthError} rejects with `ERR_TOKEN_MALFORMED` if `token` is not a string
   */
  explain(token: string, options?: VerifyOptions): Promise<Explanation>

  /**
   * Fetches the signing keys now, so that the first request does not wait for them.
   *
   * @throws {AuthError} rejects with `ERR_KEYS_UNAVAILABLE` if the fetch fails
   */
  preload(): Promise<void>

  /** Returns the cached signing keys (public keys only), for the option `initialKeys` of another process. */
  exportKeys(): ExportedKeys

  /**
   * Merges a key set that the application fetched itself, under the same rules and limits as a response of the authority.
   * For processes that reach the authority only through their own agent, mock or service mesh. With `jwksUri: false` nothing
   * is fetched; keys are kept for `keys.retention`, those of the newest set for at least 24 h. Call it at startup and then at
   * least once an hour.
   *
   * Verifiers with the same key source share its keys, including those passed to `updateKeys`, also across worker threads. The
   * key source is defined by the key location and the options `jwksUri`, `ca`, `proxy`, `keys` and `initialKeys`. With
   * `jwksUri: false` only verifiers with identical options share keys: call `updateKeys` on every other one.
   *
   * If several tenants are accepted, v1 and v2 tokens use separate keys: entries with `issuer` (those of
   * `/discovery/v2.0/keys`) apply to v2 tokens, the others to v1 tokens.
   *
   * With `authorities`, `authority` selects the authority that the keys belong to: the value of its option `authority`, or the
   * URL that `stats()` shows.
   *
   * @throws {AuthError} `ERR_CONFIG` if the set has no usable key, if the option `jwks` is set, if the issuer is only known
   * from metadata that has not been fetched yet, or if it is ambiguous which authority the keys belong to
   */
  updateKeys(jwks: { readonly keys: readonly object[] }, options?: { readonly authority?: string }): void

  /** Cached keys and tokens, and counters. Verifiers that share keys share the key counters too. */
  stats(): Stats
}

/** The result of {@link Verifier.explain}. */
export interface Explanation {
  /** The result of `verify`; `unknown` if the keys cannot be fetched, or the fetch is in its cooldown. */
  readonly verdict: 'valid' | 'refused' | 'unknown'
  /** The code of the first check that failed. */
  readonly code?: AuthErrorCode | undefined
  readonly message?: string | undefined
  /** With the option `authorities`: the URL of the authority that checked the token; `undefined` if none issues it. */
  readonly authority?: string | undefined
  /** The checks of this configuration, in the order in which `verify` runs them. */
  readonly checks: readonly Check[]
  /** What the token was recognised as: an id token, a token for Microsoft Graph, … */
  readonly findings: readonly Finding[]
}

/** One check of an {@link Explanation}. */
export interface Check {
  readonly name:
    | 'form'
    | 'header'
    | 'algorithm'
    | 'type'
    | 'nonce'
    | 'key'
    | 'signature'
    | 'claims'
    | 'expiry'
    | 'not-before'
    | 'entra-claims'
    | 'issuer'
    | 'tenant'
    | 'use'
    | 'bound-token'
    | 'key-issuer'
    | 'audience'
    | 'client'
    | 'role'
    | 'scope'
  readonly status: 'passed' | 'failed' | 'not-reached'
  readonly code?: AuthErrorCode
  /** The values that pass the check. */
  readonly expected?: string
  /** The value in the token. */
  readonly found?: string
  /** What to do, or why the check was not reached. */
  readonly hint?: string
}

/** A known kind of token or mistake that was recognised. */
export interface Finding {
  /** Stable name. */
  readonly name: string
  /** Names of the failed checks that it explains; empty for a warning about a valid token. */
  readonly checks: readonly string[]
  readonly message: string
  readonly hint: string
}

/** Returned by `exportKeys()`, accepted by `initialKeys`. Public keys only. */
export interface ExportedKeys {
  readonly keys: readonly object[]
  /** The issuer, if it is only known from the authority's metadata. */
  readonly issuer?: string | undefined
  /** With `authorities`, `keys` is empty: the keys of each authority are here, by the URL that `stats()` shows. */
  readonly authorities?: {
    readonly [authority: string]: { readonly keys: readonly object[]; readonly issuer?: string }
  }
}

/** Returned by `stats()`. Counters start with the first use of the key source in this process. */
export interface Stats extends KeyStats {
  /** With the option `authorities`: the same for each authority, in the order of the option. */
  readonly authorities?: readonly (KeyStats & { readonly authority: string })[]
  /** The cache of verified tokens. A token that waits for its key counts as one miss. */
  readonly tokenCache: { readonly entries: number; readonly hits: number; readonly misses: number }
}

/** Signing keys and their fetches. */
export interface KeyStats {
  /** Cached signing keys. Empty with the option `jwks`, and before the first fetch. */
  readonly keys: readonly { readonly kid: string; readonly lastSeen: Date }[]
  /** The last successful fetch. */
  readonly lastSuccess: Date | undefined
  /** The last failed fetch, and its cause. */
  readonly lastFailure:
    | { readonly at: Date; readonly cause: string; readonly reason: KeysUnavailableReason }
    | undefined
  /** Fetches started. */
  readonly fetches: number
  /** Fetches failed. */
  readonly failures: number
  /** Key lookups answered from a key set whose refresh was due. */
  readonly staleServes: number
  /**
   * Seconds by which this host's clock is ahead of the authority's (negative: behind), from the `Date` header of the newest
   * response, accurate to about a second. `undefined` before the first response and after the clock was changed.
   */
  readonly secondsAheadOfAuthority: number | undefined
}

/**
 * Why the signing keys are unavailable: name resolution, connection or TLS failed, a proxy failed (`proxy…`), a timeout
 * elapsed, the authority responded with an error status (`redirect`: 3xx, `throttled`: 429, `server-error`: 5xx,
 * `http-status`: any other), or the response or the metadata is invalid. `not-given`: `jwksUri` is `false` and `updateKeys`
 * has not been called. `pending`: `verifySync` does not wait for the running fetch.
 */
export type KeysUnavailableReason =
  | 'name'
  | 'connection-refused'
  | 'connection-closed'
  | 'unreachable'
  | 'not-permitted'
  | 'connect-timeout'
  | 'timeout'
  | 'no-roots'
  | 'not-http'
  | 'http2-only'
  | 'redirect'
  | 'throttled'
  | 'server-error'
  | 'http-status'
  | 'compressed'
  | 'html'
  | 'too-large'
  | 'not-json'
  | 'not-a-key-set'
  | 'too-many-keys'
  | 'no-usable-key'
  | 'not-metadata'
  | 'issuer'
  | 'jwks-uri'
  | 'other-tenant'
  | 'setup'
  | 'stopped'
  | 'not-given'
  | 'proxy-name'
  | 'proxy-connection-refused'
  | 'proxy-unreachable'
  | 'proxy-timeout'
  | 'proxy-closed'
  | 'proxy-not-http'
  | 'proxy-unsupported-scheme'
  | 'proxy-credentials-missing'
  | 'proxy-credentials-rejected'
  | 'proxy-refused'
  | 'proxy-cannot-connect'
  | 'proxy-status'
  | 'proxy'
  | 'tls-unknown-issuer'
  | 'tls-expired'
  | 'tls-not-valid-yet'
  | 'tls-other-name'
  | 'tls-no-name'
  | 'tls-unsupported-algorithm'
  | 'tls-bad-signature'
  | 'tls-certificate-authority'
  | 'tls-certificate-version'
  | 'tls-certificate'
  | 'tls-nothing-in-common'
  | 'tls-refused'
  | 'not-tls'
  | 'tls'
  | 'pending'

/**
 * Published on the `diagnostics_channel` `entra-jwt-verify:keys` when a key fetch has ended. Published with the next
 * verification, because there is no timer.
 */
export interface KeysMessage {
  readonly succeeded: boolean
  readonly at: Date
  /** Number of cached keys, if the fetch succeeded. */
  readonly keys?: number
  /** Why the fetch failed. */
  readonly cause?: string
  /** The cause as a stable word. */
  readonly reason?: KeysUnavailableReason
}

/**
 * Published on the `diagnostics_channel` `entra-jwt-verify:verify` for each verification, also for a request without a
 * token. Never contains the token.
 */
export interface VerifyMessage {
  readonly verified: boolean
  /** Why the token was rejected. */
  readonly code?: AuthErrorCode
  /** Name of the claim that failed. */
  readonly claim?: string
  /** See {@link AuthError.reason}. */
  readonly reason?: string
  /** What the developer can do about it. */
  readonly hint?: string
  /** Whether the verification waited for keys. */
  readonly waited: boolean
}

export interface VerifyOptions {
  /** The time against which `exp` and `nbf` are checked. Default: now. */
  currentDate?: Date | undefined
}

/**
 * A verified token: proof that a verifier of this package accepted it. `header` and `claims` are decoded on first access and
 * frozen. Their objects inherit only `hasOwnProperty`, so `claims.toString` is a claim or `undefined`. Requests with the
 * same token may share them.
 *
 * Its properties are getters: a spread copy (`{ ...req.auth }`) has none of them, and guards reject it. When printed or
 * converted to JSON it shows the caller and its permissions, never the token.
 */
export class VerifiedToken {
  private constructor()
  /** The token as received, for on-behalf-of requests. A secret: do not log it. */
  readonly token: string
  /** The JOSE header. */
  readonly header: JoseHeader
  /** All claims. */
  readonly claims: Claims
  /**
   * `tid`: the tenant's id, a GUID. With the options `issuer` or `authority` it is what that issuer writes into `tid`, which nobody
   * checks, and `undefined` without it.
   */
  readonly tenantId: string | undefined
  /**
   * The application that requested the token. Entra: `appid` in v1, `azp` in v2 tokens. Other issuers: `azp`, `appid` or
   * `client_id`. `undefined` if the claim is missing, which includes a token with only the claim of the other version. The
   * option `allowedClients` compares this value.
   */
  readonly clientId: string | undefined
  /** `roles`: app roles assigned to the application or the user. Empty without the claim. */
  readonly roles: readonly string[]
  /** `scp`, split at spaces: delegated permissions. For issuers other than Entra also `scope`. Empty without the claim. */
  readonly scopes: readonly string[]
  /** `exp`: when the token expires, in seconds since the Unix epoch. */
  readonly expiresAt: number
  /**
   * Whether the application acts for itself: `idtyp` is `app`; without `idtyp`, `oid` equals `sub` and there is no `scp`. For
   * issuers other than Entra, which write the user into both: `idtyp` is `app`, or the client authenticated itself (`azpacr` or
   * `appidacr` is 1 or 2) and there is no scope.
   */
  readonly isAppOnly: boolean
  /**
   * Whether the caller is an agent identity of Microsoft Entra Agent ID, acting for itself or for a user: `xms_act_fct` has the
   * facet 11 (Microsoft, "Token claims reference for agents"). For your own logs and policies; an agent needs the same
   * roles and scopes as any other caller.
   */
  readonly isAgent: boolean
  /**
   * Whether `groups` is missing because the user is in more groups than fit in a token (`hasgroups`, or `groups` in
   * `_claim_names`). Query Microsoft Graph for them.
   */
  readonly hasGroupsOverage: boolean
  hasRole(role: string): boolean
  hasScope(scope: string): boolean
  /** The caller and its permissions, without the token. */
  toJSON(): {
    tenantId: string | undefined
    clientId: string | undefined
    roles: readonly string[]
    scopes: readonly string[]
    expiresAt: number
  }
}

/** Members of the JOSE header (RFC 7515, section 4). */
export interface JoseHeader {
  readonly alg: Algorithm
  readonly kid?: string
  readonly typ?: string
  readonly x5t?: string
  readonly [member: string]: unknown
}

/** Claims of an Entra access token. Times are in seconds since the Unix epoch. */
export interface Claims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly nbf?: number
  readonly iat?: number
  readonly sub?: string
  readonly jti?: string
  /** Token version. */
  readonly ver?: '1.0' | '2.0'
  /** Tenant id. */
  readonly tid?: string
  /** Object id of the user or service principal. */
  readonly oid?: string
  /** Client of a v1 token. */
  readonly appid?: string
  /** How the client of a v1 token authenticated: `0` not at all, `1` secret, `2` certificate. */
  readonly appidacr?: string
  /** Client of a v2 token. */
  readonly azp?: string
  /** How the client of a v2 token authenticated; the values of `appidacr`. */
  readonly azpacr?: string
  /** `app` in app-only tokens, if the API's registration requests this optional claim. */
  readonly idtyp?: string
  /** Delegated permissions, separated by spaces. */
  readonly scp?: string
  /** App roles. */
  readonly roles?: readonly string[]
  readonly [claim: string]: unknown
}

export type Algorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512'

/** The options that can differ between authorities: accepted tenants, audiences, clients and signing keys. */
export interface AuthorityOptions {
  /**
   * Accepted tenant: its id (a GUID), one of its verified domains (resolved through metadata), or `common`,
   * `organizations` or `consumers` together with `allowedTenants`. A domain is resolved once per process; the result is then
   * fixed. Environment: `ENTRA_TENANT_ID`, `AZURE_TENANT_ID`.
   */
  tenantId?: string | undefined
  /**
   * Client id of the API's own app registration; a GUID for Entra. Also sent as `?appid=` when keys are fetched, so that
   * applications with custom signing keys work. Environment: `ENTRA_CLIENT_ID`, `AZURE_CLIENT_ID`.
   */
  clientId?: string | undefined
  /**
   * Accepted values of `aud`; one match suffices. Application ids are compared case-insensitively. One trailing slash of a URI
   * and, in v1 tokens, `spn:` before an application id are ignored. Default: `clientId` and `api://{clientId}`.
   * Environment: `ENTRA_AUDIENCE`, `AZURE_AUDIENCE`, comma-separated.
   */
  audience?: string | readonly string[] | undefined
  /**
   * Origin of the cloud, of External ID (`https://<tenant id or name>.ciamlogin.com`), or of a test authority. HTTPS; plain
   * HTTP only for a loopback address. For Bleu, Delos, GovSG and login-us, only v2 tokens are accepted.
   * Default: `https://login.microsoftonline.com`. Environment: `ENTRA_AUTHORITY_HOST`, `AZURE_AUTHORITY_HOST`.
   */
  authorityHost?: string | undefined
  /**
   * Complete authority URL, instead of `tenantId` and `authorityHost`: External ID
   * (`https://contoso.ciamlogin.com/<tenant>/v2.0`, or a custom domain with the tenant's id in the path), B2C
   * (`https://contoso.b2clogin.com/<tenant>/<policy>/v2.0`), or any OIDC issuer, read through discovery. The metadata URL and
   * B2C's `?p=<policy>` are accepted too. The Entra-specific checks apply to Entra and External ID; for other issuers, tenant,
   * client and token use are not checked. Environment: `ENTRA_AUTHORITY`.
   */
  authority?: string | undefined
  /**
   * Ids of the accepted tenants, or `'*'` for every tenant, in place of the tenant of `tenantId`, which is the default. Required with
   * `common`, `organizations` and `consumers`. `'*'` includes personal accounts only with `common` and `consumers`.
   */
  allowedTenants?: '*' | readonly string[] | undefined
  /** Accepted client ids ({@link VerifiedToken.clientId}); GUIDs for Entra. Default: any. */
  allowedClients?: readonly string[] | undefined
  /** Every caller needs one of these app roles. Default: none required. */
  requiredRoles?: readonly string[] | undefined
  /**
   * Every caller needs one of these delegated permissions (`scp`). With `requiredRoles` as well, a caller needs both. Default:
   * none required.
   */
  requiredScopes?: readonly string[] | undefined
  /**
   * Accepted `iss`, compared exactly. An issuer of Entra (any cloud) or External ID accepts only that tenant and token
   * version. Any other value disables the Entra-specific checks: tenant, client and token use are then not checked.
   * Default: the issuers of `tenantId` at `authorityHost`.
   */
  issuer?: string | undefined
  /** Accepted `alg`. Default: `['RS256']`, the algorithm that Entra uses. */
  algorithms?: readonly Algorithm[] | undefined
  /**
   * Keys to start with, from `verifier.exportKeys()`, so that a process can start during an outage of the authority. They are
   * refreshed like fetched keys. Default: none.
   */
  initialKeys?: ExportedKeys | undefined
  /** Static keys (a JWK Set, RFC 7517). Keys are never fetched. Default: keys are fetched. */
  jwks?: { readonly keys: readonly object[] } | undefined
  /**
   * Overrides the URL that keys are fetched from. HTTPS; plain HTTP only for a loopback address. `false`: nothing is fetched
   * and no connection is opened; all keys come from `updateKeys`. Default: the key set of the authority.
   */
  jwksUri?: string | false | undefined
  /** How keys are fetched and cached. All values are in seconds. Default: the default of each member. */
  keys?:
    | {
        /** Age after which keys are refreshed in the background, 1 to 2 592 000, with a jitter of ± 10 %. Default: 3600. */
        refreshInterval?: number | undefined
        /** How long to keep a key that has disappeared from the key set, 0 to 2 592 000; 0 drops it at once. Default: 86 400. */
        retention?: number | undefined
        /**
         * Maximum pause between fetches triggered by an unknown `kid`, 1 to 86 400. After a quiet period the pause starts at
         * 1 s and doubles; a fetch that brings a new key resets it. On average there is at most one such fetch per `cooldown`.
         * Default: 30.
         */
        cooldown?: number | undefined
        /** Total time limit of one fetch, 0.1 to 60; connecting may take two fifths of it. Default: 5. */
        timeout?: number | undefined
      }
    | undefined
  /**
   * PEM certificates to trust in addition to those that Node trusts: certificate authorities, or a server's self-signed
   * certificate. Default: none.
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined
}

/** An option takes precedence over its environment variable. Unknown options and invalid values throw. */
export interface Options extends AuthorityOptions {
  /**
   * Several authorities, at most 8: two B2C user flows, a workforce and an External ID tenant, two clouds, an old and a new
   * tenant, Entra and another OIDC issuer. A token is checked only by the authority whose issuer is in `iss`; if several
   * authorities have that issuer, the user flow (`tfp` or `acr`) and then the key decide. The other options are the defaults
   * of each authority. Environment variables are not read.
   */
  authorities?: readonly AuthorityOptions[] | undefined
  /** Clock skew allowed for `exp` and `nbf`, in seconds, 0 to 300. Default: 0. */
  clockTolerance?: number | undefined
  /** Maximum token length in bytes, 256 to 1 048 576. Longer tokens are rejected unparsed. Default: 16 384. */
  maxTokenLength?: number | undefined
  /**
   * How to treat tokens that are bound to a key (`cnf`). `refuse` (default): reject them. `mtls`: accept them only over a TLS
   * connection with the client certificate that they are bound to (RFC 8705); `verify` and `verifySync` reject them, because
   * they have no connection. `ignore`: ignore the binding.
   */
  boundTokens?: 'refuse' | 'mtls' | 'ignore' | undefined
  /**
   * With `boundTokens: 'mtls'`: the header in which a trusted proxy forwards the client certificate. It replaces the certificate
   * of the connection. The proxy must remove this header from client requests. Default: none, the certificate of the connection.
   */
  clientCertificateHeader?: string | undefined
  /**
   * Number of verified tokens to cache, 1 to 1 000 000; a token longer than 4096 bytes counts as several. Expiry and key are
   * checked again on each use. `false`: no cache. Default: 1000.
   */
  tokenCache?: number | false | undefined
  /**
   * Forward proxy for key fetches over HTTPS, `http://host:port` or `https://host:port`, used for every host. `false`: no
   * proxy. Default: `https_proxy` or `HTTPS_PROXY`, except for the hosts in `no_proxy` or `NO_PROXY`.
   */
  proxy?: string | false | undefined
  /**
   * How rejected requests are answered. `classic` (default): plain text, as the common hand-written middleware answers.
   * `rfc6750`: status and `WWW-Authenticate` as in RFC 6750, JSON body `{ error, error_description }`, 503 with `Retry-After`
   * if the keys cannot be fetched. `next`: calls `next(error)` with an {@link AuthError} for Express's error handler; status
   * and headers of the response are set before. (polka 0.5 needs a custom `onError` then: its default treats any `code` as a
   * status.) A function sends the response itself. Its `next` passes on the error even if called without an argument; if the
   * function throws or rejects, that error is passed to `next`, or answered with 500 where `next` takes no error. It has to
   * answer, now or later, throw or call `next`: otherwise the request stays open.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    // biome-ignore lint/suspicious/noExplicitAny: requests and responses are the framework's.
    | ((error: AuthError, req: any, res: any, next: (error?: unknown) => void) => unknown)
    | undefined
  /**
   * `true`: a request without a token is admitted with `req.auth` undefined. A request with an invalid token is always
   * rejected, and guards reject requests without a token. Default: `false`.
   */
  optional?: boolean | undefined
  /**
   * Returns the token of a request, or `undefined`: from a cookie, another header, or a WebSocket subprotocol. The
   * `Authorization` header is then not read. Must be synchronous. Default: reads the `Authorization` header.
   */
  // biome-ignore lint/suspicious/noExplicitAny: requests are the framework's.
  getToken?: ((request: any) => string | undefined) | undefined
  /**
   * Protected resource metadata (RFC 9728), for example for MCP clients: adds `resource_metadata` to challenges, and a handler
   * `resourceMetadata` to the middleware that serves the document. Default: none.
   */
  resourceMetadata?: ResourceMetadata | undefined
  /**
   * Logs why requests were rejected. Responses with 500 or 503: `error('Error in checkAuthToken: ', error)`, at most once a
   * second per code. Other responses: `warn(line)`, if the logger has `warn`: at most five different lines per
   * code and reason in a minute, each once.
   * Loggers that take an object first (pino, bunyan) get `({ err, code, hint }, message)` and
   * `({ code, status, claim, reason }, line)`. `false`: no logging. Default: `console`.
   */
  logger?: Logger | false | undefined
}

/** The option `resourceMetadata`. URLs are https, or http for a loopback host, and have no credentials and no fragment. */
export interface ResourceMetadata {
  /** The API's own URL. */
  resource: string
  /**
   * The URL of the document. Default: that of `resource` with `/.well-known/oauth-protected-resource` between its host and its
   * path.
   */
  url?: string | undefined
  /**
   * The scopes that a client must request, also named in a 401; short names are prefixed with the App ID URI. They are not enforced:
   * use `requiredScopes` or the guards for that. Default: none.
   */
  scopes?: readonly string[] | undefined
  /** The URLs of the authorization servers. Default: the authority, or each of `authorities`. */
  authorizationServers?: readonly string[] | undefined
  /** `resource_name`: the API's name, for users. Default: none. */
  name?: string | undefined
  /** `resource_documentation`: the URL of a page for developers, of any scheme. Default: none. */
  documentation?: string | undefined
}

/** The option `logger`: `console`, or a logger such as pino, bunyan or winston. */
export interface Logger {
  error(...parts: unknown[]): unknown
  warn?(...parts: unknown[]): unknown
}

/** Why a token, a request or an option was rejected. The error of a rejected token has no stack, because it is not a defect. */
export class AuthError extends Error {
  private constructor()
  readonly name: 'AuthError'
  /** What happened. Stable: compare the code, not the message. */
  readonly code: AuthErrorCode
  /** HTTP status according to RFC 6750. `responses: 'classic'` answers some codes with another status. */
  readonly status: 400 | 401 | 403 | 500 | 503
  /** The same as `status`, for error handlers that read this name. */
  readonly statusCode: 400 | 401 | 403 | 500 | 503
  /** Whether the message may be sent to the caller: `false` for 500 and above. */
  readonly expose: boolean
  /** Response headers for the status: `WWW-Authenticate` or `Retry-After` (seconds). */
  readonly headers: Readonly<Record<string, string>>
  /** What the developer can do about it. */
  readonly hint: string
  /** Name of the claim that failed, if a claim failed. */
  readonly claim?: string | undefined
  /**
   * Stable word that distinguishes the cases of a code, such as `missing` or `ill-typed`. For `ERR_KEYS_UNAVAILABLE`, a
   * {@link KeysUnavailableReason}.
   */
  readonly reason?: string | undefined
  /** For logs and responses: without the hint and the stack. */
  toJSON(): {
    name: 'AuthError'
    code: AuthErrorCode
    status: number
    message: string
    claim: string | undefined
    reason: string | undefined
  }
  /** The response according to RFC 6750 as a fetch `Response`: status, challenge, JSON body. */
  toResponse(): Response
}

/**
 * | code | what happened |
 * |---|---|
 * | `ERR_CONFIG` | an option is invalid |
 * | `ERR_TOKEN_MISSING` | no bearer token |
 * | `ERR_TOKEN_MALFORMED` | not a signed JWT |
 * | `ERR_TOKEN_ALGORITHM` | `alg` is not in `algorithms` |
 * | `ERR_TOKEN_KEY_UNKNOWN` | no signing key with this `kid`, or the key may not verify this token |
 * | `ERR_TOKEN_SIGNATURE` | the signature is invalid |
 * | `ERR_TOKEN_EXPIRED` | `exp` has passed or is missing |
 * | `ERR_TOKEN_NOT_ACTIVE` | `nbf` is in the future |
 * | `ERR_TOKEN_AUDIENCE` | `aud` is missing or not accepted |
 * | `ERR_TOKEN_ISSUER` | `iss` is missing or not accepted |
 * | `ERR_TOKEN_TENANT` | the tenant is not allowed, or `tid` and `iss` disagree |
 * | `ERR_TOKEN_CLAIM` | a claim has the wrong type |
 * | `ERR_TOKEN_USE` | not an access token, or bound to a key |
 * | `ERR_TOKEN_GRAPH` | issued for Microsoft Graph; only Graph can verify it |
 * | `ERR_TOKEN_POLICY` | client, role or scope not allowed |
 * | `ERR_KEYS_UNAVAILABLE` | the signing keys cannot be fetched at the moment |
 * | `ERR_INTERNAL` | a defect in this package; or `getToken`, `onOverage` or the application's clock failed |
 */
export type AuthErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_TOKEN_MISSING'
  | 'ERR_TOKEN_MALFORMED'
  | 'ERR_TOKEN_ALGORITHM'
  | 'ERR_TOKEN_KEY_UNKNOWN'
  | 'ERR_TOKEN_SIGNATURE'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_NOT_ACTIVE'
  | 'ERR_TOKEN_AUDIENCE'
  | 'ERR_TOKEN_ISSUER'
  | 'ERR_TOKEN_TENANT'
  | 'ERR_TOKEN_CLAIM'
  | 'ERR_TOKEN_USE'
  | 'ERR_TOKEN_GRAPH'
  | 'ERR_TOKEN_POLICY'
  | 'ERR_KEYS_UNAVAILABLE'
  | 'ERR_INTERNAL'
