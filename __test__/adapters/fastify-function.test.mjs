// The option `responses` as a function, in Fastify: the application answers. Whatever it does, no request reaches the handler without
// a verified token, and nothing is left hanging (an unhandled rejection fails these tests).
import test from 'ava'
import { AuthError } from 'entra-jwt-verify/fastify'
import { recorder } from '../helpers/app.mjs'
import { application, call, expired } from '../helpers/fastify-app.mjs'
import { seconds } from '../helpers/start.mjs'

test('what the function returns is sent, with the status and challenge of the error unless it says otherwise', async (t) => {
  for (const [respond, expected] of [
    [(error) => ({ problem: error.code }), [401, '{"problem":"ERR_TOKEN_EXPIRED"}', true]],
    [async (error) => ({ problem: error.code }), [401, '{"problem":"ERR_TOKEN_EXPIRED"}', true]],
    [async () => 'text', [401, 'text', true]],
    [async () => null, [401, 'null', true]],
    [
      async (_error, _request, reply) => {
        reply.code(418).header('WWW-Authenticate', 'Own')
        return 'own'
      },
      [418, 'own', false]
    ]
  ]) {
    const app = application(t, { responses: respond })
    for (let times = 0; times < 2; times++) {
      const { statusCode, body, headers } = await call(app, expired(t))
      t.deepEqual([statusCode, body, /^Bearer error="invalid_token"/.test(headers['www-authenticate'])], expected)
    }
  }
})

test('the function gets the AuthError, the request and the reply, and may answer later', async (t) => {
  const seen = []
  const app = application(t, {
    responses(...given) {
      seen.push([this, ...given])
      setTimeout(() => given[2].code(401).send('later'), 5)
    }
  })
  t.is((await call(app, expired(t))).body, 'later')
  const [receiver, error, request, reply, ...more] = seen[0]
  t.true(error instanceof AuthError)
  t.is(reply.request, request)
  t.is(receiver, undefined)
  t.deepEqual(more, [])
})

test("what the function throws is the error handler's, also what counts as false, and the error itself keeps its status", async (t) => {
  for (const [thrown, status] of [
    [new Error('own'), 500],
    [Object.assign(new Error('own'), { statusCode: 418 }), 418],
    [undefined, 500],
    [null, 500],
    [false, 500],
    ['', 500],
    ['text', 500],
    ['the same', 401]
  ]) {
    const what = (error) => (thrown === 'the same' ? error : thrown)
    for (const respond of [
      (error) => {
        throw what(error)
      },
      async (error) => {
        await seconds(0.002)
        throw what(error)
      }
    ]) {
      const app = application(t, { responses: respond })
      for (let times = 0; times < 2; times++) {
        const { statusCode, body } = await call(app, expired(t))
        t.is(statusCode, status, `${thrown}`)
        t.not(body, 'handler')
      }
    }
  }
})

test('a function that answers and does not wait for it is not answered for again', async (t) => {
  const logger = recorder()
  const prepare = (app) => app.addHook('onSend', async () => seconds(0.02))
  for (const respond of [
    async (_error, _request, reply) => {
      reply.code(418).send('own')
    },
    async (_error, _request, reply) => {
      reply.code(418).send('own')
      throw new Error('after the answer')
    },
    (_error, _request, reply) => {
      reply.code(418).send('own')
      throw new Error('after the answer')
    },
    async (_error, _request, reply) => {
      reply.code(418).send('own')
      return 'another'
    },
    (_error, _request, reply) => {
      reply.hijack()
      reply.raw.writeHead(418).end('own')
    },
    async (_error, _request, reply) => {
      reply.hijack()
      reply.raw.writeHead(418).end('own')
    },
    async (_error, _request, reply) => {
      reply.raw.writeHead(418)
      setTimeout(() => reply.raw.end('own'), 20)
    }
  ]) {
    const app = application(t, { responses: respond, prepare, logger })
    for (let times = 0; times < 2; times++) {
      const { statusCode, body } = await call(app, expired(t))
      t.deepEqual([statusCode, body], [418, 'own'])
    }
  }
  t.true(logger.entries.length > 0)
  for (const [, error] of logger.entries) t.is(error.message, 'after the answer')
})

test('a function that throws the error itself hands it on: status and challenge are set for an error handler that only writes a body', async (t) => {
  const prepare = (app) => app.setErrorHandler((error, _request, reply) => reply.send({ problem: error.code }))
  for (const respond of [
    (error) => {
      throw error
    },
    (error) => Promise.reject(error),
    async () => {}
  ]) {
    const answer = await call(application(t, { responses: respond, prepare }), expired(t))
    t.deepEqual([answer.statusCode, answer.json()], [401, { problem: 'ERR_TOKEN_EXPIRED' }])
    t.regex(answer.headers['www-authenticate'], /^Bearer error="invalid_token"/)
  }
})
