// What must compile with entra-jwt-verify/fetch, and what must not. Checked by tsc --strict; never run.
import { app, type HttpRequest, HttpResponse, type InvocationContext } from '@azure/functions'
import {
  AuthError,
  type Checked,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  type Guard,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  type VerifiedToken,
  withAuth
} from 'entra-jwt-verify/fetch'

/** As Next.js 15 and later type route handlers. */
type RouteHandler = (request: Request, context: { params: Promise<{ id: string }> }) => Promise<Response>

export const GET: RouteHandler = async (request, { params }) => {
  const { auth, response } = await checkAuthToken(request, [requireRole('Task.Read')])
  if (response) return response
  const caller: string | undefined = auth.clientId
  return Response.json({ caller, id: (await params).id })
}

export const DELETE: RouteHandler = withAuth(
  async (request, auth, { params }: { params: Promise<{ id: string }> }) => {
    const url: string = request.url
    return Response.json({ url, caller: auth.clientId, id: (await params).id })
  },
  [requireRole('Task.Write'), requireScope('Task.Write')]
)

// What a handler does not declare it need not be called with.
export const POST: (request: Request) => Promise<Response> = withAuth((_request, auth) => Response.json(auth))

app.http('tasks', {
  handler: withAuth(
    async (request: HttpRequest, auth, context: InvocationContext) => {
      context.log(auth.clientId, request.params.id)
      return { jsonBody: { caller: auth.clientId } }
    },
    [requireAppOnly()]
  )
})
app.http('mine', {
  handler: async (request: HttpRequest) => {
    const { auth, response } = await checkAuthToken(request)
    return response ?? new HttpResponse({ jsonBody: auth.roles })
  }
})

const optional = createCheckAuthToken({ optional: true })
export async function maybe(request: Request): Promise<string | Response> {
  const { auth, response } = await optional(request)
  if (response) return response
  // @ts-expect-error there may be no token
  String(auth.clientId)
  const known: Checked = await optional(request, [requireDelegated()])
  return known.auth?.clientId ?? auth?.clientId ?? 'anonymous'
}
optional.withAuth((_request, auth) => new Response(auth?.clientId))
// @ts-expect-error there may be no token
optional.withAuth((_request, auth) => new Response(auth.clientId))
// A guard admits verified tokens only.
optional.withAuth((_request, auth) => new Response(auth.clientId), [requireAppOnly()])
// @ts-expect-error whether the token is optional is known only when the program runs
createCheckAuthToken({ optional: Date.now() > 0 }).withAuth((_request, auth) => new Response(auth.clientId))

const guards: Guard[] = [
  requireRole('a', 'b'),
  requireScope('a'),
  requireScopeOrRole({ scopes: ['a'], roles: ['a'] }),
  requireClient('id'),
  requireGroup('id', { onOverage: async (auth) => auth.hasRole('a') }),
  requireAuthContext('c1'),
  claimsChallenge({ access_token: {} })
]
checkAuthToken({ headers: new Headers() }, guards)

const configured = createCheckAuthToken({
  tenantId: 'id',
  getToken: (request: Request) => request.headers.get('x-token') ?? undefined,
  responses: async (error: AuthError, request: Request) => {
    if (request.method === 'HEAD') return undefined
    return error.toResponse()
  },
  resourceMetadata: { resource: 'https://api.example' }
})
configured.verifier.preload()
createVerifier().stats()
export const metadata = (request: Request): Response => configured.resourceMetadata(request)
// @ts-expect-error only with the option resourceMetadata is there a handler
export const none = (request: Request): Response => createCheckAuthToken().resourceMetadata(request)

export function isRejection(error: unknown): boolean {
  return error instanceof AuthError
}

export async function misuse(request: Request): Promise<VerifiedToken> {
  // @ts-expect-error its result is a promise
  const { response } = checkAuthToken(request)
  const result = await checkAuthToken(request)
  // @ts-expect-error there may be no token before response was looked at
  String(result.auth.clientId)
  // @ts-expect-error a list of guards
  await checkAuthToken(request, requireRole('Task.Read'))
  // @ts-expect-error a guard that is not called
  await checkAuthToken(request, [requireAppOnly])
  // @ts-expect-error an object that looks like one
  await checkAuthToken(request, [{}])
  // @ts-expect-error a request has headers with get
  await checkAuthToken({ headers: {} })
  // @ts-expect-error misspelt option
  createCheckAuthToken({ tenentId: 'id' })
  // @ts-expect-error a function answers with a Response
  createCheckAuthToken({ responses: () => 'no' })
  // @ts-expect-error a guard that asks for nothing would let everybody pass
  requireRole()
  // @ts-expect-error its context is what the handler declares
  withAuth((_request, _auth, context: { params: object }) => context)(request, {})
  throw response
}
