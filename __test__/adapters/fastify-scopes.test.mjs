// Which routes of a Fastify application the plug-in protects, and what `request.auth` is there.
import test from 'ava'
import { checkAuthToken, requireRole } from 'entra-jwt-verify/fastify'
import fastify from 'fastify'
import { call, plugin } from '../helpers/fastify-app.mjs'

const say = async (request) => ({ client: request.auth?.clientId ?? null })

async function statuses(app, paths, token) {
  const answers = await Promise.all(paths.map((path) => call(app, token, path)))
  return Object.fromEntries(paths.map((path, index) => [path, answers[index].statusCode]))
}

test('at the root it protects every route, in whatever order they are declared', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.get('/declared-before', say)
  app.register(async (scope) => scope.get('/scope-before', say))
  app.register(async (scope) => scope.get('/', say), { prefix: '/prefix' })
  await app.after()
  app.register(plugin(t))
  app.get('/declared-after', say)
  app.register(async (scope) => {
    scope.get('/scope-after', say)
    scope.register(async (inner) => inner.get('/inner', say))
  })
  const paths = ['/declared-before', '/scope-before', '/prefix', '/declared-after', '/scope-after', '/inner']
  const all = (status) => Object.fromEntries(paths.map((path) => [path, status]))
  t.deepEqual(await statuses(app, paths), all(401))
  t.deepEqual(await statuses(app, paths, authority.issueToken()), all(200))
  for (const path of paths) {
    t.deepEqual((await call(app, authority.issueToken(), path)).json(), { client: authority.client.clientId }, path)
  }
})

test('a route that does not exist is not told from one that does', async (t) => {
  const { authority } = t.context
  for (const setNotFoundHandler of [false, true]) {
    const app = fastify()
    app.register(plugin(t))
    if (setNotFoundHandler) app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'))
    t.is((await call(app, undefined, '/unknown')).statusCode, 401)
    t.is((await call(app, authority.issueToken(), '/unknown')).statusCode, 404)
    t.is((await app.inject({ method: 'DELETE', url: '/unknown' })).statusCode, 401)
  }
})

test('in a scope it protects that scope and those inside it, and no other', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.get('/outside', say)
  app.register(async (scope) => {
    scope.get('/before', say)
    scope.register(plugin(t))
    scope.get('/after', say)
    scope.register(async (inner) => inner.get('/inner', say))
  })
  app.register(async (sibling) => sibling.get('/sibling', say))
  t.deepEqual(await statuses(app, ['/outside', '/before', '/after', '/inner', '/sibling']), {
    '/outside': 200,
    '/before': 401,
    '/after': 401,
    '/inner': 401,
    '/sibling': 200
  })
  const token = authority.issueToken()
  t.deepEqual((await call(app, token, '/inner')).json(), { client: authority.client.clientId })
  // Nothing looks at a token there.
  t.deepEqual((await call(app, token, '/outside')).json(), { client: null })
})

test('in a scope with a prefix, unknown routes are answered with 404, as the page about Fastify has it', async (t) => {
  const app = fastify()
  app.register(
    async (scope) => {
      scope.register(plugin(t))
      scope.get('/tasks', say)
    },
    { prefix: '/api' }
  )
  const paths = ['/api/tasks', '/api/unknown', '/unknown']
  t.deepEqual(await statuses(app, paths), { '/api/tasks': 401, '/api/unknown': 404, '/unknown': 404 })
  t.is((await statuses(app, paths, t.context.authority.issueToken()))['/api/tasks'], 200)
})

test('in a file of its own it protects other files only if that has the convention of fastify-plugin', async (t) => {
  for (const [conventions, expected] of [
    [{}, { '/tasks': 200, '/unknown': 404 }],
    [{ [Symbol.for('skip-override')]: true }, { '/tasks': 401, '/unknown': 401 }]
  ]) {
    const app = fastify()
    const file = async (scope) => {
      scope.register(plugin(t))
    }
    app.register(Object.assign(file, conventions))
    app.register(async (scope) => scope.get('/tasks', async (request) => ({ auth: String(request.auth) })))
    t.deepEqual(await statuses(app, ['/tasks', '/unknown']), expected)
    // Not null, as the type has it.
    if (expected['/tasks'] === 200) t.deepEqual((await call(app, undefined, '/tasks')).json(), { auth: 'undefined' })
  }
})

test('registered again inside a scope, both have to admit a request', async (t) => {
  const { authority } = t.context
  for (const first of ['root', 'scope']) {
    const app = fastify()
    if (first === 'root') app.register(plugin(t))
    app.register(async (scope) => {
      scope.register(plugin(t, { requiredRoles: ['Admin'] }))
      scope.get('/admin', say)
    })
    if (first === 'scope') app.register(plugin(t))
    app.get('/', say)
    const admin = authority.issueToken({ roles: ['Admin'] })
    const other = authority.issueToken({ roles: ['Other'] })
    t.deepEqual(await statuses(app, ['/', '/admin'], admin), { '/': 200, '/admin': 200 }, first)
    t.deepEqual(await statuses(app, ['/', '/admin'], other), { '/': 200, '/admin': 403 }, first)
    t.deepEqual(await statuses(app, ['/', '/admin']), { '/': 401, '/admin': 401 }, first)
  }
})

test('config: { auth: false } makes a route public, and its HEAD route', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.register(plugin(t))
  app.get('/health', { config: { auth: false } }, async (request) => ({ auth: request.auth }))
  app.register(async (scope) => scope.get('/inner', { config: { auth: false, other: 1 } }, say))
  for (const token of [undefined, 'broken', authority.issueToken({ expiresIn: -1 }), authority.issueToken()]) {
    // Its token is not looked at, be it good or bad.
    t.deepEqual((await call(app, token, '/health')).json(), { auth: null })
    t.deepEqual((await call(app, token, '/inner')).json(), { client: null })
  }
  t.is((await app.inject({ method: 'HEAD', url: '/health' })).statusCode, 200)
})

test('nothing but the value false of its own makes a route public', async (t) => {
  const app = fastify()
  app.register(plugin(t))
  const values = [undefined, null, 0, '', 'false', Number.NaN, [], {}, true, new Boolean(false), () => false]
  for (const [index, auth] of values.entries()) app.get(`/${index}`, { config: { auth } }, say)
  app.get('/inherited', { config: Object.create({ auth: false }) }, say)
  app.get('/none', say)
  app.get('/other', { config: { Auth: false, authentication: false } }, say)
  const paths = [...values.keys()].map((index) => `/${index}`)
  for (const [path, status] of Object.entries(await statuses(app, [...paths, '/inherited', '/none', '/other']))) {
    t.is(status, 401, path)
  }
})

test.serial('a polluted Object.prototype makes no route public', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.register(plugin(t))
  app.get('/', say)
  await app.ready()
  t.teardown(() => Reflect.deleteProperty(Object.prototype, 'auth'))
  Object.prototype.auth = false
  const answers = [
    await call(app),
    await call(app, undefined, '/unknown'),
    await call(app, authority.issueToken(), '/')
  ]
  Reflect.deleteProperty(Object.prototype, 'auth')
  t.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [401, 401, 200]
  )
})

test('a guard on a public route rejects every request, as the plug-in answers', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.register(plugin(t, { responses: 'rfc6750' }))
  app.get('/', { config: { auth: false }, preHandler: requireRole('Task.Read') }, say)
  for (const token of [undefined, authority.issueToken({ roles: ['Task.Read'] })]) {
    const answer = await call(app, token, '/')
    t.deepEqual([answer.statusCode, answer.json()], [401, { error: 'unauthorized' }])
  }
})

test('what another hook or plug-in put into request.auth is gone', async (t) => {
  const { authority } = t.context
  const forge = async (request) => {
    request.auth = { clientId: 'forged', hasRole: () => true }
  }
  const app = fastify()
  app.addHook('onRequest', forge)
  app.register(plugin(t, { optional: true }))
  app.get('/', say)
  app.get('/public', { config: { auth: false } }, say)
  app.get('/role', { preHandler: [forge, requireRole('Task.Read')] }, say)
  t.deepEqual((await call(app)).json(), { client: null })
  t.deepEqual((await call(app, undefined, '/public')).json(), { client: null })
  t.deepEqual((await call(app, authority.issueToken(), '/')).json(), { client: authority.client.clientId })
  t.is((await call(app, authority.issueToken({ roles: ['Task.Read'] }), '/role')).statusCode, 401)
})

test('request.auth that is decorated by another plug-in is a mistake that keeps the application from starting', async (t) => {
  for (const decoration of [null, { getter: () => 'forged', setter() {} }]) {
    const app = fastify()
    app.decorateRequest('auth', decoration)
    app.register(plugin(t))
    await t.throwsAsync(async () => app.ready(), { code: 'ERR_CONFIG', message: /another plug-in has decorated it/ })
  }
})

test('request.auth that cannot be set in a scope leads to no handler there', async (t) => {
  const { authority } = t.context
  for (const decoration of [{ getter: () => 'forged', setter() {} }, { getter: () => 'forged' }]) {
    const app = fastify()
    app.register(async (scope) => {
      // Before the root is decorated, a scope may do so.
      scope.decorateRequest('auth', decoration)
      scope.get('/', () => t.fail('reached the handler'))
    })
    app.register(plugin(t, { optional: true }))
    // With keys that have to be fetched, and with cached ones.
    for (const token of [authority.issueToken(), authority.issueToken(), undefined]) {
      t.is((await call(app, token, '/')).statusCode, 500)
    }
  }
})

test('requests at the same time do not see the tokens of each other', async (t) => {
  const { authority } = t.context
  const app = fastify()
  app.register(plugin(t))
  app.get('/', async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return { client: request.auth.clientId }
  })
  const clients = Array.from({ length: 20 }, () => crypto.randomUUID())
  const answers = await Promise.all(
    clients.map((appid) => call(app, authority.issueToken({ version: 1, claims: { appid } }), '/'))
  )
  t.deepEqual(
    answers.map((answer) => answer.json().client),
    clients
  )
})

test("it follows fastify-plugin's conventions", async (t) => {
  for (const registered of [plugin(t), checkAuthToken]) {
    t.true(registered[Symbol.for('skip-override')])
    t.is(registered[Symbol.for('fastify.display-name')], 'entra-jwt-verify')
    t.deepEqual(registered[Symbol.for('plugin-meta')], { name: 'entra-jwt-verify', fastify: '5.x' })
  }
  const app = fastify()
  app.register(plugin(t))
  const dependent = Object.assign(async () => {}, {
    [Symbol.for('plugin-meta')]: {
      name: 'dependent',
      dependencies: ['entra-jwt-verify'],
      decorators: { request: ['auth'] }
    }
  })
  app.register(dependent)
  await app.ready()
  t.true(app.hasPlugin('entra-jwt-verify'))
  t.true(app.hasRequestDecorator('auth'))
  t.regex(app.printPlugins(), /entra-jwt-verify/)
})
