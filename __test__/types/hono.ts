// What must compile with entra-jwt-verify/hono, and what must not. Checked by tsc --strict; never run.
import {
  AuthError,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  type VerifiedToken
} from 'entra-jwt-verify/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'

const handler: MiddlewareHandler<{ Variables: { auth: VerifiedToken } }> = checkAuthToken

// Along a chain the types of variables add up.
export const app = new Hono()
  .use(checkAuthToken)
  .get('/', (c) => {
    const auth: VerifiedToken = c.var.auth
    return c.json({ caller: auth.clientId, roles: c.get('auth').roles })
  })
  .get('/tasks/:id', requireRole('Task.Read'), (c) => c.text(`${c.req.param('id')} ${c.var.auth.clientId}`))

// Where the application declares its variables, in whatever order.
const declared = new Hono<{ Variables: { auth: VerifiedToken; requestId: string } }>()
declared.use('/api/*', checkAuthToken, handler)
declared.get('/api', requireScope('Task.Read'), requireDelegated(), (c) =>
  c.text(c.var.requestId + c.var.auth.clientId)
)

// Behind a guard the token is there, also without the middleware in the same chain.
new Hono().get('/', requireAppOnly(), requireClient('id'), (c) => c.text(c.var.auth.clientId ?? ''))
new Hono().get('/', requireGroup('id'), requireAuthContext('c1'), (c) => c.text(c.var.auth.tenantId ?? ''))
new Hono().get('/', requireScopeOrRole({ scopes: ['a'], roles: ['b'] }), claimsChallenge({ access_token: {} }))

const optional = createCheckAuthToken({ optional: true })
new Hono().use(optional).get('/', (c) => c.text(c.var.auth?.clientId ?? 'anonymous'))
// @ts-expect-error there may be no token
new Hono().use(optional).get('/', (c) => c.text(c.var.auth.clientId))
new Hono().use(optional).get('/', requireAppOnly(), (c) => c.text(c.var.auth.clientId ?? ''))
// @ts-expect-error without middleware there is no such variable
new Hono().get('/', (c) => c.text(c.var.auth.clientId))

const configured = createCheckAuthToken({
  getToken: (c) => getCookie(c, 'token'),
  responses: (error, c) => {
    if (!error.expose) return undefined
    return c.json({ code: error.code }, error.status, error.headers)
  },
  resourceMetadata: { resource: 'https://api.example' }
})
configured.verifier.preload()
createVerifier().stats()
// @ts-expect-error only with the option resourceMetadata is there a handler
app.all('/metadata', createCheckAuthToken({ optional: true }).resourceMetadata)
const { resourceMetadata } = configured
app.all('/.well-known/oauth-protected-resource', resourceMetadata)

app.onError((error, c) => (error instanceof AuthError ? error.toResponse() : c.text('', 500)))

// Its own middleware on top of it.
export const audited = createMiddleware<{ Variables: { auth: VerifiedToken } }>(async (c, next) => {
  console.log(c.var.auth.clientId)
  await next()
})

// @ts-expect-error it is the middleware itself
app.use(checkAuthToken())
// @ts-expect-error misspelt option
createCheckAuthToken({ tenentId: 'id' })
// @ts-expect-error a function answers with a Response
createCheckAuthToken({ responses: () => 'no' })
// @ts-expect-error a guard that asks for nothing would let everybody pass
requireRole()
