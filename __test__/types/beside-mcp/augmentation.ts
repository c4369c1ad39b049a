// What @modelcontextprotocol/sdk declares (server/auth/middleware/bearerAuth.d.ts).
export interface AuthInfo {
  token: string
  clientId: string
  scopes: string[]
  expiresAt?: number
  resource?: URL
  extra?: Record<string, unknown>
}

declare module 'express-serve-static-core' {
  interface Request {
    auth?: AuthInfo
  }
}
