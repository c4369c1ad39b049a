import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { AuthError, Guards, Options, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified token; `null` on routes that are public, and with the option `optional` in requests without a token. */
    auth: VerifiedToken | null
  }
  interface FastifyContextConfig {
    /** `false`: the route is public. Any other value has no effect. */
    auth?: boolean
  }
}

/**
 * Fastify plug-in that admits requests whose `Authorization: Bearer` token is an access token of your Entra tenant for your API.
 * Configured from the environment when it is registered; options of `register` win over it.
 *
 * ```js
 * fastify.register(checkAuthToken)
 * fastify.get('/tasks', { preHandler: requireRole('Task.Read') }, async (request) => ({ caller: request.auth.clientId }))
 * fastify.get('/health', { config: { auth: false } }, async () => 'ok')
 * ```
 *
 * It protects every route of the scope in which it is registered and of the scopes inside it, declared before or after it, and
 * requests for routes that do not exist.
 *
 * @throws {AuthError} `ERR_CONFIG`, from `ready()`, when an option cannot be used or when it is not known whose tokens to accept
 */
export const checkAuthToken: AuthPlugin<FastifyOptions & PluginOptions> & { readonly verifier: Verifier }

/**
 * The plug-in for one configuration.
 *
 * @throws {AuthError} `ERR_CONFIG` when an option cannot be used or when it is not known whose tokens to accept, or for whom
 */
export function createCheckAuthToken(options?: FastifyOptions): AuthPlugin<PluginOptions> & {
  /** What verifies the tokens: for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /**
   * With the option `resourceMetadata`: serves the document of RFC 9728, and answers preflights.
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
  /** `true`: fetches the signing keys before the application is ready, and does not start where that fails. Default: `false`. */
  preload?: boolean | undefined
}

/** The options of the main entry, with Fastify's requests and replies. */
export interface FastifyOptions extends Omit<Options, 'getToken' | 'responses'> {
  /** As in the main entry; called with Fastify's request: `(request) => request.cookies.token`. */
  getToken?: ((request: AnyRequest) => string | undefined) | undefined
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: by the application's
   * error handler (`setErrorHandler`), which gets an {@link AuthError}; the reply's status and headers are set before. A function
   * answers itself, as a handler does: by `reply.send`, or with what it returns; what it throws goes to the error handler.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    | ((error: AuthError, request: AnyRequest, reply: AnyReply) => unknown)
    | undefined
}

/** A plug-in for Fastify on any server, with any logger and type provider. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever server, type provider and logger.
export type AuthPlugin<Options extends object> = FastifyPluginCallback<Options, any, any, any>

/** A request of Fastify on any server. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever server, route and type provider.
export type AnyRequest = FastifyRequest<any, any, any, any, any, any, any>
/** A reply of Fastify on any server. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever server, route and type provider.
export type AnyReply = FastifyReply<any, any, any, any, any, any, any>

/** A hook for routes behind {@link checkAuthToken}: `preHandler: requireRole('Task.Read')`, or `onRequest`, or `preValidation`. */
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
