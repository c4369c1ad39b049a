// The entry for NestJS beyond HTTP: GraphQL, gateways of Socket.IO and ws, microservices, and Nest's testing module.
// `npm test` installs what is needed; `node --test __test__/package/nest/nest.mjs`.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ApolloDriver } from '@nestjs/apollo'
import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql'
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { Test } from '@nestjs/testing'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
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

/** A gateway, in front of which the guard has to be named: Nest runs global guards for none. */
function gateway(guard) {
  return decorated(handlers(), {
    on: [WebSocketGateway(), UseGuards(guard)],
    methods: {
      anybody: [SubscribeMessage('anybody'), Public()],
      caller: [SubscribeMessage('caller')],
      role: [SubscribeMessage('role'), RequireRole('A')]
    },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
}

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
