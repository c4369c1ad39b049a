// Frameworks that have no entry of their own: each runs the lines of docs/frameworks/others.md, which stand in apps/, behind a
// test authority. A good token arrives with its caller; a forged one, another bad one and none do not.
// `npm test` installs what is needed; `node --test __test__/frameworks/frameworks.mjs`.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTRPCClient, httpLink } from '@trpc/client'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import { installCopy } from '../helpers/installed-copy.mjs'
import { authorityOf, bearer, callerFrom, check, start, variant } from './harness.mjs'

const here = dirname(fileURLToPath(import.meta.url))
installCopy(here)

test('docs/frameworks/others.md has the programs that run here, and no other', () => {
  const document = readFileSync(join(here, '..', '..', 'docs', 'frameworks', 'others.md'), 'utf8')
  const listings = [...document.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, listing]) => listing)
  const files = [
    ...readdirSync(join(here, 'apps')).map((name) => join('apps', name)),
    join('tsoa', 'authentication.ts')
  ]
  const programs = files.map((file) => readFileSync(join(here, file), 'utf8'))
  assert.deepEqual(listings.toSorted(), programs.toSorted())
})

/** Applications that answer GET / with the caller. */
for (const name of ['restify', 'h3', 'fastify-express', 'swagger-ui-express', 'express-openapi-validator']) {
  test(name, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `apps/${name}.mjs`, authority.env)
    await check(authority, async (token) => callerFrom(await fetch(`http://${host}/`, { headers: bearer(token) })))

    if (name === 'swagger-ui-express') {
      const page = await fetch(`http://${host}/docs/`)
      assert.match(await page.text(), /swagger-ui/)
    }
    if (name === 'express-openapi-validator') {
      assert.deepEqual(await statuses(host, authority), [401, 403, 200])
    }
  })
}

test('tsoa', async (t) => {
  // Routes are generated from the controllers, and all of it is compiled.
  const cwd = join(here, 'tsoa')
  for (const command of [
    ['@tsoa/cli/dist/cli.js', 'routes'],
    ['typescript/bin/tsc', '-p', '.']
  ]) {
    const [script, ...args] = command
    await promisify(execFile)(process.execPath, [join(here, 'node_modules', script), ...args], { cwd })
  }
  const authority = await authorityOf(t)
  const host = await start(t, 'tsoa/build/js/app.js', authority.env)
  await check(authority, async (token) => callerFrom(await fetch(`http://${host}/`, { headers: bearer(token) })))
  assert.deepEqual(await statuses(host, authority), [401, 403, 200])
})

/** What the route that wants a scope answers to no token, to one without the scope, and to one with it. */
function statuses(host, { token }) {
  return Promise.all(
    [undefined, token(), token({ scopes: ['Task.Read'] })].map(async (sent) => {
      return (await fetch(`http://${host}/tasks`, { headers: bearer(sent) })).status
    })
  )
}

for (const name of ['restify', 'h3']) {
  test(`${name}: each request reaches its handler once or never, also where something is waited for`, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `counted-${name}.mjs`, authority.env)
    const unknownKey = authority.bad[3]
    const group = (answer) => authority.token({ scopes: ['Task.Read'], claims: { hasgroups: true, answer } })
    let expected = 0
    for (const [path, token, status] of [
      ['/closed', unknownKey, 500],
      ['/closed', authority.token(), 200],
      ['/own', unknownKey, 401],
      ['/own', undefined, 401],
      ['/own', authority.token(), 200],
      ['/group', group(false), 403],
      ['/group', group(true), 200]
    ]) {
      const answer = await fetch(`http://${host}${path}`, { headers: bearer(token) })
      await answer.text()
      assert.equal(answer.status, status, path)
      if (status === 200) expected++
      // What happens after the answer.
      await sleep(50)
      assert.deepEqual(await (await fetch(`http://${host}/reached`)).json(), { reached: expected }, `${path} ${status}`)
    }
  })
}

test('restify: a request that is rejected after another handler has answered does not reach its handler', async (t) => {
  const authority = await authorityOf(t)
  const host = await start(t, 'counted-restify.mjs', authority.env)
  for (const token of authority.bad) {
    assert.equal((await fetch(`http://${host}/answered`, { headers: bearer(token) })).status, 202)
  }
  await sleep(50)
  assert.deepEqual(await (await fetch(`http://${host}/reached`)).json(), { reached: 0 })
})

test('h3: a guard that is passed without fromNodeMiddleware admits nobody', async (t) => {
  const authority = await authorityOf(t)
  const host = await start(t, 'counted-h3.mjs', authority.env)
  for (const path of ['/one-argument', '/hook-one-argument']) {
    for (const token of [undefined, authority.token(), authority.token({ roles: ['Admin'] })]) {
      const { status } = await fetch(`http://${host}${path}`, { headers: bearer(token) })
      assert.equal(status, token === undefined && path === '/one-argument' ? 401 : 500, path)
    }
  }
  assert.deepEqual(await (await fetch(`http://${host}/reached`)).json(), { reached: 0 })
})

test('http2', async (t) => {
  const authority = await authorityOf(t)
  const client = connectHttp2(`http://${await start(t, 'apps/http2.mjs', authority.env)}`)
  t.after(() => client.close())
  await check(authority, async (token) => {
    const stream = client.request({ ':path': '/', ...bearer(token) })
    const [headers] = await once(stream, 'response')
    const body = await new Response(stream).text()
    return callerFrom(new Response(body, { status: headers[':status'], headers: ordinary(headers) }))
  })
})

const ordinary = (headers) => Object.entries(headers).filter(([name]) => !name.startsWith(':'))

for (const [name, query] of [
  ['apollo-server', '/graphql'],
  ['graphql-yoga', '/graphql']
]) {
  test(name, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `apps/${name}.mjs`, authority.env)
    await check(authority, async (token) => {
      const answer = await fetch(`http://${host}${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(token) },
        body: JSON.stringify({ query: '{ client }' })
      })
      return callerFrom(answer, ({ data }) => data.client)
    })
  })
}

test('graphql-yoga: a subscription ends when its token expires', async (t) => {
  const authority = await authorityOf(t)
  const ticks =
    '{ subscribe: async function* () { while (true) yield await new Promise((resolve) => setTimeout(resolve, 100, { tick: Date.now() })) } }'
  const file = variant('graphql-yoga', [
    ['type Query { client: String }', 'type Query { client: String } type Subscription { tick: Float }'],
    ['resolvers: {', `resolvers: { Subscription: { tick: ${ticks} },`]
  ])
  const host = await start(t, file, authority.env)
  const subscribe = (token) => {
    const query = encodeURIComponent('subscription { tick }')
    const headers = { accept: 'text/event-stream', ...bearer(token) }
    return fetch(`http://${host}/graphql?query=${query}`, { headers, signal: AbortSignal.timeout(5000) })
  }
  for (const token of authority.bad) assert.ok((await subscribe(token)).status >= 401)
  const reader = (await subscribe(authority.token(MONTH))).body.getReader()
  for (let read = 0; read < 3; read++) assert.equal((await reader.read()).done, false)
  await reader.cancel()
  const expires = (Math.floor(Date.now() / 1000) + 2) * 1000
  let received = ''
  const reading = async () => {
    for await (const part of (await subscribe(authority.token({ expiresIn: 2 }))).body) received += Buffer.from(part)
  }
  // The response is cut off, not waited for.
  await assert.rejects(reading, { message: 'terminated' })
  const ticked = [...received.matchAll(/"tick":(\d+)/g)].map(([, time]) => Number(time))
  assert.ok(ticked.length > 3, received)
  assert.ok(ticked.every((time) => time < expires + 100))
})

test('trpc', async (t) => {
  const authority = await authorityOf(t)
  const url = `http://${await start(t, 'apps/trpc.mjs', authority.env)}`
  await check(authority, async (token) => {
    const client = createTRPCClient({ links: [httpLink({ url, headers: bearer(token) })] })
    const caller = client.caller.query().catch(() => ({ client: undefined }))
    return (await caller).client
  })
  const { status, headers } = await fetch(`${url}/caller`)
  assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer'])
})

/** Events of AWS API Gateway: with payload version 2.0, and with 1.0. */
const EVENTS = {
  '2.0': (headers) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers,
    requestContext: { http: { method: 'GET', path: '/', sourceIp: '127.0.0.1' }, stage: '$default' },
    isBase64Encoded: false
  }),
  '1.0': (headers) => ({
    resource: '/{proxy+}',
    httpMethod: 'GET',
    path: '/',
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    requestContext: { httpMethod: 'GET', path: '/', stage: 'prod', identity: { sourceIp: '127.0.0.1' } },
    body: null,
    isBase64Encoded: false
  })
}

for (const name of ['serverless-http', 'serverless-express']) {
  for (const [version, eventOf] of Object.entries(EVENTS)) {
    test(`${name}, events of version ${version}`, async (t) => {
      const authority = await authorityOf(t)
      const host = await start(t, 'lambda.mjs', { ...authority.env, HANDLER: `./apps/${name}.mjs` })
      await check(authority, async (token) => {
        const event = JSON.stringify(eventOf(bearer(token)))
        const result = await (await fetch(`http://${host}`, { method: 'POST', body: event })).json()
        const { statusCode, headers, multiValueHeaders, body } = result
        return callerFrom(new Response(body, { status: statusCode, headers: headers ?? single(multiValueHeaders) }))
      })
    })
  }
}

const single = (headers) => Object.entries(headers).map(([name, [value]]) => [name, value])

/** The first message of a WebSocket, or how it was refused or closed. */
function firstMessage(host, token) {
  const socket = new WebSocket(`ws://${host}/`, { headers: bearer(token) })
  return new Promise((resolve) => {
    socket.once('message', (text) => resolve({ client: JSON.parse(text).client, socket }))
    socket.once('unexpected-response', (_request, { statusCode, headers }) => {
      resolve({ statusCode, challenge: headers['www-authenticate'] })
    })
    socket.once('error', () => resolve({}))
    socket.once('close', () => resolve({}))
  })
}

/** A token that is valid for longer than a timer of Node.js can be: it would fire at once. */
const MONTH = { expiresIn: 30 * 24 * 60 * 60 }

async function staysOpen(host, authority) {
  const { socket } = await firstMessage(host, authority.token(MONTH))
  await sleep(200)
  assert.equal(socket.readyState, WebSocket.OPEN)
  socket.terminate()
}

for (const name of ['ws', 'h3-websocket']) {
  test(`${name}: the upgrade is refused with a status, and the connection ends when the token expires`, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `apps/${name}.mjs`, authority.env)
    await check(authority, async (token) => {
      const { client, socket, statusCode, challenge } = await firstMessage(host, token)
      socket?.terminate()
      if (client === undefined) assert.deepEqual([statusCode, challenge.slice(0, 6)], [401, 'Bearer'])
      return client
    })
    const { socket } = await firstMessage(host, authority.token({ expiresIn: 2 }))
    const [code] = await once(socket, 'close')
    assert.equal(code, name === 'ws' ? 1008 : 1006)
    await staysOpen(host, authority)
  })
}

test('express-ws: a connection that is refused is closed before it gets anything, another one when the token expires', async (t) => {
  const authority = await authorityOf(t)
  const host = await start(t, 'apps/express-ws.mjs', authority.env)
  await check(authority, async (token) => {
    const { client, socket } = await firstMessage(host, token)
    socket?.terminate()
    return client
  })
  const { socket } = await firstMessage(host, authority.token({ expiresIn: 2 }))
  const [code] = await once(socket, 'close')
  assert.equal(code, 1008)
  await staysOpen(host, authority)
})

test('express-ws: the middleware on a route ends every connection', async (t) => {
  const authority = await authorityOf(t)
  const file = variant('express-ws', [
    ["app.ws('/', (socket, req) => {", "app.ws('/', checkAuthToken, (socket, req) => {"]
  ])
  const host = await start(t, file, authority.env)
  const patience = sleep(3000, 'still connected', { ref: false })
  for (const token of [undefined, authority.token()]) {
    // Behind the same middleware in front of the route, which refuses the first.
    assert.deepEqual(await Promise.race([firstMessage(host, token), patience]), {})
  }
})

/** The upgrade of a client that speaks HTTP itself; resolves to its socket, after the response. */
async function upgraded(t, host, token) {
  const [hostname, port] = host.split(':')
  const socket = connect({ host: hostname, port, allowHalfOpen: true })
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  const headers = { ...bearer(token), Host: host, Connection: 'Upgrade', Upgrade: 'websocket' }
  const lines = Object.entries({
    ...headers,
    'Sec-WebSocket-Version': 13,
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA=='
  })
  socket.write(`GET / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  await once(socket, 'data')
  return socket
}

for (const name of ['ws', 'express-ws', 'h3-websocket']) {
  test(`${name}: a malformed frame ends its own connection at most, whoever sends it`, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `apps/${name}.mjs`, authority.env)
    for (const token of [undefined, authority.token()]) {
      const socket = await upgraded(t, host, token)
      const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')))
      const sending = setInterval(() => socket.write(Buffer.alloc(4, 0xff)), 50)
      // crossws leaves it to the client, for 30 seconds.
      const patience = name === 'h3-websocket' ? 500 : 3000
      const outcome = await Promise.race([closed, sleep(patience, 'still connected')])
      if (name !== 'h3-websocket') assert.equal(outcome, 'closed')
      clearInterval(sending)
    }
    assert.equal((await firstMessage(host, authority.token())).client, authority.clientId)
  })
}

/** A text frame of a client, masked with zeros. */
const frame = (text) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])

for (const name of ['ws', 'express-ws', 'h3-websocket']) {
  test(`${name}: a client that ignores the close frame is answered until the token expires, and no longer`, async (t) => {
    const authority = await authorityOf(t)
    const host = await start(t, `apps/${name}.mjs`, authority.env)
    const expiresIn = 2
    const expires = (Math.floor(Date.now() / 1000) + expiresIn) * 1000
    const { socket } = await firstMessage(host, authority.token({ expiresIn }))
    const raw = socket._socket
    raw.removeAllListeners('data')
    raw.on('error', () => {})
    let received = ''
    raw.on('data', (data) => (received += data.toString('latin1')))
    const ended = once(raw, 'close')
    let number = 0
    const sending = setInterval(() => raw.write(frame(`n${number++} ${Date.now()}.`)), 50)
    t.after(() => clearInterval(sending))
    assert.equal(
      await Promise.race([ended.then(() => 'ended'), sleep(expiresIn * 1000 + 3000, 'still connected')]),
      'ended'
    )
    const answered = [...received.matchAll(/n\d+ (\d+)\./g)].map(([, sent]) => Number(sent))
    assert.ok(answered.length > 10, String(answered.length))
    assert.ok(answered.every((sent) => sent < expires))
  })
}

/** Connects a client of Socket.IO until the test ends; resolves to it, or to `undefined` if it is refused. */
function connected(t, url, token, options) {
  const socket = io(`http://${url}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: bearer(token),
    auth: { token },
    ...options
  })
  t.after(() => socket.close())
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', () => resolve(undefined))
  })
}

/** The client that a socket's connection belongs to, as the server says. */
const callerOf = async (socket) => (await socket?.timeout(2000).emitWithAck('caller'))?.client

for (const [name, reason, sent, protect] of [
  ['socket-io', 'transport close', { auth: {} }, ''],
  [
    'socket-io-handshake',
    'io server disconnect',
    { extraHeaders: {} },
    ".use(authenticate).on('connection', endAtExpiry)"
  ]
]) {
  test(`${name}: by polling and by WebSocket, in each namespace, and the connection ends when the token expires`, async (t) => {
    const authority = await authorityOf(t)
    const original = "io.on('connection', (socket) => {"
    const admin = `io.of('/admin')${protect}.on('connection', handle)\nio.on('connection', handle)\nfunction handle(socket) {`
    const file = variant(name, [
      [original, admin],
      ['})\nserver.listen', '}\nserver.listen']
    ])
    for (const [app, namespace] of [
      [`apps/${name}.mjs`, ''],
      [file, '/admin']
    ]) {
      const url = (await start(t, app, authority.env)) + namespace
      for (const transport of ['websocket', 'polling']) {
        await check(authority, async (token) => {
          const socket = await connected(t, url, token, { ...sent, transports: [transport] })
          const caller = await callerOf(socket)
          socket?.close()
          return caller
        })
      }
      const socket = await connected(t, url, authority.token({ expiresIn: 2 }), sent)
      // Without a function that answers.
      socket.emit('caller')
      const ended = new Promise((resolve) => socket.once('disconnect', resolve))
      assert.equal(await Promise.race([ended, sleep(4000, 'still connected')]), reason, url)
    }
    const socket = await connected(t, await start(t, file, authority.env), authority.token(MONTH), sent)
    await sleep(200)
    assert.ok(socket.connected)
  })
}

test('socket-io-handshake: a socket that another middleware refuses leaves no timer behind', async (t) => {
  const authority = await authorityOf(t)
  const timers = "process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length"
  const file = variant('socket-io-handshake', [
    ['createServer()', `createServer((_req, res) => res.end(String(${timers})))`],
    ['io.use(authenticate)', "io.use(authenticate)\nio.use((_socket, next) => next(new Error('refused')))"]
  ])
  const host = await start(t, file, authority.env)
  const count = async () => Number(await (await fetch(`http://${host}/timers`)).text())
  const before = await count()
  const refused = await Promise.all(
    Array.from({ length: 20 }, () => connected(t, host, authority.token(), { extraHeaders: {} }))
  )
  assert.deepEqual(new Set(refused), new Set([undefined]))
  const deadline = Date.now() + 5000
  while ((await count()) > before + 5 && Date.now() < deadline) await sleep(100)
  assert.ok((await count()) <= before + 5, `${before} timers before, ${await count()} after`)
})

for (const [recovery, isChecked] of [
  ['{ skipMiddlewares: false }', true],
  ['{}', false]
]) {
  test(`socket-io-handshake: connectionStateRecovery: ${recovery} ${isChecked ? 'needs' : 'skips'} the token`, async (t) => {
    const authority = await authorityOf(t)
    const file = variant('socket-io-handshake', [
      ['new Server(server)', `new Server(server, { connectionStateRecovery: ${recovery} })`],
      [
        "io.on('connection', (socket) => {",
        "io.on('connection', (socket) => {\n  socket.on('offset', () => socket.emit('offset'))"
      ]
    ])
    const host = await start(t, file, authority.env)
    const reconnection = { reconnection: true, reconnectionDelay: 100, randomizationFactor: 0 }
    for (const [token, isAdmitted] of [
      [authority.token(), true],
      [authority.token({ expiresIn: -1 }), !isChecked],
      [undefined, !isChecked]
    ]) {
      const socket = await connected(t, host, authority.token(), reconnection)
      // Only after an event of the server can a connection be recovered.
      const offset = new Promise((resolve) => socket.once('offset', resolve))
      socket.emit('offset')
      await offset
      socket.auth = { token }
      const again = new Promise((resolve) => {
        socket.once('connect', () => resolve(true))
        socket.once('connect_error', () => resolve(false))
      })
      socket.io.engine.close()
      assert.equal(await again, isAdmitted, String(token))
      assert.equal(await callerOf(isAdmitted ? socket : undefined), isAdmitted ? authority.clientId : undefined)
      socket.close()
    }
  })
}
