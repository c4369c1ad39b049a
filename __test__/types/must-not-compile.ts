// What must not compile: each line below an `@ts-expect-error` is a mistake that the types catch.
import {
  AuthError,
  createCheckAuthToken,
  createVerifier,
  requireRole,
  requireScopeOrRole,
  type VerifiedToken,
  Verifier
} from 'entra-jwt-verify'

// @ts-expect-error misspelt option
createVerifier({ tenentId: 'id' })
// @ts-expect-error symmetric algorithm
createVerifier({ algorithms: ['HS256'] })
// @ts-expect-error times are seconds, not text
createVerifier({ keys: { timeout: '5s' } })
// @ts-expect-error a logger has a method error
createCheckAuthToken({ logger: { warn: () => undefined } })
// @ts-expect-error a guard that asks for nothing would let everybody pass
requireRole()
// @ts-expect-error both lists are needed
requireScopeOrRole({ scopes: ['Task.Read'] })
// @ts-expect-error three ways to answer
createCheckAuthToken({ responses: 'json' })
// @ts-expect-error a middleware with getToken does not wait for it
createCheckAuthToken({ getToken: async () => 'token' })
// @ts-expect-error true or false
createCheckAuthToken({ optional: 'true' })
// @ts-expect-error a list of names is spread
requireRole(['Task.Read'])
// @ts-expect-error names are strings
requireRole(...[1, 2])
// @ts-expect-error the middleware's own verifier stays
createCheckAuthToken().verifier = createVerifier()
// @ts-expect-error '*' stands alone
createVerifier({ allowedTenants: 'id' })
// @ts-expect-error verifiers are made by createVerifier
new Verifier()
// @ts-expect-error errors are made here, not there
new AuthError()

export async function misuse(token: VerifiedToken): Promise<void> {
  // @ts-expect-error read-only
  token.claims.aud = 'another'
  // @ts-expect-error read-only
  token.roles.push('Admin')
  // @ts-expect-error a token is a string
  await createVerifier().verify(Buffer.from(''))
  // @ts-expect-error a request has headers
  await createVerifier().authenticate({})
  // @ts-expect-error the headers themselves are no request
  await createVerifier().authenticate(new Headers())
  // @ts-expect-error misspelt
  await createVerifier().verify(token.token, { currentdate: new Date() })
  // @ts-expect-error an instant is a Date
  await createVerifier().verify(token.token, { currentDate: 1 })
  // @ts-expect-error claims that are not declared are unknown
  const text: string = token.claims.extension_department
  // @ts-expect-error a token may come without it
  const client: string = token.clientId
  throw new Error(text + client)
}
