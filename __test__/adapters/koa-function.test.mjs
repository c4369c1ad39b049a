// The option `responses` as a function, in Koa: the application answers. Whatever it does, no request reaches the handler without a
// verified token, and nothing is left hanging (an unhandled rejection fails these tests).
import { inspect } from 'node:util'
import test from 'ava'
import { expired, middleware, served, versions } from '../helpers/koa-app.mjs'
import { seconds } from '../helpers/start.mjs'

for (const [name, Koa] of Object.entries(versions)) {
  test(`${name}: the function answers with status, body or both`, async (t) => {
    for (const [respond, expected] of [
      [
        (_error, ctx) => {
          ctx.status = 418
        },
        [418, "I'm a Teapot"]
      ],
      [
        (error, ctx) => {
          ctx.body = { problem: error.code }
        },
        [200, '{"problem":"ERR_TOKEN_EXPIRED"}']
      ],
      [
        async (error, ctx) => {
          await seconds(0.002)
          ctx.status = error.status
          ctx.body = 'own'
        },
        [401, 'own']
      ],
      [
        (_error, ctx) => {
          ctx.respond = false
          ctx.res.writeHead(418).end('own')
        },
        [418, 'own']
      ],
      [
        (_error, ctx) => {
          ctx.respond = false
          setTimeout(() => ctx.res.end('own'), 5)
        },
        [404, 'own']
      ],
      [
        (_error, ctx) => {
          ctx.res.write('own')
        },
        [404, 'ownNot Found']
      ],
      [
        async (_error, ctx, next) => {
          await next().catch((error) => {
            ctx.body = `caught ${error.code}`
          })
        },
        [200, 'caught ERR_TOKEN_EXPIRED']
      ]
    ]) {
      const send = await served(t, Koa, middleware(t, { responses: respond }))
      for (let times = 0; times < 2; times++) {
        const { status, body } = await send(expired(t))
        t.deepEqual([status, body.replace('teapot', 'Teapot')], expected)
      }
    }
  })

  test(`${name}: next never leads to the handler, whatever it is called with, awaited or not`, async (t) => {
    const ways = [
      (next, given) => next(...given),
      async (next, given) => {
        await seconds(0.002)
        await next(...given)
      },
      (next, given) => {
        next(...given)
      },
      (next, given) => {
        setTimeout(next, 5, ...given)
      },
      async (next, given) => {
        next(...given)
        next(...given)
      },
      (next, given) => next(...given).catch(() => {}),
      () => undefined,
      () => 'an answer that Koa does not know'
    ]
    for (const given of [[], [undefined], [null], [false], [0], [''], ['text'], [Symbol('error')]]) {
      for (const way of ways) {
        const send = await served(t, Koa, middleware(t, { responses: (_error, _ctx, next) => way(next, given) }))
        const answer = await send(expired(t))
        t.deepEqual([answer.status, answer.body], [401, 'jwt expired'], `${way} ${inspect(given)}`)
        t.regex(answer.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
      }
    }
  })

  test(`${name}: an earlier body is no answer of it`, async (t) => {
    const early = (ctx, next) => {
      ctx.status = 200
      ctx.body = 'set before'
      return next()
    }
    const send = await served(t, Koa, early, middleware(t, { responses: () => undefined }))
    t.deepEqual([(await send(expired(t))).status, (await send(undefined)).status], [401, 401])
  })

  test(`${name}: what it throws is the framework's error, also what counts as false`, async (t) => {
    for (const [thrown, status] of [
      [new Error('own'), 500],
      [Object.assign(new Error('own'), { status: 418, expose: true }), 418],
      [undefined, 500],
      [null, 500],
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
        },
        (error, _ctx, next) => next(what(error)).catch(() => Promise.reject(what(error)))
      ]) {
        const send = await served(t, Koa, middleware(t, { responses: respond }))
        for (let times = 0; times < 2; times++) {
          const answer = await send(expired(t))
          t.is(answer.status, status, `${inspect(thrown)} ${respond}`)
          t.notRegex(answer.body, /handler/)
        }
      }
    }
  })

  test(`${name}: next hands on an error of the application's own`, async (t) => {
    const own = Object.assign(new Error('own'), { status: 418, expose: true })
    for (const respond of [
      (_error, _ctx, next) => next(own),
      (_error, _ctx, next) => {
        next(own)
      }
    ]) {
      const send = await served(t, Koa, middleware(t, { responses: respond }))
      const answer = await send(expired(t))
      t.deepEqual([answer.status, answer.body], [418, 'own'])
    }
  })

  test(`${name}: where the function does not answer, status and challenge are set, for middleware that catches the error and only writes a body`, async (t) => {
    const around = async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.body = `caught ${error.code}`
      }
    }
    for (const respond of [() => undefined, (_error, _ctx, next) => next(), (error) => Promise.reject(error)]) {
      const send = await served(t, Koa, around, middleware(t, { responses: respond }))
      const answer = await send(expired(t))
      t.deepEqual([answer.status, answer.body], [401, 'caught ERR_TOKEN_EXPIRED'])
      t.regex(answer.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
    }
  })
}
