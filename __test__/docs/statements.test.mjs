// Statements of the documentation that no other test shows: what is not checked, and what follows from that.
import test from 'ava'
import { createCheckAuthToken, createVerifier, requireGroup } from 'entra-jwt-verify'
import * as koa from 'entra-jwt-verify/koa'
import express5 from 'express'
import express4 from 'express4'
import Koa from 'koa'
import { frameworks, listen, serve } from '../helpers/app.mjs'
import { text } from '../helpers/facts.mjs'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { seconds, start, verdict } from '../helpers/start.mjs'

const FLOW = 'B2C_1_signin'

/** B2C, whose user flows have one issuer and here one key. */
async function startB2c(t) {
  const b2c = await startForeignAuthority(t, { path: `/contoso.onmicrosoft.com/${FLOW}/v2.0` })
  b2c.metadata.issuer = `${b2c.origin}/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0/`
  return b2c
}

test('b2c-and-external-id.md: an id token for the audience of the API passes, unless a scope is required', async (t) => {
  const b2c = await startB2c(t)
  const idToken = await b2c.issueToken({ tfp: FLOW, nonce: 'of the page', emails: ['user@example'] })
  const options = { authority: b2c.url, audience: AUDIENCE }
  t.is(await verdict(createVerifier(options), idToken), 'passes')
  t.is(await verdict(createVerifier({ ...options, requiredScopes: ['Task.Read'] }), idToken), 'ERR_TOKEN_POLICY')
})

test('b2c-and-external-id.md: a single authority does not compare the user flow, several do; there is no tenant', async (t) => {
  const b2c = await startB2c(t)
  const token = await b2c.issueToken({ tfp: 'B2C_1_edit' })
  const auth = await createVerifier({ authority: b2c.url, audience: AUDIENCE }).verify(token)
  t.is(auth.claims.tfp, 'B2C_1_edit')
  t.is(auth.tenantId, undefined)
  const other = b2c.url.replace(FLOW, 'B2C_1_reset')
  b2c.documents[`${new URL(other).pathname}/.well-known/openid-configuration`] = b2c.metadata
  const several = createVerifier({ audience: AUDIENCE, authorities: [{ authority: b2c.url }, { authority: other }] })
  await several.preload()
  t.is(await verdict(several, token), 'ERR_TOKEN_ISSUER')
  t.is(await verdict(several, await b2c.issueToken({ tfp: FLOW })), 'passes')
})

test('faq.md: Node.js answers 431 before the middleware is called', async (t) => {
  let called = false
  const send = await serve(t, () => (called = true))
  const { status } = await send(`Bearer ${'x'.repeat(17_000)}`)
  t.is(status, 431)
  t.false(called)
})

for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
  test(`faq.md, ${name}: calling it by hand answers a request without a token, and the process goes on`, async (t) => {
    const { authority, middleware } = await start(t)
    const [, listing] = /^### Calling it by hand\n[\s\S]*?^```js\n([\s\S]*?)^```/m.exec(text('docs/faq.md'))
    const app = express()
    app.set('env', 'test')
    new Function('app', 'checkAuthToken', listing)(app, middleware())
    const { url, close } = await listen(app)
    t.teardown(close)
    for (const token of [undefined, authority.issueToken({ expiresIn: -1 })]) {
      const response = await fetch(`${url}/tasks`, { headers: token ? { authorization: `Bearer ${token}` } : {} })
      t.regex(`${response.status} ${response.headers.get('www-authenticate')}`, /^401 Bearer/)
    }
    const headers = { authorization: `Bearer ${authority.issueToken()}` }
    t.deepEqual(await (await fetch(`${url}/tasks`, { headers })).json(), { caller: authority.client.clientId })
  })
}

const ENTRIES = { Express: { createCheckAuthToken }, Koa: koa }

/** Applications where other code answers, before the middleware or after a time; and whether the route was reached. */
const ANSWERED = {
  Express: async (t, checkAuthToken, delay) => {
    let isReached = false
    const answer = async (_req, res, next) => {
      if (delay) seconds(delay).then(() => res.end('answered'))
      else res.end('answered')
      next()
    }
    const app = express5().use(answer, checkAuthToken, () => (isReached = true))
    return [await serve(t, app), () => isReached]
  },
  Koa: async (t, checkAuthToken, delay) => {
    let isReached = false
    const answer = async (ctx, next) => {
      ctx.respond = false
      if (!delay) ctx.res.end('answered')
      await Promise.race([next(), seconds(delay).then(() => ctx.res.end('answered'))])
    }
    const app = new Koa()
    app.use(answer).use(checkAuthToken)
    app.use((ctx) => {
      isReached = true
      t.true(ctx.headerSent)
    })
    return [await serve(t, app.callback()), () => isReached]
  }
}

for (const [framework, isCached, delay, expected] of [
  ['Express', true, 0, true],
  ['Express', false, 0, false],
  ['Express', false, 0.1, false],
  ['Koa', true, 0, true],
  ['Koa', false, 0, true],
  ['Koa', false, 0.1, true]
]) {
  const when = `${delay ? 'while' : 'before'} the middleware runs, the key is ${isCached ? '' : 'not '}cached`
  test(`responses-and-errors.md, ${framework}: other code answers ${when}`, async (t) => {
    const { authority, options } = await start(t)
    const checkAuthToken = ENTRIES[framework].createCheckAuthToken({ ...options, logger: false })
    if (isCached) await checkAuthToken.verifier.preload()
    authority.delay(500)
    const [send, isReached] = await ANSWERED[framework](t, checkAuthToken, delay)
    t.is((await send(`Bearer ${authority.issueToken()}`)).body, 'answered')
    await seconds(1)
    t.is(isReached(), expected)
  })
}

test('operating.md: a log line can contain iss, aud, typ and alg of a forged token', async (t) => {
  const { authority, middleware } = await start(t)
  const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const [head, payload, signature] = authority.issueToken().split('.')
  const [header, claims] = [head, payload].map((part) => JSON.parse(Buffer.from(part, 'base64url')))
  for (const [changedHeader, changedClaims, logged] of [
    [{ alg: 'CHOSEN' }, {}, /CHOSEN/],
    [{ typ: 'CHOSEN' }, {}, /CHOSEN/],
    [{}, { iss: 'https://CHOSEN', aud: 'PICKED' }, /CHOSEN.*PICKED/]
  ]) {
    const lines = []
    const logger = { error: () => {}, warn: (...parts) => lines.push(parts.join(' ')) }
    const send = await serve(t, frameworks['Express 5'](middleware({ responses: 'rfc6750', logger })))
    const parts = [encoded({ ...header, ...changedHeader }), encoded({ ...claims, ...changedClaims }), signature]
    t.is((await send(`Bearer ${parts.join('.')}`)).status, 401)
    t.is(lines.length, 1)
    t.regex(lines[0], logged)
    t.false(lines[0].includes(signature))
  }
})

test('options.md: optional lets a request without a token pass, and no bad token', async (t) => {
  const { authority, middleware } = await start(t)
  const send = await serve(t, frameworks['Express 5'](middleware({ optional: true })))
  t.is((await send(undefined)).status, 200)
  t.is((await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)).status, 401)
})

test('authorization.md: onOverage admits only by returning true', async (t) => {
  const { authority, middleware } = await start(t)
  const group = '1f6e8a2c-6c0f-4a9c-8b06-2f3a7b1c9d10'
  const token = authority.issueToken({ scopes: ['Task.Read'], claims: { hasgroups: true } })
  for (const [answer, status] of [
    [true, 200],
    ['yes', 403],
    [undefined, 403]
  ]) {
    const guard = requireGroup(group, { onOverage: async () => answer })
    const protect = middleware()
    const both = (req, res, next) => protect(req, res, () => guard(req, res, next))
    const send = await serve(t, frameworks['Express 5'](both))
    t.is((await send(`Bearer ${token}`)).status, status, String(answer))
  }
})

test('operating.md: a probe in front of the middleware needs no token, and an outage does not touch cached keys', async (t) => {
  const { authority, options } = await start(t)
  const checkAuthToken = createCheckAuthToken({ ...options, logger: false })
  await checkAuthToken.verifier.preload()
  const { url, close } = await listen((req, res) => {
    if (req.url === '/health') return res.end('ok')
    checkAuthToken(req, res, () => res.end('passed'))
  })
  t.teardown(close)
  await authority.stop()
  t.is(await (await fetch(`${url}/health`)).text(), 'ok')
  const headers = { authorization: `Bearer ${authority.issueToken()}` }
  t.is(await (await fetch(url, { headers })).text(), 'passed')
  await authority.start()
})
