// What has to hold under each version of Nest, on Express and on Fastify, with the packages of an application of that version.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { decorated } from './decorated.mjs'

/**
 * Registers the tests.
 *
 * @param {object} packages
 * @param {object} packages.common `@nestjs/common`
 * @param {object} packages.core `@nestjs/core`
 * @param {Record<string, Function>} packages.platforms their adapters, by name
 * @param {object} packages.entra `entra-jwt-verify/nest`
 * @param {object} packages.testing `entra-jwt-verify/testing`
 */
export function testVersion({ common, core, platforms, entra, testing }) {
  const { Catch, Controller, Get, HttpException, Injectable, Module, Scope, SetMetadata } = common
  const { UnauthorizedException, UseGuards } = common
  const { Auth, EntraAuthGuard, EntraAuthModule, EntraVerifier, Public, RequireRole } = entra

  let authority
  before(async () => {
    authority = await testing.startTestAuthority({ quiet: true })
  })
  after(() => authority.close())

  class Api {
    closed(auth) {
      return { client: auth.clientId }
    }
    open() {
      return {}
    }
    role() {
      return {}
    }
  }
  decorated(Api, {
    on: [Controller()],
    methods: { closed: [Get()], open: [Get('open'), Public()], role: [Get('role'), RequireRole('A')] },
    parameters: { closed: [Auth()] }
  })
  class Guarded {
    closed() {
      return {}
    }
    role() {
      return {}
    }
    open() {
      return {}
    }
  }
  decorated(Guarded, {
    on: [Controller('guarded')],
    methods: {
      closed: [Get(), UseGuards(EntraAuthGuard)],
      role: [Get('role'), RequireRole('A')],
      open: [Get('open')]
    }
  })

  const options = () => ({
    tenantId: authority.tenantId,
    clientId: authority.api.clientId,
    authorityHost: authority.url,
    logger: false
  })

  async function start(t, Adapter, { isGuarded = true, prepare, ...more } = {}) {
    const module = decorated(class AppModule {}, {
      on: [
        Module({
          imports: [EntraAuthModule.forRootAsync({ useFactory: async () => ({ ...options(), ...more }) })],
          controllers: [Api, Guarded],
          providers: isGuarded ? [{ provide: core.APP_GUARD, useExisting: EntraAuthGuard }] : []
        })
      ]
    })
    const app = await core.NestFactory.create(module, new Adapter(), { logger: false, abortOnError: false })
    prepare?.(app)
    await app.listen(0, '127.0.0.1')
    t.after(() => {
      app.getHttpServer().closeAllConnections()
      return app.close()
    })
    const { port } = app.getHttpServer().address()
    const send = async (path, overrides) => {
      const headers = overrides ? { Authorization: `Bearer ${authority.issueToken(overrides)}` } : {}
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
      const challenge = answer.headers.get('www-authenticate')
      return { status: answer.status, challenge, type: answer.headers.get('content-type'), body: await answer.text() }
    }
    return { app, send }
  }

  for (const [platform, Adapter] of Object.entries(platforms)) {
    test(`${platform}: the guard, public handlers and requirements`, async (t) => {
      for (const isGuarded of [true, false]) {
        const { app, send } = await start(t, Adapter, { isGuarded })
        const rows = [
          ['/role', 401, 403, 200, 401],
          ['/guarded', 401, 200, 200, 401],
          ['/guarded/role', 401, 403, 200, 401],
          ['/open', 200, 200, 200, 200],
          ...(isGuarded ? [['/guarded/open', 401, 200, 200, 401]] : [['/guarded/open', 200, 200, 200, 200]])
        ]
        for (const [path, ...expected] of rows) {
          for (const [index, overrides] of [undefined, {}, { roles: ['A'] }, { expiresIn: -1 }].entries()) {
            assert.equal((await send(path, overrides)).status, expected[index], `${path} ${index}`)
          }
        }
        assert.equal((await app.get(EntraVerifier).verify(authority.issueToken())).tenantId, authority.tenantId)
      }
    })

    test(`${platform}: what a refusal is answered with, and the caller that a handler sees`, async (t) => {
      for (const [responses, type, body] of [
        ['classic', 'text/plain; charset=utf-8', 'Either token has expired, or wrong audience'],
        ['rfc6750', 'application/json', '{"error":"invalid_token","error_description":"jwt expired"}'],
        ['next', 'application/json; charset=utf-8', '{"message":"jwt expired","error":"Unauthorized","statusCode":401}']
      ]) {
        const { send } = await start(t, Adapter, { responses })
        assert.deepEqual(await send('/', { expiresIn: -1 }), {
          status: 401,
          challenge: 'Bearer error="invalid_token", error_description="jwt expired"',
          type,
          body
        })
        assert.equal((await send('/', {})).body, JSON.stringify({ client: authority.client.clientId }))
      }
    })

    test(`${platform}: an exception filter of the application`, async (t) => {
      const caught = []
      class Filter {
        catch(exception, host) {
          caught.push(exception)
          const response = host.switchToHttp().getResponse()
          response.status(exception.getStatus()).send({ own: true })
        }
      }
      decorated(Filter, { on: [Catch(HttpException)] })
      const { send } = await start(t, Adapter, { prepare: (app) => app.useGlobalFilters(new Filter()) })
      const { status, challenge, body } = await send('/')
      assert.deepEqual([status, challenge, body], [401, 'Bearer', '{"own":true}'])
      assert.ok(caught[0] instanceof UnauthorizedException)
      assert.equal(caught[0].cause.code, 'ERR_TOKEN_MISSING')
    })
  }

  test('what keeps an application from starting', async () => {
    const [Adapter] = Object.values(platforms)
    const failure = async (metadata) => {
      const module = decorated(class AppModule {}, { on: [Module(metadata)] })
      const app = await core.NestFactory.create(module, new Adapter(), { logger: false, abortOnError: false })
      const problem = await app.init().catch((error) => error)
      await app.close()
      return problem === app ? undefined : (problem.code ?? problem)
    }
    const configured = (more) => EntraAuthModule.forRoot({ ...options(), ...more })
    const provided = (decorators) => {
      const type = class {
        read() {}
      }
      return decorated(type, { methods: { read: [...decorators, RequireRole('A')] } })
    }
    const starts = (provider, ...controllers) =>
      failure({ imports: [configured()], providers: [provider], controllers })
    const query = SetMetadata('graphql:resolver_type', 'Query')
    const type = provided([query])
    assert.equal(await starts(type), undefined)
    assert.equal(await starts({ provide: type, useFactory: () => new type() }), 'ERR_CONFIG')
    assert.equal(await starts(provided([])), 'ERR_CONFIG')
    // The controller's guard is in the module. Earlier versions find the module of a resolver, not of a gateway, by its class.
    const gateway = decorated(provided([SetMetadata('websockets:message_mapping', true)]), {
      on: [SetMetadata('websockets:is_gateway', true)]
    })
    const isFoundByClass = typeof core.ExternalContextCreator.prototype.getHostModuleKey !== 'function'
    const resolverStarts = await starts({ provide: 'resolver', useClass: type }, Guarded)
    assert.equal(resolverStarts, isFoundByClass ? 'ERR_CONFIG' : undefined)
    assert.equal(await starts({ provide: 'gateway', useClass: gateway }, Guarded), undefined)
    assert.equal(await failure({ imports: [configured(), configured({ optional: true })] }), 'ERR_CONFIG')
    assert.equal(await failure({ imports: [configured(), configured({ isGlobal: false })] }), undefined)

    for (const [durable, expected] of [
      [false, 'ERR_CONFIG'],
      [true, undefined]
    ]) {
      const tenant = decorated(class Tenant {}, { on: [Injectable({ scope: Scope.REQUEST, durable })] })
      const tenants = decorated(class Tenants {}, { on: [Module({ providers: [tenant], exports: [tenant] })] })
      const given = { imports: [tenants], inject: [tenant], useFactory: options }
      assert.equal(await failure({ imports: [EntraAuthModule.forRootAsync(given)] }), expected)
    }
  })
}
