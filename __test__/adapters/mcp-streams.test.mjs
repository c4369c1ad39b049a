// A stream of the server's own messages ends when the token that opened it expires; the SDK's client opens another one with a new
// token. A call that is running is not cut off.

import { connect as connectSocket } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import test from 'ava'
import { protectMcp } from 'entra-jwt-verify/mcp'
import express from 'express'
import { connect, mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'
import { seconds, start, until } from '../helpers/start.mjs'

/** One session of a server that sends messages, protected; and what happened to its streams. */
async function session(t, authority, options) {
  const streams = []
  const server = new McpServer({ name: 'tasks', version: '1.0.0' }, { capabilities: { logging: {} } })
  server.registerTool('slow', {}, async () => {
    await seconds(4.5)
    return { content: [{ type: 'text', text: 'done' }] }
  })
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => 'session', retryInterval: 50 })
  await server.connect(transport)
  t.teardown(() => server.close())
  const resource = await serveMcp(t, async (url) => {
    const app = express()
    const auth = protectMcp(mcpOptions(authority, url, options))
    app.use(auth, express.json())
    // Lifetimes are short here: none of one is to go by while keys are fetched.
    await auth.verifier.preload()
    return app.all('/mcp', (req, res) => {
      if (req.method === 'GET') {
        const stream = { opened: Date.now(), until: req.auth.expiresAt * 1000 }
        streams.push(stream)
        res.on('close', () => {
          stream.closed = Date.now()
        })
      }
      return transport.handleRequest(req, res, req.body)
    })
  })
  return { resource, server, streams }
}

/** An application behind `protectMcp`, which `mount` completes and returns; no lifetime of a token goes by while keys are fetched. */
const serveProtected = (t, authority, mount) =>
  serveMcp(t, async (url) => {
    const auth = protectMcp(mcpOptions(authority, url))
    await auth.verifier.preload()
    return mount(express().use(auth))
  })

/** A provider of the SDK's client that has a new token each time, for as long. */
const shortTokens = (authority, expiresIn) => ({
  redirectUrl: undefined,
  clientMetadata: { redirect_uris: [] },
  tokens: () => ({ access_token: authority.issueToken({ expiresIn }), token_type: 'Bearer' })
})

test.serial('it ends then, and messages go on over another one', async (t) => {
  const { authority } = await start(t)
  const { resource, server, streams } = await session(t, authority)
  const reconnectionOptions = {
    initialReconnectionDelay: 50,
    maxReconnectionDelay: 50,
    reconnectionDelayGrowFactor: 1,
    maxRetries: 5
  }
  const client = await connect(t, resource, shortTokens(authority, 4), { reconnectionOptions })
  const heard = []
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => heard.push(params.data))
  await until(() => streams.length === 1)
  await server.sendLoggingMessage({ level: 'info', data: 'before' })
  await until(() => streams[0].closed !== undefined)
  // In the second in which the token expires, or right after it.
  const late = streams[0].closed - streams[0].until
  t.true(late >= -50 && late < 5000, `${late} ms`)
  await until(() => streams.length > 1)
  await until(
    () => heard.includes('after'),
    () => server.sendLoggingMessage({ level: 'info', data: 'after' })
  )
  t.is(heard[0], 'before')
})

test.serial('keepStreams: it stays', async (t) => {
  const { authority } = await start(t)
  const { resource, server, streams } = await session(t, authority, { keepStreams: true })
  const client = await connect(t, resource, shortTokens(authority, 4))
  const heard = []
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => heard.push(params.data))
  await until(() => streams.length === 1)
  await seconds(4.5)
  await server.sendLoggingMessage({ level: 'info', data: 'late' })
  await until(() => heard.includes('late'))
  t.is(streams.length, 1)
})

test.serial('clockTolerance: it stays as long as its token is accepted', async (t) => {
  const { authority } = await start(t)
  const { resource, streams } = await session(t, authority, { clockTolerance: 4 })
  await connect(t, resource, shortTokens(authority, 0))
  await until(() => streams.length === 1)
  await until(() => streams[0].closed !== undefined)
  t.true(streams[0].closed - streams[0].until >= 3950)
})

test.serial('a call whose token expires meanwhile is answered', async (t) => {
  const { authority } = await start(t)
  const { resource } = await session(t, authority)
  const client = await connect(t, resource, shortTokens(authority, 4))
  const { content } = await client.callTool({ name: 'slow' })
  t.is(content[0].text, 'done')
})

test.serial('subscriptions/listen of later protocol versions ends too', async (t) => {
  const { authority } = await start(t)
  const resource = await serveMcp(t, async (url) => {
    const auth = protectMcp(mcpOptions(authority, url, { responses: 'next' }))
    await auth.verifier.preload()
    return (req, res) => {
      // As a body parser in front of it.
      req.body = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' }
      auth(req, res, () => res.write('open'))
    }
  })
  const answer = await post(resource, authority.issueToken({ expiresIn: 4 }))
  t.is(await answer.text(), 'open')
  // This `next` takes no error: it could only go on.
  for (const token of [undefined, 'token']) {
    const refused = await post(resource, token)
    t.is(refused.status, 401)
    t.false((await refused.text()).includes('open'))
  }
})

test.serial('in a batch it ends too', async (t) => {
  const { authority } = await start(t)
  const resource = await serveMcp(t, async (url) => {
    const auth = protectMcp(mcpOptions(authority, url))
    await auth.verifier.preload()
    return (req, res) => {
      req.body = [null, { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' }]
      auth(req, res, () => res.write('open'))
    }
  })
  t.is(await (await post(resource, authority.issueToken({ expiresIn: 4 }))).text(), 'open')
})

test.serial('whatever Accept and method a client chooses, its stream ends', async (t) => {
  const { authority } = await start(t)
  const resource = await serveProtected(t, authority, (app) => {
    app.all('/mcp/sse', async (_req, res) => {
      const server = new McpServer({ name: 'tasks', version: '1.0.0' })
      // Looks at neither of them.
      await server.connect(new SSEServerTransport('/messages', res))
    })
    app.get('/mcp/bare', (_req, res) => {
      res.removeHeader('X-Powered-By')
      res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('event: bare\n')
    })
    // Begins after the token has expired.
    app.get('/mcp/late', (_req, res) => {
      setTimeout(() => res.type('text/event-stream').write('event: late\n'), 4500)
    })
    return app.all('/mcp', async (req, res) => {
      const server = new McpServer({ name: 'tasks', version: '1.0.0' })
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
      await server.connect(transport)
      await transport.handleRequest(req, res, req.body)
    })
  })
  const authorization = `Bearer ${authority.issueToken({ expiresIn: 4 })}`
  const statusOf = async ([path, accept, method = 'GET']) => {
    const headers = { authorization, ...(accept && { accept }) }
    const answer = await fetch(resource + path, { method, headers, signal: AbortSignal.timeout(15_000) })
    await answer.text()
    return answer.status
  }
  const requests = [
    ['', 'text/event-stream'],
    ['', 'xtext/event-stream'],
    ['', 'text/event-stream2'],
    ['/sse', 'text/event-stream'],
    ['/sse', '*/*'],
    ['/sse', undefined],
    ['/sse', undefined, 'PUT'],
    ['/bare', undefined],
    ['/late', undefined]
  ]
  // A stream that stays open runs into the timeout.
  t.deepEqual(
    await Promise.all(requests.map(statusOf)),
    requests.map(() => 200)
  )
})

test.serial('a response of another type is not cut off, nor one that begins later', async (t) => {
  const { authority } = await start(t)
  const resource = await serveProtected(t, authority, (app) => {
    app.get('/mcp/download', (_req, res) => {
      res.type('text/csv').write('first,')
      setTimeout(() => res.end('last'), 5500)
    })
    return app.get('/mcp/slow', (_req, res) => setTimeout(() => res.json('slow'), 5500))
  })
  const headers = { authorization: `Bearer ${authority.issueToken({ expiresIn: 4 })}` }
  const read = async (path) => (await fetch(resource + path, { headers })).text()
  t.deepEqual(await Promise.all([read('/download'), read('/slow')]), ['first,last', '"slow"'])
})

test.serial('without a token there is no end to come, and one that is far away does not come at once', async (t) => {
  const { authority } = await start(t)
  for (const [options, token] of [
    [{ optional: true }, undefined],
    [{}, authority.issueToken({ expiresIn: 3600 * 24 * 60 })]
  ]) {
    const resource = await serveMcp(t, (url) => {
      const auth = protectMcp(mcpOptions(authority, url, options))
      return (req, res) => auth(req, res, () => res.write('open'))
    })
    const closed = new AbortController()
    const headers = { accept: 'text/event-stream', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(resource, { headers, signal: closed.signal })
    const reader = answer.body.getReader()
    t.is(Buffer.from((await reader.read()).value).toString(), 'open')
    t.is(await Promise.race([reader.read().catch(() => 'broken'), seconds(0.5).then(() => 'stays')]), 'stays')
    closed.abort()
  }
})

test.serial('an exception of what comes behind it is that of the framework', async (t) => {
  const { authority } = await start(t)
  const resource = await serveMcp(t, (url) => {
    const app = express().set('env', 'test')
    app.use(protectMcp(mcpOptions(authority, url, { responses: 'next' })))
    app.use(() => {
      throw new Error('boom')
    })
    return app.use((error, _req, res, _next) => res.status(error.status ?? 599).end(error.code ?? error.message))
  })
  const get = async (token) => {
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}` }
    const answer = await fetch(resource, { headers })
    return [answer.status, await answer.text()]
  }
  t.deepEqual(await get(authority.issueToken()), [599, 'boom'])
  t.deepEqual(await get('token'), [401, 'ERR_TOKEN_MALFORMED'])
})

test.serial('a client that does not read ends with its token, and not the process', async (t) => {
  const { authority } = await start(t)
  let closed
  const resource = await serveProtected(t, authority, (app) =>
    app.get('/mcp', (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      // More than the buffers of a connection hold, and on as if nothing had happened.
      const timer = setInterval(() => res.write('x'.repeat(1_000_000)), 20)
      closed = new Promise((resolve) => res.once('close', resolve)).finally(() => clearInterval(timer))
    })
  )
  const { hostname, port, pathname } = new URL(resource)
  const socket = connectSocket(port, hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.pause()
  const token = authority.issueToken({ expiresIn: 2 })
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  await until(() => closed !== undefined)
  await closed
  t.pass()
})
