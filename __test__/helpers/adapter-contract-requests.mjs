// A part of the contract of adapters: where tokens come from, bodies, CORS, handlers that throw, clients that go away.
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { refusals } from './refusals.mjs'
import { seconds, until } from './start.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

/** The origin that the CORS plug-in lets in. */
export const ORIGIN = 'https://page.example'

const FROM_PAGE = { headers: { Origin: ORIGIN } }
const PREFLIGHT = {
  method: 'OPTIONS',
  headers: {
    Origin: ORIGIN,
    'Access-Control-Request-Method': 'GET',
    'Access-Control-Request-Headers': 'authorization'
  }
}

/**
 * @param {Driver} driver
 * @param {Function} row registers a test
 */
export function testRequests({ frameworkErrors, header = (sent, name) => sent.headers[name] }, row) {
  row('optional: no token passes without a client, a good one with it, a bad one never', async (t, start) => {
    for (const responses of ['classic', 'rfc6750', 'next']) {
      const application = await start({ optional: true, responses })
      const { authority } = application
      for (const [name, { authorization, code }] of Object.entries(refusals(authority))) {
        const answer = await application.send(authorization)
        const isAbsent = code === 'ERR_TOKEN_MISSING' && !/^Bearer/.test(authorization ?? '')
        if (isAbsent) t.deepEqual([answer.status, JSON.parse(answer.body)], [200, { client: null }], name)
        else t.true(answer.status >= 400 && !answer.body.includes('"client"'), `${responses} ${name}`)
      }
      t.deepEqual(JSON.parse((await application.good()).body), { client: authority.client.clientId })
      t.deepEqual(JSON.parse((await application.send(undefined)).body), { client: null })
    }
  })

  row('getToken: the token is where it looks, and the Authorization header is not read', async (t, start) => {
    const application = await start({ getToken: (sent) => header(sent, 'x-token') })
    const good = application.authority.issueToken()
    const expired = application.authority.issueToken({ expiresIn: -1 })
    const send = (token, authorization) =>
      application.send(authorization, '/', { headers: token && { 'X-Token': token } })
    // First with keys that have to be fetched, then with cached ones.
    for (let times = 0; times < 2; times++) {
      t.deepEqual(JSON.parse((await send(good)).body), { client: application.authority.client.clientId })
    }
    t.is((await send(good, 'Bearer token')).status, 200)
    t.is((await send(expired, `Bearer ${good}`)).status, 401)
    t.is((await send('token', `Bearer ${good}`)).status, 500)
    t.is((await send(undefined, `Bearer ${good}`)).status, 401)
  })

  row('a token in the query or in the body is not looked at', async (t, start) => {
    const application = await start()
    const token = application.authority.issueToken()
    t.is((await application.send(undefined, `/?access_token=${token}`)).status, 401)
    const body = new URLSearchParams({ access_token: token })
    t.is((await application.send(undefined, '/echo', { method: 'POST', body })).status, 401)
  })

  row('the body of a request arrives, also when the keys have to be fetched first', async (t, start) => {
    const application = await start()
    const sent = { text: 'Grüße', list: Array.from({ length: 20_000 }, (_, index) => index) }
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) }
    for (let times = 0; times < 2; times++) {
      const { status, body } = await application.good('/echo', {}, init)
      t.is(status, 200)
      t.deepEqual(JSON.parse(body), { body: sent, client: application.authority.client.clientId })
    }
    t.is((await application.send('Bearer token', '/echo', init)).status, 500)
    t.is((await application.send(undefined, '/echo', init)).status, 401)
  })

  row('the answer to HEAD has the status and headers of GET, and no body', async (t, start) => {
    const application = await start()
    const { authorization } = refusals(application.authority).expired
    const [head, get] = [
      await application.send(authorization, '/', { method: 'HEAD' }),
      await application.send(authorization)
    ]
    t.deepEqual([head.status, head.body], [401, ''])
    for (const name of ['www-authenticate', 'content-type']) t.is(head.headers.get(name), get.headers.get(name), name)
    // The length may be left out (RFC 9110, section 9.3.2), and must not be another.
    const length = head.headers.get('content-length')
    if (length !== null) t.is(length, get.headers.get('content-length'))
  })

  row('CORS in front: a preflight is answered, and a page can read why it was rejected', async (t, start) => {
    for (const responses of ['classic', 'rfc6750', ...(frameworkErrors.keepsCors ? ['next'] : [])]) {
      const application = await start({ cors: 'before', responses })
      const preflight = await application.send(undefined, '/', PREFLIGHT)
      t.true(preflight.status === 204 || preflight.status === 200, `${preflight.status}`)
      t.is(preflight.headers.get('access-control-allow-origin'), ORIGIN)
      for (const answer of [
        await application.send(undefined, '/', FROM_PAGE),
        await application.send(refusals(application.authority).expired.authorization, '/', FROM_PAGE),
        await application.good('/role', { roles: [] }, FROM_PAGE)
      ]) {
        t.true(answer.status === 401 || answer.status === 403, `${answer.status}`)
        t.is(answer.headers.get('access-control-allow-origin'), ORIGIN)
        t.regex(answer.headers.get('access-control-expose-headers') ?? '', /\bWWW-Authenticate\b/)
      }
      const passed = await application.good('/', {}, FROM_PAGE)
      t.is(passed.status, 200)
      t.is(passed.headers.get('access-control-allow-origin'), ORIGIN)
    }
  })

  row('CORS behind: a preflight has no token and is rejected, and nothing is exposed', async (t, start) => {
    const application = await start({ cors: 'after' })
    const preflight = await application.send(undefined, '/', PREFLIGHT)
    t.deepEqual([preflight.status, preflight.body], [401, 'Unauthorized'])
    const answer = await application.send(undefined, '/', FROM_PAGE)
    t.is(answer.status, 401)
    t.is(answer.headers.get('access-control-allow-origin'), null)
    t.is(answer.headers.get('access-control-expose-headers'), null)
    t.is((await application.good('/', {}, FROM_PAGE)).headers.get('access-control-allow-origin'), ORIGIN)
  })

  for (const path of ['/throws', '/throws-later']) {
    row(`${path}: what a handler throws is the framework's error, also after waiting for keys`, async (t, start) => {
      for (const responses of ['classic', 'next']) {
        const application = await start({ responses })
        for (let times = 0; times < 2; times++) frameworkErrors.checkThrown(t, await application.good(path))
        t.deepEqual(application.logger.lines, { error: [], warn: [] })
        t.is((await application.good()).status, 200)
      }
    })
  }

  row('a client that goes away while the keys are fetched leaves nothing behind', async (t, start) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    for (const [token, responses] of [
      [authority.issueToken(), 'classic'],
      [authority.issueToken({ expiresIn: -1 }), 'classic'],
      [authority.issueToken({ expiresIn: -1 }), 'next']
    ]) {
      const application = await start({ of: authority, responses })
      authority.delay(300)
      authority.requests.length = 0
      const leave = application.begin(`Bearer ${token}`)
      await until(() => authority.requestsTo('keys').length > 0)
      await leave()
      authority.recover()
      // An unhandled rejection fails this test.
      await seconds(0.5)
      t.is((await application.good()).status, 200)
      t.deepEqual(application.logger.lines.error, [])
    }
  })
}
