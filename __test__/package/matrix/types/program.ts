// What a program says to every entry; it has to compile under --strict with each compiler and each way to resolve modules. A type
// that is not found would be `any`, so each entry has a line that must not compile.
import 'entra-jwt-verify/express'
import {
  AuthError,
  checkAuthToken,
  createCheckAuthToken,
  createVerifier,
  type Options,
  type VerifiedToken
} from 'entra-jwt-verify'
import { createCheckAuthToken as fastifyPlugin, requireRole as fastifyRole } from 'entra-jwt-verify/fastify'
import { checkAuthToken as checkRequest, withAuth } from 'entra-jwt-verify/fetch'
import { checkAuthToken as honoMiddleware } from 'entra-jwt-verify/hono'
import { createCheckAuthToken as koaFunction, checkAuthToken as koaMiddleware } from 'entra-jwt-verify/koa'
import { protectMcp } from 'entra-jwt-verify/mcp'
import { EntraAuthModule, type EntraVerifier } from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

const options = { tenantId: 'id', clientId: 'id', keys: { refreshInterval: 600 }, logger: false } as const
export const same: Options = options
// @ts-expect-error
createVerifier({ tenant: 'id' })

export async function clientOf(token: string): Promise<string | undefined> {
  try {
    const verified: VerifiedToken = await createVerifier(options).verify(token)
    // @ts-expect-error
    const caller: number = verified.clientId
    return verified.clientId ?? String(caller)
  } catch (error) {
    return error instanceof AuthError ? error.code : undefined
  }
}

export const app = express()
app.use(checkAuthToken, createCheckAuthToken(options))
app.get('/', (req, res) => {
  // @ts-expect-error
  const caller: number = req.auth?.clientId
  res.json({ caller: req.auth?.clientId ?? caller })
})

export const server = fastify()
server.register(fastifyPlugin(options))
server.get('/', { preHandler: fastifyRole('Task.Read') }, async (request) => {
  // @ts-expect-error
  const caller: number = request.auth?.clientId
  return { caller: request.auth?.clientId ?? caller }
})

export const GET = withAuth(async (request: Request, auth) => {
  // @ts-expect-error
  const caller: number = auth.clientId
  return new Response(`${request.url} ${auth.clientId ?? caller}`)
})
export async function handler(request: Request): Promise<Response> {
  const { auth, response } = await checkRequest(request)
  // @ts-expect-error
  const caller: string | undefined = auth.clientId
  return response ?? new Response(caller)
}

export const hono = new Hono().use(honoMiddleware).get('/', (c) => {
  // @ts-expect-error
  const caller: number = c.var.auth.clientId
  return c.json({ caller: c.var.auth.clientId ?? caller })
})

export const koa = new Koa()
koa.use(koaMiddleware).use((ctx) => {
  ctx.body = { caller: ctx.state.auth?.clientId }
})
// @ts-expect-error
koaFunction({ tenant: 'id' })

export const mcp = protectMcp({ ...options, resource: 'https://api.example/mcp' })
// @ts-expect-error
protectMcp({ resource: 1 })

export const nest = EntraAuthModule.forRoot(options)
export const codeOf = (verifier: EntraVerifier) => verifier.stats()
// @ts-expect-error
EntraAuthModule.forRoot({ tenant: 'id' })

export async function test(): Promise<string> {
  const authority = await startTestAuthority()
  // @ts-expect-error
  authority.issueToken({ expiresIn: 'soon' })
  return authority.issueToken({ roles: ['Task.Read'] })
}
