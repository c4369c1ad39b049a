// What express-oauth2-jwt-bearer declares (dist/index.d.ts).
export interface AuthResult {
  payload: Record<string, unknown>
  header: Record<string, unknown>
  token: string
}

declare global {
  namespace Express {
    interface Request {
      auth?: AuthResult
    }
  }
}
