import type { Context, Middleware } from 'koa'
import type { AuthError, Guards, Options, ResourceMetadata, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

/** The state that the middleware sets on `ctx.state`: `new Koa<AuthState>()`, `new Router<AuthState>()`. */
export interface AuthState {
  /** The verified token; with the option `optional`, `undefined` for requests without a token. */
  auth?: VerifiedToken | undefined
}

declare module 'koa' {
  interface DefaultState extends AuthState {}
}

/**
 * Koa middleware that admits requests with a valid access token (`Authorization: Bearer`) issued by your Entra tenant for your API.
 * Configured from the environment at the first request.
 *
 * ```js
 * app.use(checkAuthToken)
 * router.get('/tasks', requireRole('Task.Read'), (ctx) => { ctx.body = { caller: ctx.state.auth.clientId } })
 * ```
 */
export const checkAuthToken: KoaMiddleware & { readonly verifier: Verifier }

/**
 * Creates the middleware from options.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid, or if the tenant or the audience is not configured
 */
export function createCheckAuthToken(
  options: KoaOptions & { resourceMetadata: ResourceMetadata }
): CheckAuthToken & { readonly resourceMetadata: KoaMiddleware }
export function createCheckAuthToken(options?: KoaOptions): CheckAuthToken

/** Returned by {@link createCheckAuthToken}. */
export interface CheckAuthToken extends KoaMiddleware {
  /** The verifier, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /**
   * With the option `resourceMetadata`: serves the RFC 9728 document and answers CORS preflights. Mount it for all methods,
   * before the middleware: `router.all('/.well-known/oauth-protected-resource', checkAuthToken.resourceMetadata)`.
   */
  readonly resourceMetadata?: KoaMiddleware
}

/** The options of the main entry, with Koa's context instead of request and response. */
export interface KoaOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with the context: `(ctx) => ctx.cookies.get('token')`. */
  getToken?: ((ctx: Context) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: throws an
   * {@link AuthError} with the properties of a `ctx.throw` error; status and headers of the context are set before. A function
   * answers with `ctx.status` and `ctx.body`. Its `next` rejects with its argument, by default the error. If the function sets
   * no response, the error is thrown.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    | ((error: AuthError, ctx: Context, next: (error?: unknown) => Promise<never>) => unknown)
    | undefined
}

/** Middleware that sets `ctx.state.auth`. */
// biome-ignore lint/suspicious/noExplicitAny: any context and body.
export type KoaMiddleware = Middleware<AuthState, any, any>

/** See {@link Guards.requireRole}. */
export const requireRole: Guards<KoaMiddleware>['requireRole']
/** See {@link Guards.requireScope}. */
export const requireScope: Guards<KoaMiddleware>['requireScope']
/** See {@link Guards.requireScopeOrRole}. */
export const requireScopeOrRole: Guards<KoaMiddleware>['requireScopeOrRole']
/** See {@link Guards.requireClient}. */
export const requireClient: Guards<KoaMiddleware>['requireClient']
/** See {@link Guards.requireGroup}. */
export const requireGroup: Guards<KoaMiddleware>['requireGroup']
/** See {@link Guards.requireAuthContext}. */
export const requireAuthContext: Guards<KoaMiddleware>['requireAuthContext']
/** See {@link Guards.requireAppOnly}. */
export const requireAppOnly: Guards<KoaMiddleware>['requireAppOnly']
/** See {@link Guards.requireDelegated}. */
export const requireDelegated: Guards<KoaMiddleware>['requireDelegated']
/** See {@link Guards.claimsChallenge}. */
export const claimsChallenge: Guards<KoaMiddleware>['claimsChallenge']
