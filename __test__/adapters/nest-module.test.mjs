// EntraAuthModule: where its options come from, who can inject what, and what keeps an application from starting.
import { Controller, Get, Inject, Module, Scope, SetMetadata, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import test from 'ava'
import { Verifier } from 'entra-jwt-verify'
import { Auth, EntraAuthGuard, EntraAuthModule, EntraVerifier, Public, RequireRole } from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { decorated, listening, moduleOf, platforms, served } from '../helpers/nest-app.mjs'
import { optionsFor } from '../helpers/start.mjs'

let authority
let options
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
  options = { ...optionsFor(authority), logger: false }
})
test.after.always(() => authority.close())

const good = () => `Bearer ${authority.issueToken({ roles: ['A'] })}`

/** A controller of its own for each application. */
function api(path = '') {
  const type = class {
    read(auth) {
      return { client: auth.clientId }
    }
  }
  return decorated(type, {
    on: [Controller(path)],
    methods: { read: [Get(), RequireRole('A')] },
    parameters: { read: [Auth()] }
  })
}

const checked = async (t, send, path = '/') => {
  t.deepEqual(
    [(await send(path)).status, (await send(path, good())).body],
    [401, JSON.stringify({ client: authority.client.clientId })],
    path
  )
}

/** What NestFactory rejects with. */
async function failure(t, metadata) {
  return t.throwsAsync(() => starting(metadata))
}

async function starting(metadata, prepare) {
  const { close } = await listening(moduleOf(metadata), platforms.Express, prepare)
  await close()
}

class ConfigService {
  get(name) {
    return options[name]
  }
}
const ConfigModule = moduleOf({ providers: [ConfigService], exports: [ConfigService] })

class AuthOptions {
  static inject = ConfigService
  constructor(config) {
    this.config = config
  }
  async createEntraAuthOptions() {
    return this.config === undefined ? options : read(this.config)
  }
}

const read = (config) => ({
  tenantId: config.get('tenantId'),
  clientId: config.get('clientId'),
  authorityHost: config.get('authorityHost')
})

test('options from forRoot, and from each source of forRootAsync', async (t) => {
  const AuthOptionsModule = moduleOf({ providers: [AuthOptions], exports: [AuthOptions] })
  for (const module of [
    EntraAuthModule.forRoot(options),
    EntraAuthModule.forRootAsync({ imports: [ConfigModule], inject: [ConfigService], useFactory: read }),
    EntraAuthModule.forRootAsync({ useFactory: async () => options }),
    EntraAuthModule.forRootAsync({ useClass: AuthOptions }),
    EntraAuthModule.forRootAsync({ imports: [AuthOptionsModule], useExisting: AuthOptions })
  ]) {
    await checked(t, await served(t, moduleOf({ imports: [module], controllers: [api()] })))
  }
})

test('every module has the guard, unless isGlobal is false', async (t) => {
  const FeatureModule = moduleOf({ controllers: [api()] })
  await checked(t, await served(t, moduleOf({ imports: [EntraAuthModule.forRoot(options), FeatureModule] })))
  const isGlobal = false
  for (const local of [
    EntraAuthModule.forRoot({ ...options, isGlobal }),
    EntraAuthModule.forRootAsync({ useFactory: () => options, isGlobal })
  ]) {
    t.regex((await failure(t, { imports: [local, FeatureModule] })).message, /EntraAuthGuard.*\n?.*EntraAuthModule/)
    const Importing = moduleOf({ imports: [local], controllers: [api()] })
    await checked(t, await served(t, moduleOf({ imports: [Importing] })))
  }
})

test('an application without the module does not start, and the message names it', async (t) => {
  const { message } = await failure(t, { controllers: [api()] })
  t.regex(message, /dependencies of the EntraAuthGuard/)
  t.regex(message, /EntraAuthModule\.forRoot\(\)/)
})

test('the module without forRoot does not start, and the message names it', async (t) => {
  t.regex((await failure(t, { imports: [EntraAuthModule] })).message, /EntraAuthModule\.forRoot\(\)/)
})

test('forRoot that is passed instead of called keeps the application from starting', async (t) => {
  for (const name of ['forRoot', 'forRootAsync']) {
    const { code, message, hint } = await failure(t, { imports: [EntraAuthModule[name]] })
    t.deepEqual([code, message], ['ERR_CONFIG', `EntraAuthModule.${name} is used without parentheses`])
    t.regex(hint, /^write imports: \[EntraAuthModule\.forRoot/)
  }
})

test('a requirement in @UseGuards() keeps the application from starting', async (t) => {
  const type = decorated(
    class {
      read() {}
    },
    {
      on: [Controller()],
      methods: { read: [Get(), UseGuards(RequireRole('A'))] },
      parameters: {}
    }
  )
  const { code, hint } = await failure(t, { imports: [EntraAuthModule.forRoot(options)], controllers: [type] })
  t.deepEqual([code, hint], ['ERR_CONFIG', "write it by itself: @RequireRole('…')"])
})

test('modules with other options stand side by side', async (t) => {
  const other = await startTestAuthority({ quiet: true })
  t.teardown(() => other.close())
  const importing = (given, path) =>
    moduleOf({ imports: [EntraAuthModule.forRoot({ ...given, isGlobal: false })], controllers: [api(path)] })
  for (const moduleIdGeneratorAlgorithm of ['reference', 'deep-hash']) {
    const send = await served(
      t,
      moduleOf({ imports: [importing(options, 'one'), importing({ ...options, ...optionsFor(other) }, 'other')] }),
      { moduleIdGeneratorAlgorithm }
    )
    const ofOther = `Bearer ${other.issueToken({ roles: ['A'] })}`
    t.deepEqual(
      [
        (await send('/one', good())).status,
        (await send('/other', ofOther)).status,
        (await send('/other', good())).status === 200,
        (await send('/one', ofOther)).status === 200
      ],
      [200, 200, false, false]
    )
  }
})

test('what the guard of one module admitted, the guard of another judges by its own options', async (t) => {
  const other = await startTestAuthority({ quiet: true })
  t.teardown(() => other.close())
  const ofOther = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...options, ...optionsFor(other), isGlobal: false })],
    controllers: [api('other')]
  })
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot(options), ofOther],
    controllers: [api('own')],
    providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
  })
  const send = await served(t, module)
  t.is((await send('/own', good())).status, 200)
  // Both guards want it, each a token of its own.
  t.not((await send('/other', good())).status, 200)
  t.not((await send('/other', `Bearer ${other.issueToken({ roles: ['A'] })}`)).status, 200)
})

test('the verifier is injected by its class', async (t) => {
  t.is(EntraVerifier, Verifier)
  const type = class {
    constructor(verifier) {
      this.verifier = verifier
    }
    async read() {
      const { clientId } = await this.verifier.verify(authority.issueToken())
      return clientId
    }
  }
  decorated(type, { on: [Controller()], methods: { read: [Get()] }, inject: [Inject(EntraVerifier)] })
  const send = await served(t, moduleOf({ imports: [EntraAuthModule.forRoot(options)], controllers: [type] }))
  t.is((await send('/')).body, authority.client.clientId)
  t.is(send.app.get(Verifier), send.app.get(EntraVerifier))
})

test('options that cannot be used keep the application from starting', async (t) => {
  const allowedClients = { get: () => ['id'] }
  const instance = new (class {
    get allowedClients() {
      return allowedClients
    }
  })()
  for (const module of [
    EntraAuthModule.forRoot({ tenantId: 'contoso' }),
    EntraAuthModule.forRoot({ ...options, tenentId: 'id' }),
    EntraAuthModule.forRoot(5),
    EntraAuthModule.forRoot(null),
    // Its restriction would be lost in a copy.
    EntraAuthModule.forRoot(Object.assign(instance, options)),
    EntraAuthModule.forRootAsync({ useFactory: () => ({ ...options, isGlobal: true }) }),
    EntraAuthModule.forRootAsync({ useFactory: () => undefined }),
    EntraAuthModule.forRootAsync({ useFactory: () => instance }),
    EntraAuthModule.forRootAsync({
      useClass: class {
        createEntraAuthOptions() {}
      }
    })
  ]) {
    t.is((await failure(t, { imports: [module] })).code, 'ERR_CONFIG')
  }
  for (const given of [
    undefined,
    {},
    { useFactroy: () => options },
    { useFactory: () => options, isGlobl: false },
    { useFactory: () => options, useClass: AuthOptions },
    { useFactory: () => options, isGlobal: 'no' }
  ]) {
    t.throws(() => EntraAuthModule.forRootAsync(given), { code: 'ERR_CONFIG' }, JSON.stringify(given))
  }
  t.throws(() => EntraAuthModule.forRoot({ ...options, isGlobal: 1 }), { code: 'ERR_CONFIG' })
  const second = { code: 'ERR_CONFIG', message: /^EntraAuthModule\.forRoot(Async)?: expected one argument/ }
  t.throws(() => EntraAuthModule.forRoot(options, { requiredRoles: ['A'] }), second)
  t.throws(() => EntraAuthModule.forRootAsync({ useFactory: () => options }, { isGlobal: false }), second)
})

/** As `@nestjs/graphql` marks its resolvers and provides its options. With it: __test__/package/nest/federation.mjs. */
const field = SetMetadata('graphql:resolve_property', true)
const reference = SetMetadata('graphql:resolve_reference', true)
const ofType = (name) => SetMetadata('graphql:resolver_type', name)
class AbstractGraphQLDriver {}
const graphql = (options, token = 'GqlModuleOptions', driver = class {}) => {
  const providers = [
    { provide: token, useValue: options },
    { provide: AbstractGraphQLDriver, useClass: driver }
  ]
  return decorated(class GraphQLModule {}, { on: [Module({ providers })] })
}

test('a guard on a field or a reference that Nest does not run keeps the application from starting', async (t) => {
  const resolver = (on, decorators, name = 'read') =>
    decorated(
      {
        Tasks: class {
          [name]() {}
        }
      }.Tasks,
      { on, methods: { [name]: decorators } }
    )
  const guarded = resolver([], [field, RequireRole('A')])
  const enhanced = { fieldResolverEnhancers: ['guards'] }
  const start = (provider, { of = {}, providers = [], graphqls = [graphql(of)], prepare } = {}) =>
    starting(
      {
        imports: [EntraAuthModule.forRoot(options), ...graphqls],
        providers: [provider, ...providers]
      },
      prepare
    ).catch((error) => error)
  class Inherited extends guarded {}
  const GLOBAL = { provide: APP_GUARD, useExisting: EntraAuthGuard }
  // Nothing shows that it asks ours.
  const useFactory = (guard) => ({ canActivate: async (context) => guard.canActivate(context) })
  const closure = { provide: APP_GUARD, useFactory, inject: [EntraAuthGuard] }
  class ApolloFederationDriver {}
  class SubgraphDriver extends ApolloFederationDriver {}
  const needsRole = RequireRole('A')
  for (const [provider, more] of [
    [guarded],
    [Inherited],
    [{ provide: 'resolver', useValue: new guarded() }],
    [resolver([], [reference, RequireRole('A')])],
    [resolver([], [field, UseGuards(EntraAuthGuard)])],
    [resolver([RequireRole('A')], [field])],
    [resolver([ofType('Task'), Public()], [field, RequireRole('A')])],
    [resolver([], [reference]), { providers: [GLOBAL] }],
    [resolver([], [reference]), { providers: [closure] }],
    [resolver([], [reference]), { prepare: (app) => app.useGlobalGuards({ canActivate: () => true }) }],
    // Of a subgraph, every field is reached through `_entities`.
    [resolver([], [field]), { providers: [GLOBAL], of: { driver: SubgraphDriver } }],
    [resolver([], [field]), { providers: [GLOBAL], of: { autoSchemaFile: { federation: 2 } } }],
    [resolver([], [field]), { providers: [GLOBAL], graphqls: [graphql({}, undefined, SubgraphDriver)] }],
    [resolver([], [field]), { providers: [closure], of: { driver: SubgraphDriver } }],
    [resolver([Public()], [field, needsRole]), { providers: [GLOBAL], of: { driver: SubgraphDriver } }],
    [
      resolver([], [reference]),
      { providers: [{ provide: APP_GUARD, scope: Scope.REQUEST, useClass: EntraAuthGuard }] }
    ],
    [guarded, { of: { fieldResolverEnhancers: ['filters'] } }],
    [guarded, { of: { fieldResolverEnhancers: 'guards' } }],
    [guarded, { of: null }],
    // Options that are not found may be any.
    [guarded, { graphqls: [graphql(enhanced, 'another token')] }],
    [guarded, { graphqls: [graphql(enhanced), graphql({})] }],
    [resolver([], [field, RequireRole('A')], '__resolveType'), { of: enhanced }]
  ]) {
    const error = await start(provider, more)
    t.is(error?.code, 'ERR_CONFIG')
    t.regex(error.message, /^(?:Tasks|Inherited)\.(?:read|__resolveType): /)
  }
  for (const [provider, more] of [
    [resolver([], [field])],
    [resolver([], [reference])],
    [resolver([], [field]), { providers: [GLOBAL] }],
    [resolver([], [field]), { providers: [GLOBAL], of: { autoSchemaFile: true, driver: class ApolloDriver {} } }],
    [resolver([], [field]), { of: { driver: SubgraphDriver } }],
    [resolver([], [field, Public()]), { providers: [GLOBAL], of: { driver: SubgraphDriver } }],
    [resolver([Public()], [field]), { providers: [GLOBAL], of: { driver: SubgraphDriver } }],
    [resolver([], [field]), { providers: [GLOBAL], of: { ...enhanced, driver: SubgraphDriver } }],
    [resolver([], [field], '__resolveType'), { providers: [GLOBAL], of: { driver: SubgraphDriver } }],
    [resolver([], [reference, Public()]), { providers: [GLOBAL] }],
    [resolver([], [reference, Public()]), { providers: [closure] }],
    // A module of the application with that name.
    [guarded, { graphqls: [decorated(class GraphQLModule {}, { on: [Module({ imports: [graphql(enhanced)] })] })] }],
    [resolver([RequireRole('A')], [field, Public()])],
    [resolver([RequireRole('A')], [field], '__resolveType'), { of: enhanced }],
    // Nest runs guards in front of these.
    [resolver([RequireRole('A')], [ofType('Query')])],
    [resolver([ofType('Query')], [field, RequireRole('A')])],
    [guarded, { of: enhanced }],
    [guarded, { graphqls: [graphql(enhanced), graphql({ ...enhanced, path: '/other' })] }],
    [guarded, { graphqls: [] }]
  ]) {
    t.is(await start(provider, more), undefined)
  }
})

test('the request of a call of GraphQL is in its context, never in what the client sends', (t) => {
  const handler = (...decorators) => {
    const type = class {
      read() {}
    }
    return decorated(type, { methods: { read: decorators } }).prototype.read
  }
  const requestOf = (called, args) =>
    new EntraAuthGuard().getRequest({
      getType: () => 'graphql',
      getArgs: () => args,
      getArgByIndex: (index) => args[index],
      getHandler: () => called
    })
  const sent = { req: 'sent' }
  const context = { req: 'own' }
  // Apollo calls a reference without arguments, Mercurius with an empty object.
  t.is(requestOf(handler(reference), [sent, context, {}]), 'own')
  t.is(requestOf(handler(reference), [sent, {}, context, {}]), 'own')
  t.is(requestOf(handler(field), [sent, sent, context, {}]), 'own')
  t.is(requestOf(handler(), [sent, sent, context]), 'own')
  t.is(requestOf(handler(), [sent, context, {}]), undefined)
})

test.serial('without options the environment configures it; a factory has to return some', async (t) => {
  const variables = {
    ENTRA_TENANT_ID: authority.tenantId,
    ENTRA_CLIENT_ID: authority.api.clientId,
    ENTRA_AUTHORITY_HOST: authority.url
  }
  Object.assign(process.env, variables)
  t.teardown(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })
  for (const module of [EntraAuthModule.forRoot(), EntraAuthModule.forRoot({ logger: false, isGlobal: true })]) {
    await checked(t, await served(t, moduleOf({ imports: [module], controllers: [api()] })))
  }
  const nothing = EntraAuthModule.forRootAsync({ useFactory: () => undefined })
  t.is((await failure(t, { imports: [nothing] })).code, 'ERR_CONFIG')
})

for (const [platform, Adapter] of Object.entries(platforms)) {
  test(`${platform}: the resource metadata are served where challenges say, whatever prefix there is`, async (t) => {
    const resourceMetadata = { resource: 'https://api.example.com/tasks', scopes: ['Task.Read'] }
    const module = moduleOf({
      imports: [EntraAuthModule.forRoot({ ...options, resourceMetadata })],
      controllers: [api()],
      providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
    })
    const send = await served(t, module, { Adapter, prepare: (app) => app.setGlobalPrefix('v1') })
    const challenge = (await send('/v1')).headers.get('www-authenticate')
    const [, url] = /resource_metadata="([^"]+)"/.exec(challenge)
    t.is(url, 'https://api.example.com/.well-known/oauth-protected-resource/tasks')
    const document = await send(new URL(url).pathname)
    t.is(document.status, 200)
    t.regex(document.headers.get('content-type'), /^application\/json/)
    t.is(document.headers.get('access-control-allow-origin'), '*')
    t.like(JSON.parse(document.body), { resource: resourceMetadata.resource })
    const preflight = await send(new URL(url).pathname, undefined, { method: 'OPTIONS' })
    t.is(preflight.status, 204)
    t.is((await send('/v1', good())).status, 200)
  })
}

for (const [platform, Adapter] of Object.entries(platforms)) {
  test(`${platform}: configurations with the same resource metadata start, with different ones at one path not`, async (t) => {
    const resourceMetadata = { resource: 'https://api.example.com/tasks' }
    const importing = (more) =>
      moduleOf({ imports: [EntraAuthModule.forRoot({ ...options, resourceMetadata, isGlobal: false, ...more })] })
    const start = (...modules) =>
      served(t, moduleOf({ imports: [EntraAuthModule.forRoot({ ...options, resourceMetadata }), ...modules] }), {
        Adapter
      })
    const path = '/.well-known/oauth-protected-resource'
    const same = await start(importing({ requiredRoles: ['A'] }))
    t.like(JSON.parse((await same(`${path}/tasks`)).body), resourceMetadata)
    const other = { resourceMetadata: { ...resourceMetadata, scopes: ['Task.Read'] } }
    const { code, message } = await t.throwsAsync(() => start(importing(other)))
    t.is(code, 'ERR_CONFIG')
    t.regex(message, /\/\.well-known\/oauth-protected-resource\/tasks$/)
    const elsewhere = { resourceMetadata: { resource: 'https://api.example.com/other' } }
    const both = await start(importing(elsewhere))
    t.deepEqual([(await both(`${path}/tasks`)).status, (await both(`${path}/other`)).status], [200, 200])
  })
}

test('an application without HTTP has the verifier', async (t) => {
  const { NestFactory } = await import('@nestjs/core')
  const resourceMetadata = { resource: 'https://api.example.com' }
  const module = moduleOf({ imports: [EntraAuthModule.forRoot({ ...options, resourceMetadata })] })
  const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })
  t.teardown(() => context.close())
  t.is((await context.get(EntraVerifier).verify(authority.issueToken())).tenantId, authority.tenantId)
})
