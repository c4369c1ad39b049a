// Registering the Fastify plug-in: its options, the environment, preloading, mistakes.
import test from 'ava'
import { createCheckAuthToken as createExpress } from 'entra-jwt-verify'
import { AuthError, checkAuthToken, createCheckAuthToken } from 'entra-jwt-verify/fastify'
import { createCheckAuthToken as createFetch } from 'entra-jwt-verify/fetch'
import { createCheckAuthToken as createHono } from 'entra-jwt-verify/hono'
import { createCheckAuthToken as createKoa } from 'entra-jwt-verify/koa'
import fastify from 'fastify'
import { runConfigured, variablesFor } from '../helpers/environment.mjs'
import { start } from '../helpers/start.mjs'

const call = (app, token) =>
  app.inject({ url: '/', headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

/** An application whose route says who calls, with what is registered. */
function application(...registered) {
  const app = fastify()
  app.register(...registered)
  app.get('/', async (request) => request.auth?.clientId ?? 'nobody')
  return app
}

test('options of register are those of createCheckAuthToken', async (t) => {
  const { authority, options } = await start(t)
  const app = application(checkAuthToken, { ...options, requiredRoles: ['Admin'], logger: false })
  t.is((await call(app, authority.issueToken({ roles: ['Admin'] }))).body, authority.client.clientId)
  t.is((await call(app, authority.issueToken())).statusCode, 403)
  t.is((await call(app)).statusCode, 401)
})

test('options of register may be made when the plug-in is loaded', async (t) => {
  const { authority, options } = await start(t)
  const app = application(checkAuthToken, () => ({ ...options, logger: false }))
  t.is((await call(app, authority.issueToken())).statusCode, 200)
  t.is((await call(app)).statusCode, 401)
})

test("Fastify's own options of register are not options of the plug-in", async (t) => {
  const { authority, options } = await start(t)
  for (const more of [{ prefix: '/v1' }, { logLevel: 'warn', logSerializers: {} }]) {
    const app = application(createCheckAuthToken({ ...options, logger: false }), more)
    t.is((await call(app, authority.issueToken())).statusCode, 200)
    t.is((await call(app)).statusCode, 401)
  }
})

test('a mistake in the options keeps the application from starting', async (t) => {
  const { options } = await start(t)
  const plugin = createCheckAuthToken({ ...options, logger: false })
  for (const [registered, given, message] of [
    [checkAuthToken, { ...options, requiredRole: ['Admin'] }, /requiredRole/],
    [checkAuthToken, { ...options, tenantId: 'no tenant' }, /tenantId/],
    [checkAuthToken, { ...options, responses: 'json' }, /responses/],
    [checkAuthToken, { ...options, preload: 'yes' }, /option preload: expected true or false, got a string/],
    [checkAuthToken, Object.create(options), /plain object/],
    [checkAuthToken, Promise.resolve(options), /^options: expected a plain object, got a promise: await it$/],
    // Given twice, one of them would be without effect.
    [plugin, { requiredRoles: ['Admin'] }, /option requiredRoles: .*createCheckAuthToken.*register/],
    [plugin, { preload: false, tenantId: options.tenantId }, /option tenantId: /],
    [plugin, { preload: 1 }, /preload/]
  ]) {
    const error = await t.throwsAsync(async () => application(registered, given).ready(), {
      code: 'ERR_CONFIG',
      message
    })
    t.true(error instanceof AuthError)
  }
})

test('createCheckAuthToken says at once what is wrong with its options', (t) => {
  t.throws(() => createCheckAuthToken({ tenant: 'x' }), { code: 'ERR_CONFIG' })
})

test('a plug-in that is called, or added as a hook, where it should be registered says so', async (t) => {
  const { options } = await start(t)
  const plugin = createCheckAuthToken(options)
  const mistake = { code: 'ERR_CONFIG', message: /write fastify\.register\(checkAuthToken\)/ }
  for (const registered of [checkAuthToken, plugin]) {
    t.throws(() => registered(), mistake)
    t.throws(() => registered(options), mistake)
    const app = fastify()
    app.addHook('onRequest', registered)
    app.get('/', () => t.fail('reached the handler'))
    const answer = await call(app)
    t.is(answer.statusCode, 500)
    t.regex(answer.json().message, mistake.message)
  }
})

test('createCheckAuthToken that is registered instead of called keeps the application from starting', async (t) => {
  const { options } = await start(t)
  const message =
    /write fastify\.register\(createCheckAuthToken\(\{ … \}\)\) or fastify\.register\(checkAuthToken, \{ … \}\)$/
  await t.throwsAsync(application(createCheckAuthToken, { tenantId: 'id' }).ready(), { code: 'ERR_CONFIG', message })
  // Of another entry, also called: Fastify would not catch what a plug-in throws.
  for (const create of [createExpress, createFetch, createHono, createKoa]) {
    for (const plugin of [create, create({ ...options, logger: false })]) {
      await t.throwsAsync(application(plugin).ready(), { code: 'ERR_CONFIG', message: /entry of yours/ })
    }
  }
})

test('preload: the keys are there before the application is ready, and else not', async (t) => {
  const { authority, options } = await start(t)
  for (const [preload, fetches] of [
    [true, 1],
    [false, 0],
    [undefined, 0]
  ]) {
    authority.requests.length = 0
    const plugin = createCheckAuthToken({ ...options, keys: { timeout: 20 + fetches }, logger: false })
    const app = application(plugin, preload === undefined ? undefined : { preload })
    await app.ready()
    t.is(authority.requestsTo('keys').length, fetches, `${preload}`)
    if (preload) t.is(plugin.verifier.verifySync(authority.issueToken()).tenantId, authority.tenantId)
  }
})

test('preload: without the authority the application does not start', async (t) => {
  const { authority, options } = await start(t)
  await authority.stop()
  const app = application(createCheckAuthToken(options), { preload: true })
  await t.throwsAsync(async () => app.ready(), { code: 'ERR_KEYS_UNAVAILABLE' })
  // Without it, it starts and answers.
  const lazy = application(createCheckAuthToken({ ...options, logger: false, responses: 'rfc6750' }))
  t.is((await call(lazy, authority.issueToken())).statusCode, 503)
})

const SCRIPT = `
  const { checkAuthToken } = require('entra-jwt-verify/fastify')
  const { fastify } = require('fastify')
  const app = fastify()
  app.register(checkAuthToken)
  app.get('/', async (request) => request.auth.tenantId)
  try {
    const call = async (headers) => { const { statusCode, body } = await app.inject({ url: '/', headers }); return statusCode + ' ' + body }
    console.log(await call({}))
    console.log(await call({ authorization: 'Bearer junk' }))
    console.log(checkAuthToken.verifier === checkAuthToken.verifier, typeof checkAuthToken.verifier.preload)
  } catch (error) {
    console.log(error.code)
    try { checkAuthToken.verifier } catch (again) { console.log(again.code) }
  }`

test('the environment configures checkAuthToken', async (t) => {
  const { authority } = await start(t)
  const { stdout, stderr } = runConfigured(SCRIPT, variablesFor(authority))
  t.deepEqual(
    stdout.split('\n'),
    ['401 Unauthorized', '500 Internal Server Error, jwt malformed', 'true function'],
    stderr
  )
})

test('an environment that configures nothing keeps the application from starting', (t) => {
  t.deepEqual(runConfigured(SCRIPT).stdout.split('\n'), ['ERR_CONFIG', 'ERR_CONFIG'])
})
