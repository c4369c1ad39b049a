import { once } from 'node:events'
import net from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import test from 'ava'
import { FAULT_KINDS, startTestAuthority } from 'entra-jwt-verify/testing'
import { postForm, request } from '../helpers/testing-http.mjs'

// Long enough for an answer on loopback to arrive; used to see that none does.
const A_WHILE = 150

let authority
let keysUrl
let usual
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
  keysUrl = `${authority.url}/${authority.tenantId}/discovery/keys`
  usual = await (await request(keysUrl)).text()
})
test.afterEach.always(() => authority.recover())
test.after.always(() => authority?.close())

/** Whether the connection is still open a while after `enough(received)`, and what arrived until then. */
async function bytesOf(url, enough) {
  const { port, pathname } = new URL(url)
  const socket = net.connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
  while (!enough(received)) await once(socket, 'data')
  await sleep(A_WHILE)
  const open = !socket.readableEnded
  socket.destroy()
  return { received, open }
}

/** By kind: what a client sees. Each entry gets the test context after `fail(kind)`. */
const seen = {
  async reset(t) {
    await t.throwsAsync(request(keysUrl), { code: 'ECONNRESET' })
  },

  async hang(t) {
    const count = authority.requests.length
    const { received, open } = await bytesOf(keysUrl, () => true)
    t.is(authority.requests.length, count + 1, 'the request has been read')
    t.deepEqual({ received, open }, { received: '', open: true })
  },

  async 'slow-headers'(t) {
    authority.fail('slow-headers', 1, { interval: 60_000 })
    const startOfHeaders = await bytesOf(keysUrl, (received) => received !== '')
    t.deepEqual(startOfHeaders, { received: 'H', open: true })
    authority.fail('slow-headers', 1, { interval: 1, chunkSize: 300 })
    const answer = await request(keysUrl)
    t.is(answer.status, 200)
    t.is(await answer.text(), usual)
  },

  async 'slow-body'(t) {
    authority.fail('slow-body', 1, { interval: 60_000 })
    const { received, open } = await bytesOf(keysUrl, (text) => text.endsWith('\r\n\r\n{'))
    t.true(received.startsWith('HTTP/1.1 200 OK\r\n'))
    t.true(open)
    authority.fail('slow-body', 1, { interval: 1, chunkSize: 300 })
    t.is(await (await request(keysUrl)).text(), usual)
  },

  async 'cut-body'(t) {
    const answer = await request(keysUrl)
    t.is(answer.status, 200)
    t.is(Number(answer.headers['content-length']), usual.length)
    await t.throwsAsync(answer.text(), { code: 'ECONNRESET' })
  },

  async truncated(t) {
    const text = await (await request(keysUrl)).text()
    t.true(text.length > 0 && text.length < usual.length)
    t.true(usual.startsWith(text))
    t.throws(() => JSON.parse(text), { name: 'SyntaxError' })
  },

  async empty(t) {
    const answer = await request(keysUrl)
    t.is(answer.status, 200)
    t.is(await answer.text(), '')
  },

  async html(t) {
    const answer = await request(keysUrl)
    t.is(answer.status, 200)
    t.is(answer.headers['content-type'], 'text/html; charset=utf-8')
    t.true((await answer.text()).startsWith('<!DOCTYPE html>'))
  },

  async 'no-keys'(t) {
    t.deepEqual(await (await request(keysUrl)).json(), { keys: [] })
  },

  async 'null-keys'(t) {
    t.deepEqual(await (await request(keysUrl)).json(), { keys: null })
  },

  async 'no-set'(t) {
    t.deepEqual(await (await request(keysUrl)).json(), {})
  },

  async 'bad-key'(t) {
    const [bad, ...good] = (await (await request(keysUrl)).json()).keys
    t.deepEqual(good, JSON.parse(usual).keys)
    t.like(bad, { kty: 'RSA', use: 'sig', kid: 'bad' })
    t.false(Object.hasOwn(bad, 'n'))
  },

  async 'duplicate-kids'(t) {
    const { keys } = JSON.parse(usual)
    const answered = (await (await request(keysUrl)).json()).keys
    t.deepEqual(answered.slice(0, keys.length), keys)
    const again = answered.slice(keys.length)
    t.deepEqual(
      again.map(({ kid }) => kid),
      keys.map(({ kid }) => kid)
    )
    for (const [index, { n }] of again.entries()) t.not(n, keys[index].n)
  },

  async 'many-keys'(t) {
    const { keys } = await (await request(keysUrl)).json()
    t.is(keys.length, 10_000)
    t.is(new Set(keys.map(({ kid }) => kid)).size, 10_000)
    t.deepEqual(keys.slice(0, 2), JSON.parse(usual).keys)
    const metadata = `${authority.url}/common/.well-known/openid-configuration`
    t.is((await (await request(metadata)).json()).keys, undefined)
  },

  async endless(t) {
    const { headers, response } = await request(keysUrl)
    t.is(headers['content-length'], undefined)
    let received = 0
    // Leaving the loop ends the connection, and with it the answer.
    for await (const chunk of response) {
      received += chunk.length
      if (received > 5_000_000) break
    }
    t.true(received > 5_000_000)
  },

  async 'gzip-bomb'(t) {
    const { headers, response } = await request(keysUrl)
    t.is(headers['content-encoding'], 'gzip')
    const compressed = await buffer(response)
    t.true(compressed.length < 100_000)
    const content = gunzipSync(compressed)
    t.true(content.length > 52_428_800)
    t.deepEqual(JSON.parse(content), JSON.parse(usual))
  },

  async oversized(t) {
    const text = await (await request(keysUrl)).text()
    t.true(text.length > 1_048_576)
    t.deepEqual(JSON.parse(text), JSON.parse(usual))
  }
}

for (const kind of FAULT_KINDS) {
  test.serial(`fails as '${kind}'`, async (t) => {
    authority.fail(kind)
    await seen[kind](t)
  })
}

test.serial('fails with any HTTP status and Entra’s error', async (t) => {
  for (const status of [404, 429, 500, 503]) {
    authority.fail(status)
    const answer = await request(keysUrl)
    t.is(answer.status, status)
    t.is(answer.headers['retry-after'], undefined)
    t.like(await answer.json(), { error: 'temporarily_unavailable', error_codes: [90033] })
  }
  authority.fail(204)
  t.is((await request(keysUrl)).status, 204)
})

test.serial('says when to come back', async (t) => {
  authority.fail(503, 1, { retryAfter: 7 })
  t.is((await request(keysUrl)).headers['retry-after'], '7')
  authority.fail(429, 1, { retryAfter: 'Fri, 01 Jan 2100 00:00:00 GMT' })
  t.is((await request(keysUrl)).headers['retry-after'], 'Fri, 01 Jan 2100 00:00:00 GMT')
})

test.serial('redirects to a good answer, so that a client which follows is found out', async (t) => {
  authority.fail(301, 1)
  const answer = await request(keysUrl)
  t.is(answer.status, 301)
  const followed = await request(new URL(answer.headers.location, keysUrl).href)
  t.is(followed.status, 200)
  t.is(authority.requests.at(-1).query.redirected, 'true')
  authority.fail(302, 1, { location: 'http://127.0.0.1:9/' })
  t.is((await request(keysUrl)).headers.location, 'http://127.0.0.1:9/')
})

test.serial('fails as often as it was told, counted on arrival', async (t) => {
  authority.fail(500, 2)
  const answers = await Promise.all([request(keysUrl), request(keysUrl), request(keysUrl)])
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 500, 500])
})

test.serial('fails until it is told to stop', async (t) => {
  authority.fail(500)
  for (let i = 0; i < 3; i += 1) t.is((await request(keysUrl)).status, 500)
  authority.fail(null)
  t.is((await request(keysUrl)).status, 200)
})

test.serial('fails for keys and metadata, and for the token endpoint only when told to', async (t) => {
  const { url, tenantId } = authority
  const statuses = async () => [
    (await request(keysUrl)).status,
    (await request(`${url}/common/discovery/v2.0/keys`)).status,
    (await request(`${url}/${tenantId}/v2.0/.well-known/openid-configuration`)).status,
    (await request(`${url}/common/discovery/instance`)).status,
    (await postForm(`${url}/${tenantId}/oauth2/v2.0/token`, {})).status
  ]
  authority.fail(500)
  t.deepEqual(await statuses(), [500, 500, 500, 500, 400])
  authority.fail(500, undefined, { on: ['token'] })
  t.deepEqual(await statuses(), [200, 200, 200, 200, 500])
})

test.serial('answers late', async (t) => {
  authority.delay(A_WHILE)
  const before = performance.now()
  t.is((await request(keysUrl)).status, 200)
  // Timers may fire a millisecond early.
  t.true(performance.now() - before >= A_WHILE - 2)
  authority.recover()
  authority.delay(60_000)
  authority.delay(0)
  t.is((await request(keysUrl, { signal: AbortSignal.timeout(5000) })).status, 200)
})

test.serial('a fault that does not exist is a mistake of the test', (t) => {
  const mistake = { code: 'ERR_TESTING_OPTION' }
  for (const kind of ['nonsense', 'toString', 99, 600, undefined, true]) {
    t.throws(() => authority.fail(kind), mistake, String(kind))
  }
  t.throws(() => authority.fail(500, -1), mistake)
  t.throws(() => authority.fail(500, 1, { retryafter: 1 }), mistake)
  t.throws(() => authority.fail(500, 1, { on: ['everything'] }), mistake)
  t.throws(() => authority.delay(-1), mistake)
  t.throws(() => authority.delay('1s'), mistake)
})

test('the failures of a connection happen under TLS too', async (t) => {
  const secure = await startTestAuthority({ quiet: true, tls: true })
  t.teardown(() => secure.close())
  const url = `${secure.url}/${secure.tenantId}/discovery/keys`
  const { ca } = secure
  secure.fail('reset')
  await t.throwsAsync(request(url, { ca }), { code: 'ECONNRESET' })
  secure.fail('cut-body')
  await t.throwsAsync((await request(url, { ca })).text(), { code: 'ECONNRESET' })
  secure.fail('slow-headers', 1, { interval: 1, chunkSize: 300 })
  t.is((await (await request(url, { ca })).json()).keys.length, 2)
})
