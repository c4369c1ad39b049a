// What must compile, and what must not, with entra-jwt-verify/koa. Checked by tsc --strict; never run.
import Router from '@koa/router'
import {
  AuthError,
  type AuthState,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  type KoaMiddleware,
  type KoaOptions,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  type VerifiedToken,
  type Verifier
} from 'entra-jwt-verify/koa'
import Koa from 'koa'

const app = new Koa()
app.use(checkAuthToken)
app.use(createCheckAuthToken({ tenantId: 'id', requiredRoles: ['Admin'] }))
app.use(async (ctx, next) => {
  const token: VerifiedToken | undefined = ctx.state.auth
  ctx.body = { caller: ctx.state.auth?.clientId, roles: token?.roles ?? [] }
  await next()
})
app.use(requireRole('Task.Read', 'Task.Write')).use(requireClient('id')).use(requireAppOnly())

const router = new Router()
router.use(checkAuthToken)
router.get('/scope', requireScope('Task.Read'), requireDelegated(), (ctx) => {
  ctx.body = ctx.state.auth?.scopes
})
router.get('/either', requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] }), (ctx) => {
  ctx.body = ctx.params.id
})
const guards: KoaMiddleware[] = [
  requireAuthContext('c1'),
  requireGroup('id', { onOverage: async (auth) => auth.hasRole('a') }),
  claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
]
router.post('/transfer', ...guards, (ctx) => {
  ctx.status = 204
})
app.use(router.routes()).use(router.allowedMethods())

// States and contexts of the application's own.
interface State extends AuthState {
  user?: string
}
const typed = new Koa<State, { tasks: string[] }>()
typed.use(checkAuthToken).use(requireRole('Task.Read'))
typed.use((ctx) => {
  ctx.body = { user: ctx.state.user, caller: ctx.state.auth?.clientId, tasks: ctx.tasks }
})
const typedRouter = new Router<State>()
typedRouter.get('/', requireRole('Task.Read'), (ctx) => {
  ctx.body = ctx.state.auth?.clientId satisfies string | undefined
})

const middleware = createCheckAuthToken({
  responses: (error, ctx, next) => {
    if (error.status === 403) return next(error)
    ctx.status = error.status
    ctx.body = { problem: error.code }
  },
  getToken: (ctx) => ctx.cookies.get('token'),
  resourceMetadata: { resource: 'https://api.example' }
})
const verifier: Verifier = middleware.verifier
router.all('/.well-known/oauth-protected-resource', middleware.resourceMetadata)
// @ts-expect-error only with the option resourceMetadata is there a handler
router.all('/metadata', createCheckAuthToken().resourceMetadata)
const options: KoaOptions = { responses: 'next', optional: true }
app.use(async (_ctx, next) => {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
  }
})

export const used = [verifier, createVerifier({ tenantId: 'id' }), createCheckAuthToken(options)]

app.use((ctx) => {
  // @ts-expect-error the token may be missing
  ctx.body = ctx.state.auth.clientId
})
// @ts-expect-error misspelt option
createCheckAuthToken({ tenentId: 'id' })
// @ts-expect-error a guard that asks for nothing would admit every caller
requireRole()
// @ts-expect-error a guard is called where it is passed
app.use(requireRole)
// @ts-expect-error getToken does not wait
createCheckAuthToken({ getToken: async () => 'token' })
