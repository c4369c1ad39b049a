// Applications of Fastify for tests of its adapter, with one test authority for each test file.
import test from 'ava'
import { createCheckAuthToken } from 'entra-jwt-verify/fastify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import fastify from 'fastify'
import { optionsFor } from './start.mjs'

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

let cold = 0

/** A plug-in that starts cold: keys are shared by verifiers that fetch them in the same way. */
export function plugin(t, more) {
  const keys = { timeout: 20 + ++cold / 1000 }
  return createCheckAuthToken({ ...optionsFor(t.context.authority), logger: false, keys, ...more })
}

/**
 * An application whose route says `handler`. `server` are the options of Fastify itself; `prepare` adds what the application has
 * in front of the plug-in.
 */
export function application(t, { prepare = () => {}, guard, server, ...more } = {}) {
  const app = fastify(server)
  prepare(app)
  app.register(plugin(t, more))
  app.get('/', { onRequest: guard ?? [] }, async () => 'handler')
  return app
}

/** Sends a request with a token, or without one. */
export const call = (app, token, url = '/') =>
  app.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

export const expired = (t) => t.context.authority.issueToken({ expiresIn: -1 })
