// Whose token a handler of Nest sees, where several calls share a request.
import 'reflect-metadata'
import { createRequire } from 'node:module'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import test from 'ava'
import { verifiedToken } from 'entra-jwt-verify/testing'

const { authOf, forget, remember, setAuth } = createRequire(import.meta.url)('../../lib/adapters/nest/request')

class Gateway {
  handler() {}
  other() {}
}
class Sibling extends Gateway {}

/** Contexts of one call: that of the guard, and that of the parameter decorator. */
function call(kind, given, { type = Gateway, handler = Gateway.prototype.handler } = {}) {
  const context = () => {
    const made = new ExecutionContextHost([...given], type, handler)
    made.setType(kind)
    return made
  }
  return { guard: context(), parameter: context() }
}

function admit({ guard }, request, auth, isElsewhere = true) {
  forget(guard)
  setAuth(guard, request, auth, isElsewhere)
  remember(guard, request, auth, isElsewhere)
}

const [alice, bob] = [verifiedToken(), verifiedToken()]

test('messages of one connection see their own token, whatever object they share', (t) => {
  const connection = {}
  const payload = {}
  for (const [kind, ofAlice, ofBob] of [
    ['ws', [connection, { n: 1 }], [connection, { n: 2 }]],
    ['rpc', [payload, {}], [payload, {}]],
    ['rpc', [{}, connection], [{}, connection]],
    ['graphql', [undefined, {}, {}, {}], [undefined, {}, {}, {}]],
    ['graphql', ['root', undefined, {}, {}], ['root', undefined, {}, {}]],
    ['http', [{}], [{}]]
  ]) {
    const [first, second] = [call(kind, ofAlice), call(kind, ofBob)]
    admit(first, { headers: {} }, alice)
    admit(second, { headers: {} }, bob)
    t.deepEqual([authOf(first.parameter), authOf(second.parameter)], [alice, bob], kind)
    forget(call(kind, ofBob).guard)
    t.is(authOf(first.parameter), alice, kind)
  }
})

test('an inherited handler of two classes sees the token that its own guard has admitted', (t) => {
  for (const kind of ['ws', 'rpc']) {
    const given = [{}, {}]
    const [first, second] = [call(kind, given), call(kind, given, { type: Sibling })]
    admit(first, { headers: {} }, alice)
    t.is(authOf(second.parameter), undefined)
    admit(second, { headers: {} }, bob)
    t.deepEqual([authOf(first.parameter), authOf(second.parameter)], [alice, bob])
  }
})

test('a message without an object sees no token of another one', (t) => {
  const client = { request: { headers: {} } }
  const message = call('ws', [client, 'text'])
  admit(message, client.request, alice, false)
  t.is(authOf(message.parameter), alice)
  // It is judged again, and rejected.
  forget(message.guard)
  t.is(authOf(message.parameter), undefined)

  for (const isElsewhere of [true, false]) {
    for (const requestOf of [() => ({ headers: {} }), ({ request }) => request]) {
      const several = { request: { headers: {} } }
      admit(call('ws', [several, 'one']), requestOf(several), alice, isElsewhere)
      admit(call('ws', [several, 'two']), requestOf(several), bob, isElsewhere)
      t.not(authOf(call('ws', [several, 'one']).parameter), bob)
    }
  }
})

test('a message that waited while another one was admitted does not see the token of that one', (t) => {
  const client = { request: { headers: {} } }
  const { message } = { message() {} }
  Reflect.defineMetadata('websockets:message_mapping', true, message)
  for (const [kind, shared, handler] of [
    ['ws', client, Gateway.prototype.handler],
    ['http', client.request, message]
  ]) {
    const [first, second] = ['one', 'two'].map((text) => call(kind, [shared, text], { handler }))
    forget(first.guard)
    admit(second, { headers: {} }, bob)
    const request = { headers: {} }
    setAuth(first.guard, request, alice, true)
    remember(first.guard, request, alice, true)
    for (const text of ['one', 'two']) {
      t.not(authOf(call('ws', [client, text], { handler }).parameter), bob, kind)
    }
  }
})

test('a connection with one token is one, whether or not its guard makes a request for each message', (t) => {
  const client = {}
  const text = (type) => call('ws', [client, 'text'], { type })
  for (const type of [Gateway, Gateway, Sibling]) {
    admit(text(type), { headers: {} }, alice)
    t.is(authOf(text(type).parameter), alice)
  }
  admit(text(), { headers: {} }, bob)
  t.is(authOf(text().parameter), undefined)
  admit(text(), { headers: {} }, bob)
  t.is(authOf(text().parameter), undefined)
})

test('a guard of a gateway that passes on the request of the connection as one of HTTP', (t) => {
  class Http {
    message() {}
    open() {}
  }
  const { message, open } = Http.prototype
  for (const handler of [message, open]) Reflect.defineMetadata('websockets:message_mapping', true, handler)
  const client = { request: { headers: {} } }
  const guard = call('http', [client.request], { handler: message }).guard
  const parameter = (handler) => call('ws', [client, {}], { handler }).parameter
  admit({ guard }, client.request, alice, false)
  t.is(authOf(parameter(message)), alice)
  // A handler without a guard does not see the token of another message, which may have expired since.
  t.is(authOf(parameter(open)), undefined)
  forget(guard)
  t.is(authOf(parameter(message)), undefined)

  // Each message has a token of its own.
  for (const requestOf of [() => ({ headers: {} }), ({ request }) => request]) {
    const several = { request: {} }
    const guardOf = (data) => call('http', [several.request, data], { handler: message }).guard
    admit({ guard: guardOf({ n: 1 }) }, requestOf(several), alice, false)
    admit({ guard: guardOf({ n: 2 }) }, requestOf(several), bob, false)
    t.not(authOf(call('ws', [several, { n: 1 }], { handler: message }).parameter), bob)
  }
})

test('what the application sets is the token, before and after a guard', (t) => {
  const client = { request: { headers: {}, auth: bob } }
  const free = call('ws', [client, {}], { handler: Gateway.prototype.other })
  t.is(authOf(free.parameter), bob)
  const guarded = call('ws', [client, {}])
  admit(guarded, client.request, alice, false)
  t.is(authOf(guarded.parameter), alice)
  t.is(authOf(free.parameter), bob)
  client.request.auth = bob
  t.is(authOf(guarded.parameter), bob)
})

test('a field without a guard sees the token of its operation, if that has one', (t) => {
  const context = () => ({ req: { headers: {} } })
  const field = (shared, handler) => call('graphql', [undefined, {}, shared, {}], { handler })
  const one = context()
  admit(field(one), one.req, alice, false)
  t.is(authOf(field(one, Gateway.prototype.other).parameter), alice)
  // A second token of the call, which is not that of the request.
  admit(field(one), { headers: {} }, bob)
  t.is(authOf(field(one, Gateway.prototype.other).parameter), alice)

  const two = context()
  admit(field(two), two.req, alice, false)
  admit(field(two), two.req, bob, false)
  t.is(authOf(field(two, Gateway.prototype.other).parameter), undefined)
  t.is(authOf(field(context()).parameter), undefined)
})
