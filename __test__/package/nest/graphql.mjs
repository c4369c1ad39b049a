// Resolvers under GraphQL: each query, mutation and subscription, and types.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApolloDriver } from '@nestjs/apollo'
import { Module, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import {
  ArgsType,
  Field,
  GqlExecutionContext,
  GraphQLModule,
  InputType,
  InterfaceType,
  ObjectType,
  Query,
  Resolver,
  Subscription
} from '@nestjs/graphql'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { decorated } from '../../helpers/decorated.mjs'
import {
  Auth,
  anew,
  asking,
  authority,
  EntraAuthGuard,
  entra,
  failure,
  handlers,
  listening,
  moduleOf,
  Public,
  RequireRole,
  token
} from './application.mjs'

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

test('GraphQL: a guard that asks ours with a context of its own hears about the token, also on a public handler', async (t) => {
  const requestOf = (context) => context.getArgByIndex(2).req
  const types = [
    (context) => anew(context, 'http', requestOf(context), {}),
    (context) => anew(context, 'http', { headers: requestOf(context).headers }, {}),
    (context) => anew(context, 'graphql', null, {}, { req: requestOf(context) }),
    (context) => anew(context, 'graphql', null, {}, { req: requestOf(context) }, { ...context.getArgByIndex(3) }),
    GqlExecutionContext.create
  ].map(asking)
  for (const providers of [[], [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]]) {
    for (const type of types) {
      const resolver = decorated(handlers(), {
        on: [Resolver()],
        methods: { anybody: [Query(), Public(), UseGuards(type)], open: [Query(), Public()] }
      })
      const graphql = GraphQLModule.forRoot({
        driver: ApolloDriver,
        typeDefs: 'type Query { anybody: String, open: String }'
      })
      const host = await listening(t, moduleOf({ imports: [entra(), graphql], providers: [resolver, ...providers] }))
      const query = async (headers) => {
        const answer = await fetch(`http://${host}/graphql?query=%7Ba:anybody,b:anybody,open%7D`, {
          headers: { 'apollo-require-preflight': '1', ...headers }
        })
        return (await answer.json()).data
      }
      assert.deepEqual(await query({}), { a: null, b: null, open: 'nobody' })
      const expired = { authorization: `Bearer ${token({ expiresIn: -1 })}` }
      assert.deepEqual(await query(expired), { a: null, b: null, open: 'nobody' })
      const good = { authorization: `Bearer ${token()}` }
      assert.deepEqual(await query(good), { a: 'anybody', b: 'anybody', open: 'nobody' })
    }
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
    const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true })
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
  const graphql = GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true })
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
