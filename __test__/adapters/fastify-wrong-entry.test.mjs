// The middleware and guards of Express as hooks of Fastify, which takes a promise for leave to continue to the handler.
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { createCheckAuthToken, requireGroup } from 'entra-jwt-verify'
import { createCheckAuthToken as createPlugin } from 'entra-jwt-verify/fastify'
import { protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import fastify from 'fastify'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** A token whose key has to be fetched first. */
const WITH_UNKNOWN_KEY = [{ alg: 'RS256', typ: 'JWT', kid: 'made-up' }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('AAAA')
  .join('.')

/** An application whose answers take time; `ran` counts calls of its handler. */
function slow(t) {
  const app = fastify()
  const calls = { app, ran: 0 }
  app.addHook('onSend', async (_request, _reply, payload) => {
    await sleep(5)
    return payload
  })
  app.setErrorHandler(async (error, _request, reply) => {
    await sleep(20)
    reply.code(error.statusCode ?? 500)
    return { error: error.code }
  })
  app.delete('/', async () => {
    calls.ran += 1
    return 'deleted'
  })
  t.teardown(() => app.close())
  return calls
}

const remove = (app, token) => app.inject({ method: 'DELETE', url: '/', headers: { authorization: `Bearer ${token}` } })

for (const responses of ['classic', 'rfc6750', 'next', async () => {}]) {
  const name = typeof responses === 'string' ? responses : 'a function'
  test(`as a hook, the middleware admits nobody, responses ${name}`, async (t) => {
    const { authority } = t.context
    const options = { ...optionsFor(authority), logger: false, responses }
    for (const middleware of [
      createCheckAuthToken(options),
      protectMcp({ ...options, resource: 'https://api.example/mcp' })
    ]) {
      for (const hook of [
        middleware,
        // Awaited by a hook that has no use for errors.
        async (request, reply) => {
          await middleware(request, reply, () => {})
        }
      ]) {
        const calls = slow(t)
        calls.app.addHook('onRequest', hook)
        for (const token of [WITH_UNKNOWN_KEY, authority.issueToken(), 'a.b.c']) {
          const { statusCode, body } = await remove(calls.app, token)
          t.deepEqual([statusCode, JSON.parse(body), calls.ran], [500, { error: 'ERR_CONFIG' }, 0])
        }
      }
    }
  })
}

test('a reply that was given the functions of a response is refused too', async (t) => {
  const { authority } = t.context
  const calls = slow(t)
  calls.app.decorateReply('setHeader', function setHeader(name, value) {
    this.header(name, value)
  })
  calls.app.decorateReply('end', function end(body) {
    this.send(body)
  })
  calls.app.addHook('onRequest', createCheckAuthToken({ ...optionsFor(authority), logger: false, responses: 'next' }))
  for (const token of [WITH_UNKNOWN_KEY, authority.issueToken()]) {
    const { statusCode, body } = await remove(calls.app, token)
    t.deepEqual([statusCode, JSON.parse(body), calls.ran], [500, { error: 'ERR_CONFIG' }, 0])
  }
})

test('a guard that waits admits nobody', async (t) => {
  const { authority } = t.context
  const calls = slow(t)
  calls.app.register(createPlugin({ ...optionsFor(authority), logger: false }))
  calls.app.addHook('preHandler', requireGroup(crypto.randomUUID(), { onOverage: async () => false }))
  const token = authority.issueToken({
    delegated: true,
    claims: { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } }
  })
  const { statusCode, body } = await remove(calls.app, token)
  t.deepEqual([statusCode, JSON.parse(body), calls.ran], [500, { error: 'ERR_CONFIG' }, 0])
})

test('a middleware that Express called before admits nobody without a valid token', async (t) => {
  const answers = async (_error, _request, reply) => {
    reply.code(401).send('no')
  }
  for (const responses of ['classic', 'next', async () => {}, answers]) {
    const middleware = createCheckAuthToken({ ...optionsFor(t.context.authority), logger: false, responses })
    middleware({ headers: {} }, { setHeader() {}, getHeader() {}, end() {} }, () => {})
    const calls = slow(t)
    calls.app.addHook('onRequest', middleware)
    for (const token of ['a.b.c', WITH_UNKNOWN_KEY]) {
      t.true((await remove(calls.app, token)).statusCode >= 400, `${responses}`)
      t.is(calls.ran, 0, `${responses}`)
    }
  }
})
