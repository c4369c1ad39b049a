// What users write; it has to compile under --strict.
import 'entra-jwt-verify/express'
import {
  AuthError,
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
app.get('/caller', (req, res) => {
  const token: VerifiedToken | undefined = req.auth
  res.json({ tenant: token?.tenantId, scopes: token?.scopes.join(' '), roles: req.auth?.roles })
})

const options: Options = {
  tenantId: '00000000-0000-0000-0000-000000000001',
  audience: ['api://orders'],
  algorithms: ['RS256', 'PS256'],
  clockTolerance: 5,
  keys: { refreshInterval: 600, retention: 3600 },
  logger: false
}
const checkOrdersToken = createCheckAuthToken(options)
app.use('/orders', checkOrdersToken)

const verifier: Verifier = createVerifier({ tenantId: '00000000-0000-0000-0000-000000000001', clientId: 'orders' })

export async function clientOf(token: string): Promise<string | undefined> {
  await checkOrdersToken.verifier.preload()
  try {
    const verified = await verifier.verify(token, { currentDate: new Date() })
    return verified.hasRole('Orders.Read') || verified.isAppOnly ? verified.clientId : undefined
  } catch (error) {
    if (error instanceof AuthError) return `${error.code} ${error.status}`
    throw error
  }
}
