// entra-jwt-verify/testing as a strict TypeScript program uses it.
import { after, before } from 'node:test'
import { createCheckAuthToken, createVerifier, type VerifiedToken } from 'entra-jwt-verify'
import {
  createClientCertificate,
  createServerCertificate,
  type RegisteredApp,
  startTestAuthority,
  type TestAuthority,
  useTestAuthority,
  verifiedToken
} from 'entra-jwt-verify/testing'

const authority: TestAuthority = useTestAuthority({ before, after }, { quiet: true, tls: true })
createCheckAuthToken({ ...authority.options, responses: 'rfc6750' })
Object.assign(process.env, authority.env())

// Lists may be constants.
const names = ['Task.Read'] as const
const tenants: readonly string[] = [authority.tenantId]
const constant = () =>
  startTestAuthority({
    otherTenants: tenants,
    user: { roles: names },
    apps: [{ scopes: names, roles: { 'api://tasks': names } }] as const
  })
const constants = () => [
  authority.issueToken({ roles: names, scopes: names }),
  verifiedToken({ roles: names, scopes: names }),
  authority.fail(503, 1, { on: ['token'] as const }),
  createServerCertificate({ names })
]
useTestAuthority({ beforeAll: before, afterAll: after })

async function main(): Promise<VerifiedToken> {
  const { cert } = await createClientCertificate({ name: 'client' })
  const started = await startTestAuthority({
    user: { userName: 'megan@tenant.example', roles: { 'api://tasks': ['Approver'] } },
    apps: [
      { appIdUri: 'api://tasks', scopes: ['Task.Read'], redirectUris: ['http://localhost/auth'] },
      { certificates: [cert], federatedCredentials: [{ subject: 'worker' }] }
    ]
  })
  const registered: readonly RegisteredApp[] = started.apps
  const token: string = started.federatedToken({ client: registered[1]?.clientId ?? '', expiresIn: 60 })
  started.approveDevice('ABCDEFGHJ', { name: 'Megan Bowen' })
  started.declineDevice()
  started.revokeSignIns()
  started.fail(503, 1, { on: ['token', 'authorize', 'devicecode'] })
  await started.browse(`${started.url}/common/oauth2/v2.0/authorize?${token}`)
  const auth = await createVerifier(started.options).verify(started.issueToken({ scopes: ['Task.Read'] }))
  await started.close()
  return auth
}

const forUnitTests: VerifiedToken = verifiedToken(
  { roles: ['Task.Read'], version: 2 },
  { responses: 'next', logger: false }
)
// @ts-expect-error: the middleware's other options have nothing to do with answers
verifiedToken({}, { clockTolerance: 1 })
// @ts-expect-error: nothing is verified with a key of one's own
verifiedToken({ algorithm: 'none' })
// @ts-expect-error: one hook is missing
useTestAuthority({ before })
// @ts-expect-error: hooks of two kinds
useTestAuthority({ before, afterAll: after })

export { constant, constants, forUnitTests, main }
