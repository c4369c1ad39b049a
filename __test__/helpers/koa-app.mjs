// Applications of Koa 3 and Koa 2 for tests of the Koa adapter, with one test authority for each test file.
import test from 'ava'
import { createCheckAuthToken } from 'entra-jwt-verify/koa'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { serve } from './app.mjs'
import { optionsFor } from './start.mjs'

export const versions = { 'Koa 3': Koa3, 'Koa 2': Koa2 }

let cold = 0

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** A middleware that starts cold: keys are shared by verifiers that fetch them in the same way. */
export function middleware(t, more) {
  const keys = { timeout: 20 + ++cold / 1000 }
  return createCheckAuthToken({ ...optionsFor(t.context.authority), logger: false, keys, ...more })
}

/** Serves an application of these middlewares, in front of a handler that says who calls. */
export function served(t, Koa, ...chain) {
  const app = new Koa()
  // Koa prints errors to which nothing listens.
  app.silent = true
  for (const handler of chain) app.use(handler)
  app.use((ctx) => {
    ctx.body = `handler: ${ctx.state.auth?.clientId}`
  })
  return serve(t, app.callback())
}

export const bearer = (t, overrides) => `Bearer ${t.context.authority.issueToken(overrides)}`
export const expired = (t) => bearer(t, { expiresIn: -1 })
