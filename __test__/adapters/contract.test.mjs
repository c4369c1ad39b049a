// Every row of the classic contract, over real HTTP, under each framework.
import test from 'ava'
import { checkAuthToken, createCheckAuthToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { frameworks, recorder, serve } from '../helpers/app.mjs'

const EXPIRED_OR_AUDIENCE = 'Either token has expired, or wrong audience'

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

function options(authority, more) {
  return { tenantId: authority.tenantId, clientId: authority.api.clientId, authorityHost: authority.url, ...more }
}

/** Rows: what is sent, and status, body and WWW-Authenticate of the answer. */
function rows(authority) {
  const bearer = (overrides) => `Bearer ${authority.issueToken(overrides)}`
  const good = authority.issueToken()
  const [header, payload, signature] = good.split('.')
  const invalid = (description) => `Bearer error="invalid_token", error_description="${description}"`
  const is500 = (message) => [500, `Internal Server Error, ${message}`, null]
  return {
    'no header': [undefined, 401, 'Unauthorized', 'Bearer'],
    'another scheme': ['Basic dXNlcjpwYXNzd29yZA==', 401, 'Unauthorized', 'Bearer'],
    'a bare token': [good, 401, 'Unauthorized', 'Bearer'],
    'an empty token': ['Bearer ', 401, 'Unauthorized', 'Bearer'],
    'only the scheme': ['Bearer', 401, 'Unauthorized', 'Bearer'],
    expired: [bearer({ expiresIn: -1 }), 401, EXPIRED_OR_AUDIENCE, invalid('jwt expired')],
    'no exp': [bearer({ claims: { exp: undefined } }), 401, EXPIRED_OR_AUDIENCE, invalid('jwt expired')],
    'another aud': [bearer({ audience: 'api://another' }), 401, EXPIRED_OR_AUDIENCE, invalid('jwt audience invalid')],
    'no aud': [bearer({ claims: { aud: undefined } }), 401, EXPIRED_OR_AUDIENCE, invalid('jwt audience invalid')],
    'not a token': ['Bearer token', ...is500('jwt malformed')],
    'two segments': [`Bearer ${header}.${payload}`, ...is500('jwt malformed')],
    'something after the token': [`Bearer ${good} more`, ...is500('jwt malformed')],
    'another signature': [
      `Bearer ${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      ...is500('invalid signature')
    ],
    'an algorithm that is not allowed': [bearer({ algorithm: 'PS256' }), ...is500('invalid algorithm')],
    'nbf in the future': [bearer({ claims: { nbf: Math.floor(Date.now() / 1000) + 60 } }), ...is500('jwt not active')],
    'an unknown key': [bearer({ header: { kid: 'unknown' } }), ...is500('signing key not found')],
    'another tenant': [bearer({ tenantId: crypto.randomUUID() }), 401, 'Unauthorized', invalid('jwt tenant invalid')],
    'another issuer': [
      bearer({ claims: { iss: 'https://issuer.example' } }),
      401,
      'Unauthorized',
      invalid('jwt issuer invalid')
    ],
    'an id token': [
      bearer({ idToken: true, audience: authority.api.clientId }),
      401,
      'Unauthorized',
      invalid('jwt is not an access token')
    ],
    'a claim of the wrong type': [
      bearer({ claims: { exp: 'soon' } }),
      401,
      'Unauthorized',
      invalid('invalid exp value')
    ],
    'a Graph token': [bearer({ header: { nonce: 'x' } }), 401, 'Unauthorized', invalid('jwt is for Microsoft Graph')]
  }
}

for (const [framework, app] of Object.entries(frameworks)) {
  test(`${framework}: each refusal is answered as the contract says, once, and never passed on`, async (t) => {
    const { authority } = t.context
    for (const [name, [authorization, status, body, challenge]] of Object.entries(rows(authority))) {
      // Each its own: what is logged is limited.
      const logger = recorder()
      const send = await serve(t, app(createCheckAuthToken(options(authority, { logger }))))
      const answer = await send(authorization)
      t.deepEqual(
        { status: answer.status, body: answer.body, challenge: answer.headers.get('www-authenticate') },
        { status, body, challenge },
        name
      )
      t.is(answer.headers.get('content-type'), 'text/plain; charset=utf-8', name)
      t.is(logger.entries.length, status === 500 ? 1 : 0, name)
      if (status === 500) t.is(logger.entries[0][0], 'Error in checkAuthToken: ', name)
    }
  })

  test(`${framework}: a token that may pass reaches the route with req.auth`, async (t) => {
    const { authority } = t.context
    const send = await serve(t, app(createCheckAuthToken(options(authority, { logger: false }))))
    for (const overrides of [{ version: 1 }, { version: 2 }, { delegated: true }, { roles: ['Task.Read'] }]) {
      const answer = await send(`Bearer ${authority.issueToken(overrides)}`)
      t.is(answer.status, 200)
      t.deepEqual(JSON.parse(answer.body), { client: authority.client.clientId })
    }
  })
}

test('the scheme compares without case, and more than one space is one', async (t) => {
  const { authority } = t.context
  const send = await serve(t, frameworks['Express 5'](createCheckAuthToken(options(authority, { logger: false }))))
  for (const scheme of ['bearer ', 'BEARER ', 'Bearer   ']) {
    t.is((await send(scheme + authority.issueToken())).status, 200, scheme)
  }
})

test('a middleware that is called where it should be passed says so', (t) => {
  const middleware = createCheckAuthToken(options(t.context.authority))
  const mistake = { code: 'ERR_CONFIG', message: /write app\.use\(checkAuthToken\)/ }
  t.throws(() => middleware(), mistake)
  t.throws(() => checkAuthToken(), mistake)
  t.throws(() => checkAuthToken({ tenantId: 'id' }), mistake)
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

test('a token in the query or in the body is not looked at', async (t) => {
  const { authority } = t.context
  const send = await serve(t, (req, res) => {
    req.url = `/?access_token=${authority.issueToken()}`
    frameworks['Express 5'](createCheckAuthToken(options(authority)))(req, res)
  })
  t.is(
    (await send(undefined, { method: 'POST', body: new URLSearchParams({ access_token: authority.issueToken() }) }))
      .status,
    401
  )
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
  for (const [name, [authorization]] of Object.entries(rows(authority))) {
    if (!authorization?.startsWith('Bearer ey')) continue
    const secret = authorization.slice(-40)
    const answer = await send(authorization)
    t.false(answer.body.includes(secret), name)
    t.false(inspect([...answer.headers]).includes(secret), name)
  }
  t.true(logger.entries.length > 3)
  t.false(/ey[\w-]{20,}/.test(inspect(logger.entries, { depth: 10 })))
})
