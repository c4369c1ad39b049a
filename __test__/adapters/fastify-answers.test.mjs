// How the Fastify adapter answers: what hooks and error handlers see of a rejected request, and what guards do. The handler is
// never reached by what is rejected, and nothing is left hanging (an unhandled rejection fails these tests).
import { connect } from 'node:http2'
import test from 'ava'
import { AuthError, claimsChallenge, createCheckAuthToken, requireGroup, requireRole } from 'entra-jwt-verify/fastify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import fastify from 'fastify'
import { recorder } from '../helpers/app.mjs'
import { application, call, expired, plugin } from '../helpers/fastify-app.mjs'
import { optionsFor, seconds, until } from '../helpers/start.mjs'

const MODES = ['classic', 'rfc6750', 'next', async (_error, _request, reply) => reply.code(418).send('own')]

test('hooks that hold an answer back do not lead to the handler', async (t) => {
  const held = []
  const prepare = (app) => {
    app.addHook('onSend', async (_request, _reply, payload) => {
      held.push(payload)
      await seconds(0.02)
      return payload
    })
    app.addHook('preHandler', async () => t.fail('a hook behind it was called'))
  }
  for (const responses of MODES) {
    const app = application(t, { responses, prepare })
    // With keys that have to be fetched, and with cached ones.
    for (const token of [expired(t), expired(t), undefined]) {
      const { statusCode, body } = await call(app, token)
      t.is(statusCode, typeof responses === 'function' ? 418 : 401)
      t.not(body, 'handler')
    }
  }
  t.is(held.length, MODES.length * 3)
})

test('next: the error handler gets the AuthError; status and challenge are set, for one that only writes a body', async (t) => {
  const errors = []
  const prepare = (app) =>
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error)
      reply.send({ problem: error.code })
    })
  const app = application(t, { responses: 'next', prepare })
  for (let times = 0; times < 2; times++) {
    const answer = await call(app, expired(t))
    t.deepEqual([answer.statusCode, answer.json()], [401, { problem: 'ERR_TOKEN_EXPIRED' }])
    t.is(answer.headers['www-authenticate'], 'Bearer error="invalid_token", error_description="jwt expired"')
  }
  for (const error of errors) t.true(error instanceof AuthError)
  t.like(errors[0], { statusCode: 401, expose: true })
})

test('the error handler of a scope is the one that is asked', async (t) => {
  const app = fastify()
  app.register(async (scope) => {
    scope.setErrorHandler((_error, _request, reply) => reply.code(418).send('of the scope'))
    scope.get('/', () => t.fail('reached the handler'))
  })
  app.register(createCheckAuthToken({ ...optionsFor(t.context.authority), responses: 'next' }))
  t.is((await call(app)).body, 'of the scope')
})

test('an error handler that throws ends in a 500', async (t) => {
  const prepare = (app) =>
    app.setErrorHandler(() => {
      throw new Error('of the error handler')
    })
  const app = application(t, { responses: 'next', prepare })
  for (let times = 0; times < 2; times++) t.true((await call(app, expired(t))).statusCode >= 400)
})

test('hooks that throw around an answer end the request and nothing else', async (t) => {
  const prepare = (app) =>
    app.addHook('onSend', async (_request, reply) => {
      if (reply.statusCode !== 500) throw new Error('of the hook')
    })
  for (const responses of MODES) {
    const app = application(t, { responses, prepare })
    for (let times = 0; times < 2; times++) t.not((await call(app, expired(t))).body, 'handler')
  }
})

test('guards are hooks of every phase before the handler, and lists of them', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.register(createCheckAuthToken({ ...optionsFor(authority), logger: false }))
  const guards = [requireRole('Task.Read'), requireRole('Admin', 'Other')]
  for (const hook of ['onRequest', 'preValidation', 'preHandler']) {
    app.get(`/${hook}`, { [hook]: guards }, async () => 'handler')
  }
  app.register(async (scope) => {
    for (const guard of guards) scope.addHook('preHandler', guard)
    scope.get('/scope', async () => 'handler')
  })
  for (const url of ['/onRequest', '/preValidation', '/preHandler', '/scope']) {
    for (const [roles, status] of [
      [['Task.Read', 'Admin'], 200],
      [['Task.Read'], 403],
      [['Admin'], 403]
    ]) {
      const headers = { authorization: `Bearer ${authority.issueToken({ roles })}` }
      t.is((await app.inject({ url, headers })).statusCode, status, `${url} ${roles}`)
    }
  }
})

test('a guard that the application decides goes on, rejects, or fails, later', async (t) => {
  const { authority } = t.context
  const id = '9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2'
  const token = authority.issueToken({ claims: { hasgroups: true } })
  for (const [onOverage, status] of [
    [async () => true, 200],
    [() => seconds(0.005).then(() => true), 200],
    [async () => 'true', 403],
    [async () => false, 403],
    [() => seconds(0.005).then(() => Promise.reject(new Error('Graph is down'))), 500]
  ]) {
    for (const responses of MODES.slice(0, 3)) {
      const app = application(t, { guard: requireGroup(id, { onOverage }), responses })
      t.is((await call(app, token)).statusCode, status, `${onOverage} ${responses}`)
    }
  }
  const app = application(t, { guard: requireGroup(id) })
  t.is((await call(app, token)).statusCode, 403)
  t.is((await call(app, authority.issueToken({ claims: { groups: [id] } }))).statusCode, 200)
})

test('a guard that was not called does not admit', async (t) => {
  for (const guard of [requireRole, claimsChallenge]) {
    const app = application(t, { guard })
    t.is((await call(app, t.context.authority.issueToken())).statusCode, 500)
  }
})

test('a request that was answered meanwhile, by a time limit, is left alone', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  for (const token of [authority.issueToken(), authority.issueToken({ expiresIn: -1 })]) {
    authority.delay(400)
    const logger = recorder()
    const app = fastify({ handlerTimeout: 100 })
    const registered = plugin(t, { ...optionsFor(authority), logger })
    app.register(registered)
    app.get('/', () => t.fail('reached the handler'))
    const answer = await call(app, token)
    t.is(answer.statusCode, 503)
    authority.recover()
    await until(() => registered.verifier.stats().lastSuccess !== undefined)
    await seconds(0.05)
    t.deepEqual(logger.entries, [])
  }
})

test('after waiting, what Fastify itself throws ends the request and not the process', async (t) => {
  const logger = recorder()
  const hooks = []
  const instance = {
    hasDecorator: () => true,
    addHook: (_name, hook) => hooks.push(hook)
  }
  const registered = plugin(t, { logger })
  registered(instance, {}, (error) => t.falsy(error))
  const request = {
    headers: { authorization: `Bearer ${t.context.authority.issueToken()}` },
    routeOptions: { config: {} }
  }
  const calls = []
  const ended = new Promise((resolve) => {
    const reply = { sent: false, raw: { writableEnded: false, destroy: resolve } }
    hooks[0](request, reply, (error) => {
      calls.push(error?.message)
      throw new Error('of Fastify')
    })
  })
  await ended
  t.deepEqual(calls, [undefined, 'of Fastify'])
  t.deepEqual(
    logger.entries.map(([text, error]) => [text, error.message]),
    [['Error in checkAuthToken: ', 'of Fastify']]
  )
})

test('where headers were sent before, a rejected request ends', async (t) => {
  const logger = recorder()
  const prepare = (app) => app.addHook('onRequest', async (_request, reply) => reply.raw.flushHeaders() ?? undefined)
  for (const responses of MODES) {
    const app = application(t, { responses, prepare, logger })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    t.teardown(() => app.close())
    for (let times = 0; times < 2; times++) {
      await t.throwsAsync(async () => {
        const response = await fetch(url, { headers: { authorization: `Bearer ${expired(t)}` } })
        await response.text()
      })
    }
  }
  t.true(logger.entries.length >= MODES.length)
  for (const [, { code }] of logger.entries) t.is(code, 'ERR_TOKEN_EXPIRED')
})

test('HTTP/2', async (t) => {
  const { authority } = t.context
  for (const [responses, contentType] of [
    ['classic', 'text/plain; charset=utf-8'],
    ['rfc6750', 'application/json; charset=utf-8'],
    ['next', 'application/json; charset=utf-8']
  ]) {
    const app = application(t, { responses, server: { http2: true } })
    const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
    const send = (token) =>
      new Promise((resolve, reject) => {
        const stream = client.request({ ':path': '/', ...(token && { authorization: `Bearer ${token}` }) })
        let headers
        let body = ''
        stream.setEncoding('utf8')
        stream.on('response', (received) => {
          headers = received
        })
        stream.on('data', (text) => {
          body += text
        })
        stream.on('end', () => resolve({ status: headers[':status'], headers, body }))
        stream.on('error', reject)
      })
    for (let times = 0; times < 2; times++) t.is((await send(authority.issueToken())).body, 'handler')
    const rejected = await send(expired(t))
    t.is(rejected.status, 401)
    t.is(rejected.headers['content-type'], contentType)
    t.regex(rejected.headers['www-authenticate'], /^Bearer error="invalid_token"/)
    client.close()
    await app.close()
  }
})

test('resourceMetadata is a handler, and rejected requests name it', async (t) => {
  const registered = plugin(t, { resourceMetadata: { resource: 'https://api.example', scopes: ['Task.Read'] } })
  const app = fastify()
  app.register(registered)
  app.get('/', () => t.fail('reached the handler'))
  app.route({
    method: ['GET', 'OPTIONS'],
    url: '/.well-known/oauth-protected-resource',
    config: { auth: false },
    handler: registered.resourceMetadata
  })
  const url = '/.well-known/oauth-protected-resource'
  const document = await app.inject({ url })
  t.is(document.statusCode, 200)
  t.is(document.json().resource, 'https://api.example')
  t.is(document.headers['access-control-allow-origin'], '*')
  const preflight = await app.inject({ method: 'OPTIONS', url })
  t.deepEqual([preflight.statusCode, preflight.body], [204, ''])
  t.regex((await call(app)).headers['www-authenticate'], /resource_metadata="https:\/\/api\.example\/\.well-known/)
})

test("Fastify's own logger takes the lines", async (t) => {
  const lines = []
  const app = fastify({ logger: { level: 'warn', stream: { write: (line) => lines.push(JSON.parse(line)) } } })
  app.register(createCheckAuthToken({ ...optionsFor(t.context.authority), logger: app.log }))
  app.get('/', async () => 'handler')
  await call(app, expired(t))
  await call(app, 'junk')
  t.like(lines[0], { level: 40, code: 'ERR_TOKEN_EXPIRED', status: 401 })
  t.regex(lines[0].msg, /^checkAuthToken refused 401 ERR_TOKEN_EXPIRED: /)
  t.like(lines[1], { level: 50, msg: 'Error in checkAuthToken', code: 'ERR_TOKEN_MALFORMED' })
})
