// What must compile. Checked by tsc --strict; never run.
import 'entra-jwt-verify/express'
import {
  AuthError,
  type AuthErrorCode,
  checkAuthToken,
  createCheckAuthToken,
  createVerifier,
  type Options,
  type VerifiedToken,
  type Verifier
} from 'entra-jwt-verify'
import express from 'express'

const app = express()
app.use(checkAuthToken)
app.use('/tasks', createCheckAuthToken({ tenantId: 'id', audience: ['api://tasks'] }))
app.get('/', (req, res) => {
  const token: VerifiedToken | undefined = req.auth
  const roles: readonly string[] = req.auth?.roles ?? []
  const custom: unknown = req.auth?.claims.extension_department
  res.json({ tenant: token?.tenantId, roles, custom, app: req.auth?.isAppOnly, exp: req.auth?.claims.exp })
})

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
