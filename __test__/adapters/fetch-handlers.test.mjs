// entra-jwt-verify/fetch beyond the contract of adapters: what is returned, what handlers get, and how mistakes end.
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { requireRole as expressGuard } from 'entra-jwt-verify'
import {
  AuthError,
  claimsChallenge,
  checkAuthToken as configuredByEnvironment,
  createCheckAuthToken,
  requireAppOnly,
  requireGroup,
  requireRole,
  VerifiedToken,
  withAuth
} from 'entra-jwt-verify/fetch'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { polluted } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.context = {
    authority,
    make: (more) => createCheckAuthToken({ ...optionsFor(authority), logger: false, ...more }),
    /** A request with a token. */
    sent: (overrides) =>
      new Request('https://api.example/', {
        headers: { Authorization: authority.bearer?.(overrides) ?? `Bearer ${authority.issueToken(overrides)}` }
      })
  }
  await t.context.make().verifier.preload()
})
test.after.always((t) => t.context.authority.close())

const WITHOUT_TOKEN = new Request('https://api.example/')

test('of auth and response exactly one is set, and both are own properties', async (t) => {
  const { make, sent } = t.context
  const good = await make()(sent())
  t.true(good.auth instanceof VerifiedToken)
  t.deepEqual([Object.keys(good), good.response], [['auth', 'response'], undefined])
  const bad = await make()(WITHOUT_TOKEN)
  t.deepEqual([Object.keys(bad), bad.auth, bad.response.status], [['auth', 'response'], undefined, 401])
  const absent = await make({ optional: true })(WITHOUT_TOKEN)
  t.deepEqual([Object.keys(absent), absent.auth, absent.response], [['auth', 'response'], undefined, undefined])
})

test('without await there is a response that cannot be sent, whoever calls', async (t) => {
  const { make, sent } = t.context
  const mistake = { code: 'ERR_CONFIG', message: /write await checkAuthToken\(request\)/ }
  const handler = (checkAuthToken) => async (request) => {
    const { auth, response } = checkAuthToken(request)
    t.is(auth, undefined)
    if (response) return response
    t.fail('reached')
  }
  for (const request of [sent(), WITHOUT_TOKEN]) {
    await t.throwsAsync(handler(make())(request), mistake)
    const { response } = make()(request)
    t.throws(() => response.status, mistake)
    t.throws(() => response instanceof Response, mistake)
    t.throws(() => 'status' in response, mistake)
    t.throws(() => ({ ...response }), mistake)
    // It is a promise like any other.
    const unawaited = make()(request)
    const [{ auth }] = await Promise.all([unawaited])
    t.is(auth, (await unawaited.then((result) => result)).auth)
    t.is(Object.prototype.toString.call(unawaited), '[object Promise]')
  }
})

test('with the key cached, the result is there after one microtask', async (t) => {
  const { make, sent } = t.context
  const checkAuthToken = make()
  await checkAuthToken(sent())
  const order = []
  const tick = Promise.resolve().then(() => order.push('one'))
  const awaited = async () => {
    await checkAuthToken(sent())
    order.push('checked')
  }
  await Promise.all([tick, awaited(), tick.then(() => order.push('two'))])
  t.deepEqual(order, ['one', 'checked', 'two'])
})

test('withAuth: the handler gets the request, the token and whatever else it was called with, untouched', async (t) => {
  const { make, sent } = t.context
  const calls = []
  const handler = make().withAuth((...given) => {
    calls.push(given)
    return 'returned'
  })
  const request = sent()
  // Of Next.js: a promise, which must not be awaited here.
  const context = { params: new Promise(() => {}) }
  t.is(await handler(request, context, 'more'), 'returned')
  t.is(calls.length, 1)
  const [[first, auth, ...rest]] = calls
  t.is(first, request)
  t.true(auth instanceof VerifiedToken)
  t.deepEqual([rest.length, rest[0] === context, rest[1]], [2, true, 'more'])

  t.is((await handler(WITHOUT_TOKEN, context)).status, 401)
  t.is(calls.length, 1)
})

test('withAuth: with the option optional, the handler sees no token, unless a guard requires one', async (t) => {
  const { withAuth } = t.context.make({ optional: true })
  const handler = (_request, auth) => `saw ${auth?.clientId}`
  t.is(await withAuth(handler)(WITHOUT_TOKEN), 'saw undefined')
  t.is((await withAuth(handler, [requireAppOnly()])(WITHOUT_TOKEN)).status, 401)
  t.is(await withAuth(handler, [requireAppOnly()])(t.context.sent()), `saw ${t.context.authority.client.clientId}`)
})

test('every guard has to be met, also behind one that the application decides', async (t) => {
  const { authority, make } = t.context
  const bearer = (claims) => `Bearer ${authority.issueToken({ delegated: true, claims })}`
  const manyGroups = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } }
  const send = async (authorization, guards) => {
    const request = new Request('https://api.example/', { headers: { authorization } })
    const { auth, response } = await make()(request, guards)
    t.is(auth === undefined, response !== undefined)
    return response?.status ?? 'passed'
  }
  const group = crypto.randomUUID()
  const decides = (onOverage) => requireGroup(group, { onOverage })
  const yes = decides(async () => true)
  const never = requireRole('Nobody.Has.This')
  t.is(await send(bearer(manyGroups), [yes]), 'passed')
  t.is(await send(bearer(manyGroups), [yes, yes, requireRole('Task.Read')]), 403)
  t.is(await send(bearer({ ...manyGroups, roles: ['Task.Read'] }), [yes, requireRole('Task.Read')]), 'passed')
  t.is(await send(bearer(manyGroups), [never, decides(() => t.fail('asked although the caller is rejected'))]), 403)
  t.is(await send(bearer({ groups: [group] }), [requireGroup(group), never]), 403)
  for (const answer of [false, undefined, 'true', 1]) {
    t.is(await send(bearer(manyGroups), [decides(async () => answer)]), 403, `${answer}`)
  }
  const thrown = () => {
    throw new Error('Graph is down')
  }
  t.is(await send(bearer(manyGroups), [decides(thrown)]), 500)
})

test('as the middleware of another framework, it names the entries at once', (t) => {
  const checkAuthToken = t.context.make()
  const next = () => t.fail('admitted')
  for (const called of [
    [{ method: 'GET', headers: {} }, { setHeader() {} }, next],
    [{ req: {}, headers: {} }, next],
    [{ req: new Request('https://api.example/') }, next]
  ]) {
    t.throws(() => checkAuthToken(...called), { code: 'ERR_CONFIG', message: /entra-jwt-verify for Express/ })
  }
})

test('guards in a third argument, which would be ignored, are a mistake', async (t) => {
  const { make, sent } = t.context
  const checkAuthToken = make()
  const guards = [[requireAppOnly()], [requireRole('Admin')]]
  const message = /: expected all guards in one array, got more$/
  t.throws(() => checkAuthToken.withAuth(() => 'reached', ...guards), { code: 'ERR_CONFIG', message })
  await t.throwsAsync(checkAuthToken(sent(), ...guards), { code: 'ERR_CONFIG', message })
  await t.throwsAsync(checkAuthToken(sent(), undefined, guards[1]), { code: 'ERR_CONFIG', message })
})

test('what is no guard of this entry is a mistake, and admits nobody', async (t) => {
  const { make, sent } = t.context
  const checkAuthToken = make()
  const mistake = { code: 'ERR_CONFIG', message: /expected an array of guards from entra-jwt-verify\/fetch/ }
  for (const guards of [
    requireRole('Task.Read'),
    [requireRole],
    [expressGuard('Task.Read')],
    [undefined],
    // biome-ignore lint/suspicious/noSparseArray: a mistake that is tested.
    [, requireRole('Task.Read')],
    [{ ...requireRole('Task.Read') }],
    [Object.create(requireRole('Task.Read'))],
    'Task.Read',
    null,
    {}
  ]) {
    t.throws(() => checkAuthToken.withAuth(() => 'reached', guards), mistake)
    await t.throwsAsync(checkAuthToken(sent({ roles: ['Task.Read'] }), guards), mistake)
  }
  for (const handler of [undefined, null, {}, [requireRole('Task.Read')]]) {
    t.throws(() => checkAuthToken.withAuth(handler), { code: 'ERR_CONFIG', message: /withAuth/ })
  }
  t.throws(() => requireRole(), { code: 'ERR_CONFIG' })
  t.throws(() => requireAppOnly(WITHOUT_TOKEN), { code: 'ERR_CONFIG' })
})

test("what is no fetch request is a mistake, and what reading one throws is the framework's", async (t) => {
  const checkAuthToken = t.context.make()
  const token = t.context.authority.issueToken()
  const nodeRequest = { headers: { authorization: `Bearer ${token}` } }
  for (const request of [undefined, null, 'https://api.example', nodeRequest, { request: t.context.sent() }]) {
    await t.throwsAsync(checkAuthToken(request), { code: 'ERR_CONFIG', message: /expected a fetch Request/ })
  }
  // Next.js throws something of its own where a page that reads headers is rendered ahead of time.
  const bailout = Object.assign(new Error('dynamic'), { digest: 'DYNAMIC_SERVER_USAGE' })
  const prerendered = {
    get headers() {
      throw bailout
    }
  }
  t.is(await t.throwsAsync(checkAuthToken(prerendered)), bailout)
  const handler = checkAuthToken.withAuth(() => t.fail('reached'))
  t.is(await t.throwsAsync(handler(prerendered)), bailout)
})

test('an event of h3 is no request: as a hook, the middleware would admit everybody', async (t) => {
  const checkAuthToken = t.context.make()
  const { headers } = t.context.sent()
  const mistake = { code: 'ERR_CONFIG', message: /got an event: pass its request/ }
  for (const event of [
    { headers, node: { req: {} } },
    { headers, req: t.context.sent() }
  ]) {
    t.throws(() => checkAuthToken(event), mistake)
    // Whatever a wrapped handler returns is sent.
    const handler = checkAuthToken.withAuth((_event, auth) => auth.clientId)
    t.is(await handler(event), t.context.authority.client.clientId)
  }
})

test('a header that is there twice makes no token', async (t) => {
  const { authority, make } = t.context
  const headers = new Headers()
  for (const token of [authority.issueToken(), authority.issueToken()])
    headers.append('Authorization', `Bearer ${token}`)
  const { auth, response } = await make({ responses: 'rfc6750' })({ headers })
  t.deepEqual([auth, response.status], [undefined, 401])
})

test("responses: 'next' throws the AuthError", async (t) => {
  const checkAuthToken = t.context.make({ responses: 'next' })
  const error = await t.throwsAsync(checkAuthToken(WITHOUT_TOKEN), { instanceOf: AuthError, code: 'ERR_TOKEN_MISSING' })
  t.is(error.toResponse().status, 401)
  const handler = checkAuthToken.withAuth(() => t.fail('reached'), [requireRole('Task.Read')])
  await t.throwsAsync(handler(WITHOUT_TOKEN), { instanceOf: AuthError, code: 'ERR_TOKEN_MISSING' })
  await t.throwsAsync(handler(t.context.sent()), { instanceOf: AuthError, code: 'ERR_TOKEN_POLICY' })
})

test('a function that returns no response leads to the error, never to the handler', async (t) => {
  for (const returned of [undefined, null, '', 'a string', 0, 401, true, async () => new Response()]) {
    for (const responses of [() => returned, async () => returned]) {
      const checkAuthToken = t.context.make({ responses })
      await t.throwsAsync(checkAuthToken(WITHOUT_TOKEN), { code: 'ERR_TOKEN_MISSING' })
      await t.throwsAsync(checkAuthToken.withAuth(() => t.fail('reached'))(WITHOUT_TOKEN), {
        code: 'ERR_TOKEN_MISSING'
      })
    }
  }
})

test('a function gets the error and the request; its response may be of another realm or of a platform', async (t) => {
  const ofPlatform = { status: 418, jsonBody: {} }
  const ofRealm = runInNewContext('({ status: 418 })')
  for (const response of [ofPlatform, ofRealm]) {
    const checkAuthToken = t.context.make({
      responses(...given) {
        t.is(this, undefined)
        t.deepEqual([given.length, given[0].code, given[1]], [2, 'ERR_TOKEN_MISSING', WITHOUT_TOKEN])
        return response
      }
    })
    t.is((await checkAuthToken(WITHOUT_TOKEN)).response, response)
    t.is(await checkAuthToken.withAuth(() => t.fail('reached'))(WITHOUT_TOKEN), response)
  }
})

test('an application may add headers to a response', async (t) => {
  const { response } = await t.context.make()(WITHOUT_TOKEN)
  response.headers.set('Access-Control-Allow-Origin', '*')
  t.is(response.headers.get('access-control-allow-origin'), '*')
})

test('members of Object.prototype are no part of a response', async (t) => {
  const { make } = t.context
  const checked = polluted({ statusText: 'Fine', status: 200, headers: { 'x-evil': '1' }, response: undefined }, () =>
    make()(WITHOUT_TOKEN)
  )
  const { response } = await checked
  t.deepEqual([response.status, response.statusText, response.headers.get('x-evil')], [401, '', null])
})

test('a claims challenge rejects every caller', async (t) => {
  const stepUp = claimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
  const request = t.context.sent({ claims: { xms_cc: ['CP1'] } })
  const { response } = await t.context.make()(request, [stepUp])
  t.is(response.status, 401)
  t.regex(response.headers.get('www-authenticate'), /insufficient_claims/)
})

test('resourceMetadata serves the document, answers preflights, and refuses other methods', async (t) => {
  const { make } = t.context
  t.is(make().resourceMetadata, undefined)
  const { resourceMetadata } = make({ resourceMetadata: { resource: 'https://api.example/' } })
  const send = (method) => resourceMetadata(new Request('https://api.example/', { method }))
  t.is((await send('GET').json()).resource, 'https://api.example/')
  // A response has one body: each request gets its own.
  t.is((await send('GET').json()).resource, 'https://api.example/')
  t.deepEqual([send('OPTIONS').status, send('OPTIONS').headers.get('access-control-allow-origin')], [204, '*'])
  t.is(send('POST').status, 405)
})

test('the entry that the environment configures has the same members', (t) => {
  t.is(withAuth, configuredByEnvironment.withAuth)
  t.deepEqual(Object.keys(t.context.make()).sort(), ['verifier', 'withAuth'])
})
