import type { Context, MiddlewareHandler } from 'hono'
import type { AuthError, Guards, Options, ResourceMetadata, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

/**
 * Hono middleware that admits requests with a valid access token (`Authorization: Bearer`) issued by your Entra tenant for your API.
 * Configured from the environment at the first request.
 *
 * ```js
 * app.use(checkAuthToken)
 * app.get('/tasks', requireRole('Task.Read'), (c) => c.json({ caller: c.var.auth.clientId }))
 * ```
 */
export const checkAuthToken: CheckAuthToken

/**
 * Creates the middleware from options.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid, or if the tenant or the audience is not configured
 */
export function createCheckAuthToken(
  options: HonoOptions & { optional?: false | undefined; resourceMetadata: ResourceMetadata }
): CheckAuthToken & { readonly resourceMetadata: (c: Context) => Response }
export function createCheckAuthToken(
  options: HonoOptions & { resourceMetadata: ResourceMetadata }
): CheckAuthToken<VerifiedToken | undefined> & { readonly resourceMetadata: (c: Context) => Response }
export function createCheckAuthToken(options?: HonoOptions & { optional?: false | undefined }): CheckAuthToken
export function createCheckAuthToken(options: HonoOptions): CheckAuthToken<VerifiedToken | undefined>

/** Hono middleware that sets the variable `auth`. */
export interface CheckAuthToken<Auth extends VerifiedToken | undefined = VerifiedToken>
  extends MiddlewareHandler<{ Variables: { auth: Auth } }> {
  /** The verifier, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** With the option `resourceMetadata`: serves the RFC 9728 document and answers CORS preflights. Mount it with `app.all`. */
  readonly resourceMetadata?: (c: Context) => Response
}

/** The options of the main entry, with Hono's context instead of request and response. */
export interface HonoOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with the context: `(c) => getCookie(c, 'token')`. */
  // biome-ignore lint/suspicious/noExplicitAny: any environment.
  getToken?: ((c: Context<any>) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: throws an
   * {@link AuthError} for `app.onError`, with `status` and `getResponse()` like Hono's `HTTPException`; Hono's default error
   * handler sends that response. A function returns the response; if it returns none, the error is thrown.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    // biome-ignore lint/suspicious/noExplicitAny: any environment.
    | ((error: AuthError, c: Context<any>) => Response | undefined | Promise<Response | undefined>)
    | undefined
}

/** Middleware for routes behind {@link checkAuthToken}. Handlers after it see a verified token in `c.var.auth`. */
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
