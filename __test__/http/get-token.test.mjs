// The option `getToken`: where the token of a request is, in place of the Authorization header, which is then not read.
import test from 'ava'
import { AuthError, createCheckAuthToken } from 'entra-jwt-verify'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { start } from '../helpers/start.mjs'

const preparations = { 'at hand': (middleware) => middleware.verifier.preload(), 'yet to be fetched': () => {} }
const versions = { 'Express 5': express5, 'Express 4': express4 }

function routed(express, middleware) {
  const app = express()
  app.use(middleware)
  app.get('/', (req, res) => res.send(`handler: ${req.auth?.clientId}`))
  return app
}

const cookieOf = (req) => /(?:^|; )token=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
const sources = {
  'a cookie': [cookieOf, (token) => ({ headers: { cookie: `a=b; token=${token}` } })],
  'another header': [
    (req) => req.headers['x-ms-token-aad-access-token'],
    (token) => ({ headers: { 'x-ms-token-aad-access-token': token } })
  ],
  "a WebSocket's subprotocol": [
    (req) => req.headers['sec-websocket-protocol']?.split(', ')[1],
    (token) => ({ headers: { 'sec-websocket-protocol': `bearer, ${token}` } })
  ],
  'the query': [(req) => req.query.access_token, (token) => ({ query: `?access_token=${token}` })]
}

/** Serves an application; what is sent may have a query, which `serve` does not know. */
async function serveWithQuery(t, app) {
  const send = await serve(t, (req, res) => {
    req.url += req.headers['x-query'] ?? ''
    app(req, res)
  })
  return ({ headers, query }, authorization) =>
    send(authorization, { headers: { ...headers, ...(query && { 'x-query': query }) } })
}

for (const [when, prepare] of Object.entries(preparations)) {
  for (const [version, express] of Object.entries(versions)) {
    for (const [name, [getToken, sent]] of Object.entries(sources)) {
      test(`${version}, keys ${when}: the token is in ${name}, and nowhere else`, async (t) => {
        const { authority, middleware: create } = await start(t)
        const middleware = create({ getToken })
        await prepare(middleware)
        const send = await serveWithQuery(t, routed(express, middleware))
        const good = authority.issueToken()
        t.is((await send(sent(good))).body, `handler: ${authority.client.clientId}`)
        // The header is not read, whether there is a token where getToken looks or not.
        t.deepEqual(await statusAndBody(send({}, `Bearer ${good}`)), [401, 'Unauthorized'])
        const expired = authority.issueToken({ expiresIn: -1 })
        t.is((await send(sent(expired), `Bearer ${good}`)).status, 401)
        t.is((await send(sent('x'), `Bearer ${good}`)).status, 500)
        t.is((await send(sent(good), 'Bearer x')).status, 200)
        t.deepEqual(await statusAndBody(send({})), [401, 'Unauthorized'])
      })
    }
  }
}

async function statusAndBody(answer) {
  const { status, body } = await answer
  return [status, body]
}

test('undefined, null and an empty text are no token', async (t) => {
  const { authority, middleware } = await start(t)
  for (const none of [undefined, null, '']) {
    for (const [optional, status] of [
      [false, 401],
      [true, 200]
    ]) {
      const send = await serve(
        t,
        routed(express5, middleware({ getToken: () => none, optional, responses: 'rfc6750' }))
      )
      const answer = await send(`Bearer ${authority.issueToken()}`)
      t.is(answer.status, status, String(none))
      t.is(answer.body, optional ? 'handler: undefined' : '{"error":"unauthorized"}')
      // Not 400, whatever the header has: it is not read.
      t.is((await send('Bearer')).status, status, String(none))
    }
  }
})

test('whatever else is a defect of getToken: 500, told to the logger, and nothing passes, also where a token is optional', async (t) => {
  const { authority, middleware } = await start(t)
  const token = authority.issueToken()
  for (const [name, getToken] of Object.entries({
    number: () => 5,
    zero: () => 0,
    false: () => false,
    true: () => true,
    'a promise': () => Promise.resolve(token),
    'an async function': async () => token,
    'an array': () => [token],
    'an object': () => ({ toString: () => token }),
    'a String': () => new String(token),
    'a Buffer': () => Buffer.from(token),
    'a symbol': () => Symbol(token),
    'a function': () => () => token,
    'a BigInt': () => 5n
  })) {
    for (const optional of [false, true]) {
      const logger = recorder()
      const send = await serve(t, routed(express5, middleware({ getToken, optional, logger })))
      t.deepEqual(await statusAndBody(send(`Bearer ${token}`)), [500, 'Internal Server Error, internal error'], name)
      t.is(logger.entries.length, 1, name)
      const [[, error]] = logger.entries
      t.like(error, { code: 'ERR_INTERNAL' }, name)
      t.regex(error.hint, /getToken.*string or undefined/, name)
      t.false(JSON.stringify([error.hint, error.message]).includes(token))
    }
  }
})

test('a getToken that returns the whole header is told so, not the client', async (t) => {
  const { authority, middleware } = await start(t)
  const getToken = (request) => request.headers['x-authorization']
  const token = authority.issueToken()
  for (const [responses, status, level] of [
    ['classic', 500, 'error'],
    ['rfc6750', 401, 'warn']
  ]) {
    const lines = []
    const logger = { error() {}, [level]: (...parts) => lines.push(parts.map((part) => part.hint ?? part).join('')) }
    const create = middleware({ getToken, responses, logger })
    const send = await serve(t, routed(express5, create))
    for (const scheme of ['Bearer', 'bearer']) {
      const header = `${scheme} ${token}`
      t.is((await send(undefined, { headers: { 'x-authorization': header } })).status, status, responses)
      const error = await t.throwsAsync(create.verifier.authenticate({ headers: { 'x-authorization': header } }))
      t.like(error, { code: 'ERR_TOKEN_MALFORMED', reason: 'base64url' })
      t.regex(error.hint, /^return the token alone from the option getToken, without 'Bearer '/)
    }
    t.is(lines.length, 1, responses)
    t.regex(lines[0], /return the token alone from the option getToken, without 'Bearer ' in front of it/i)
    t.notRegex(lines[0], /token endpoint|behind Bearer/)
    t.false(lines[0].includes(token.slice(-40)))
  }
})

test('an exception of getToken: 500, and the exception is the cause that the logger gets', async (t) => {
  const { authority, middleware } = await start(t)
  for (const thrown of [
    new Error('no cookies'),
    new TypeError('undefined is not a function'),
    'text',
    undefined,
    null
  ]) {
    for (const [version, express] of Object.entries(versions)) {
      const logger = recorder()
      const getToken = () => {
        throw thrown
      }
      const send = await serve(t, routed(express, middleware({ getToken, optional: true, logger })))
      t.deepEqual(await statusAndBody(send(`Bearer ${authority.issueToken()}`)), [
        500,
        'Internal Server Error, internal error'
      ])
      t.is(logger.entries[0][1].cause, thrown, version)
      t.regex(logger.entries[0][1].hint, /getToken threw/)
    }
  }
})

test('an async getToken that fails does not end the process', async (t) => {
  const { authority, middleware } = await start(t)
  // An unhandled rejection fails this test.
  for (const getToken of [
    async () => {
      throw new Error('no session')
    },
    () => Promise.reject(new Error('no session')),
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is the case.
      get then() {
        throw new Error('no then')
      }
    })
  ]) {
    const send = await serve(t, routed(express5, middleware({ getToken })))
    t.is((await send(`Bearer ${authority.issueToken()}`)).status, 500)
    await new Promise(setImmediate)
  }
})

test('getToken is called once for a request, with the request', async (t) => {
  const { authority, middleware } = await start(t)
  const calls = []
  const getToken = (...given) => {
    calls.push(given)
    return given[0].headers['x-token']
  }
  for (const headers of [{ 'x-token': authority.issueToken() }, {}]) {
    calls.length = 0
    const seen = []
    const app = routed(express5, middleware({ getToken }))
    const send = await serve(t, (req, res) => {
      seen.push(req)
      app(req, res)
    })
    await send(undefined, { headers })
    t.deepEqual([calls.length, calls[0].length], [1, 1])
    t.is(calls[0][0], seen[0])
  }
})

test('getToken is a function, or not given', async (t) => {
  const { options } = await start(t)
  for (const getToken of ['cookie', 5, true, false, {}, [], Symbol('getToken'), Promise.resolve()]) {
    const error = t.throws(() => createCheckAuthToken({ ...options, getToken }), { instanceOf: AuthError })
    t.is(error.code, 'ERR_CONFIG')
    t.regex(error.message, /option getToken.*function/)
  }
  t.notThrows(() => createCheckAuthToken({ ...options, getToken: undefined }))
})
