import { checkAuthToken, type VerifiedToken } from 'entra-jwt-verify'
import type { Request } from 'express'

/** Called for @Security('entra', scopes): any of the scopes, or of the app roles of the same names. */
export async function expressAuthentication(request: Request, _name: string, scopes: string[] = []) {
  const auth: VerifiedToken = await checkAuthToken.verifier.authenticate(request)
  const isMet = scopes.length === 0 || scopes.some((scope) => auth.hasScope(scope) || auth.hasRole(scope))
  if (!isMet) throw Object.assign(new Error('Forbidden'), { status: 403 })
  // tsoa sets it as request.user.
  return auth
}
