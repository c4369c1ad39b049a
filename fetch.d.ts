import type { AuthError, Guards, Options, ResourceMetadata, VerifiedToken, Verifier } from './index.js'

export { AuthError, createVerifier, VerifiedToken, Verifier } from './index.js'

/**
 * Verifies the access token of a fetch `Request`: in Next.js route handlers, Azure Functions, `Bun.serve`, `Deno.serve`, Remix,
 * SvelteKit, Hono's bare `fetch`, or any other handler that takes a `Request` and returns a `Response`. Configured from the
 * environment at the first request.
 *
 * ```js
 * const { auth, response } = await checkAuthToken(request)
 * if (response) return response
 * return Response.json({ caller: auth.clientId })
 * ```
 *
 * Exactly one of the two is set. **A handler that ignores `response` admits every caller**; {@link withAuth} makes that
 * mistake impossible.
 */
export const checkAuthToken: CheckAuthToken

/**
 * Creates the function from options.
 *
 * @throws {AuthError} `ERR_CONFIG` if an option is invalid, or if the tenant or the audience is not configured
 */
export function createCheckAuthToken(
  options: FetchOptions & { optional?: false | undefined; resourceMetadata: ResourceMetadata }
): CheckAuthToken & { readonly resourceMetadata: (request: { readonly method: string }) => Response }
export function createCheckAuthToken(
  options: FetchOptions & { resourceMetadata: ResourceMetadata }
): CheckAuthToken<true> & { readonly resourceMetadata: (request: { readonly method: string }) => Response }
export function createCheckAuthToken(options?: FetchOptions & { optional?: false | undefined }): CheckAuthToken
export function createCheckAuthToken(options: FetchOptions): CheckAuthToken<true>

/**
 * Wraps a handler so that it is only called with a verified token. The token is its second argument, after the request and
 * before the framework's other arguments: the context of Next.js, the `InvocationContext` of Azure Functions, the server of Bun.
 * Configured from the environment at the first request; for other options, use the `withAuth` of {@link createCheckAuthToken}.
 *
 * ```js
 * export const DELETE = withAuth(
 *   async (request, auth, { params }) => Response.json({ by: auth.clientId, id: (await params).id }),
 *   [requireRole('Task.Write')]
 * )
 * ```
 */
export const withAuth: WithAuth

/** Returned by {@link createCheckAuthToken}. */
export interface CheckAuthToken<Optional extends boolean = false> {
  /** Rejects if reading the request throws, and with an {@link AuthError} if `responses` is `next`. */
  (request: FetchRequest, guards: readonly [Guard, ...Guard[]]): Promise<Checked>
  (request: FetchRequest, guards?: readonly Guard[]): Promise<Checked<Optional>>
  /** See {@link withAuth}. */
  readonly withAuth: WithAuth<Optional>
  /** The verifier, for `preload()`, `stats()` and `authenticate()`. */
  readonly verifier: Verifier
  /** With the option `resourceMetadata`: answers a request for the document of RFC 9728, and its preflight. */
  readonly resourceMetadata?: (request: { readonly method: string }) => Response
}

/**
 * The result: the verified token, or the response that rejects the request. With the option `optional`, both are `undefined`
 * for a request without a token.
 */
export type Checked<Optional extends boolean = false> =
  | { readonly auth: VerifiedToken; readonly response: undefined }
  | { readonly auth: undefined; readonly response: Response }
  | (Optional extends true ? { readonly auth: undefined; readonly response: undefined } : never)

/** See {@link withAuth}. */
export interface WithAuth<Optional extends boolean = false> {
  <Req extends FetchRequest = Request, Rest extends unknown[] = [], Res = Response>(
    handler: (request: Req, auth: VerifiedToken, ...rest: Rest) => Res,
    guards: readonly [Guard, ...Guard[]]
  ): (request: Req, ...rest: Rest) => Promise<Awaited<Res> | Response>
  <Req extends FetchRequest = Request, Rest extends unknown[] = [], Res = Response>(
    handler: (
      request: Req,
      auth: Optional extends true ? VerifiedToken | undefined : VerifiedToken,
      ...rest: Rest
    ) => Res,
    guards?: readonly Guard[]
  ): (request: Req, ...rest: Rest) => Promise<Awaited<Res> | Response>
}

/** A `Request`, or another object with its `headers`, such as the `HttpRequest` of Azure Functions. */
export interface FetchRequest {
  readonly headers: { get(name: string): string | null }
}

/** The options of the main entry, with a fetch `Request` and `Response`. */
export interface FetchOptions extends Omit<Options, 'responses'> {
  /**
   * How rejected requests are answered: `classic` (default) and `rfc6750` as in the main entry. `next`: throws the
   * {@link AuthError}. A function returns the response; if it returns none, the error is thrown.
   */
  responses?:
    | 'classic'
    | 'rfc6750'
    | 'next'
    // biome-ignore lint/suspicious/noExplicitAny: requests are the framework's.
    | ((error: AuthError, request: any) => Response | undefined | Promise<Response | undefined>)
    | undefined
}

declare const guard: unique symbol

/** A requirement for {@link checkAuthToken} and {@link withAuth}; created by `requireRole` and the other guards. */
export interface Guard {
  readonly [guard]: true
}

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
