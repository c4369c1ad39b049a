// In front of /api/proxied alone: Next.js runs it in Node.js, and goes on where it returns nothing.
import { checkAuthToken } from './auth.js'

export async function proxy(request) {
  const { response } = await checkAuthToken(request)
  return response
}

export const config = { matcher: '/api/proxied' }
