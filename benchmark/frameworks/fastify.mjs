import ours, { optionsFor } from '../contenders/entra-jwt-verify.mjs'

export default {
  id: 'fastify',
  label: 'Fastify 5',
  packages: ['fastify'],
  async serve({ fastify }, protect) {
    const app = fastify()
    await protect?.(app)
    app.get('/tasks', async () => ({ tasks: [] }))
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/tasks`
  },
  contenders: [
    {
      id: ours.id,
      label: ours.label,
      packages: ['entra-jwt-verify/fastify'],
      checks: ours.checks,
      protect(app, { 'entra-jwt-verify/fastify': { createCheckAuthToken } }, world) {
        return app.register(createCheckAuthToken(optionsFor(world)), { preload: true })
      }
    },
    {
      id: 'empty',
      label: 'a hook that does nothing',
      packages: [],
      protect: (app) => app.addHook('onRequest', (_request, _reply, done) => done())
    },
    {
      id: 'fastify-jwt',
      label: '@fastify/jwt + get-jwks',
      packages: ['@fastify/jwt', 'get-jwks'],
      checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
      async protect(app, { '@fastify/jwt': jwt, 'get-jwks': buildGetJwks }, { jwksUri, issuer, audience }) {
        const { origin, pathname } = new URL(jwksUri)
        const keys = buildGetJwks({ jwksPath: pathname, max: 100, ttl: 3_600_000 })
        await app.register(jwt, {
          decode: { complete: true },
          // Not the issuer's own host: `iss` of Entra's v1 tokens is not where their keys are.
          secret: (_request, { header: { kid, alg } }) => keys.getPublicKey({ kid, alg, domain: origin }),
          verify: { algorithms: ['RS256'], allowedIss: issuer, allowedAud: audience }
        })
        app.addHook('onRequest', (request) => request.jwtVerify())
      }
    }
  ]
}
