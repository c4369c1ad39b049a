// What each refusal is answered with, by the option `responses`, over real HTTP.
import { createRequire } from 'node:module'
import test from 'ava'
import { AuthError, createCheckAuthToken, requireScope } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { frameworks, recorder, serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { refusals } from '../helpers/refusals.mjs'
import { optionsFor, start } from '../helpers/start.mjs'

const { challenge, extendChallenge } = createRequire(import.meta.url)('../../lib/core/challenge.js')
const { configError, internalError } = createRequire(import.meta.url)('../../lib/core/errors.js')
const { Protection } = createRequire(import.meta.url)('../../lib/http/protection.js')
const { settingsOf } = createRequire(import.meta.url)('../../lib/http/settings.js')

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** Rows by code: the token, what RFC 6750 has for it, and what the classic contract answers. */
function rows(authority) {
  const ofTokens = Object.values(refusals(authority)).filter(({ code }) => code !== 'ERR_TOKEN_MISSING')
  return {
    ...Object.fromEntries(
      ofTokens.map(({ authorization, code, message, classic, rfc6750: { status, body } }) => [
        code,
        [
          authorization.slice('Bearer '.length),
          { status, error: body.error, description: message },
          [classic.status, classic.body]
        ]
      ])
    ),
    ERR_TOKEN_POLICY: [
      authority.issueToken({ roles: ['Other'] }),
      { status: 403, error: 'insufficient_scope', description: 'required role missing' },
      [403, 'Forbidden']
    ]
  }
}

/** A middleware that the rows are for: only `ERR_TOKEN_POLICY` gets as far as the roles. */
const demanding = (authority, more) =>
  createCheckAuthToken({ ...optionsFor(authority), requiredRoles: ['Task.Read'], logger: false, ...more })

test('rfc6750: each refusal has its status, challenge and JSON body', async (t) => {
  const { authority } = t.context
  const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses: 'rfc6750' })))
  for (const [code, [token, { status, error, description }]] of Object.entries(rows(authority))) {
    const answer = await send(`Bearer ${token}`)
    t.is(answer.status, status, code)
    t.deepEqual(JSON.parse(answer.body), { error, error_description: description }, code)
    t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), { error, error_description: description }, code)
    t.is(answer.headers.get('content-type'), 'application/json', code)
    t.is(answer.headers.get('content-length'), String(Buffer.byteLength(answer.body)), code)
    t.false(answer.headers.has('retry-after'), code)
  }
})

test('classic: each refusal is answered as the contract says', async (t) => {
  const { authority } = t.context
  for (const responses of ['classic', undefined]) {
    const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses })))
    for (const [code, [token, { error, description }, [status, body]]] of Object.entries(rows(authority))) {
      const answer = await send(`Bearer ${token}`)
      t.deepEqual([answer.status, answer.body], [status, body], code)
      t.is(answer.headers.get('content-type'), 'text/plain; charset=utf-8', code)
      const challenge = answer.headers.get('www-authenticate')
      if (status === 500) t.is(challenge, null, code)
      else t.deepEqual(parseChallenge(challenge), { error, error_description: description }, code)
    }
  }
})

test('next: the error handler gets an AuthError with code, status and headers; the response has them too, and is not sent', async (t) => {
  const { authority } = t.context
  for (const express of [express5, express4]) {
    const passed = []
    const app = express()
    app.use(demanding(authority, { responses: 'next' }))
    app.get('/', (_req, res) => res.send('let through'))
    app.use((error, _req, res, _next) => {
      passed.push({
        error,
        prepared: !res.headersSent && res.getHeader('WWW-Authenticate') && res.statusCode
      })
      res.status(418).send('the handler decides')
    })
    const send = await serve(t, app)
    for (const [code, [token, { status, error, description }]] of Object.entries(rows(authority))) {
      const answer = await send(`Bearer ${token}`)
      t.deepEqual([answer.status, answer.body], [418, 'the handler decides'], code)
      const last = passed.at(-1)
      t.true(last.error instanceof AuthError, code)
      t.is(last.prepared, status, code)
      t.like(last.error, { code, status, statusCode: status, expose: true }, code)
      t.deepEqual(
        parseChallenge(last.error.headers['WWW-Authenticate']),
        { error, error_description: description },
        code
      )
    }
    t.is(passed.length, Object.keys(rows(authority)).length)
  }
})

test("next: Express's own error handler answers with the error's status and headers", async (t) => {
  const { authority } = t.context
  for (const name of ['Express 5', 'Express 4']) {
    const send = await serve(t, frameworks[name](demanding(authority, { responses: 'next' })))
    for (const [code, [token, { status, error, description }]] of Object.entries(rows(authority))) {
      const answer = await send(`Bearer ${token}`)
      t.is(answer.status, status, code)
      t.deepEqual(
        parseChallenge(answer.headers.get('www-authenticate')),
        { error, error_description: description },
        code
      )
    }
  }
})

test('a request without a token gets the bare challenge and is not told what is wrong with it', async (t) => {
  const { authority } = t.context
  for (const responses of ['classic', 'rfc6750', 'next']) {
    const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses })))
    for (const authorization of [undefined, 'Basic dXNlcjpwYXNzd29yZA==', authority.issueToken(), 'BearerX token']) {
      const answer = await send(authorization)
      t.is(answer.status, 401, `${responses} ${authorization}`)
      t.is(answer.headers.get('www-authenticate'), 'Bearer', `${responses} ${authorization}`)
      if (responses === 'classic') t.is(answer.body, 'Unauthorized')
      if (responses === 'rfc6750') t.is(answer.body, '{"error":"unauthorized"}')
    }
  }
})

test('a header with the scheme and nothing behind it is a bad request, and classic 401', async (t) => {
  const { authority } = t.context
  const badRequest = { error: 'invalid_request', error_description: 'no bearer token' }
  const sender = async (responses) => serve(t, frameworks['Express 5'](demanding(authority, { responses })))
  const send = { rfc6750: await sender('rfc6750'), next: await sender('next'), classic: await sender('classic') }
  for (const authorization of ['Bearer', 'Bearer ', 'bearer    ', 'BEARER']) {
    const rfc6750 = await send.rfc6750(authorization)
    t.is(rfc6750.status, 400, authorization)
    t.deepEqual(JSON.parse(rfc6750.body), badRequest, authorization)
    t.deepEqual(parseChallenge(rfc6750.headers.get('www-authenticate')), badRequest, authorization)

    const next = await send.next(authorization)
    t.is(next.status, 400, authorization)
    t.deepEqual(parseChallenge(next.headers.get('www-authenticate')), badRequest, authorization)

    const classic = await send.classic(authorization)
    t.deepEqual([classic.status, classic.body], [401, 'Unauthorized'], authorization)
    t.is(classic.headers.get('www-authenticate'), 'Bearer', authorization)
  }
})

test('keys that cannot be fetched: 503 with Retry-After, classic 500, and the cause is for the log alone', async (t) => {
  const { authority, middleware } = await start(t)
  const authorization = `Bearer ${authority.issueToken()}`
  await authority.stop()
  const logger = recorder()
  const send = async (responses) =>
    (await serve(t, frameworks['Express 5'](middleware({ responses, logger }))))(authorization)

  const rfc6750 = await send('rfc6750')
  t.is(rfc6750.status, 503)
  t.regex(rfc6750.headers.get('retry-after'), /^[1-9]\d*$/)
  t.is(rfc6750.headers.get('www-authenticate'), null)
  t.deepEqual(JSON.parse(rfc6750.body), {
    error: 'server_error',
    error_description: 'the signing keys are unavailable'
  })
  t.is(logger.entries.length, 1)
  t.regex(logger.entries[0][1].message, /refused/)

  const next = await send('next')
  t.is(next.status, 503)
  t.regex(next.headers.get('retry-after'), /^[1-9]\d*$/)

  const classic = await send('classic')
  t.is(classic.status, 500)
  t.regex(classic.body, /^Internal Server Error, signing keys unavailable: /)
  t.is(classic.headers.get('retry-after'), null)
  for (const { body } of [rfc6750, next, classic]) t.notRegex(body, new RegExp(`${new URL(authority.url).port}|http:`))
})

test('Retry-After of the authority is passed on', async (t) => {
  const { authority, middleware } = await start(t)
  authority.fail(429, undefined, { retryAfter: 120 })
  const send = await serve(t, frameworks['node:http'](middleware({ responses: 'rfc6750' })))
  const answer = await send(`Bearer ${authority.issueToken()}`)
  t.is(answer.status, 503)
  t.true([119, 120].includes(Number(answer.headers.get('retry-after'))), answer.headers.get('retry-after'))
})

test('what is wrong with the server is told to its logger and not to the caller', (t) => {
  const secret = 'at /srv/app/secret.js:1 hunter2'
  const defect = internalError(new Error(secret))
  const mistake = configError('proxy', secret)
  for (const [error, responses, body] of [
    [defect, 'rfc6750', '{"error":"server_error","error_description":"internal error"}'],
    [defect, 'classic', 'Internal Server Error, internal error'],
    [mistake, 'rfc6750', '{"error":"server_error","error_description":"internal error"}'],
    [mistake, 'classic', 'Internal Server Error, checkAuthToken is not configured']
  ]) {
    const logger = recorder()
    const { answer } = new Protection(undefined, settingsOf({ responses, logger })).reject(error)
    t.is(answer.status, 500)
    t.is(answer.body, body)
    t.false(JSON.stringify(answer).includes('hunter2'))
    t.deepEqual(logger.entries, [['Error in checkAuthToken: ', error]])
  }
  t.is(defect.cause.message, secret)
})

test('what is behind a 4xx is no error', async (t) => {
  const { authority } = t.context
  const logger = recorder()
  const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses: 'rfc6750', logger })))
  for (const [token] of Object.values(rows(authority))) await send(`Bearer ${token}`)
  await send(undefined)
  t.deepEqual(logger.entries, [])
})

test('the handlers behind the middleware are not called for a refused request', async (t) => {
  const { authority } = t.context
  for (const responses of ['classic', 'rfc6750']) {
    const calls = []
    const send = await serve(t, (req, res) =>
      demanding(authority, { responses })(req, res, (...args) => {
        calls.push(args)
        res.end()
      })
    )
    for (const [token] of Object.values(rows(authority))) await send(`Bearer ${token}`)
    await send('Bearer')
    t.deepEqual(calls, [], responses)
    await send(`Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`)
    t.deepEqual(calls, [[]], responses)
  }
})

test('the answer to HEAD has the status and the headers, and no body', async (t) => {
  const { authority } = t.context
  for (const [responses, status] of [
    ['classic', 401],
    ['rfc6750', 401],
    ['next', 401]
  ]) {
    const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses })))
    const authorization = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
    const [head, get] = [await send(authorization, { method: 'HEAD' }), await send(authorization)]
    t.is(head.status, status, responses)
    t.is(head.body, '', responses)
    t.not(get.body, '', responses)
    for (const name of ['www-authenticate', 'content-type', 'content-length']) {
      t.is(head.headers.get(name), get.headers.get(name), `${responses} ${name}`)
    }
  }
})

/** An application that sets headers in front of the middleware, as `cors()` does. */
const behind = (headers, app) => (req, res) => {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  app(req, res)
}

test('where CORS lets a page read the answer, the challenge is exposed, beside what was exposed before', async (t) => {
  const { authority } = t.context
  const allowed = { 'Access-Control-Allow-Origin': 'https://page.example' }
  for (const responses of ['classic', 'rfc6750']) {
    const app = frameworks['Express 5'](demanding(authority, { responses }))
    for (const [headers, exposed] of [
      [{}, null],
      [{ 'Access-Control-Expose-Headers': 'ETag' }, 'ETag'],
      [allowed, 'WWW-Authenticate'],
      [{ ...allowed, 'Access-Control-Expose-Headers': 'ETag, Link' }, 'ETag, Link, WWW-Authenticate'],
      [{ ...allowed, 'Access-Control-Expose-Headers': ['ETag', 'Link'] }, 'ETag,Link, WWW-Authenticate']
    ]) {
      const send = await serve(t, behind(headers, app))
      for (const authorization of [undefined, `Bearer ${authority.issueToken({ roles: [] })}`]) {
        const answer = await send(authorization)
        t.is(answer.headers.get('access-control-expose-headers'), exposed, `${responses} ${JSON.stringify(headers)}`)
        t.is(answer.headers.get('access-control-allow-origin'), headers['Access-Control-Allow-Origin'] ?? null)
      }
    }
  }
})

test('an answer without a challenge exposes none', async (t) => {
  const { authority, middleware } = await start(t)
  const send = await serve(
    t,
    behind({ 'Access-Control-Allow-Origin': '*' }, frameworks['Express 5'](middleware({ responses: 'classic' })))
  )
  t.is((await send('Bearer broken')).headers.get('access-control-expose-headers'), null)
  t.is((await send(`Bearer ${authority.issueToken()}`)).headers.get('access-control-expose-headers'), null)
})

test('where CORS lets a page read the answer, it reads when to come again', async (t) => {
  const { authority, middleware } = await start(t)
  const authorization = `Bearer ${authority.issueToken()}`
  await authority.stop()
  const app = frameworks['Express 5'](middleware({ responses: 'rfc6750', logger: false }))
  const answer = await (await serve(t, behind({ 'Access-Control-Allow-Origin': '*' }, app)))(authorization)
  t.is(answer.status, 503)
  t.is(answer.headers.get('access-control-expose-headers'), 'Retry-After')
})

test('a challenge is one header that any text leaves whole', (t) => {
  t.is(challenge(), 'Bearer')
  t.is(challenge({ error: undefined }), 'Bearer')
  t.is(challenge({ realm: '' }), 'Bearer realm=""')
  for (const text of [
    'plain text',
    'a "quoted" word',
    'back\\slash\\',
    '\r\nSet-Cookie: a=b',
    'Grüße\u2028\0',
    ', scope="x"'
  ]) {
    const header = challenge({ error: 'invalid_token', error_description: text, scope: 'a' })
    const parameters = parseChallenge(header)
    t.deepEqual(Object.keys(parameters), ['error', 'error_description', 'scope'], text)
    t.is(parameters.error_description.length, text.length, text)
    t.deepEqual(parseChallenge(extendChallenge(header, { resource_metadata: text })), {
      ...parameters,
      resource_metadata: parameters.error_description
    })
  }
  t.is(extendChallenge('Bearer', { resource_metadata: 'u' }), 'Bearer resource_metadata="u"')
})

test('names of scopes cannot break out of the challenge', async (t) => {
  const { authority, middleware } = await start(t)
  const app = express5()
  app.get('/', middleware({ responses: 'rfc6750' }), requireScope('a",error="none', 'Grüße', '\r\nX-Evil:1'))
  const answer = await (await serve(t, app))(`Bearer ${authority.issueToken()}`)
  t.is(answer.status, 403)
  t.is(answer.headers.get('x-evil'), null)
  const { error, scope } = parseChallenge(answer.headers.get('www-authenticate'))
  t.is(error, 'insufficient_scope')
  const uri = `api://${authority.api.clientId}`
  t.is(scope, `${uri}/a',error='none ${uri}/Gr  e ${uri}/  X-Evil:1`)
})

test('neither answers nor errors hold the token', async (t) => {
  const { authority } = t.context
  const { inspect } = await import('node:util')
  for (const responses of ['rfc6750', 'next']) {
    const send = await serve(t, frameworks['Express 5'](demanding(authority, { responses })))
    for (const [code, [token]] of Object.entries(rows(authority))) {
      if (code === 'ERR_TOKEN_MALFORMED') continue
      const answer = await send(`Bearer ${token}`)
      t.false(inspect([answer.body, [...answer.headers]]).includes(token.slice(-30)), `${responses} ${code}`)
    }
  }
})

const WAYS = /responses.*classic, rfc6750, next/

test('a way to answer that does not exist is refused at construction', (t) => {
  for (const responses of ['', 'Classic', 'json', 'toString', '__proto__', 5, {}, true, false]) {
    const error = t.throws(() => demanding(t.context.authority, { responses }), { code: 'ERR_CONFIG' })
    t.regex(error.message, WAYS)
  }
})

test('a way to answer is a string', (t) => {
  for (const responses of [['rfc6750'], Symbol('next'), Object.create(null)]) {
    const error = t.throws(() => demanding(t.context.authority, { responses }), { code: 'ERR_CONFIG' })
    t.regex(error.message, WAYS)
  }
})

test('while unknown keys may not be asked for, the answer is to retry; asked ones are not found', async (t) => {
  const { authority, middleware } = await start(t)
  const unknown = (kid) => authority.issueToken({ header: { kid } })
  const [app, classic] = [middleware({ responses: 'rfc6750' }), middleware()]
  await app.verifier.preload()
  const first = await answerOf(app, unknown('asked'))
  t.is(first.status, 401)
  // The pause is one second long; these requests have to fit into it.
  const [again, other, text] = [
    await answerOf(app, unknown('asked')),
    await answerOf(app, unknown('other')),
    await answerOf(classic, unknown('third'))
  ]
  t.is(again.status, 401)
  t.is(other.status, 503)
  t.regex(other.headers['Retry-After'], /^[1-9]\d*$/)
  t.deepEqual(JSON.parse(other.body), { error: 'server_error', error_description: 'the signing keys are unavailable' })
  t.deepEqual([text.status, text.body], [500, 'Internal Server Error, signing key not found'])
  const error = await t.throwsAsync(app.verifier.verify(unknown('fourth')), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
  t.like(error, { reason: 'cooldown', status: 503, statusCode: 503, expose: false })
  t.notRegex(error.stack, /\n {4}at /)
  t.is((await app.verifier.explain(unknown('fifth'))).verdict, 'unknown')
})

/** What a middleware answers to a token. */
function answerOf(protect, token) {
  return new Promise((resolve, reject) => {
    const headers = {}
    const response = {
      setHeader(name, value) {
        headers[name] = value
      },
      getHeader: () => undefined,
      end(body) {
        resolve({ status: this.statusCode, headers, body })
      }
    }
    protect({ headers: { authorization: `Bearer ${token}` } }, response, () => reject(new Error('it passed')))
  })
}
