// Gateways of Socket.IO and ws: each message is checked.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { UseGuards } from '@nestjs/common'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { io } from 'socket.io-client'
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

test('Socket.IO: a guard that takes the token of the handshake, for messages without a payload too', async (t) => {
  class HandshakeGuard extends EntraAuthGuard {
    getRequest(context) {
      return { headers: { authorization: `Bearer ${context.switchToWs().getClient().handshake.auth.token}` } }
    }
  }
  const module = moduleOf({ imports: [entra()], providers: [gateway(HandshakeGuard)] })
  const host = await listening(t, module, (app) => app.useWebSocketAdapter(new IoAdapter(app)))
  const socket = io(`http://${host}`, { transports: ['websocket'], auth: { token: token() } })
  t.after(() => socket.close())
  await once(socket, 'connect')
  for (const data of [[], ['text'], [{}], [], ['text']]) {
    assert.equal(await new Promise((resolve) => socket.emit('caller', ...data, resolve)), authority.client.clientId)
  }
})

test('Socket.IO: a guard that asks ours with a context of its own hears about the token, also on a public handler', async (t) => {
  for (const type of [
    (context) => anew(context, 'http', context.switchToWs().getClient().request),
    (context) => anew(context, 'http', { headers: context.switchToWs().getClient().request.headers }),
    (context) => anew(context, 'ws', ...context.getArgs()),
    (context) => anew(context, 'ws', ...context.getArgs().slice(0, 2)),
    (context) => context
  ].map(asking)) {
    const resolver = decorated(handlers(), {
      on: [WebSocketGateway()],
      methods: { anybody: [SubscribeMessage('anybody'), Public(), UseGuards(type)] }
    })
    const module = moduleOf({ imports: [entra()], providers: [resolver] })
    const host = await listening(t, module, (app) => app.useWebSocketAdapter(new IoAdapter(app)))
    for (const [authorization, expected] of [
      [undefined, 'error'],
      [`Bearer ${token({ expiresIn: -1 })}`, 'error'],
      [`Bearer ${token()}`, 'anybody']
    ]) {
      const socket = io(`http://${host}`, {
        transports: ['websocket'],
        extraHeaders: authorization ? { authorization } : {}
      })
      t.after(() => socket.close())
      await once(socket, 'connect')
      const answer = await new Promise((resolve) => {
        socket.once('exception', ({ status }) => resolve(status))
        socket.emit('anybody', {}, resolve)
      })
      assert.equal(answer, expected)
    }
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
