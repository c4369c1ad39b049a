import type { Options, RequestHandler, ResourceMetadata, VerifiedToken, Verifier } from './index.js'

export {
  AuthError,
  claimsChallenge,
  createVerifier,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  VerifiedToken,
  Verifier
} from './index.js'

/**
 * Protects an MCP server of `@modelcontextprotocol/sdk` on Express 5 or 4, or on `node:http`.
 *
 * ```js
 * const auth = protectMcp({ resource: 'https://api.example/mcp', scopes: ['Task.Read'] })
 * app.use(auth)
 * ```
 *
 * All routes behind it are protected. Requests without a valid token get the challenge that MCP clients expect. It names the
 * URL of the protected resource metadata (RFC 9728), which is served too and tells clients where to get a token. Tools find the
 * caller in `extra.authInfo`; see {@link authOf}. If you mount it under a path, mount the metadata at the root:
 * `app.use(auth.resourceMetadata)`.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid
 */
export function protectMcp(options?: McpOptions): McpProtection
/** Alias of {@link protectMcp}, the name in the other entries. */
export function createCheckAuthToken(options?: McpOptions): McpProtection

/**
 * {@link protectMcp}, configured from the environment at the first request: `ENTRA_RESOURCE`, `ENTRA_SCOPES`, and the variables
 * of the other entries.
 */
export const checkAuthToken: RequestHandler & { readonly verifier: Verifier }

/** The options of the other entries, and those for MCP. */
export interface McpOptions extends Omit<Options, 'resourceMetadata'> {
  /**
   * The URL of the MCP server that clients use. Clients send it to Entra, which issues a token only if it is an Application ID
   * URI of the API (else AADSTS9010010). Environment: `ENTRA_RESOURCE`.
   */
  resource?: string | URL | undefined
  /**
   * The scopes that clients request from Entra, named in the metadata and the challenge; short names are prefixed with the App
   * ID URI. They are not enforced: use `requiredScopes`, `requiredRoles` or the guards for that. Environment: `ENTRA_SCOPES`,
   * space-separated.
   */
  scopes?: readonly string[] | undefined
  /**
   * `true`: a stream of server messages stays open after its token has expired. By default the stream ends then, whatever
   * `Accept` the client sent, and clients open a new one with a new token. Tool calls are never cut off.
   */
  keepStreams?: boolean | undefined
  /** Further members of the metadata. `resource` and `scopes` default to the options above. */
  resourceMetadata?: Partial<ResourceMetadata> | undefined
}

export interface McpProtection extends RequestHandler {
  /** The verifier, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** URL of the metadata, for `resourceMetadataUrl` of the SDK's `requireBearerAuth`. */
  readonly metadataUrl: string
  /**
   * Serves the metadata: as middleware (`app.use`) only at its own path, as a route handler (`app.all`) at the path of the route.
   */
  readonly resourceMetadata: RequestHandler
  /**
   * Makes this object usable as the `verifier` of the SDK's `requireBearerAuth`. The guards of this package work behind it too.
   *
   * @throws the SDK's `InvalidTokenError` or `InsufficientScopeError`, or `ServerError` if keys are unavailable; the `cause` of
   * each is an {@link AuthError}
   */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
}

/** The type of `req.auth` and `extra.authInfo`: a verified token that is also the SDK's `AuthInfo`. */
export type McpAuthInfo = VerifiedToken & {
  /** Empty only if the token has no client claim, which is possible for issuers other than Entra. */
  readonly clientId: string
  /** Frozen. Mutable in the type because the SDK's type is. */
  readonly scopes: string[]
  /** The option `resource`. */
  readonly resource: URL
  /** Frozen. */
  readonly extra: McpExtra
}

export type McpExtra = {
  readonly tenantId: string | undefined
  /** `oid`: the object id, in the tenant, of the user or (in app-only tokens) of the service principal. */
  readonly objectId: string | undefined
  readonly roles: readonly string[]
  readonly isAppOnly: boolean
  readonly isAgent: boolean
}

/**
 * Guards for single tools. Mount it after the body parser and before the transport. If a caller lacks the scope of a tool, the
 * challenge names it, and the client can ask the user for it.
 *
 * ```js
 * app.post('/mcp', express.json(), guardTools({ 'delete-task': requireScope('Task.Write') }), handle)
 * ```
 *
 * @throws {AuthError} `ERR_CONFIG` if there are no guards; on a request, if its body is JSON and was not parsed
 */
export function guardTools(guards: Readonly<Record<string, RequestHandler>>): RequestHandler

/**
 * Returns the verified token of a tool call, given the last argument of the tool's handler, or of a request.
 *
 * ```js
 * server.registerTool('delete-task', {}, (extra) => {
 *   if (!authOf(extra).hasRole('Task.Write')) throw new Error('Task.Write is required')
 * ```
 *
 * @throws {AuthError} `ERR_TOKEN_MISSING` if there is no token, or if it was not verified by this package
 */
export function authOf(context: object | undefined): VerifiedToken
