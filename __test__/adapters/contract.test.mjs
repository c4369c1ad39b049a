// What the classic contract has beyond the contract of all adapters: the scheme, mistakes in wiring, the middleware as a function.
import test from 'ava'
import { checkAuthToken, createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { createCheckAuthToken as createFastifyPlugin, requireRole as fastifyRole } from 'entra-jwt-verify/fastify'
import { createCheckAuthToken as createFetch } from 'entra-jwt-verify/fetch'
import { createCheckAuthToken as createHonoMiddleware, requireRole as honoRole } from 'entra-jwt-verify/hono'
import { createCheckAuthToken as createKoaMiddleware, requireRole as koaRole } from 'entra-jwt-verify/koa'
import { protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { frameworks, listen, recorder, serve } from '../helpers/app.mjs'
import { refusals } from '../helpers/refusals.mjs'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

const options = (authority, more) => ({ ...optionsFor(authority), ...more })

test('the scheme compares without case, and more than one space is one', async (t) => {
  const { authority } = t.context
  const send = await serve(t, frameworks['Express 5'](createCheckAuthToken(options(authority, { logger: false }))))
  for (const scheme of ['bearer ', 'BEARER ', 'Bearer   ']) {
    t.is((await send(scheme + authority.issueToken())).status, 200, scheme)
  }
})

test('a middleware that is called where it should be passed says so', (t) => {
  const middleware = createCheckAuthToken(options(t.context.authority))
  const mistake = { code: 'ERR_CONFIG', message: /^checkAuthToken: .*write app\.use\(checkAuthToken\)/ }
  t.throws(() => middleware(), mistake)
  t.throws(() => checkAuthToken(), mistake)
  t.throws(() => checkAuthToken({ tenantId: 'id' }), mistake)
})

test('a middleware that is created where it should be passed says so', async (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /write app\.use\(createCheckAuthToken\(\)\)/ }
  t.throws(() => createCheckAuthToken({ headers: {} }, {}, () => {}), mistake)
  t.throws(() => createKoaMiddleware({ req: {} }, () => {}), mistake)
  // Fastify passes an instance, options and `done`.
  const wrongEntry = { code: 'ERR_CONFIG', message: /^checkAuthToken: .*entry of yours/ }
  for (const create of [createCheckAuthToken, createKoaMiddleware, createHonoMiddleware, createFetch, protectMcp]) {
    await t.throwsAsync(
      create({ register() {} }, {}, () => {}),
      wrongEntry
    )
    t.throws(() => create({ raw: {}, server: { register() {} } }, {}, () => {}), wrongEntry)
  }
  // To Express, and to Fastify as a hook.
  t.throws(() => createFastifyPlugin({ headers: {} }, {}, () => {}), wrongEntry)
  t.throws(() => createFastifyPlugin({ headers: {}, raw: {}, server: { register() {} } }, {}, () => {}), {
    code: 'ERR_CONFIG',
    message: /write fastify\.register\(createCheckAuthToken\(\{ … \}\)\)/
  })
})

test('a second argument, which would be ignored, is a mistake', (t) => {
  const { authority } = t.context
  for (const create of [createCheckAuthToken, createKoaMiddleware, createFastifyPlugin]) {
    t.throws(() => create(options(authority), { requiredRoles: ['Admin'] }), {
      code: 'ERR_CONFIG',
      message: /^createCheckAuthToken: expected one argument/
    })
    t.notThrows(() => create(options(authority), undefined))
  }
})

test('a middleware in another framework than its own says so', async (t) => {
  const { authority } = t.context
  const authorization = `Bearer ${authority.issueToken()}`
  const express = createCheckAuthToken(options(authority, { logger: false }))
  const mistake = { code: 'ERR_CONFIG', message: /^checkAuthToken: .*entry of yours/ }
  // Koa and Hono pass a context and `next`.
  for (const middleware of [express, checkAuthToken]) t.throws(() => middleware({ req: {} }, () => {}), mistake)
  t.throws(() => createKoaMiddleware(options(authority))({ headers: { authorization } }, {}, () => {}), mistake)
  // The request of Hono has no headers, that of Koa is of node:http.
  t.throws(() => createKoaMiddleware(options(authority))({ req: { raw: {} } }, () => {}), mistake)
  t.throws(() => createHonoMiddleware(options(authority))({ req: { headers: { authorization } } }, () => {}), mistake)
  // Fastify passes an instance, options and `done` to a plug-in.
  const error = await new Promise((resolve) => express({ register() {} }, {}, (given) => resolve(given)))
  t.like(error, { code: mistake.code, hint: 'correct the call; see docs/api.md' })
  t.regex(error.message, mistake.message)
})

test('where there is no response, the error is passed on, or the connection ends', async (t) => {
  const lines = []
  const logger = { error: (...parts) => lines.push(parts), warn() {} }
  for (const responses of ['classic', 'rfc6750', 'next', (_error, _req, res) => res.end()]) {
    const middleware = createCheckAuthToken(
      options(t.context.authority, { logger, responses, keys: { timeout: 7 + lines.length / 1000 } })
    )
    // A token that waits for its keys, too.
    const authorization = `Bearer ${t.context.authority.issueToken()}`
    for (const missing of [{}, undefined]) {
      t.is(await new Promise((resolve) => middleware({ headers: { authorization } }, missing, resolve)), undefined)
    }
    const handedOn = await new Promise((resolve) => middleware({ headers: {} }, {}, (error) => resolve(error)))
    t.is(handedOn.code, 'ERR_TOKEN_MISSING')
    let ended = 0
    const socket = { destroy: () => ended++ }
    for (const missing of [{}, null, undefined]) {
      const before = ended
      const request = { headers: {}, socket, upgrade: true }
      middleware(request, missing, () => t.fail('admitted'))
      t.is(ended, before + 1, `${missing}`)
      // The connection of another request may serve another caller by now.
      middleware({ ...request, upgrade: false }, missing, () => t.fail('admitted'))
      t.is(ended, before + 1)
    }
    t.regex(lines.flat().at(-1).message, /where there is none, as in an upgrade, use .*authenticate/)
  }
})

test('the function that resolves a promise takes no error', async (t) => {
  const middleware = createCheckAuthToken(options(t.context.authority, { logger: false, responses: 'next' }))
  const { url, close } = await listen(async (req, res) => {
    // Also one that is bound.
    await new Promise((resolve) => middleware(req, res, req.url === '/bound' ? resolve.bind(undefined) : resolve))
    res.end('secret')
  })
  t.teardown(close)
  for (const path of ['/', '/bound']) {
    const answer = await fetch(url + path)
    t.deepEqual([answer.status, (await answer.json()).error], [401, 'unauthorized'])
  }
  const authorization = `Bearer ${t.context.authority.issueToken()}`
  t.is(await (await fetch(url, { headers: { authorization } })).text(), 'secret')
})

test('a guard in another framework than its own says so', async (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /^guard: .*entry that checkAuthToken is imported from/ }
  const express = [{ headers: {}, get() {} }, { setHeader() {}, headersSent: false }, () => t.fail('admitted')]
  for (const guard of [koaRole, honoRole, fastifyRole]) t.throws(() => guard('Task.Read')(...express), mistake)
  const koa = [{ req: { headers: {} }, state: {}, get: () => '' }, () => t.fail('admitted')]
  for (const guard of [requireRole, honoRole, fastifyRole]) t.throws(() => guard('Task.Read')(...koa), mistake)
  const hono = [{ req: { raw: new Request('https://api.example') }, get() {} }, () => t.fail('admitted')]
  for (const guard of [requireRole, koaRole, fastifyRole]) t.throws(() => guard('Task.Read')(...hono), mistake)
})

test('a guard says what it got in place of names', (t) => {
  for (const [names, message] of [
    [[['Task.Read']], /non-empty strings, got an array: pass them separately/],
    [['Task.Read', undefined], /non-empty strings, got undefined$/],
    [[], /non-empty strings$/],
    [[''], /non-empty strings$/],
    [[{}, {}, () => {}], /write requireRole\('…'\) where the guard is passed/]
  ]) {
    t.throws(() => requireRole(...names), { code: 'ERR_CONFIG', message })
  }
})

test('a member of a response that cannot be read is no sign of another framework', async (t) => {
  const middleware = createCheckAuthToken(options(t.context.authority, { logger: false }))
  const res = {
    getHeader() {},
    get setHeader() {
      throw new Error('unreadable')
    }
  }
  const error = await new Promise((resolve) => middleware({ headers: {} }, res, (given) => resolve(given)))
  t.is(error.message, 'unreadable')
})

test('the token of a fetch Request is found', async (t) => {
  const { authority } = t.context
  const middleware = createCheckAuthToken(options(authority, { logger: false }))
  await middleware.verifier.preload()
  const outcome = (authorization) =>
    new Promise((resolve) => {
      const request = new Request('http://localhost/', { headers: authorization ? { authorization } : {} })
      const res = { setHeader() {}, getHeader() {}, end: () => resolve(res.statusCode) }
      middleware(request, res, () => resolve(request.auth.clientId))
    })
  t.is(await outcome(`Bearer ${authority.issueToken()}`), authority.client.clientId)
  t.is(await outcome('Bearer broken'), 500)
  t.is(await outcome(undefined), 401)
})

test('next is called once, without an argument, before the middleware returns when the key is at hand', async (t) => {
  const { authority } = t.context
  const middleware = createCheckAuthToken(options(authority, { logger: false }))
  await middleware.verifier.preload()
  const req = { headers: { authorization: `Bearer ${authority.issueToken()}` } }
  const calls = []
  const returned = middleware(req, {}, (...args) => calls.push(args))
  t.deepEqual(calls, [[]])
  t.is(returned, undefined)
  t.is(req.auth.tenantId, authority.tenantId)
})

test('who was answered by somebody else while keys were fetched is left alone', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const middleware = createCheckAuthToken(options(authority, { logger: false }))
  const res = { headersSent: false }
  let passed = false
  middleware({ headers: { authorization: `Bearer ${authority.issueToken()}` } }, res, () => {
    passed = true
  })
  res.headersSent = true
  await middleware.verifier.preload()
  await new Promise(setImmediate)
  t.false(passed)
})

test('who was answered before the middleware is not answered again', async (t) => {
  const { authority } = t.context
  const middleware = createCheckAuthToken(options(authority, { logger: false }))
  await middleware.verifier.preload()
  for (const answered of [{ headersSent: true }, { headersSent: false, writableEnded: true }]) {
    const res = {
      ...answered,
      setHeader: () => t.fail('a header after the answer'),
      end: () => t.fail('a second answer')
    }
    middleware({ headers: { authorization: 'Bearer broken' } }, res, () => t.fail('passed'))
  }
  t.pass()
})

test('a logger that throws does not leave the request without an answer', async (t) => {
  const { authority } = t.context
  const logger = {
    error() {
      throw new Error('disk full')
    }
  }
  const send = await serve(t, frameworks['Express 5'](createCheckAuthToken(options(authority, { logger }))))
  t.is((await send('Bearer broken')).status, 500)
})

test('neither answers nor logs hold the token', async (t) => {
  const { authority } = t.context
  const logger = recorder()
  const send = await serve(t, frameworks['Express 5'](createCheckAuthToken(options(authority, { logger }))))
  const { inspect } = await import('node:util')
  for (const [name, { authorization }] of Object.entries(refusals(authority))) {
    if (!authorization?.startsWith('Bearer ey')) continue
    const secret = authorization.slice(-40)
    const answer = await send(authorization)
    t.false(answer.body.includes(secret), name)
    t.false(inspect([...answer.headers]).includes(secret), name)
  }
  t.true(logger.entries.length > 3)
  t.false(/ey[\w-]{20,}/.test(inspect(logger.entries, { depth: 10 })))
})
