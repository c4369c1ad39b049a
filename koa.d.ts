import type { Context, Middleware } from 'koa'
import type { AuthError, Guards, Options, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

/** What the middleware puts into `ctx.state`: `new Koa<AuthState>()`, `new Router<AuthState>()`. */
export interface AuthState {
  /** The verified token; `undefined` with the option `optional` in requests without a token. */
  auth?: VerifiedToken | undefined
}

declare module 'koa' {
  interface DefaultState extends AuthState {}
}

/**
 * Koa middleware that admits requests whose `Authorization: Bearer` token is an access token of your Entra tenant for your API.
 * Configured from the environment at the first request.
 *
 * ```js
 * app.use(checkAuthToken)
 * router.get('/tasks', requireRole('Task.Read'), (ctx) => { ctx.body = { caller: ctx.state.auth.clientId } })
 * ```
 */
export const checkAuthToken: KoaMiddleware & { readonly verifier: Verifier }

/**
 * The middleware for one configuration.
 *
 * @throws {AuthError} `ERR_CONFIG` when an option cannot be used or when it is not known whose tokens to accept, or for whom
 */
export function createCheckAuthToken(options?: KoaOptions): KoaMiddleware & {
  /** What verifies the tokens: for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /**
   * With the option `resourceMetadata`: serves the document of RFC 9728, and answers preflights. Mount it for all methods, in
   * front: `router.all('/.well-known/oauth-protected-resource', checkAuthToken.resourceMetadata)`.
   */
  readonly resourceMetadata?: KoaMiddleware
}

/** The options of the main entry, with Koa's context in place of requests and responses. */
export interface KoaOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with the context: `(ctx) => ctx.cookies.get('token')`. */
  getToken?: ((ctx: Context) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: with an exception, an
   * {@link AuthError} as `ctx.throw` makes them; the context's status and headers are set before. A function answers itself, with
   * `ctx.status` and `ctx.body`. Its `next` rejects with the error, or with the one that it is given; where the function does not
   * answer, the error is thrown as well.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    | ((error: AuthError, ctx: Context, next: (error?: unknown) => Promise<never>) => unknown)
    | undefined
}

/** Middleware that sets `ctx.state.auth`. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever context and body.
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
