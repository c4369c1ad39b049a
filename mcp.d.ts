import type { Options, RequestHandler, VerifiedToken, Verifier } from './index.js'

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
 * What comes behind it is protected. Requests without a valid token are answered as MCP clients need it, and the protected
 * resource metadata (RFC 9728), which tells them where to get one, is served at the path that the answer names. Tools see who
 * calls in `extra.authInfo`; see {@link authOf}. Where it is not mounted at the root, mount the metadata there:
 * `app.use(auth.resourceMetadata)`.
 *
 * @throws {AuthError} `ERR_CONFIG` when an option cannot be used
 */
export function protectMcp(options?: McpOptions): McpProtection
/** {@link protectMcp}, by the name that the other entries have. */
export function createCheckAuthToken(options?: McpOptions): McpProtection

/**
 * {@link protectMcp}, configured from the environment at the first request: `ENTRA_RESOURCE`, `ENTRA_SCOPES`, and the variables
 * of the other entries.
 */
export const checkAuthToken: RequestHandler & { readonly verifier: Verifier }

/** The options of the other entries, and those of MCP. */
export interface McpOptions extends Omit<Options, 'resourceMetadata'> {
  /**
   * The URL of the MCP server, as clients have it. Clients send it to Entra, which gives no token unless it is an Application ID
   * URI of the API (AADSTS9010010). Environment: `ENTRA_RESOURCE`.
   */
  resource?: string | URL | undefined
  /**
   * What clients ask Entra for, in metadata and challenge; the App ID URI is put before short names. Callers without them are not
   * rejected: that is for `requiredScopes`, `requiredRoles` and the guards. Environment: `ENTRA_SCOPES`, separated by spaces.
   */
  scopes?: readonly string[] | undefined
  /**
   * `true`: a stream of the server's own messages stays open when the token that opened it has expired. By default it ends then,
   * and clients open another one with a new token. Calls of tools are never cut off.
   */
  keepStreams?: boolean | undefined
  /** More for the metadata. Its `resource` and `scopes` are those above. */
  resourceMetadata?: Partial<NonNullable<Options['resourceMetadata']>> | undefined
}

export interface McpProtection extends RequestHandler {
  /** What verifies the tokens: for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** Where the metadata is, for `resourceMetadataUrl` of the SDK's `requireBearerAuth`. */
  readonly metadataUrl: string
  /**
   * Serves the metadata. As a middleware (`app.use`) at its own path only, as a handler of a route (`app.all`) at that of the
   * route.
   */
  readonly resourceMetadata: RequestHandler
  /**
   * Makes it the `verifier` of the SDK's `requireBearerAuth`. Guards of this package work behind that as well.
   *
   * @throws the SDK's `InvalidTokenError`, `InsufficientScopeError`, and `ServerError` when keys are unavailable; the `cause` of
   * each is an {@link AuthError}
   */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
}

/** What `req.auth` and `extra.authInfo` are: a verified token, and the SDK's `AuthInfo`. */
export type McpAuthInfo = VerifiedToken & {
  /** Empty only for a token of another issuer than Entra that names no client. */
  readonly clientId: string
  /** Frozen. The type is that of the SDK. */
  readonly scopes: string[]
  /** The option `resource`. */
  readonly resource: URL
  /** Frozen. */
  readonly extra: McpExtra
}

export type McpExtra = {
  readonly tenantId: string | undefined
  /** `oid`: the object of the user, or of the application that acts for itself, in the tenant. */
  readonly objectId: string | undefined
  readonly roles: readonly string[]
  readonly isAppOnly: boolean
  readonly isAgent: boolean
}

/**
 * Guards for single tools, in front of the transport and behind the body parser: the scope that a tool wants is then a challenge,
 * with which the client asks its user for it.
 *
 * ```js
 * app.post('/mcp', express.json(), guardTools({ 'delete-task': requireScope('Task.Write') }), handle)
 * ```
 *
 * @throws {AuthError} `ERR_CONFIG` when it has no guards; for a request, when its body was not parsed
 */
export function guardTools(guards: Readonly<Record<string, RequestHandler>>): RequestHandler

/**
 * The verified token behind the call of a tool, from its last argument, or behind a request.
 *
 * ```js
 * server.registerTool('delete-task', {}, (extra) => {
 *   if (!authOf(extra).hasRole('Task.Write')) throw new Error('Task.Write is required')
 * ```
 *
 * @throws {AuthError} `ERR_TOKEN_MISSING` where there is none, or where what is there was not verified by this package
 */
export function authOf(context: object | undefined): VerifiedToken
