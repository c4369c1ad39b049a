// Microservices, and hybrid applications, which have routes too.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Controller, Get, UseGuards } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { ClientProxyFactory, MessagePattern, Payload, Server, Transport } from '@nestjs/microservices'
import { decorated } from '../../helpers/decorated.mjs'
import {
  Auth,
  anew,
  asking,
  authority,
  EntraAuthGuard,
  entra,
  handlers,
  listening,
  moduleOf,
  Public,
  RequireRole,
  token
} from './application.mjs'

const TCP = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } }

/** Sends a message to a microservice; resolves to its answer, or to 'error'. */
function senderTo(t, microservice) {
  const { port } = microservice.serverInstance.server.address()
  const client = ClientProxyFactory.create({ ...TCP, options: { ...TCP.options, port } })
  t.after(() => client.close())
  return (pattern, data) =>
    new Promise((resolve) => client.send(pattern, data).subscribe({ next: resolve, error: () => resolve('error') }))
}

/** An application with routes at `host` and with messages. */
async function hybrid(t, metadata) {
  let microservice
  const host = await listening(t, moduleOf(metadata), async (app) => {
    microservice = app.connectMicroservice(TCP)
    await app.init()
    await app.startAllMicroservices()
  })
  return { host, send: senderTo(t, microservice) }
}

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
    const app = await NestFactory.createMicroservice(module, { ...TCP, logger: false, abortOnError: false })
    t.after(() => app.close())
    await app.listen()
    const send = senderTo(t, app)
    const call = (pattern, overrides) => send(pattern, { authorization: overrides && `Bearer ${token(overrides)}` })
    const { clientId } = authority.client
    assert.equal(await call('anybody'), 'anybody')
    assert.equal(await call('caller'), 'error')
    assert.equal(await call('caller', {}), allowed ? clientId : 'error')
    assert.equal(await call('role', {}), 'error')
    assert.equal(await call('role', { roles: ['A'] }), allowed ? clientId : 'error')
  }
})

test('microservices: a guard that asks ours with a context of its own hears about the token, also on a public handler', async (t) => {
  const requestOf = (context) => ({ headers: { authorization: context.switchToRpc().getData().authorization } })
  const asHttp = asking((context) => anew(context, 'http', requestOf(context), {}))
  // It looks for the request where no microservice has one.
  const asRpc = asking((context) => anew(context, 'rpc', requestOf(context)))
  for (const [guard, expected, global] of [
    [asHttp, 'anybody', []],
    [asHttp, 'anybody', [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]],
    [asRpc, 'error', []]
  ]) {
    const type = decorated(handlers(), {
      on: [Controller()],
      methods: {
        anybody: [MessagePattern('anybody'), Public(), UseGuards(guard)],
        open: [MessagePattern('open'), Public()]
      }
    })
    const module = moduleOf({ imports: [entra()], controllers: [type], providers: global })
    const app = await NestFactory.createMicroservice(module, { ...TCP, logger: false, abortOnError: false })
    t.after(() => app.close())
    await app.listen()
    const send = senderTo(t, app)
    assert.equal(await send('open', {}), 'nobody')
    assert.equal(await send('anybody', {}), 'error')
    assert.equal(await send('anybody', { authorization: `Bearer ${token({ expiresIn: -1 })}` }), 'error')
    assert.equal(await send('anybody', { authorization: `Bearer ${token()}` }), expected)
  }
})

test('microservices: a public handler of a transport without a context is one', async (t) => {
  class Direct extends Server {
    listen(done) {
      done()
    }
    close() {}
    async call(pattern, ...given) {
      return this.transformToObservable(await this.getHandlerByPattern(pattern)(...given))
    }
  }
  const strategy = new Direct()
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { open: [MessagePattern('open'), Public()], caller: [MessagePattern('caller')] }
  })
  const module = moduleOf({
    imports: [entra()],
    controllers: [type],
    providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
  })
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false, abortOnError: false })
  t.after(() => app.close())
  await app.listen()
  const answered = async (pattern, ...given) => {
    const answer = await strategy.call(pattern, ...given)
    return new Promise((resolve) => answer.subscribe({ next: resolve, error: () => resolve('error') }))
  }
  for (const given of [['data'], ['data', {}], [{}, {}]]) {
    for (let times = 0; times < 2; times++) assert.equal(await answered('open', ...given), 'nobody')
    assert.equal(await answered('caller', ...given), 'error')
  }
})

test('a hybrid application has guards in front of routes and of messages', async (t) => {
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller'), RequireRole('A')], role: [MessagePattern('role'), RequireRole('A')] },
    parameters: { caller: [Auth()] }
  })
  const { host, send } = await hybrid(t, { imports: [entra()], controllers: [type] })
  assert.equal(await send('role', {}), 'error')
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
  const { host, send } = await hybrid(t, {
    imports: [entra()],
    controllers: [type],
    providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
  })
  const authorization = `Bearer ${token()}`
  const byRpc = (data) => send('caller', data)
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
