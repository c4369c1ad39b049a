import { once } from 'node:events'
import ours, { optionsFor } from '../contenders/entra-jwt-verify.mjs'

const JWK = {
  packages: ['hono/jwk'],
  checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid'
}

/** Hono's own middleware, with whatever says where the keys are. */
function protectWithJwk(app, { 'hono/jwk': { jwk } }, { issuer, audience }, keys) {
  app.use(jwk({ ...keys, alg: ['RS256'], verification: { iss: issuer, aud: audience } }))
}

export default {
  id: 'hono',
  label: 'Hono 4',
  packages: ['hono', '@hono/node-server'],
  async serve({ hono: { Hono }, '@hono/node-server': { serve } }, protect) {
    const app = new Hono()
    protect?.(app)
    app.get('/tasks', (c) => c.json({ tasks: [] }))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await once(server, 'listening')
    return `http://127.0.0.1:${server.address().port}/tasks`
  },
  contenders: [
    {
      id: ours.id,
      label: ours.label,
      packages: ['entra-jwt-verify/hono'],
      checks: ours.checks,
      protect(app, { 'entra-jwt-verify/hono': { createCheckAuthToken } }, world) {
        app.use(createCheckAuthToken(optionsFor(world)))
      }
    },
    {
      id: 'empty',
      label: 'a middleware that does nothing',
      packages: [],
      protect: (app) => app.use((_c, next) => next())
    },
    {
      // What any middleware of this kind costs in Hono: @hono/node-server looks a header up when it is asked for it, and a context has no
      // variables before the first.
      id: 'reads-header',
      label: 'a middleware that reads Authorization and sets a variable',
      packages: [],
      protect: (app) =>
        app.use((c, next) => {
          c.set('auth', c.req.raw.headers.get('authorization'))
          return next()
        })
    },
    {
      ...JWK,
      id: 'hono-jwk',
      label: 'hono/jwk, keys fetched once by the application',
      protect(app, packages, world) {
        let keys
        const fetched = async () => (await (await fetch(world.jwksUri)).json()).keys
        const cached = () => {
          keys ??= fetched()
          return keys
        }
        protectWithJwk(app, packages, world, { keys: cached })
      }
    },
    {
      ...JWK,
      id: 'hono-jwk-uri',
      label: 'hono/jwk, jwks_uri: fetches the keys with each request',
      protect: (app, packages, world) => protectWithJwk(app, packages, world, { jwks_uri: world.jwksUri })
    }
  ]
}
