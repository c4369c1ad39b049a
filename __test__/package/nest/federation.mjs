// Fields and references of a federated GraphQL application, in front of which Nest runs guards only if it is told to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { ApolloFederationDriver } from '@nestjs/apollo'
import { Module, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { GraphQLModule, Query, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql'
import { decorated } from '../../helpers/decorated.mjs'
import {
  Auth,
  asking,
  authority,
  EntraAuthGuard,
  entra,
  failure,
  listening,
  moduleOf,
  Public,
  RequireRole,
  token
} from './application.mjs'

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

test('GraphQL: each of the references of a query is public, however long other guards take', async (t) => {
  let calls = 0
  const limiter = {
    canActivate: async () => {
      await sleep(20 * (calls++ % 3))
      return true
    }
  }
  const on = (reference) => tasks({ salary: [Public()], reference })
  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Task { id } } }'
  const of = ['1', '2', '3'].map((id) => ({ __typename: 'Task', id }))
  for (const [reference, expected] of [
    [[Public()], of.map(({ id }) => ({ id }))],
    [[Public(), UseGuards(asking((context) => context))], of.map(() => null)]
  ]) {
    const module = moduleOf({
      imports: [entra(), federation(ENHANCED)],
      providers: [on(reference), { provide: APP_GUARD, useValue: limiter }, GLOBAL]
    })
    const host = await listening(t, module)
    const answer = await fetch(`http://${host}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: entities, variables: { of } })
    })
    assert.deepEqual((await answer.json()).data._entities, expected)
  }
})
