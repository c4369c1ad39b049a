// Unit tests of applications call the middleware with a request and a response that were made up.
import { EventEmitter } from 'node:events'
import test from 'ava'
import mocks from 'node-mocks-http'
import { start } from '../helpers/start.mjs'

test('what has rejected at once returns a promise where the response has no connection, which Nitro awaits', async (t) => {
  const { authority, middleware } = await start(t)
  const check = middleware()
  const call = (headers) => {
    const [req, res] = [mocks.createRequest({ headers }), mocks.createResponse()]
    return check(req, Object.assign(res, { socket: null }), () => undefined)
  }
  await check.verifier.preload()
  t.true(call({}) instanceof Promise)
  t.is(call({ authorization: `Bearer ${authority.issueToken()}` }), undefined)
})

for (const [title, options] of [
  ['a response without events', {}],
  ['a response with events, which is never closed', { eventEmitter: EventEmitter }]
]) {
  test(`${title}: the promise of a request that waited for keys ends, rejected or not`, async (t) => {
    const { authority, middleware } = await start(t)
    const call = async (overrides) => {
      const check = middleware()
      const headers = { authorization: `Bearer ${authority.issueToken(overrides)}` }
      const [req, res] = [mocks.createRequest({ headers }), mocks.createResponse(options)]
      let nexts = 0
      await check(req, res, () => nexts++)
      return { nexts, status: res.statusCode, body: res._getData() }
    }
    t.deepEqual(await call({}), { nexts: 1, status: 200, body: '' })
    t.deepEqual(await call({ header: { kid: 'unknown' } }), {
      nexts: 0,
      status: 500,
      body: 'Internal Server Error, signing key not found'
    })
  })
}
