import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { AuthError, Guards, Options, ResourceMetadata, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified token; `null` on public routes and, with the option `optional`, for requests without a token. */
    auth: VerifiedToken | null
  }
  interface FastifyContextConfig {
    /** `false`: the route is public. Any other value has no effect. */
    auth?: boolean
  }
}

/**
 * Fastify plug-in that admits requests with a valid access token (`Authorization: Bearer`) issued by your Entra tenant for your API.
 * Configured from the environment when it is registered; options of `register` take precedence.
 *
 * ```js
 * fastify.register(checkAuthToken)
 * fastify.get('/tasks', { preHandler: requireRole('Task.Read') }, async (request) => ({ caller: request.auth.clientId }))
 * fastify.get('/health', { config: { auth: false } }, async () => 'ok')
 * ```
 *
 * It protects every route of the scope in which it is registered and of nested scopes, whether declared before or after it, and
 * also rejects requests for unknown routes.
 *
 * @throws {AuthError} `ERR_CONFIG`, from `ready()`, if an option is invalid, or if the tenant or the audience is not configured
 */
export const checkAuthToken: AuthPlugin<FastifyOptions & PluginOptions> & { readonly verifier: Verifier }

/**
 * Creates the plug-in from options.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid, or if the tenant or the audience is not configured
 */
export function createCheckAuthToken(
  options: FastifyOptions & { resourceMetadata: ResourceMetadata }
): CheckAuthToken & { readonly resourceMetadata: (request: AnyRequest, reply: AnyReply) => void }
export function createCheckAuthToken(options?: FastifyOptions): CheckAuthToken

/** Returned by {@link createCheckAuthToken}. */
export interface CheckAuthToken extends AuthPlugin<PluginOptions> {
  /** The verifier, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /**
   * With the option `resourceMetadata`: serves the RFC 9728 document and answers CORS preflights.
   *
   * ```js
   * fastify.route({
   *   method: ['GET', 'OPTIONS'],
   *   url: '/.well-known/oauth-protected-resource',
   *   config: { auth: false },
   *   handler: checkAuthToken.resourceMetadata
   * })
   * ```
   */
  readonly resourceMetadata?: (request: AnyRequest, reply: AnyReply) => void
}

/** Options of `fastify.register(checkAuthToken, options)`. */
export interface PluginOptions {
  /** `true`: fetches the signing keys before the application is ready; startup fails if the fetch fails. Default: `false`. */
  preload?: boolean | undefined
}

/** The options of the main entry, with Fastify's requests and replies. */
export interface FastifyOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with Fastify's request: `(request) => request.cookies.token`. */
  getToken?: ((request: AnyRequest) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: the application's error
   * handler (`setErrorHandler`) gets an {@link AuthError}; status and headers of the reply are set before. A function answers
   * as a handler does: with `reply.send` or its return value; an exception goes to the error handler.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    | ((error: AuthError, request: AnyRequest, reply: AnyReply) => unknown)
    | undefined
}

/** A Fastify plug-in for any server, logger and type provider. */
// biome-ignore lint/suspicious/noExplicitAny: any server, type provider and logger.
export type AuthPlugin<Options extends object> = FastifyPluginCallback<Options, any, any, any>

/** A Fastify request on any server. */
// biome-ignore lint/suspicious/noExplicitAny: any server, route and type provider.
export type AnyRequest = FastifyRequest<any, any, any, any, any, any, any>
/** A Fastify reply on any server. */
// biome-ignore lint/suspicious/noExplicitAny: any server, route and type provider.
export type AnyReply = FastifyReply<any, any, any, any, any, any, any>

/** A hook for routes behind {@link checkAuthToken}: `preHandler: requireRole('Task.Read')`; also `onRequest` or `preValidation`. */
export type Guard = (request: AnyRequest, reply: AnyReply, done: (error?: Error) => void) => void

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
