// The entry for NestJS beyond HTTP: GraphQL, gateways of Socket.IO and ws, microservices, and Nest's testing module.
// `npm test` installs what is needed; `node --test __test__/package/nest/nest.mjs`.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { ApolloDriver, ApolloFederationDriver } from '@nestjs/apollo'
import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import {
  ArgsType,
  Field,
  GraphQLModule,
  InputType,
  InterfaceType,
  ObjectType,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
  Subscription
} from '@nestjs/graphql'
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { Test } from '@nestjs/testing'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { createClient } from 'graphql-ws'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import { decorated } from '../../helpers/decorated.mjs'
import { installCopy } from '../../helpers/installed-copy.mjs'

installCopy(dirname(fileURLToPath(import.meta.url)))
const { Auth, EntraAuthGuard, EntraAuthModule, Public, RequireRole } = await import('entra-jwt-verify/nest')
const { createVerifier } = await import('entra-jwt-verify')
const { startTestAuthority } = await import('entra-jwt-verify/testing')

let authority
before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
after(() => authority.close())

const token = (overrides) => authority.issueToken(overrides)

function entra(more) {
  const { tenantId, api, url } = authority
  return EntraAuthModule.forRoot({ tenantId, clientId: api.clientId, authorityHost: url, logger: false, ...more })
}

function moduleOf(metadata) {
  return decorated(class AppModule {}, { on: [Module(metadata)] })
}

async function listening(t, module, prepare = () => {}) {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false })
  await prepare(app)
  await app.listen(0, '127.0.0.1')
  t.after(() => {
    app.getHttpServer().closeAllConnections()
    return app.close()
  })
  return `127.0.0.1:${app.getHttpServer().address().port}`
}

const handlers = () =>
  class {
    anybody() {
      return 'anybody'
    }
    caller(auth) {
      return auth.clientId
    }
    role(auth) {
      return auth.clientId
    }
    open(auth) {
      return auth?.clientId ?? 'nobody'
    }
  }

test('GraphQL: resolvers are protected one by one, and know the caller', async (t) => {
  const type = decorated(handlers(), {
    on: [Resolver()],
    methods: { anybody: [Query(), Public()], caller: [Query()], role: [Query(), RequireRole('A')] },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
  class FromConnection extends EntraAuthGuard {
    getRequest(context) {
      return context.getArgByIndex(2).elsewhere
    }
  }
  for (const [guard, context] of [
    [{ useExisting: EntraAuthGuard }, ({ req }) => ({ req })],
    [{ useExisting: EntraAuthGuard }, ({ req }) => ({ request: req })],
    // The decorator's own guard finds no request there; that in front of all handlers does.
    [{ useClass: FromConnection }, ({ req }) => ({ elsewhere: req })],
    [{ useClass: FromConnection }, ({ req }) => ({ elsewhere: req, req: { headers: {} } })]
  ]) {
    const graphql = GraphQLModule.forRoot({
      driver: ApolloDriver,
      typeDefs: 'type Query { anybody: String, caller: String, role: String }',
      context
    })
    const module = moduleOf({
      imports: [entra(), graphql],
      providers: [type, { provide: APP_GUARD, ...guard }]
    })
    const host = await listening(t, module)
    const query = async (text, overrides) => {
      const answer = await fetch(`http://${host}/graphql`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(overrides && { Authorization: `Bearer ${token(overrides)}` })
        },
        body: JSON.stringify({ query: text })
      })
      const { data, errors } = await answer.json()
      return [data, errors?.map(({ extensions }) => extensions.code)]
    }
    const { clientId } = authority.client
    assert.deepEqual(await query('{ anybody caller role }'), [
      { anybody: 'anybody', caller: null, role: null },
      ['UNAUTHENTICATED', 'UNAUTHENTICATED']
    ])
    assert.deepEqual(await query('{ anybody caller role }', {}), [
      { anybody: 'anybody', caller: clientId, role: null },
      ['FORBIDDEN']
    ])
    assert.deepEqual(await query('{ caller role }', { roles: ['A'] }), [
      { caller: clientId, role: clientId },
      undefined
    ])
    assert.deepEqual((await query('{ caller }', { roles: ['A'], expiresIn: -1 }))[0], { caller: null })
  }
})

test('GraphQL: the handlers of an operation see the token that their own configuration verified', async (t) => {
  const clients = ['11111111', '22222222'].map((start) => `${start}-0000-4000-8000-000000000000`)
  const callers = (name, decorators) => {
    const type = class {}
    type.prototype[name] = async (auth) => auth?.clientId ?? 'nobody'
    return decorated(type, {
      on: [Resolver()],
      methods: { [name]: [Query(), ...decorators] },
      parameters: { [name]: [Auth()] }
    })
  }
  const ofHeader = moduleOf({
    imports: [entra({ isGlobal: false })],
    providers: [callers('user', [UseGuards(EntraAuthGuard)])]
  })
  const getToken = ({ headers }) => headers['x-device-token']
  const ofDevice = decorated(class DeviceModule {}, {
    on: [
      Module({
        imports: [entra({ isGlobal: false, getToken, optional: true })],
        providers: [callers('device', [UseGuards(EntraAuthGuard)]), callers('anybody', [Public()])]
      })
    ]
  })
  const typeDefs = 'type Query { user: String, device: String, anybody: String }'
  const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, typeDefs })
  const host = await listening(t, moduleOf({ imports: [graphql, ofHeader, ofDevice] }))
  const [user, device] = clients.map((client) => token({ claims: { appid: client, azp: client } }))
  const query = async (text, headers) => {
    const answer = await fetch(`http://${host}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${user}`, ...headers },
      body: JSON.stringify({ query: text })
    })
    return (await answer.json()).data
  }
  for (const text of ['{ user device }', '{ device user }', '{ user device }']) {
    assert.deepEqual(await query(text, { 'x-device-token': device }), { user: clients[0], device: clients[1] })
    assert.deepEqual(await query(text), { user: clients[0], device: 'nobody' })
  }
  assert.deepEqual(await query('{ user device anybody }', { 'x-device-token': device }), {
    user: clients[0],
    device: clients[1],
    anybody: 'nobody'
  })
})

const TASKS = `
  type Query { task: Task }
  type Task @key(fields: "id") { id: ID!, salary: String, caller: String }
`

/** A resolver of a type, which is also reached from elsewhere: through `_entities`, and from fields of other types. */
function tasks({ on = [], task = [Public()], salary = [], reference = [], typeName = [] }) {
  const type = class {
    task() {
      return { id: '1' }
    }
    salary() {
      return 'salary'
    }
    caller(auth) {
      return auth?.clientId
    }
    resolveReference({ id }) {
      return { id }
    }
    __resolveType() {
      return 'Task'
    }
  }
  return decorated(type, {
    on: [...on, Resolver('Task')],
    methods: {
      task: [Query(), ...task],
      salary: [ResolveField(), ...salary],
      caller: [ResolveField(), Public()],
      resolveReference: [ResolveReference(), ...reference],
      ...(typeName.length > 0 && { __resolveType: [ResolveField(), ...typeName] })
    },
    parameters: { caller: [Auth()] }
  })
}

const federation = (options) =>
  GraphQLModule.forRoot({
    driver: ApolloFederationDriver,
    typeDefs: TASKS,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    context: ({ req }) => ({ req }),
    ...options
  })

const federationAsync = (more) =>
  GraphQLModule.forRootAsync({
    driver: ApolloFederationDriver,
    useFactory: async () => ({ typeDefs: TASKS, plugins: [ApolloServerPluginInlineTraceDisabled()], ...more })
  })

const GLOBAL = { provide: APP_GUARD, useExisting: EntraAuthGuard }
const ENHANCED = { fieldResolverEnhancers: ['guards'] }
const GATEWAY = { provide: 'GqlModuleOptions', useValue: { gateway: {} } }

/** The code and message of what keeps an application from starting; `undefined` if it starts. */
async function failure(module, prepare = () => undefined) {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false })
  prepare(app)
  const problem = await app.init().catch((error) => error)
  await app.close()
  return problem === app ? undefined : { code: problem.code, message: problem.message, hint: problem.hint }
}

test('GraphQL: a guard that Nest does not run in front of a field keeps the application from starting', async () => {
  const needsRole = { salary: [RequireRole('A')] }
  const starts = (resolver, { options, providers = [], imports } = {}) =>
    failure(
      moduleOf({ imports: imports ?? [entra(), federation(options)], providers: [tasks(resolver), ...providers] })
    )
  for (const [resolver, where, more] of [
    [needsRole, 'salary'],
    [{ salary: [UseGuards(EntraAuthGuard)] }, 'salary'],
    [{ reference: [RequireRole('A')] }, 'resolveReference'],
    // A requirement of the class covers them, as a reader of it expects.
    [{ on: [RequireRole('A')] }, 'salary'],
    [{ on: [RequireRole('A')], salary: [Public()] }, 'resolveReference'],
    // "Every handler needs a token": no query of the application leads to a reference.
    [{ salary: [Public()] }, 'resolveReference', { providers: [GLOBAL] }],
    // Of an entity without one, the client says which it is.
    [{ reference: [Public()] }, 'salary', { providers: [GLOBAL] }],
    [{ reference: [Public()] }, 'salary', { providers: [GLOBAL], imports: [entra(), federationAsync()] }],
    [needsRole, 'salary', { options: { fieldResolverEnhancers: ['filters', 'interceptors'] } }],
    [needsRole, 'salary', { imports: [entra(), federation(ENHANCED), federation({ path: '/other' })] }],
    [needsRole, 'salary', { imports: [entra(), federationAsync()] }],
    [needsRole, 'salary', { imports: [entra(), decorated(class GraphQLModule {}, { on: [Module({})] })] }]
  ]) {
    const { code, message, hint } = await starts(resolver, more)
    assert.equal(code, 'ERR_CONFIG')
    assert.match(message, new RegExp(`\\.${where}: `))
    assert.match(hint, /fieldResolverEnhancers: \['guards'\]/)
  }
  for (const [resolver, more] of [
    [{}],
    [needsRole, { options: ENHANCED }],
    [needsRole, { imports: [entra(), federationAsync(ENHANCED)] }],
    [{ on: [RequireRole('A')] }, { options: ENHANCED }],
    [{ on: [RequireRole('A')], task: [], salary: [Public()], reference: [Public()] }],
    [{ reference: [Public()], salary: [Public()] }, { providers: [GLOBAL] }],
    [{ on: [Public()] }, { providers: [GLOBAL] }],
    [{}, { providers: [GLOBAL], options: ENHANCED }],
    // Without GraphQL nothing calls it.
    [needsRole, { imports: [entra()] }]
  ]) {
    assert.equal(await starts(resolver, more), undefined)
  }

  // Global guards of another kind: those of the application object, and one that asks ours.
  class Asking {
    constructor(guard) {
      this.guard = guard
    }
    async canActivate(context) {
      return this.guard.canActivate(context)
    }
  }
  const asking = { provide: APP_GUARD, useFactory: (guard) => new Asking(guard), inject: [EntraAuthGuard] }
  assert.equal((await starts({}, { providers: [asking] })).code, 'ERR_CONFIG')
  const module = moduleOf({ imports: [entra(), federation()], providers: [tasks({})] })
  const guarded = await failure(module, (app) => app.useGlobalGuards(app.get(EntraAuthGuard)))
  assert.equal(guarded.code, 'ERR_CONFIG')
  // A gateway has no resolvers of its own.
  const gateway = decorated(class GraphQLModule {}, { on: [Module({ providers: [GATEWAY] })] })
  assert.equal(await starts(needsRole, { imports: [entra(), federation(ENHANCED), gateway] }), undefined)

  // Nest runs no guards there, whatever its options are.
  const typeDefs = `${TASKS} interface Named { salary: String }`
  const onTypeName = await starts({ typeName: [RequireRole('A')] }, { options: { ...ENHANCED, typeDefs } })
  assert.equal(onTypeName.code, 'ERR_CONFIG')
  assert.match(onTypeName.message, /__resolveType/)
  assert.equal(await starts({ on: [RequireRole('A')], typeName: [Public()] }, { options: ENHANCED }), undefined)
})

test('GraphQL: a context that all operations share keeps an application with guards from starting', async () => {
  const start = (context, decorators, providers = []) =>
    failure(
      moduleOf({
        imports: [
          entra(),
          GraphQLModule.forRoot({ driver: ApolloDriver, typeDefs: 'type Query { role: String }', context })
        ],
        providers: [
          decorated(handlers(), { on: [Resolver()], methods: { role: [Query(), ...decorators] } }),
          ...providers
        ]
      })
    )
  for (const refused of [
    await start({ db: 1 }, [RequireRole('A')]),
    await start({ db: 1 }, [], [{ provide: APP_GUARD, useExisting: EntraAuthGuard }])
  ]) {
    assert.equal(refused.code, 'ERR_CONFIG')
    assert.match(refused.message, /option context is an object/)
  }
  assert.equal(await start({ db: 1 }, []), undefined)
  assert.equal(await start(() => ({ db: 1 }), [RequireRole('A')]), undefined)
})

test('GraphQL: a requirement that was lost on a field keeps the application from starting', async () => {
  const replace = (_target, _key, descriptor) => ({ ...descriptor, value: () => 'replaced' })
  const module = moduleOf({
    imports: [entra(), federation()],
    providers: [tasks({ salary: [replace, RequireRole('A')] })]
  })
  const { code, message } = await failure(module)
  assert.equal(code, 'ERR_CONFIG')
  assert.match(message, /replaced the method/)
})

test('GraphQL: only the modules that a GraphQLModule serves have to be guarded by it', async () => {
  const Inner = moduleOf({ providers: [tasks({ salary: [RequireRole('A')] })] })
  const Guarded = moduleOf({ imports: [Inner] })
  class Open {}
  decorated(Open, { on: [Module({})] })
  const graphql = (include, options) => federation({ include, path: `/${include.length}`, ...options })
  const application = (...modules) => moduleOf({ imports: [entra(), Guarded, Open, ...modules] })
  assert.equal(await failure(application(graphql([Open]))), undefined)
  assert.equal(await failure(application(graphql([Open]), graphql([Guarded], ENHANCED))), undefined)
  assert.equal((await failure(application(graphql([Guarded])))).code, 'ERR_CONFIG')
  assert.equal((await failure(application(graphql([Open, Guarded])))).code, 'ERR_CONFIG')
})

test("GraphQL: with fieldResolverEnhancers: ['guards'], fields and references are protected", async (t) => {
  const resolver = tasks({ salary: [RequireRole('A')], reference: [RequireRole('A')] })
  const host = await listening(t, moduleOf({ imports: [entra(), federation(ENHANCED)], providers: [resolver] }))
  const query = async (text, overrides, variables) => {
    const answer = await fetch(`http://${host}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(overrides && { Authorization: `Bearer ${token(overrides)}` })
      },
      body: JSON.stringify({ query: text, variables })
    })
    const { data, errors } = await answer.json()
    return [data, errors?.map(({ extensions }) => extensions.code)]
  }
  const { clientId } = authority.client
  const field = '{ task { salary caller } }'
  assert.deepEqual(await query(field), [{ task: { salary: null, caller: null } }, ['UNAUTHENTICATED']])
  assert.deepEqual(await query(field, {}), [{ task: { salary: null, caller: clientId } }, ['FORBIDDEN']])
  assert.deepEqual(await query(field, { roles: ['A'] }), [{ task: { salary: 'salary', caller: clientId } }, undefined])

  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Task { id } } }'
  const reference = { __typename: 'Task', id: '7' }
  assert.deepEqual(await query(entities, undefined, { of: [reference] }), [{ _entities: [null] }, ['UNAUTHENTICATED']])
  assert.deepEqual(await query(entities, {}, { of: [reference] }), [{ _entities: [null] }, ['FORBIDDEN']])
  assert.deepEqual(await query(entities, { roles: ['A'] }, { of: [reference] }), [
    { _entities: [{ id: '7' }] },
    undefined
  ])
  // What the client sends is never taken for the request.
  const forged = { ...reference, req: { headers: { authorization: `Bearer ${token({ roles: ['A'] })}` } } }
  assert.deepEqual(await query(entities, undefined, { of: [forged] }), [{ _entities: [null] }, ['UNAUTHENTICATED']])
})

test('GraphQL: a requirement on a type keeps the application from starting', async (t) => {
  const starts = (decorate) => {
    // Each application has types of its own; @nestjs/graphql keeps them for the process.
    globalThis.GqlTypeMetadataStorage.clear()
    class Task {
      salary() {}
    }
    class Tasks {
      task() {}
    }
    const text = Field(() => String)
    decorated(Task, { on: decorate.on, methods: { salary: [text, ...(decorate.salary ?? [])] } })
    decorated(Tasks, { on: [Resolver()], methods: { task: [Query(() => String), Public()] } })
    const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, ...ENHANCED })
    return failure(moduleOf({ imports: [entra(), graphql], providers: [Tasks] }))
  }
  t.after(() => globalThis.GqlTypeMetadataStorage.clear())
  for (const type of [ObjectType, InterfaceType, InputType, ArgsType]) {
    for (const [decorate, where] of [
      [{ on: [type(), RequireRole('A')] }, 'Task'],
      [{ on: [type(), UseGuards(EntraAuthGuard)] }, 'Task'],
      [{ on: [type()], salary: [RequireRole('A')] }, 'Task.salary']
    ]) {
      const { code, message } = (await starts(decorate)) ?? {}
      assert.equal(code, 'ERR_CONFIG', type.name)
      assert.match(message, new RegExp(`^${where}: `))
    }
    assert.equal(await starts({ on: [type()] }), undefined)
  }
  // A class that is a type and its resolver has handlers.
  globalThis.GqlTypeMetadataStorage.clear()
  class Viewer {
    viewer() {}
    name() {}
  }
  decorated(Viewer, {
    on: [ObjectType(), Resolver(), RequireRole('A')],
    methods: { viewer: [Query(() => String), RequireRole('B')], name: [Field(() => String)] }
  })
  const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, ...ENHANCED })
  assert.equal(await failure(moduleOf({ imports: [entra(), graphql], providers: [Viewer] })), undefined)
})

test('GraphQL: the guards of a resolver that is a custom provider run, or the application does not start', async (t) => {
  const graphql = () => GraphQLModule.forRoot({ driver: ApolloDriver, typeDefs: 'type Query { role: String }' })
  const resolver = (decorators) =>
    decorated(handlers(), { on: [Resolver(), ...decorators.on], methods: { role: [Query(), ...decorators.role] } })
  const registered = [
    (type) => type,
    (type) => ({ provide: type, useClass: type }),
    (type) => ({ provide: 'resolver', useClass: type }),
    (type) => ({ provide: type, useFactory: () => new type() }),
    (type) => ({ provide: 'resolver', useValue: new type() })
  ]
  const outcomes = []
  for (const provider of registered) {
    for (const decorators of [
      { on: [], role: [RequireRole('A')] },
      { on: [RequireRole('A')], role: [] }
    ]) {
      const module = () => moduleOf({ imports: [entra(), graphql()], providers: [provider(resolver(decorators))] })
      const { code, hint } = (await failure(module())) ?? {}
      outcomes.push(code)
      if (code !== undefined) {
        assert.match(hint, /list the class itself/)
        continue
      }
      const host = await listening(t, module())
      const answer = await fetch(`http://${host}/graphql?query=%7Brole%7D`, {
        headers: { 'apollo-require-preflight': '1' }
      })
      const { errors } = await answer.json()
      assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED')
    }
  }
  assert.deepEqual([outcomes.slice(0, 2), outcomes.slice(-4)], [Array(2).fill(undefined), Array(4).fill('ERR_CONFIG')])
})

test('GraphQL: a subscription is checked when it starts, with the request that opened its connection', async (t) => {
  const type = decorated(
    class {
      anybody() {}
      async *ticks() {
        yield { ticks: 'tick' }
      }
      async *open(auth) {
        yield { open: auth?.clientId ?? 'nobody' }
      }
    },
    {
      on: [Resolver()],
      methods: {
        anybody: [Query(), Public()],
        ticks: [Subscription(), RequireRole('A')],
        open: [Subscription(), Public()]
      },
      parameters: { open: [Auth()] }
    }
  )
  const failed = 'Internal Server Error, checkAuthToken is not configured'
  for (const [context, expected] of [
    [({ req, extra }) => ({ req: req ?? extra.request }), ['Unauthorized', 'Forbidden', 'tick']],
    // The driver's own context of a connection has no headers.
    [undefined, [failed, failed, failed]]
  ]) {
    const graphql = GraphQLModule.forRoot({
      driver: ApolloDriver,
      typeDefs: 'type Query { anybody: String } type Subscription { ticks: String, open: String }',
      subscriptions: { 'graphql-ws': true },
      context
    })
    const host = await listening(t, moduleOf({ imports: [entra(), graphql], providers: [type] }))
    const subscribe = async (overrides) => {
      const headers = overrides && { Authorization: `Bearer ${token(overrides)}` }
      const client = createClient({
        // One connection for both subscriptions.
        lazy: false,
        url: `ws://${host}/graphql`,
        webSocketImpl: class extends WebSocket {
          constructor(url, protocols) {
            super(url, protocols, { headers })
          }
        }
      })
      const first = async (query) => (await client.iterate({ query }).next()).value
      const { data, errors } = await first('subscription { ticks }')
      const { open } = (await first('subscription { open }')).data
      await client.dispose()
      // A public one does not see the token of another one on the connection.
      assert.equal(open, 'nobody')
      return errors?.[0].message ?? data.ticks
    }
    assert.deepEqual([await subscribe(), await subscribe({}), await subscribe({ roles: ['A'] })], expected)
  }
})

/** A gateway, in front of which the guard has to be named: Nest runs global guards for none. */
function gateway(guard) {
  return decorated(handlers(), {
    on: [WebSocketGateway(), UseGuards(guard)],
    methods: {
      anybody: [SubscribeMessage('anybody'), Public()],
      caller: [SubscribeMessage('caller')],
      role: [SubscribeMessage('role'), RequireRole('A')],
      open: [SubscribeMessage('open'), Public()]
    },
    parameters: { caller: [Auth()], role: [Auth()], open: [Auth()] }
  })
}

test('gateways: a requirement on how clients come and go keeps the application from starting', async () => {
  for (const [name, decorator] of [
    ['handleConnection', RequireRole('A')],
    ['handleDisconnect', UseGuards(EntraAuthGuard)],
    ['afterInit', RequireRole('A')]
  ]) {
    const type = gateway(EntraAuthGuard)
    type.prototype[name] = () => {}
    const start = () =>
      failure(moduleOf({ imports: [entra()], providers: [type] }), (app) => app.useWebSocketAdapter(new WsAdapter(app)))
    assert.equal(await start(), undefined)
    decorated(type, { methods: { [name]: [decorator] } })
    const { code, message } = await start()
    assert.equal(code, 'ERR_CONFIG')
    assert.match(message, new RegExp(`\\.${name}: `))
  }
})

test('Socket.IO: each message is checked with the request that opened the connection, also its expiry', async (t) => {
  const module = moduleOf({ imports: [entra()], providers: [gateway(EntraAuthGuard)] })
  const host = await listening(t, module, (app) => app.useWebSocketAdapter(new IoAdapter(app)))
  const connect = async (authorization) => {
    const socket = io(`http://${host}`, {
      transports: ['websocket'],
      extraHeaders: authorization ? { authorization } : {}
    })
    t.after(() => socket.close())
    await new Promise((resolve) => socket.once('connect', resolve))
    return (event) =>
      new Promise((resolve) => {
        socket.once('exception', ({ status }) => resolve(status))
        socket.emit(event, {}, resolve)
      })
  }
  const { clientId } = authority.client
  const without = await connect()
  assert.deepEqual(
    [await without('anybody'), await without('caller'), await without('role')],
    ['anybody', 'error', 'error']
  )
  const good = await connect(`Bearer ${token()}`)
  assert.deepEqual([await good('anybody'), await good('caller'), await good('role')], ['anybody', clientId, 'error'])
  const withRole = await connect(`Bearer ${token({ roles: ['A'] })}`)
  assert.deepEqual([await withRole('caller'), await withRole('role')], [clientId, clientId])
  const short = await connect(`Bearer ${token({ expiresIn: 2 })}`)
  assert.equal(await short('caller'), clientId)
  await sleep(2100)
  assert.equal(await short('caller'), 'error')
  // The request of the connection still has the token of the message before.
  assert.equal(await short('open'), 'nobody')
})

test('Socket.IO: a message without an object does not see the token of another one', async (t) => {
  class TokenGuard extends EntraAuthGuard {
    getRequest(context) {
      return { headers: { authorization: `Bearer ${context.switchToWs().getData()}` } }
    }
  }
  const type = class {
    async caller(auth) {
      return auth?.clientId ?? 'nobody'
    }
  }
  decorated(type, {
    on: [WebSocketGateway()],
    methods: { caller: [SubscribeMessage('caller'), UseGuards(TokenGuard)] },
    parameters: { caller: [Auth()] }
  })
  const module = moduleOf({ imports: [entra()], providers: [type] })
  const host = await listening(t, module, (app) => app.useWebSocketAdapter(new IoAdapter(app)))
  const socket = io(`http://${host}`, { transports: ['websocket'] })
  t.after(() => socket.close())
  await once(socket, 'connect')
  const ask = (data) => new Promise((resolve) => socket.emit('caller', data, resolve))
  const clients = ['11111111', '22222222', '33333333'].map((start) => `${start}-0000-4000-8000-000000000000`)
  const tokens = clients.map((client) => token({ claims: { appid: client, azp: client } }))
  assert.equal(await ask(tokens[0]), clients[0])
  for (const [index, answer] of (await Promise.all(tokens.map(ask))).entries()) {
    assert.ok([clients[index], 'nobody'].includes(answer), `${index} ${answer}`)
  }
})

test('ws: a guard that says where the request is, and without it every message is rejected', async (t) => {
  const connections = { handleConnection: (client, request) => Object.assign(client, { upgradeRequest: request }) }
  class WsAuthGuard extends EntraAuthGuard {
    getRequest(context) {
      return context.switchToWs().getClient().upgradeRequest
    }
  }
  for (const [guard, expected] of [
    [WsAuthGuard, ['anybody', authority.client.clientId, 'nothing']],
    [EntraAuthGuard, ['anybody', 'nothing', 'nothing']]
  ]) {
    const type = gateway(guard)
    Object.assign(type.prototype, connections)
    const module = moduleOf({ imports: [entra()], providers: [type] })
    const host = await listening(t, module, (app) => app.useWebSocketAdapter(new WsAdapter(app)))
    const socket = new WebSocket(`ws://${host}`, { headers: { authorization: `Bearer ${token()}` } })
    t.after(() => socket.terminate())
    await once(socket, 'open')
    const answers = []
    for (const event of ['anybody', 'caller', 'role']) {
      socket.send(JSON.stringify({ event, data: {} }))
      // Nest sends a client of ws no exceptions.
      const nothing = sleep(500, ['"nothing"'])
      const [text] = await Promise.race([once(socket, 'message'), nothing])
      answers.push(JSON.parse(text))
    }
    assert.deepEqual(answers, expected)
  }
})

test('microservices: rejected without a request, and with one that the guard makes', async (t) => {
  class RpcAuthGuard extends EntraAuthGuard {
    getRequest(context) {
      const call = context.switchToRpc().getContext()
      call.request ??= { headers: { authorization: context.switchToRpc().getData()?.authorization } }
      return call.request
    }
  }
  for (const [guard, allowed] of [
    [RpcAuthGuard, true],
    [EntraAuthGuard, false]
  ]) {
    const type = decorated(handlers(), {
      on: [Controller()],
      methods: {
        anybody: [MessagePattern('anybody'), Public()],
        caller: [MessagePattern('caller')],
        role: [MessagePattern('role'), RequireRole('A')]
      },
      parameters: { caller: [Auth(), Payload()], role: [Auth()] }
    })
    const module = moduleOf({
      imports: [entra()],
      controllers: [type],
      providers: [{ provide: APP_GUARD, useClass: guard }]
    })
    const transport = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } }
    const app = await NestFactory.createMicroservice(module, { ...transport, logger: false, abortOnError: false })
    t.after(() => app.close())
    await app.listen()
    const { port } = app.serverInstance.server.address()
    const client = ClientProxyFactory.create({ ...transport, options: { host: '127.0.0.1', port } })
    t.after(() => client.close())
    const call = (pattern, overrides) =>
      new Promise((resolve) => {
        const authorization = overrides && `Bearer ${token(overrides)}`
        client.send(pattern, { authorization }).subscribe({ next: resolve, error: () => resolve('error') })
      })
    const { clientId } = authority.client
    assert.equal(await call('anybody'), 'anybody')
    assert.equal(await call('caller'), 'error')
    assert.equal(await call('caller', {}), allowed ? clientId : 'error')
    assert.equal(await call('role', {}), 'error')
    assert.equal(await call('role', { roles: ['A'] }), allowed ? clientId : 'error')
  }
})

test('a hybrid application has guards in front of routes and of messages', async (t) => {
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller'), RequireRole('A')], role: [MessagePattern('role'), RequireRole('A')] },
    parameters: { caller: [Auth()] }
  })
  const transport = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } }
  let microservice
  const host = await listening(t, moduleOf({ imports: [entra()], controllers: [type] }), async (app) => {
    microservice = app.connectMicroservice(transport)
    await app.init()
    await app.startAllMicroservices()
  })
  const { port } = microservice.serverInstance.server.address()
  const client = ClientProxyFactory.create({ ...transport, options: { host: '127.0.0.1', port } })
  t.after(() => client.close())
  const answer = await new Promise((resolve) => {
    client.send('role', {}).subscribe({ next: resolve, error: () => resolve('error') })
  })
  assert.equal(answer, 'error')
  assert.equal((await fetch(`http://${host}/caller`)).status, 401)
})

test('a handler of a hybrid application sees the caller of each transport', async (t) => {
  class RpcAuthGuard extends EntraAuthGuard {
    getRequest(context) {
      if (context.getType() !== 'rpc') return super.getRequest(context)
      const call = context.switchToRpc().getContext()
      call.request ??= { headers: { authorization: context.switchToRpc().getData()?.authorization } }
      return call.request
    }
  }
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller'), MessagePattern('caller'), UseGuards(RpcAuthGuard)] },
    parameters: { caller: [Auth()] }
  })
  const transport = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } }
  let microservice
  const module = moduleOf({
    imports: [entra()],
    controllers: [type],
    providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
  })
  const host = await listening(t, module, async (app) => {
    microservice = app.connectMicroservice(transport)
    await app.init()
    await app.startAllMicroservices()
  })
  const { port } = microservice.serverInstance.server.address()
  const client = ClientProxyFactory.create({ ...transport, options: { host: '127.0.0.1', port } })
  t.after(() => client.close())
  const authorization = `Bearer ${token()}`
  const byRpc = (data) =>
    new Promise((resolve) => client.send('caller', data).subscribe({ next: resolve, error: () => resolve('error') }))
  const byHttp = async (headers) => {
    const response = await fetch(`http://${host}/caller`, { headers })
    return response.status === 200 ? await response.text() : response.status
  }
  const { clientId } = authority.client
  for (let times = 0; times < 2; times++) {
    assert.deepEqual([await byHttp({ authorization }), await byRpc({ authorization })], [clientId, clientId])
    assert.deepEqual([await byHttp({}), await byRpc({})], [401, 'error'])
  }
})

test('the testing module: guards can be overridden, and each stands for itself', async (t) => {
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller')], role: [Get('role'), RequireRole('A')] },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
  const auth = await authorityVerifier().verify(token())
  const open = {
    canActivate(context) {
      context.switchToHttp().getRequest().auth = auth
      return true
    }
  }
  const statuses = async (builder) => {
    const app = (await builder.compile()).createNestApplication({ logger: false })
    await app.listen(0, '127.0.0.1')
    t.after(() => app.close())
    const { port } = app.getHttpServer().address()
    const status = async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return answer.status === 200 ? answer.text() : answer.status
    }
    return [await status('/caller'), await status('/role')]
  }
  const { clientId } = authority.client
  // No EntraAuthModule is needed where its guard is replaced.
  const alone = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller'), UseGuards(EntraAuthGuard)], role: [Get('role'), RequireRole('A')] },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
  const unit = Test.createTestingModule({ controllers: [alone] })
    .overrideGuard(EntraAuthGuard)
    .useValue(open)
  assert.deepEqual(await statuses(unit), [clientId, clientId])

  // One override stands for the guard in front of all handlers, the other for those that decorators bring.
  class AppAuthGuard extends EntraAuthGuard {}
  const application = {
    imports: [entra()],
    controllers: [type],
    providers: [AppAuthGuard, { provide: APP_GUARD, useExisting: AppAuthGuard }]
  }
  const testing = () => Test.createTestingModule(application)
  assert.deepEqual(await statuses(testing()), [401, 401])
  assert.deepEqual(await statuses(testing().overrideGuard(EntraAuthGuard).useValue(open)), [401, 401])
  assert.deepEqual(await statuses(testing().overrideProvider(AppAuthGuard).useValue(open)), [clientId, 401])
  const whole = testing().overrideProvider(AppAuthGuard).useValue(open).overrideGuard(EntraAuthGuard).useValue(open)
  assert.deepEqual(await statuses(whole), [clientId, clientId])
})

function authorityVerifier() {
  const { tenantId, api, url } = authority
  return createVerifier({ tenantId, clientId: api.clientId, authorityHost: url })
}
