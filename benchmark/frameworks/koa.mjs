import { once } from 'node:events'
import ours, { optionsFor } from '../contenders/entra-jwt-verify.mjs'

export default {
  id: 'koa',
  label: 'Koa 3',
  packages: ['koa'],
  async serve({ koa: Koa }, protect) {
    const app = new Koa()
    // Koa prints what it answers with a 500.
    app.silent = true
    protect?.(app)
    app.use((ctx) => {
      ctx.body = { tasks: [] }
    })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${server.address().port}/tasks`
  },
  contenders: [
    {
      id: ours.id,
      label: ours.label,
      packages: ['entra-jwt-verify/koa'],
      checks: ours.checks,
      protect(app, { 'entra-jwt-verify/koa': { createCheckAuthToken } }, world) {
        app.use(createCheckAuthToken(optionsFor(world)))
      }
    },
    {
      id: 'empty',
      label: 'a middleware that does nothing',
      packages: [],
      protect: (app) => app.use((_ctx, next) => next())
    },
    {
      id: 'koa-jwt',
      label: 'koa-jwt + jwks-rsa',
      packages: ['koa-jwt', 'jwks-rsa'],
      checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
      protect(app, { 'koa-jwt': jwt, 'jwks-rsa': jwksClient }, { jwksUri, issuer, audience }) {
        const secret = jwksClient.koaJwtSecret({ jwksUri, cache: true })
        app.use(jwt({ secret, issuer, audience, algorithms: ['RS256'] }))
      }
    }
  ]
}
