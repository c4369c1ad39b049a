import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Express middleware that lets requests pass whose `Authorization: Bearer` token is an access token of your Entra tenant
 * for your API. Configured from the environment at the first request: `ENTRA_TENANT_ID`, `ENTRA_CLIENT_ID`,
 * `ENTRA_AUDIENCE` and, if need be, `ENTRA_AUTHORITY_HOST`; the same names with `AZURE_` are read where these are not set.
 *
 * ```js
 * const { checkAuthToken } = require('entra-jwt-verify')
 * app.use(checkAuthToken)
 * ```
 *
 * A token that may pass: `req.auth` is a {@link VerifiedToken} and `next()` is called. Any other request is answered,
 * in plain text: 401 without a token or with one that is not for this API, 500 with one that is broken or when the
 * signing keys cannot be fetched (README.md has the table). A configuration that cannot be used: 500, and the
 * {@link AuthError} with code `ERR_CONFIG` goes to `console.error`.
 *
 * By default every application of the tenant can get a token for your API. See README.md, "Who may call".
 */
export const checkAuthToken: RequestHandler & {
  /**
   * What verifies the tokens: for `preload()`, `stats()` and `authenticate()`.
   *
   * @throws {AuthError} `ERR_CONFIG` when the environment configures none
   */
  readonly verifier: Verifier
}

/**
 * The middleware for one configuration.
 *
 * @throws {AuthError} `ERR_CONFIG` when an option cannot be used or when it is not known whose tokens to accept, or for whom
 */
export function createCheckAuthToken(options?: Options): RequestHandler & {
  /** What verifies the tokens: for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** With the option `resourceMetadata`: serves the document of RFC 9728, and answers preflights. Mount it for all methods. */
  readonly resourceMetadata?: RequestHandler
}

/**
 * A verifier without HTTP, for anything that is not Express.
 *
 * @throws {AuthError} `ERR_CONFIG`, as {@link createCheckAuthToken}
 */
export function createVerifier(options?: Options): Verifier

/**
 * Middleware as Express 4 and 5, Connect, Polka and plain `node:http` call it. It throws nothing of its own. What `next()`
 * throws is thrown to the caller; where a key had to be fetched first, the promise that is returned then rejects with it.
 * `req.auth` is set to a {@link VerifiedToken}; see `entra-jwt-verify/express` for its type in Express.
 */
export type RequestHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void
) => void | Promise<void>

/**
 * The guards, in the form of one framework; every entry of this package has them. Each admits callers that meet its requirement,
 * and rejects others as the middleware in front of it does: 403 `Forbidden`, `insufficient_scope`, or the framework's error.
 * Without the middleware, every request is rejected.
 *
 * Each throws an {@link AuthError} with code `ERR_CONFIG` where it would require nothing.
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
   * Users with any of the scopes, and applications that act for themselves (`isAppOnly`) with any of the roles. App roles of a
   * user do not stand in for a scope.
   */
  requireScopeOrRole(anyOf: { scopes: readonly string[]; roles: readonly string[] }): Guard
  /** These client applications. GUIDs compare without case, anything else exactly. */
  requireClient<T extends readonly string[]>(...ids: NonEmpty<T>): Guard
  /**
   * Members of any of these groups, by id (`groups`). A user in more groups than a token holds gets 403 with the reason
   * `groups-overage`, or what `onOverage` decides: it resolves to `true` for a member, and asks Microsoft Graph for that.
   */
  requireGroup<T extends readonly string[]>(...ids: NonEmpty<T>): Guard
  requireGroup(
    ...idsAndOptions: [id: string, ...ids: string[], options: { onOverage: (auth: VerifiedToken) => Promise<boolean> }]
  ): Guard
  /**
   * An authentication context of Conditional Access, `c1` to `c99` (`acrs`). A caller without it gets the challenge of
   * `claimsChallenge`.
   */
  requireAuthContext(id: string): Guard
  /** Applications that act for themselves. */
  requireAppOnly(): Guard
  /** Applications that act for a user. */
  requireDelegated(): Guard
  /**
   * Continuous access evaluation: rejects the request and tells the client which claims to ask Entra for
   * (`insufficient_claims`), if the client declared that it understands (`xms_cc` holds `cp1`, in whatever case); else 403.
   * `requireAuthContext` does so by itself.
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

/** Strings, of which there has to be one at least: a guard that demands nothing would admit every caller. */
export type NonEmpty<T extends readonly string[]> = T extends readonly [] ? [name: string, ...string[]] : T

/** Verifies tokens. Made by {@link createVerifier}; verifiers with the same source of keys share them. */
export class Verifier {
  private constructor()

  /**
   * Verifies a token; waits where a key has to be fetched first.
   *
   * @param token the compact serialization, without `Bearer`
   * @throws {AuthError} rejects with the first rule that the token breaks, or `ERR_KEYS_UNAVAILABLE`
   */
  verify(token: string, options?: VerifyOptions): Promise<VerifiedToken>

  /**
   * Verifies a token without waiting.
   *
   * @throws {AuthError} as `verify`; `ERR_KEYS_UNAVAILABLE` when a key would have to be fetched first. The fetch has then
   * begun, so that a later call may succeed
   */
  verifySync(token: string, options?: VerifyOptions): VerifiedToken

  /**
   * Verifies the token of a request: of `node:http` or a framework on top of it, a fetch `Request`, an event of AWS Lambda, or
   * anything else that has `headers` (a fetch `Headers`, a `Map`, or an object whose names compare without case) or, as some
   * gateways have it, `multiValueHeaders` instead. Reads the `Authorization` header, or what the option `getToken` returns.
   *
   * @throws {AuthError} rejects as `verify`, with `ERR_TOKEN_MISSING` where there is no token, and with `ERR_CONFIG` for what
   * has no headers
   */
  authenticate(
    request: { readonly headers: object | null } | { readonly multiValueHeaders: object | null }
  ): Promise<VerifiedToken>

  /**
   * Runs every check on a token, also after the first that fails, and says for each what was expected, what was found and
   * what to do. Waits where keys have to be fetched. For people who look for what is wrong; it shows claims that are judged,
   * never the token.
   *
   * @throws {AuthError} rejects with `ERR_TOKEN_MALFORMED` for what is no string
   */
  explain(token: string, options?: VerifyOptions): Promise<Explanation>

  /**
   * Fetches the signing keys now, for a process that does not want its first request to wait.
   *
   * @throws {AuthError} rejects with `ERR_KEYS_UNAVAILABLE` when that fails
   */
  preload(): Promise<void>

  /** The cached signing keys, public parts only, for the option `initialKeys` of a later process. */
  exportKeys(): ExportedKeys

  /**
   * Merges a key set that the application fetched, by the rules and limits of an answer of the authority:
   * for processes that reach the authority only through an agent, a mock or a mesh of theirs. With `jwksUri: false` nothing
   * is fetched at all, and keys stay for `keys.retention`, those of the newest set for at least 24 h: call it at the start,
   * and then at least once an hour.
   *
   * Verifiers that would fetch the same keys in the same way share them, also across worker threads, and so what one of them is
   * given: only its options `jwksUri`, `ca`, `proxy`, `keys`, `initialKeys` and those that say where the keys are tell them
   * apart. With `jwksUri: false` only verifiers with the same options share keys: call `updateKeys` on each other one.
   *
   * Where several tenants are accepted, v1 and v2 tokens have keys of their own: entries with `issuer` (those of
   * `/discovery/v2.0/keys`) are for v2 tokens, the others for v1 tokens.
   *
   * With `authorities`, `authority` says whose keys they are: the option of this name, or the URL that `stats()` shows.
   *
   * @throws {AuthError} 'ERR_CONFIG' when the set has no usable key, with the option `jwks`, where the issuer is only known from
   * metadata that was not fetched yet, and where it is not clear whose keys they are
   */
  updateKeys(jwks: { readonly keys: readonly object[] }, options?: { readonly authority?: string }): void

  /** Keys and tokens at hand, and what happened so far. Keys are shared: so are their counts. */
  stats(): Stats
}

/** A token, explained. */
export interface Explanation {
  /** What `verify` says; `unknown` when the keys cannot be fetched, or not yet again. */
  readonly verdict: 'valid' | 'refused' | 'unknown'
  /** Why it is not valid: the code of the first check that failed. */
  readonly code?: AuthErrorCode | undefined
  readonly message?: string | undefined
  /** With the option `authorities`: the one that judged the token, as a URL; `undefined` where it is none of theirs. */
  readonly authority?: string | undefined
  /** The checks that the configuration asks for, in the order in which `verify` makes them. */
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
  /** What passes. */
  readonly expected?: string
  /** What the token has. */
  readonly found?: string
  /** What to do, or why it was not reached. */
  readonly hint?: string
}

/** Something that a token was recognised as. */
export interface Finding {
  /** Stable name. */
  readonly name: string
  /** Names of the checks that it explains; none where it is a warning about a valid token. */
  readonly checks: readonly string[]
  readonly message: string
  readonly hint: string
}

/** What `exportKeys()` returns, and `initialKeys` takes. Public keys only. */
export interface ExportedKeys {
  readonly keys: readonly object[]
  /** The issuer, where it is only known from the authority's metadata. */
  readonly issuer?: string | undefined
  /** With `authorities`, in place of `keys`: those of each, by the URL that `stats()` shows. */
  readonly authorities?: {
    readonly [authority: string]: { readonly keys: readonly object[]; readonly issuer?: string }
  }
}

/** What `stats()` tells. Counts are since the keys' first use in this process. */
export interface Stats extends KeyStats {
  /** With the option `authorities`: the same for each, in its order. */
  readonly authorities?: readonly (KeyStats & { readonly authority: string })[]
  /** Tokens that were verified before. A token that waits for its key is one miss. */
  readonly tokenCache: { readonly entries: number; readonly hits: number; readonly misses: number }
}

/** Signing keys and their fetches. */
export interface KeyStats {
  /** Signing keys at hand. Empty with static keys, and before the first fetch. */
  readonly keys: readonly { readonly kid: string; readonly lastSeen: Date }[]
  /** When keys were last fetched. */
  readonly lastSuccess: Date | undefined
  /** When that last failed, and why. */
  readonly lastFailure:
    | { readonly at: Date; readonly cause: string; readonly reason: KeysUnavailableReason }
    | undefined
  /** Fetches that began. */
  readonly fetches: number
  /** Fetches that failed. */
  readonly failures: number
  /** Requests that got a key from a set whose refresh was due. */
  readonly staleServes: number
  /**
   * Seconds by which this host's clock is ahead of the authority's, negative where it is behind: by the `Date` of the newest
   * answer, to about a second. `undefined` before the first answer, and once the clock was set since.
   */
  readonly secondsAheadOfAuthority: number | undefined
}

/**
 * Why signing keys are not available: the name cannot be resolved, the connection or TLS failed, a proxy is in the way, a time
 * has passed, the authority answered another status (`redirect`, `throttled`: 429, `server-error`: 5xx, `http-status`: any
 * other), the answer or the metadata is not what it should be. `not-given`: with `jwksUri: false`, before `updateKeys`.
 * `pending`: `verifySync` does not wait for the fetch that is under way.
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
 * What is published on the `diagnostics_channel` `entra-jwt-verify:keys`: the end of a fetch of keys. Told with the next
 * verdict, since nothing here has a timer.
 */
export interface KeysMessage {
  readonly succeeded: boolean
  readonly at: Date
  /** Keys at hand, where it succeeded. */
  readonly keys?: number
  /** Why it failed, where it did. */
  readonly cause?: string
  /** The same as a stable word. */
  readonly reason?: KeysUnavailableReason
}

/**
 * What is published on the `diagnostics_channel` `entra-jwt-verify:verify`: a verdict, without the token. A request
 * without one has a verdict too.
 */
export interface VerifyMessage {
  readonly verified: boolean
  /** Why it was refused. */
  readonly code?: AuthErrorCode
  /** Name of the claim that was refused. */
  readonly claim?: string
  /** See {@link AuthError.reason}. */
  readonly reason?: string
  /** What to do about it, for the developer. */
  readonly hint?: string
  /** Whether it had to wait for keys. */
  readonly waited: boolean
}

export interface VerifyOptions {
  /** The instant at which `exp` and `nbf` are judged. Default: now. */
  currentDate?: Date | undefined
}

/**
 * A verified token: the proof that a verifier of this package accepted it. Header and claims are decoded when they are first
 * read, and frozen; their objects inherit only `hasOwnProperty`, so that `claims.toString` is a claim or `undefined`. Requests
 * with the same token may share them.
 *
 * Its properties are getters: a spread copy (`{ ...req.auth }`) has none of them, and guards reject it. Printing it or
 * converting it to JSON shows who calls and with which permissions, never the token.
 */
export class VerifiedToken {
  private constructor()
  /** The token as it came, for calling on behalf of the user. A secret: do not log it. */
  readonly token: string
  /** The JOSE header. */
  readonly header: JoseHeader
  /** All claims. */
  readonly claims: Claims
  /** `tid`: the tenant's id, a GUID. `undefined` only with the options `issuer` or `authority`. */
  readonly tenantId: string | undefined
  /**
   * The application that asked for the token. Entra: `appid` of v1, `azp` of v2 tokens. Elsewhere `azp`, `appid` or `client_id`;
   * `undefined` there, and for a token that names its client only in the claim of the other version. The option `allowedClients`
   * compares the same.
   */
  readonly clientId: string | undefined
  /** `roles`: app roles of the application or the user. Empty without the claim. */
  readonly roles: readonly string[]
  /** `scp`, split: delegated permissions; of other issuers than Entra also `scope`. Empty without the claim. */
  readonly scopes: readonly string[]
  /** `exp`: when the token expires, in seconds since 1970. */
  readonly expiresAt: number
  /**
   * Whether the application acts for itself: `idtyp` is `app`; without `idtyp`, `oid` equals `sub` and there is no `scp`. Of
   * other issuers than Entra, which write the user into both: `idtyp`, or a client that proved itself (`azpacr`, `appidacr` 1 or
   * 2) and no scope.
   */
  readonly isAppOnly: boolean
  /**
   * Whether the caller is an agent identity of Microsoft Entra Agent ID, acting for itself or for a user: `xms_act_fct` has the
   * facet 11 (Microsoft, "Token claims reference for agents"). For logs and policies of your own; an agent needs the same
   * roles and scopes as any other caller.
   */
  readonly isAgent: boolean
  /**
   * Whether the user is in more groups than a token holds, so that `groups` is missing: ask Microsoft Graph
   * (`hasgroups`, or `groups` among `_claim_names`).
   */
  readonly hasGroupsOverage: boolean
  hasRole(role: string): boolean
  hasScope(scope: string): boolean
  /** Who calls and with which permissions, without the token. */
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

/** Claims of an Entra access token. Times are in seconds since 1970. */
export interface Claims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly nbf?: number
  readonly iat?: number
  readonly sub?: string
  readonly jti?: string
  /** Version of the token. */
  readonly ver?: '1.0' | '2.0'
  /** Tenant. */
  readonly tid?: string
  /** Object id of the user or the service principal. */
  readonly oid?: string
  /** Client of a v1 token. */
  readonly appid?: string
  /** How the client of a v1 token proved itself: `0` not at all, `1` secret, `2` certificate. */
  readonly appidacr?: string
  /** Client of a v2 token. */
  readonly azp?: string
  /** How the client of a v2 token proved itself. */
  readonly azpacr?: string
  /** `app` in app-only tokens, where the API asks for this optional claim. */
  readonly idtyp?: string
  /** Delegated permissions, separated by spaces. */
  readonly scp?: string
  /** App roles. */
  readonly roles?: readonly string[]
  readonly [claim: string]: unknown
}

export type Algorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512'

/** Whose tokens are accepted, for whom, from whom and signed how: the options that may differ from authority to authority. */
export interface AuthorityOptions {
  /**
   * Whose tokens: the tenant's id (a GUID), one of its verified domains (resolved through metadata), or `common`,
   * `organizations` or `consumers` together with `allowedTenants`. The tenant that a domain resolves to first counts for the life
   * of the process. Environment: `ENTRA_TENANT_ID`, `AZURE_TENANT_ID`.
   */
  tenantId?: string | undefined
  /**
   * The API's own application id; for Entra a GUID. Also sent as `?appid=` when keys are fetched, so that applications with
   * custom signing keys work. Environment: `ENTRA_CLIENT_ID`, `AZURE_CLIENT_ID`.
   */
  clientId?: string | undefined
  /**
   * For whom: accepted values of `aud`, any of them. Application ids compare without case, one trailing slash of a URI is
   * ignored, and `spn:` before an application id in a v1 token is ignored. Default: `clientId` and `api://{clientId}`.
   * Environment: `ENTRA_AUDIENCE`, `AZURE_AUDIENCE`, separated by commas.
   */
  audience?: string | readonly string[] | undefined
  /**
   * Origin of the cloud, of External ID (`https://<tenant id or name>.ciamlogin.com`), or of a test authority.
   * Of Bleu, Delos, GovSG and login-us only v2 tokens are accepted. Default: `https://login.microsoftonline.com`. HTTPS, plain HTTP only for a loopback address. Environment: `ENTRA_AUTHORITY_HOST`,
   * `AZURE_AUTHORITY_HOST`.
   */
  authorityHost?: string | undefined
  /**
   * A whole authority in place of `tenantId` and `authorityHost`: External ID (`https://contoso.ciamlogin.com/<tenant>/v2.0`, or
   * a domain of its own with the tenant's id in the path), B2C (`https://contoso.b2clogin.com/<tenant>/<policy>/v2.0`), or any
   * OIDC issuer, read through discovery. The URL of its metadata is understood, and B2C's `?p=<policy>`. Entra's own and External
   * ID are judged by Entra's rules; of others, tenant, client and kind of token are not judged. Environment: `ENTRA_AUTHORITY`.
   */
  authority?: string | undefined
  /**
   * Ids of the tenants whose tokens are accepted, or `'*'` for every tenant. Default: that of `tenantId`. Required with
   * `common`, `organizations` and `consumers`. Personal accounts are among `'*'` only with `common` and `consumers`.
   */
  allowedTenants?: '*' | readonly string[] | undefined
  /** Accepted clients, by id, as {@link VerifiedToken.clientId} has it; for Entra GUIDs. Default: any. */
  allowedClients?: readonly string[] | undefined
  /** App roles of which every caller needs one. Default: none. */
  requiredRoles?: readonly string[] | undefined
  /** Delegated permissions, as `scp` has them, of which every caller needs one. Together with `requiredRoles`, both are needed. Default: none. */
  requiredScopes?: readonly string[] | undefined
  /**
   * Accepted `iss`, compared exactly. One of Entra's, of whatever cloud or of External ID, narrows what is accepted to tokens of
   * that tenant and version. Any other replaces the rules of Entra: tenant, client and kind of token are then not judged.
   * Default: the issuers of `tenantId` at `authorityHost`.
   */
  issuer?: string | undefined
  /** Accepted `alg`. Default: `['RS256']`, what Entra signs with. */
  algorithms?: readonly Algorithm[] | undefined
  /**
   * Keys to start with, from `verifier.exportKeys()`: they are refreshed like any others, so that a deployment survives an outage
   * of the authority.
   */
  initialKeys?: ExportedKeys | undefined
  /** Keys that are known beforehand (RFC 7517): nothing is fetched, ever. */
  jwks?: { readonly keys: readonly object[] } | undefined
  /**
   * Another URL to fetch keys from. HTTPS, plain HTTP only for a loopback address. `false`: nothing is fetched and no
   * connection is opened, all keys come from `updateKeys`.
   */
  jwksUri?: string | false | undefined
  /** How keys are fetched and kept, in seconds. */
  keys?:
    | {
        /** Age at which keys are refreshed in the background, 1 to 2 592 000; spread by ± 10 %. Default: 3600. */
        refreshInterval?: number | undefined
        /** How long a key stays that newer answers lack, 0 to 2 592 000; 0 replaces all keys with each answer. Default: 86 400. */
        retention?: number | undefined
        /**
         * Longest pause between fetches that tokens with unknown keys cause, 1 to 86 400. After quiet times the pause is
         * 1 s and doubles; a fetch that brings a new key ends it. In the long run there is one such fetch per `cooldown`.
         * Default: 30.
         */
        cooldown?: number | undefined
        /** For one fetch, all in all, 0.1 to 60; two fifths of it for connecting. Default: 5. */
        timeout?: number | undefined
      }
    | undefined
  /**
   * Certificates to trust in addition to those Node trusts, PEM: certificate authorities, or a server's own self-signed
   * certificate.
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined
}

/** An explicit option wins over its environment variable. A name that is not here is an error. */
export interface Options extends AuthorityOptions {
  /**
   * Several authorities, 8 at most: two B2C user flows, a workforce and an External ID tenant, two clouds, an old and a new
   * tenant, another OIDC issuer beside Entra. A token is judged by the one whose issuer it names, by that one alone; where several
   * have that issuer, by the user flow in `tfp` or `acr`, and then by the key. Options that stand outside count for each
   * authority that does not have them itself. Environment variables are not read.
   */
  authorities?: readonly AuthorityOptions[] | undefined
  /** Seconds by which `exp` and `nbf` may be missed, 0 to 300. Default: 0. */
  clockTolerance?: number | undefined
  /** Bytes of the longest token that is looked at, 256 to 1 048 576. Default: 16 384. */
  maxTokenLength?: number | undefined
  /**
   * Tokens that are bound to a key (`cnf`): `refuse` them (default), accept them only with the TLS client certificate that they are
   * bound to (`mtls`, RFC 8705), or `ignore` the binding. `verify` and `verifySync`, which see no connection, refuse them with
   * `mtls` too.
   */
  boundTokens?: 'refuse' | 'mtls' | 'ignore' | undefined
  /**
   * With `boundTokens: 'mtls'`: the header in which a trusted proxy hands over the client's certificate, in place of that of the
   * connection. The proxy has to remove what clients send under this name.
   */
  clientCertificateHeader?: string | undefined
  /**
   * Verified tokens that are remembered, 1 to 1 000 000, of 4096 bytes each (longer ones count for more); expiry and key are
   * checked again at each use. `false`: none. Default: 1000.
   */
  tokenCache?: number | false | undefined
  /**
   * Forward proxy for HTTPS, `http://host:port` or `https://host:port`; `false` for none. Used for every host.
   * Default: `https_proxy` or `HTTPS_PROXY`, except for the hosts in `no_proxy` or `NO_PROXY`.
   */
  proxy?: string | false | undefined
  /**
   * How rejected requests are answered. `classic` (default): plain text, as the common hand-written middleware answers.
   * `rfc6750`: status and `WWW-Authenticate` of RFC 6750, JSON `{ error, error_description }`, 503 with `Retry-After` when keys
   * cannot be fetched, or not yet again. `next`: `next(error)` with an {@link AuthError}, for Express's error handler; the response's status and
   * headers are set before. (polka 0.5 needs an `onError` of your own then: its default takes any `code` for a status.) A
   * function answers itself. Its `next` hands on the error also where it is called without one; what it throws, or rejects
   * with, is passed to `next` as well, or answered with 500 where `next` takes no error.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    // biome-ignore lint/suspicious/noExplicitAny: requests and responses are the framework's.
    | ((error: AuthError, req: any, res: any, next: (error?: unknown) => void) => unknown)
    | undefined
  /**
   * `true`: a request without a token passes, with `req.auth` undefined. One with a bad token never does. Guards reject requests
   * without a token. Default: `false`.
   */
  optional?: boolean | undefined
  /**
   * Returns the token of a request, or `undefined`: from a cookie, from another header, from a WebSocket's subprotocol. Replaces
   * the `Authorization` header, which is then not read. Called synchronously. Default: the `Authorization` header.
   */
  // biome-ignore lint/suspicious/noExplicitAny: requests are the framework's.
  getToken?: ((request: any) => string | undefined) | undefined
  /**
   * Protected resource metadata (RFC 9728), for clients such as those of MCP: adds `resource_metadata` to challenges, and the
   * middleware gets a handler `resourceMetadata` that serves the document. `resource`: the API's own URL. `url`: where
   * the document is, by default `/.well-known/oauth-protected-resource` of it. `scopes`: what a client has to ask for; the App ID
   * URI is put before short ones, and a 401 names them. `authorizationServers`: others than the authority.
   */
  resourceMetadata?:
    | {
        resource: string
        url?: string | undefined
        scopes?: readonly string[] | undefined
        authorizationServers?: readonly string[] | undefined
        name?: string | undefined
        documentation?: string | undefined
      }
    | undefined
  /**
   * Where the reasons of rejections go. What is answered with 500 or 503: `error('Error in checkAuthToken: ', error)`, at most
   * once a second for each code. What is answered with another status: `warn(line)`, if there is a `warn`, at most once a minute
   * for each code and reason. Loggers that take an object first (pino, bunyan) get `({ err, code, hint }, message)` and
   * `({ code, status, claim, reason }, line)`. `false`: nowhere. Default: `console`.
   */
  logger?: Logger | false | undefined
}

/** What the option `logger` takes: `console`, pino, bunyan, winston and their like. */
export interface Logger {
  error(...parts: unknown[]): unknown
  warn?(...parts: unknown[]): unknown
}

/** Why a token, a request or an option was refused. A rejected token's error has no stack: it is not a defect. */
export class AuthError extends Error {
  private constructor()
  readonly name: 'AuthError'
  /** What happened. Stable: this, not the message, is what to compare. */
  readonly code: AuthErrorCode
  /** Status that RFC 6750 has for it. The classic contract answers some of them otherwise. */
  readonly status: 400 | 401 | 403 | 500 | 503
  /** The same, by the name that other error handlers read. */
  readonly statusCode: 400 | 401 | 403 | 500 | 503
  /** Whether the message may be shown to the caller: `false` from 500 on. */
  readonly expose: boolean
  /** Headers that belong to the status: `WWW-Authenticate` or `Retry-After` (seconds). */
  readonly headers: Readonly<Record<string, string>>
  /** What to do about it, for the developer. */
  readonly hint: string
  /** Name of the claim that was refused, where it is one. */
  readonly claim?: string | undefined
  /**
   * Stable finer word where one code stands for several cases, such as `missing` or `ill-typed`. For `ERR_KEYS_UNAVAILABLE`
   * a {@link KeysUnavailableReason}.
   */
  readonly reason?: string | undefined
  /** For logs and answers: without the hint and the stack. */
  toJSON(): {
    name: 'AuthError'
    code: AuthErrorCode
    status: number
    message: string
    claim: string | undefined
    reason: string | undefined
  }
  /** The answer of RFC 6750 as a fetch `Response`: status, challenge, JSON body. */
  toResponse(): Response
}

/**
 * | code | what happened |
 * |---|---|
 * | `ERR_CONFIG` | an option cannot be used |
 * | `ERR_TOKEN_MISSING` | no bearer token |
 * | `ERR_TOKEN_MALFORMED` | not a signed JWT |
 * | `ERR_TOKEN_ALGORITHM` | `alg` is not among `algorithms` |
 * | `ERR_TOKEN_KEY_UNKNOWN` | no such signing key, or not one for this token |
 * | `ERR_TOKEN_SIGNATURE` | the signature does not fit |
 * | `ERR_TOKEN_EXPIRED` | `exp` has passed or is missing |
 * | `ERR_TOKEN_NOT_ACTIVE` | `nbf` has not come |
 * | `ERR_TOKEN_AUDIENCE` | for another API |
 * | `ERR_TOKEN_ISSUER` | from another issuer |
 * | `ERR_TOKEN_TENANT` | from another tenant, or at odds with itself about it |
 * | `ERR_TOKEN_CLAIM` | a claim has the wrong type |
 * | `ERR_TOKEN_USE` | not an access token, or one that is bound to a key |
 * | `ERR_TOKEN_GRAPH` | for Microsoft Graph, which alone can verify it |
 * | `ERR_TOKEN_POLICY` | client, role or scope is not what is asked for |
 * | `ERR_KEYS_UNAVAILABLE` | the signing keys cannot be fetched just now |
 * | `ERR_INTERNAL` | a defect of this package, contained; or `getToken`, `onOverage` or the clock of the application failed |
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
