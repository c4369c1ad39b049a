// The option `responses` as a function: the application answers. Whatever it does, no request passes without a verified
// token, none is left hanging by an exception, and the process lives (an unhandled rejection fails these tests).
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import test from 'ava'
import connect from 'connect'
import { AuthError, claimsChallenge, createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { optionsFor, start } from '../helpers/start.mjs'

const routers = { 'Express 5': express5, 'Express 4': express4, Connect: connect }
const preparations = { 'at hand': (middleware) => middleware.verifier.preload(), 'yet to be fetched': () => {} }

let timeout = 5

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  t.context = { authority, middleware: (more) => createCheckAuthToken({ ...options, logger: false, ...more }) }
})
test.after.always((t) => t.context.authority.close())

/** An application whose handler must not be reached, and whose error handler says what it got. */
function routed(router, ...handlers) {
  const app = router()
  for (const handler of handlers) app.use(handler)
  app.use('/', (_req, res) => res.end('handler'))
  app.use((error, _req, res, _next) => {
    const prepared = `${res.statusCode} ${res.getHeader('WWW-Authenticate') ?? ''}`
    res.statusCode = 418
    res.end(`error handler: ${error.code ?? error.message} after ${prepared}`)
  })
  return app
}

/** node:http without a framework; `next` takes an error or not. */
const plain = {
  'node:http': (middleware) => (req, res) => {
    middleware(req, res, () => res.end('handler'))
  },
  'node:http, next with an error': (middleware) => (req, res) => {
    middleware(req, res, (error) => res.end(error ? `next: ${error.code ?? error.message}` : 'handler'))
  }
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5))

const throwing = [
  () => {
    throw new Error('of the application')
  },
  async () => {
    throw new Error('of the application')
  },
  async () => {
    await later()
    throw new Error('of the application')
  }
]

for (const [when, prepare] of Object.entries(preparations)) {
  const cold = async (t, responses, more) => {
    const { authority, middleware: create } = t.context
    // Keys are shared by those who fetch them in the same way.
    timeout += 0.001
    const middleware = create({ responses, keys: { timeout }, ...more })
    await prepare(middleware)
    return { authority, middleware, authorization: `Bearer ${authority.issueToken({ expiresIn: -1 })}` }
  }

  for (const [name, router] of Object.entries(routers)) {
    test(`${name}, keys ${when}: the application answers, at once or later`, async (t) => {
      for (const respond of [
        (error, _req, res) => answer(error, res),
        async (error, _req, res) => {
          await later()
          answer(error, res)
        },
        (error, _req, res) => {
          setTimeout(() => answer(error, res), 5)
        }
      ]) {
        const { authority, middleware, authorization } = await cold(t, respond)
        const send = await serve(t, routed(router, middleware))
        const rejected = await send(authorization)
        t.deepEqual([rejected.status, rejected.body], [401, '{"problem":"ERR_TOKEN_EXPIRED"}'])
        t.is((await send(undefined)).body, '{"problem":"ERR_TOKEN_MISSING"}')
        t.is((await send(`Bearer ${authority.issueToken()}`)).body, 'handler')
      }
    })

    test(`${name}, keys ${when}: what the application throws, at once or later, is the error handler's`, async (t) => {
      for (const respond of throwing) {
        const { middleware, authorization } = await cold(t, respond)
        const send = await serve(t, routed(router, middleware))
        for (const sent of [authorization, undefined]) {
          t.regex((await send(sent)).body, /^error handler: of the application/)
        }
      }
    })

    test(`${name}, keys ${when}: next never leads to the handler, whatever it is called with`, async (t) => {
      for (const given of [
        [],
        [undefined],
        [null],
        [false],
        [0],
        [''],
        ['route'],
        ['router'],
        [Symbol('error')],
        ['text']
      ]) {
        for (const respond of [
          (_error, _req, _res, next) => next(...given),
          async (_error, _req, _res, next) => {
            await later()
            next(...given)
          },
          (_error, _req, _res, next) => {
            setTimeout(next, 5, ...given)
          }
        ]) {
          const { middleware, authorization } = await cold(t, respond)
          const send = await serve(t, routed(router, middleware))
          const { body } = await send(authorization)
          t.regex(body, /^error handler: ERR_TOKEN_EXPIRED after 401 Bearer error="invalid_token"/, inspect(given))
        }
      }
    })

    test(`${name}, keys ${when}: next hands on the error, or one of the application's own`, async (t) => {
      const same = await cold(t, (error, _req, _res, next) => next(error))
      const one = await serve(t, routed(router, same.middleware))
      t.regex((await one(same.authorization)).body, /^error handler: ERR_TOKEN_EXPIRED after 401 Bearer /)
      const own = await cold(t, (_error, _req, _res, next) => next(new Error('own')))
      const other = await serve(t, routed(router, own.middleware))
      t.is((await other(own.authorization)).body, 'error handler: own after 200 ')
    })
  }

  for (const [name, listener] of Object.entries(plain)) {
    test(`${name}, keys ${when}: what the application throws ends its request and nothing else`, async (t) => {
      for (const respond of [
        ...throwing,
        // Nothing that is false may stand for no error.
        () => Promise.reject(),
        () => Promise.reject('route')
      ]) {
        const logger = recorder()
        const { middleware, authorization } = await cold(t, respond, { logger })
        const send = await serve(t, listener(middleware))
        const { status, body } = await send(authorization)
        t.notRegex(body, /handler/)
        if (name === 'node:http') {
          t.deepEqual([status, body], [500, 'Internal Server Error'])
          t.is(logger.entries.length, 1)
          t.is(logger.entries[0][0], 'Error in checkAuthToken: ')
        } else {
          t.regex(body, /^next: (of the application|ERR_INTERNAL)$/)
        }
      }
    })
  }

  test(`node:http, keys ${when}: an answer that was begun before the exception is cut off, not left hanging`, async (t) => {
    const { middleware, authorization } = await cold(t, async (_error, _req, res) => {
      res.write('half')
      throw new Error('of the application')
    })
    await t.throwsAsync((await serve(t, plain['node:http'](middleware)))(authorization))
  })

  test(`node:http, keys ${when}: a next that throws later ends its request and nothing else`, async (t) => {
    const logger = recorder()
    const respond = async (error, _req, _res, next) => {
      await later()
      next(error)
    }
    const { middleware, authorization } = await cold(t, respond, { logger })
    const send = await serve(t, (req, res) => {
      middleware(req, res, (_error) => {
        throw new Error('of the framework')
      })
    })
    const { status, body } = await send(authorization)
    t.deepEqual([status, body], [500, 'Internal Server Error'])
    t.is(logger.entries[0][1].message, 'of the framework')
  })
}

function answer(error, res) {
  res.statusCode = error.status
  res.end(JSON.stringify({ problem: error.code }))
}

test('the function gets an AuthError, the request, the response and next', async (t) => {
  const { authority, middleware } = await start(t)
  const seen = []
  const receivers = []
  const send = await serve(
    t,
    routed(
      express5,
      middleware({
        responses: function (...given) {
          seen.push(given)
          receivers.push(this)
          given[2].status(given[0].status).end()
        }
      })
    )
  )
  for (const [authorization, code] of [
    [undefined, 'ERR_TOKEN_MISSING'],
    ['Bearer', 'ERR_TOKEN_MISSING'],
    ['Bearer x', 'ERR_TOKEN_MALFORMED'],
    [`Bearer ${authority.issueToken({ audience: 'api://another' })}`, 'ERR_TOKEN_AUDIENCE']
  ]) {
    await send(authorization)
    const [error, req, res, next] = seen.at(-1)
    t.true(error instanceof AuthError)
    t.is(error.code, code)
    t.is(req.res, res)
    t.is(typeof next, 'function')
    t.is(receivers.at(-1), undefined)
    t.is(error.status, authorization === 'Bearer' ? 400 : 401)
  }
  t.is(seen.length, 4)
})

test('guards and claimsChallenge answer by the function, too', async (t) => {
  const { authority, middleware } = await start(t)
  for (const guard of [requireRole('Admin'), claimsChallenge({ access_token: { acrs: null } })]) {
    for (const [respond, expected] of [
      [(error, _req, res) => answer(error, res), /^{"problem":"ERR_TOKEN_POLICY"}$/],
      [(_error, _req, _res, next) => next(), /^error handler: ERR_TOKEN_POLICY/],
      [
        async () => {
          throw new Error('of the application')
        },
        /^error handler: of the application/
      ]
    ]) {
      const send = await serve(t, routed(express4, middleware({ responses: respond }), guard))
      t.regex((await send(`Bearer ${authority.issueToken()}`)).body, expected)
    }
  }
})

test('an exception of what next() calls is not handed on a second time', async (t) => {
  const { authority, middleware: create } = await start(t)
  const middleware = create({ responses: (error, _req, _res, next) => next(error) })
  await middleware.verifier.preload()
  const calls = []
  const request = { headers: { authorization: `Bearer ${authority.issueToken({ expiresIn: -1 })}` } }
  const next = (error) => {
    calls.push(error.code)
    throw new Error('of the error handler')
  }
  t.throws(() => middleware(request, { setHeader() {} }, next), { message: 'of the error handler' })
  t.deepEqual(calls, ['ERR_TOKEN_EXPIRED'])
})

test('the function is for rejections alone, and neither logs nor is logged', async (t) => {
  const { authority, middleware } = await start(t)
  const logger = { ...recorder(), warn: () => t.fail('a warning') }
  let calls = 0
  const respond = (_error, _req, res) => {
    calls++
    res.status(400).end()
  }
  const send = await serve(t, routed(express5, middleware({ responses: respond, logger })))
  await send(`Bearer ${authority.issueToken()}`)
  t.is(calls, 0)
  await send('Bearer x')
  t.is(calls, 1)
  t.deepEqual(logger.entries, [])
})

test('a class or an object is no function', async (t) => {
  const { options } = await start(t)
  for (const responses of [{ call() {} }, [() => undefined], null]) {
    if (responses === null) t.notThrows(() => createCheckAuthToken({ ...options, responses, logger: false }))
    else t.throws(() => createCheckAuthToken({ ...options, responses }), { code: 'ERR_CONFIG' })
  }
})

for (const [name, thrown] of Object.entries({
  undefined,
  null: null,
  'an empty text': '',
  route: 'route',
  router: 'router'
})) {
  test(`req.auth that throws ${name} when it is set does not lead to the handler`, async (t) => {
    const { authority, middleware: create } = await start(t)
    const sealed = (req, _res, next) => {
      Object.defineProperty(req, 'auth', {
        get: () => undefined,
        set() {
          throw thrown
        }
      })
      next()
    }
    for (const router of [express5, express4]) {
      const send = await serve(t, routed(router, sealed, create()))
      t.regex((await send(`Bearer ${authority.issueToken()}`)).body, /^error handler: ERR_INTERNAL/)
    }
  })
}

test('what the middleware returns ends no sooner than the request is answered or handed on', async (t) => {
  const { authority, middleware } = t.context
  // Some frameworks go on when it ends.
  const answers = {
    'in a callback': (_error, _req, res) => {
      setTimeout(() => res.end('application'), 50)
    },
    'after its promise': async (_error, _req, res) => {
      setTimeout(() => res.end('application'), 50)
    },
    'by next, in a callback': (_error, _req, _res, next) => {
      setTimeout(next, 50)
    }
  }
  for (const [how, responses] of Object.entries(answers)) {
    for (const [when, prepare] of Object.entries(preparations)) {
      timeout += 0.001
      const check = middleware({ responses, keys: { timeout } })
      await prepare(check)
      const states = []
      const send = await serve(t, async (req, res) => {
        let isHandedOn = false
        await check(req, res, (error) => {
          isHandedOn = true
          res.end(error.code)
        })
        states.push(isHandedOn || res.writableEnded)
      })
      const { body } = await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)
      t.is(body, how.startsWith('by next') ? 'ERR_TOKEN_EXPIRED' : 'application', `${how}, keys ${when}`)
      await later()
      t.deepEqual(states, [true], `${how}, keys ${when}`)
    }
  }
})

/** What is not waited for any more: the end of the function says nothing about the answer. */
const ends = {
  undefined: () => undefined,
  'a promise': async () => undefined,
  'a thenable': () => {
    const thenable = {}
    return Object.defineProperty(thenable, 'then', { value: (resolve) => resolve() })
  }
}

for (const [what, end] of Object.entries(ends)) {
  test(`a function that returns ${what} may answer afterwards, as Express's sendFile does`, async (t) => {
    const { authority, middleware } = t.context
    const responses = (error, _req, res) => {
      res.status(error.status).sendFile(fileURLToPath(import.meta.url))
      return end()
    }
    for (const router of [express5, express4]) {
      const send = await serve(t, routed(router, middleware({ responses })))
      const { status, body } = await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)
      t.deepEqual([status, body.slice(0, 18)], [401, '// The option `res'])
    }
  })

  test(`a function that returns ${what} and never answers admits nobody: its request stays open`, async (t) => {
    const { authority, middleware } = t.context
    const listeners = [...Object.values(routers).map((router) => (check) => routed(router, check)), plain['node:http']]
    for (const listener of listeners) {
      const send = await serve(t, listener(middleware({ responses: end })))
      const signal = AbortSignal.timeout(200)
      const sent = send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`, { signal })
      t.is(await sent.catch(({ name }) => name), 'TimeoutError')
    }
  })
}
