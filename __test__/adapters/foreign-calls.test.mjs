// The middleware and guards of Express, called as other frameworks call what they are given: with one argument, or with others than
// (req, res, next). Most of these frameworks take what they get back for leave to continue, unless it is an exception.
import test from 'ava'
import { createCheckAuthToken, requireGroup, requireRole } from 'entra-jwt-verify'
import { createCheckAuthToken as createPlugin, requireRole as fastifyRole } from 'entra-jwt-verify/fastify'
import { guardTools, requireRole as mcpRole, protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import fastify from 'fastify'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = { ...optionsFor(authority), logger: false }
  const check = createCheckAuthToken(options)
  await check.verifier.preload()
  t.context = { authority, options, check }
})
test.after.always((t) => t.context.authority.close())

/** What a middleware made of the token of a request, as a guard finds it. */
function verified({ authority, check: common }, roles, check = common) {
  const req = { headers: { authorization: `Bearer ${authority.issueToken({ roles })}` } }
  check(req, {}, () => undefined)
  return req.auth
}

const fetchRequest = (authorization) =>
  new Request('https://api.example/', { headers: authorization && { authorization } })

/** What frameworks pass, with what a middleware in front may have put there. */
const CALLS = {
  'h3, an event': (headers, auth) => [
    { node: { req: { headers }, res: {} }, method: 'GET', headers: new Headers(headers), auth }
  ],
  'Elysia, a context': (headers, auth) => [{ request: fetchRequest(headers.authorization), headers, set: {}, auth }],
  'itty-router, a request': ({ authorization }, auth) => [Object.assign(fetchRequest(authorization), { auth })],
  'itty-router, a request, an environment and a context': ({ authorization }, auth) => [
    Object.assign(fetchRequest(authorization), { auth }),
    {},
    {}
  ],
  'itty-router, with bindings': ({ authorization }, auth) => [
    Object.assign(fetchRequest(authorization), { auth }),
    { KV: {} },
    { waitUntil() {} }
  ],
  'Feathers, a context': (headers, auth) => [{ params: { headers }, auth }],
  'middy, a request': (headers, auth) => [{ event: { headers }, context: {}, auth }],
  'Next.js, a request and a response, without next': (headers, auth) => [
    { headers, auth },
    { setHeader() {}, getHeader() {}, end() {} }
  ]
}

const NOT_FOR_NEXT = Object.entries(CALLS).filter(([name]) => !name.startsWith('Next.js'))

for (const [name, call] of Object.entries(CALLS)) {
  test(`a guard called as by ${name}: the mistake is an exception, whatever the token`, (t) => {
    const isByHand = name.startsWith('Next.js')
    const message = isByHand
      ? /^guard: it is called without next/
      : /^guard: it comes from entra-jwt-verify or entra-jwt-verify\/mcp, for another framework: import it from the entry that checkAuth/
    const mistake = { code: 'ERR_CONFIG', message }
    const headers = {}
    for (const auth of [undefined, verified(t.context, []), verified(t.context, ['Admin'])]) {
      for (const guard of [requireRole('Admin'), mcpRole('Admin'), guardTools({ tool: mcpRole('Admin') })]) {
        t.throws(() => guard(...call(headers, auth)), mistake)
      }
    }
  })
}

for (const [name, call] of NOT_FOR_NEXT) {
  test(`the middleware called as by ${name}: a rejection is an exception`, async (t) => {
    const { options, authority } = t.context
    const answers = [() => undefined, (_error, _req, res) => res.end(), async () => undefined]
    for (const responses of ['classic', 'rfc6750', 'next', ...answers]) {
      const own = { ...options, responses }
      const check = createCheckAuthToken(own)
      await check.verifier.preload()
      for (const middleware of [check, protectMcp({ ...own, resource: 'https://api.example/mcp' })]) {
        for (const headers of [{}, { authorization: 'Bearer a.b.c' }]) {
          t.throws(() => middleware(...call(headers)), { code: 'ERR_CONFIG' }, `${responses}`)
        }
        // Its key is unknown.
        const authorization = `Bearer ${authority.issueToken({ header: { kid: 'unknown' } })}`
        await t.throwsAsync(async () => middleware(...call({ authorization })), { code: 'ERR_CONFIG' }, `${responses}`)
      }
    }
  })
}

test('a guard without next names what to write in h3 and Socket.IO', (t) => {
  t.throws(() => requireRole('Admin')({ node: { req: {} } }), {
    message: /in h3, pass it as fromNodeMiddleware\(guard\)$/
  })
  t.throws(() => requireRole('Admin')({ handshake: {} }), { message: /in Socket\.IO, pass it to io\.engine\.use$/ })
})

test('Socket.IO, with a socket and next: the mistake is passed to next, since an exception would end the process', async (t) => {
  const { check, options } = t.context
  const guards = [requireRole('Admin'), mcpRole('Admin')]
  const resource = 'https://api.example/mcp'
  for (const middleware of [check, protectMcp({ ...options, resource }), ...guards]) {
    const socket = { handshake: {}, request: { headers: {}, auth: verified(t.context, ['Admin']) } }
    const error = await new Promise((resolve) => middleware(socket, (given) => resolve(given)))
    t.is(error.code, 'ERR_CONFIG')
    t.regex(error.message, /in Socket\.IO, .*io\.engine\.use/)
    // A function that takes no error would continue.
    t.throws(() => middleware(socket, () => t.fail('admitted')), { code: 'ERR_CONFIG' })
  }
})

/** What express-ws passes to what stands on a route: a WebSocket, and the request. */
function onRoute(auth) {
  const socket = { ended: 0, close() {}, terminate: () => socket.ended++ }
  return [socket, { headers: auth ? { authorization: `Bearer ${auth.token}` } : {}, auth }]
}

test('express-ws, with a WebSocket and the request: the connection is ended and the mistake passed on, whatever the token', async (t) => {
  const { options } = t.context
  const answers = [(_error, _req, res) => res.end(), () => undefined, async () => undefined]
  const own = ['classic', 'rfc6750', 'next', ...answers].map((responses) => ({ ...options, responses }))
  const resource = 'https://api.example/mcp'
  for (const middleware of [
    ...own.map((each) => createCheckAuthToken(each)),
    ...own.map((each) => createCheckAuthToken({ ...each, optional: true })),
    ...own.map((each) => protectMcp({ ...each, resource })),
    requireRole('Admin'),
    mcpRole('Admin')
  ]) {
    for (const auth of [undefined, verified(t.context, []), verified(t.context, ['Admin'])]) {
      const call = onRoute(auth)
      const error = await new Promise((resolve) => middleware(...call, (given) => resolve(given)))
      t.deepEqual([error.code, call[0].ended], ['ERR_CONFIG', 1])
      t.regex(error.message, /express-ws.*app\.use\(checkAuthToken\).*hasRole/)
      // A function that takes no error would continue.
      t.throws(() => middleware(...call, () => t.fail('admitted')), { code: 'ERR_CONFIG' })
    }
  }
})

test('express-ws drops the error, so that the mistake is logged', async (t) => {
  for (const [guard, message] of [
    [undefined, /^checkAuthToken: it is on a route/],
    [requireRole('Admin'), /^guard: it is on a route/]
  ]) {
    const logged = []
    const logger = { warn() {}, error: (_text, error) => logged.push(error.message) }
    const check = createCheckAuthToken({ ...t.context.options, logger })
    const middleware = guard ?? check
    middleware(...onRoute(verified(t.context, [], check)), (_error) => undefined)
    t.is(logged.length, 1)
    t.regex(logged[0], message)
  }
})

test('restify, with the plug-in or a guard of Fastify: the mistake is passed to next, since an exception would end the process', async (t) => {
  const { options } = t.context
  for (const middleware of [createPlugin(options), fastifyRole('Admin')]) {
    const call = [
      { headers: {}, auth: verified(t.context, ['Admin']) },
      { setHeader() {}, end() {} }
    ]
    const error = await new Promise((resolve) => middleware(...call, (given) => resolve(given)))
    t.is(error.code, 'ERR_CONFIG')
    const message =
      /^checkAuthToken: this is the Fastify plug-in\. In Express, import from 'entra-jwt-verify'; in|^guard: it comes from entra-jwt-verify\/fastify, /
    t.regex(error.message, message)
    t.throws(() => middleware(...call, () => t.fail('admitted')), { code: 'ERR_CONFIG', message })
  }
})

test('Koa and Hono, with a context and next, and a callback that takes a verdict: the mistake stays an exception', (t) => {
  const { check, options } = t.context
  const mcp = protectMcp({ ...options, resource: 'https://api.example/mcp' })
  const mistake = { code: 'ERR_CONFIG', message: /entry of yours|entry that checkAuthToken/ }
  for (const middleware of [check, mcp, requireRole('Admin')]) {
    for (const context of [{ req: { headers: {} }, state: {}, method: 'GET' }, { req: { raw: {} } }]) {
      t.throws(() => middleware(context, () => t.fail('admitted')), mistake)
    }
    t.throws(() => middleware({ headers: {}, req: {} }, (_isAdmitted) => t.fail('admitted')), mistake)
  }
})

test('Fastify, awaited by a hook of the application: no guard of Express lets the handler run', async (t) => {
  const { authority, options, check } = t.context
  const onOverage = async () => false
  for (const guard of [requireRole('Admin'), mcpRole('Admin'), requireGroup(crypto.randomUUID(), { onOverage })]) {
    for (const hook of [
      async (request, reply) => {
        await guard(request, reply)
      },
      async (request, reply) => {
        await guard(request, reply, () => {})
      }
    ]) {
      const app = fastify()
      t.teardown(() => app.close())
      app.register(createPlugin(options))
      app.get('/', { preHandler: hook }, () => t.fail('reached'))
      const headers = { authorization: `Bearer ${authority.issueToken({ claims: { hasgroups: true } })}` }
      const { statusCode, body } = await app.inject({ url: '/', headers })
      t.deepEqual([statusCode, JSON.parse(body).code], [500, 'ERR_CONFIG'])
    }
  }
  // A middleware that Express called before.
  const app = fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async (request, reply) => {
    await check(request, reply, () => {})
  })
  app.get('/', () => t.fail('reached'))
  t.is((await app.inject('/')).statusCode, 500)
})
