import type { Context, MiddlewareHandler } from 'hono'
import type { AuthError, Guards, Options, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

/**
 * Hono middleware that admits requests whose `Authorization: Bearer` token is an access token of your Entra tenant for your API.
 * Configured from the environment at the first request.
 *
 * ```js
 * app.use(checkAuthToken)
 * app.get('/tasks', requireRole('Task.Read'), (c) => c.json({ caller: c.var.auth.clientId }))
 * ```
 */
export const checkAuthToken: CheckAuthToken

/**
 * The middleware for one configuration.
 *
 * @throws {AuthError} `ERR_CONFIG` when an option cannot be used or when it is not known whose tokens to accept, or for whom
 */
export function createCheckAuthToken(options?: HonoOptions & { optional?: false | undefined }): CheckAuthToken
export function createCheckAuthToken(options: HonoOptions): CheckAuthToken<VerifiedToken | undefined>

/** Hono middleware that sets the variable `auth`. */
export interface CheckAuthToken<Auth extends VerifiedToken | undefined = VerifiedToken>
  extends MiddlewareHandler<{ Variables: { auth: Auth } }> {
  /** What verifies the tokens: for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** With the option `resourceMetadata`: serves the document of RFC 9728, and answers preflights. Mount it with `app.all`. */
  readonly resourceMetadata?: (c: Context) => Response
}

/** The options of the main entry, with Hono's context in place of requests and responses. */
export interface HonoOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with the context: `(c) => getCookie(c, 'token')`. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever environment.
  getToken?: ((c: Context<any>) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: with an exception for
   * `app.onError`, an {@link AuthError} that has `status` and, as Hono's `HTTPException`, `getResponse()`. Hono's own error handler
   * answers with that. A function returns the response; where it returns none, the error is thrown.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    // biome-ignore lint/suspicious/noExplicitAny: of whatever environment.
    | ((error: AuthError, c: Context<any>) => Response | undefined | Promise<Response | undefined>)
    | undefined
}

/** Middleware for routes behind {@link checkAuthToken}: behind it, `c.var.auth` is a verified token. */
export type Guard = MiddlewareHandler<{ Variables: { auth: VerifiedToken } }>

/** See {@link Guards.requireRole}. */
export const requireRole: Guards<Guard>['requireRole']
/** See {@link Guards.requireScope}. */
export const requireScope: Guards<Guard>['requireScope']
/** See {@link Guards.requireScopeOrRole}. */
export const requireScopeOrRole: Guards<Guard>['requireScopeOrRole']
/** See {@link Guards.requireClient}. */
export const requireClient: Guards<Guard>['requireClient']
/** See {@link Guards.requireGroup}. */
export const requireGroup: Guards<Guard>['requireGroup']
/** See {@link Guards.requireAuthContext}. */
export const requireAuthContext: Guards<Guard>['requireAuthContext']
/** See {@link Guards.requireAppOnly}. */
export const requireAppOnly: Guards<Guard>['requireAppOnly']
/** See {@link Guards.requireDelegated}. */
export const requireDelegated: Guards<Guard>['requireDelegated']
/** See {@link Guards.claimsChallenge}. */
export const claimsChallenge: Guards<Guard>['claimsChallenge']
