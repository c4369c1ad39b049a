import type { VerifiedToken } from './index.js'

export * from './index.js'

/**
 * `entra-jwt-verify/express` has what `entra-jwt-verify` has, and adds the type of `req.auth` to every Express handler. The property
 * is optional, because TypeScript cannot know which routes are behind the middleware.
 */
declare global {
  namespace Express {
    interface Request {
      /**
       * The verified token, set by `checkAuthToken`; `undefined` without that middleware and, with the option `optional`, for
       * requests without a token.
       */
      auth?: VerifiedToken
    }
  }
}
