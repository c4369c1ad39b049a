import type { VerifiedToken } from './index.js'

/**
 * Opt in with `import 'entra-jwt-verify/express'`: `req.auth` has its type in every Express handler. It is optional there,
 * since TypeScript cannot know which routes are behind the middleware.
 */
declare global {
  namespace Express {
    interface Request {
      auth?: VerifiedToken
    }
  }
}
