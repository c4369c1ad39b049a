// What must compile. Checked by tsc --strict; never run.
import 'entra-jwt-verify/express'
import {
  AuthError,
  type AuthErrorCode,
  checkAuthToken,
  claimsChallenge,
  createCheckAuthToken,
  createVerifier,
  type KeysMessage,
  type Logger,
  type Options,
  requireAppOnly,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole,
  type Stats,
  type VerifiedToken,
  type Verifier,
  type VerifyMessage
} from 'entra-jwt-verify'
import express from 'express'
import pino from 'pino'
import winston from 'winston'

const app = express()
app.use(checkAuthToken)
app.use('/tasks', createCheckAuthToken({ tenantId: 'id', audience: ['api://tasks'] }))
app.get('/', (req, res) => {
  const token: VerifiedToken | undefined = req.auth
  const roles: readonly string[] = req.auth?.roles ?? []
  const custom: unknown = req.auth?.claims.extension_department
  res.json({ tenant: token?.tenantId, roles, custom, app: req.auth?.isAppOnly, exp: req.auth?.claims.exp })
})

app.get('/tasks', requireRole('Task.Read', 'Task.Write'), requireClient('id'), requireAppOnly())
app.get('/me', requireScope('Task.Read'), requireDelegated(), (_req, res) => res.sendStatus(204))
app.get('/group', requireGroup('id', 'other'), requireAuthContext('c1'))
app.get('/many', requireGroup('id', { onOverage: async (auth) => auth.hasRole('a') }))
createVerifier({ boundTokens: 'mtls', initialKeys: createVerifier().exportKeys() })
app.get('/both', requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] }))
app.post('/transfer', claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } }))

const mcp = createCheckAuthToken({
  tenantId: 'organizations',
  allowedTenants: '*',
  allowedClients: ['id'],
  requiredRoles: ['Task.Read'],
  responses: 'rfc6750',
  resourceMetadata: { resource: 'https://api.example.com', scopes: ['Task.Read'] },
  tokenCache: false
})
app.get('/.well-known/oauth-protected-resource', mcp.resourceMetadata)

export function read(stats: Stats, keys: KeysMessage, verify: VerifyMessage): unknown[] {
  const at: Date | undefined = stats.lastFailure?.at ?? stats.keys[0]?.lastSeen ?? keys.at
  const ahead: number | undefined = stats.secondsAheadOfAuthority
  return [at, ahead, stats.tokenCache.hits, keys.cause, keys.reason, verify.code, verify.waited]
}

// Lists that are known only when the program runs.
const names: string[] = process.argv.slice(2)
const frozen: readonly string[] = names
app.get('/lists', requireRole(...names), requireScope(...frozen), requireClient('id', ...names))
app.get('/both-lists', requireScopeOrRole({ scopes: frozen, roles: names }))

const loggers: (Logger | false)[] = [
  console,
  new console.Console(process.stdout),
  pino(),
  pino().child({ module: 'auth' }),
  winston.createLogger(),
  { error: () => undefined },
  { error: (text: unknown, error: unknown) => console.error(text, error), warn: (line: unknown) => console.warn(line) },
  false
]
for (const logger of loggers) app.use(createCheckAuthToken({ logger }))

app.use(
  createCheckAuthToken({
    optional: true,
    getToken: (req) => req.cookies.token,
    responses: (error, _req, res) => {
      const code: AuthErrorCode = error.code
      res.status(error.status).set(error.headers).json({ code, error })
    }
  }),
  createCheckAuthToken({
    getToken: (req: express.Request): string | undefined => req.get('x-token'),
    responses: async (error: AuthError, _req: express.Request, res: express.Response, next: express.NextFunction) => {
      if (error.expose) res.status(error.statusCode).send(error.message)
      else next(error)
    }
  })
)

const options: Options = {
  clientId: 'id',
  algorithms: ['RS256', 'ES512'],
  clockTolerance: 5,
  keys: { refreshInterval: 60, retention: 0, cooldown: 30, timeout: 5 },
  ca: [Buffer.from(''), ''],
  proxy: false,
  logger: false
}
const verifier: Verifier = createVerifier(options)
const middleware = createCheckAuthToken({ ...options, logger: console })
createVerifier({ ...options, jwksUri: false }).updateKeys({ keys: [] })

export async function authenticate(req: express.Request, event: { headers: Record<string, string | undefined> }) {
  const found: VerifiedToken[] = [
    await verifier.authenticate(req),
    await verifier.authenticate(new Request('https://api.example')),
    await verifier.authenticate({ headers: new Headers() }),
    await verifier.authenticate({ headers: { Authorization: 'Bearer x' } }),
    await verifier.authenticate({ headers: null }),
    await verifier.authenticate(event),
    await checkAuthToken.verifier.authenticate(req)
  ]
  const [auth] = found
  // biome-ignore lint/suspicious/noPrototypeBuiltins: what programs call.
  const isPlain: boolean = auth?.claims.hasOwnProperty('scp') ?? false
  const until: Date | undefined = auth && new Date(auth.expiresAt * 1000)
  return { isPlain, until, isAgent: auth?.isAgent, who: auth?.toJSON().clientId }
}

export function respond(error: unknown): Response {
  if (error instanceof AuthError) return error.toResponse()
  throw error
}

export async function verify(token: string): Promise<string | undefined> {
  await verifier.preload()
  middleware.verifier.verifySync(token, { currentDate: new Date() })
  try {
    return (await verifier.verify(token)).clientId
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    const code: AuthErrorCode = error.code
    return `${code} ${error.status} ${error.hint} ${error.claim ?? ''} ${error.headers['WWW-Authenticate'] ?? ''}`
  }
}
