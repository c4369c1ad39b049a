// Upgrades that a server gives to a framework, as @fastify/websocket does: nobody reads from the connection of a rejected one, so that it
// would stay for ever.
import { once } from 'node:events'
import { createServer, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { createCheckAuthToken as createPlugin, requireRole as fastifyRole } from 'entra-jwt-verify/fastify'
import { createCheckAuthToken as createKoa, requireRole as koaRole } from 'entra-jwt-verify/koa'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.context = { authority, options: { ...optionsFor(authority), logger: false } }
})
test.after.always((t) => t.context.authority.close())

/** A server whose upgrades are handled by `onUpgrade`; resolves when it has no connection left to a client that never ends its own. */
async function upgrade(t, onUpgrade, authorization) {
  const server = createServer()
  const ended = new Promise((resolve) => {
    server.on('upgrade', (req, socket) => {
      socket.on('error', () => undefined).on('close', resolve)
      onUpgrade(req, socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => client.destroy())
  client.on('error', () => undefined)
  // What nobody reads keeps a connection open whose end nobody sees then.
  client.on('end', () => client.write('x'))
  const header = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`
  client.write(`GET / HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${header}\r\n`)
  const answered = new Promise((resolve) => client.on('end', resolve).on('close', resolve))
  let received = ''
  client.setEncoding('utf8').on('data', (text) => (received += text))
  t.is(await Promise.race([ended.then(() => 'ended'), sleep(5000, 'still connected')]), 'ended')
  await answered
  return received.split('\r\n', 1)[0]
}

/** A response for the connection of an upgrade. */
function assigned(req, socket) {
  const res = new ServerResponse(req)
  res.assignSocket(socket)
  return res
}

test('Express: an upgrade ends its connection, whatever is passed in place of a response', async (t) => {
  const { options } = t.context
  const fails = () => {
    throw new Error('the application fails')
  }
  const answers = [(_error, _req, res) => res.end('no'), async (_error, _req, res) => res.end('no'), fails]
  for (const responses of ['classic', 'rfc6750', 'next', ...answers]) {
    const check = createCheckAuthToken({ ...options, responses })
    const unassigned = (req) => new ServerResponse(req)
    const withResponse = [unassigned, assigned]
    for (const response of [
      () => ({}),
      () => ({ locals: {} }),
      () => Object.create(null),
      (_req, socket) => socket,
      ...withResponse
    ]) {
      // A function of the application can only answer with a response.
      if (typeof responses === 'function' && !withResponse.includes(response)) continue
      await upgrade(t, (req, socket) => check(req, response(req, socket), () => t.fail('admitted')))
    }
  }
})

/** The values of `responses`, with functions of the application around one that answers. */
const responsesOf = (answer) => ({
  classic: 'classic',
  rfc6750: 'rfc6750',
  next: 'next',
  'a function that answers': answer,
  'a function that answers in a promise': async (...given) => {
    await sleep(20)
    await answer(...given)
  },
  'a function that throws': () => {
    throw new Error('the application fails')
  }
})

/** How frameworks reject a request without a token, and one without a role: functions of the options that make a listener. */
const applications = []

for (const [framework, express] of [
  ['Express 5', express5],
  ['Express 4', express4]
]) {
  const end = (error, _req, res) => res.writeHead(error.status, error.headers).end('no')
  const endLater = (...given) => void setTimeout(end, 20, ...given)
  const application = (responses) => (options) => {
    const app = express().set('env', 'test')
    return app.use(createCheckAuthToken({ ...options, responses }), requireRole('Admin'))
  }
  for (const [name, responses] of Object.entries({ ...responsesOf(end), 'a function that answers later': endLater })) {
    applications.push([`${framework}, ${name}`, application(responses)])
  }
  const handler = (error, _req, res, _next) => setTimeout(() => res.status(error.status).json({}), 20)
  applications.push([`${framework}, next, own error handler`, (options) => application('next')(options).use(handler)])
}

for (const [framework, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2]
]) {
  const answer = (error, ctx) => Object.assign(ctx, { status: error.status, body: 'no' })
  for (const [name, responses] of Object.entries(responsesOf(answer))) {
    applications.push([
      `${framework}, ${name}`,
      (options) => {
        const app = new Koa()
        app.silent = true
        return app
          .use(createKoa({ ...options, responses }))
          .use(koaRole('Admin'))
          .callback()
      }
    ])
  }
}

const send = (error, _request, reply) => void reply.code(error.status).send('no')
const sendLater = (...given) => void setTimeout(send, 20, ...given)
for (const [name, responses] of Object.entries({ ...responsesOf(send), 'a function that answers later': sendLater })) {
  applications.push([
    `Fastify, ${name}`,
    async (options) => {
      const app = fastify()
      app.register(createPlugin({ ...options, responses }))
      app.get('/', { preHandler: fastifyRole('Admin') }, async () => 'reached')
      await app.ready()
      return app.routing
    }
  ])
}

for (const [name, application] of applications) {
  test(`${name}: a rejected upgrade is answered, and its connection ended`, async (t) => {
    const { authority, options } = t.context
    const app = await application(options)
    for (const [authorization, status] of [
      [undefined, 401],
      [authority.bearer({ expiresIn: -1 }), 401],
      [authority.bearer(), 403]
    ]) {
      const answered = await upgrade(t, (req, socket) => app(req, assigned(req, socket)), authorization)
      t.is(answered.split(' ')[1], String(name.endsWith('throws') ? 500 : status))
    }
  })
}

test('an upgrade that an error handler accepts after all keeps its connection', async (t) => {
  const app = express5().use(createCheckAuthToken({ ...t.context.options, responses: 'next' }))
  app.use((_error, req, res, _next) => {
    res.writeHead(101, { Connection: 'Upgrade', Upgrade: 'websocket' }).end()
    // What the client hears after the response has been written.
    setTimeout(() => req.socket.end('accepted'), 100)
  })
  const server = createServer().on('upgrade', (req, socket) => app(req, assigned(req, socket)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const client = connect(server.address().port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  t.regex(String(await client.toArray()), /^HTTP\/1.1 101 [\s\S]*accepted$/)
})
