// guardTools: a guard for a single tool, in front of the transport.
import test from 'ava'
import { AuthError } from 'entra-jwt-verify'
import { guardTools, protectMcp, requireGroup, requireRole, requireScope } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { parseChallenge } from '../helpers/challenge.mjs'
import { mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

const GROUP = crypto.randomUUID()

/** An application behind guards, that says what it reached. */
const serve = (t, express, ...before) =>
  serveMcp(t, (url) => {
    const app = express().set('env', 'test')
    app.use(protectMcp(mcpOptions(authority, url)), ...before)
    app.use(
      guardTools({
        write: requireScope('Task.Write'),
        admin: requireRole('Admin'),
        group: requireGroup(GROUP, { onOverage: async () => true })
      })
    )
    return app.use((_req, res) => res.end('reached'))
  })

const call = (name, more) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name }, ...more })

for (const [framework, express] of [
  ['Express 5', express5],
  ['Express 4', express4]
]) {
  test(`${framework}: only a call of that tool needs what its guard demands`, async (t) => {
    const resource = await serve(t, express, express.json())
    const reader = authority.issueToken({ delegated: true, scopes: ['Task.Read'] })
    const writer = authority.issueToken({ delegated: true, scopes: ['Task.Write'], claims: { hasgroups: true } })
    for (const [message, token, status] of [
      [call('read'), reader, 200],
      [call('write'), reader, 403],
      [call('write'), writer, 200],
      [call('group'), reader, 403],
      [call('group'), writer, 200],
      [call('Write'), reader, 200],
      [call('toString'), reader, 200],
      [call('write', { method: 'tools/list' }), reader, 200],
      [[call('read'), call('write')], reader, 403],
      [[call('write'), call('group')], writer, 200],
      [[call('write'), call('admin')], writer, 403],
      [[call('read')], reader, 200],
      [[], reader, 400],
      [{}, reader, 400],
      [{ method: 'tools/call', params: { name: 'write' } }, reader, 400],
      [[call('read'), { method: 'tools/call', params: { name: 'write' } }], reader, 400],
      [[[call('write')]], reader, 400],
      // As keys of an object, these are the names of the tool and of the method.
      [call(['write']), reader, 400],
      [call('write', { method: ['tools/call'] }), reader, 400],
      [[call('read'), call(['write'])], reader, 400],
      [call(undefined), reader, 400],
      [call('write', { params: undefined }), reader, 400],
      [call('write', { params: null }), reader, 400],
      [{ jsonrpc: '2.0', id: 1, result: {} }, reader, 200]
    ]) {
      t.is((await post(resource, token, message)).status, status, JSON.stringify(message))
    }
    const { error, scope } = parseChallenge(
      (await post(resource, reader, call('write'))).headers.get('www-authenticate')
    )
    t.deepEqual([error, scope], ['insufficient_scope', `${authority.api.appIdUri}/Task.Write`])
    // Other methods call no tools.
    const get = await fetch(resource, { headers: { authorization: `Bearer ${reader}` } })
    t.is(await get.text(), 'reached')
  })

  test(`${framework}: a body that was not parsed does not pass`, async (t) => {
    const writer = authority.issueToken({ delegated: true, scopes: ['Task.Write'] })
    const unparsed = await serve(t, express)
    const answer = await post(unparsed, writer, call('read'))
    t.is(answer.status, 500)
    t.regex(await answer.text(), /express\.json/)
    // A parser that does not want this type leaves it.
    const other = await serve(t, express, express.json({ type: 'application/other' }))
    t.true((await post(other, writer, call('read'))).status >= 400)
  })
}

test('a body of another type, or none, is the mistake of the client', async (t) => {
  const reader = authority.issueToken({ delegated: true, scopes: ['Task.Read'] })
  const status = async (resource, type, body = JSON.stringify(call('write'))) => {
    const headers = { authorization: `Bearer ${reader}`, ...(type && { 'content-type': type }) }
    const answer = await fetch(resource, { method: 'POST', headers, body })
    return [answer.status, (await answer.text()).includes('"jsonrpc"')]
  }
  const five = await serve(t, express5, express5.json())
  for (const type of ['text/plain', 'application/vnd.api+json', 'application/json, text/plain', 'application/jsonx']) {
    t.deepEqual(await status(five, type), [415, true], type)
  }
  t.deepEqual(await status(five, undefined, Buffer.from('{}')), [415, true])
  t.deepEqual(await status(five, 'application/json', null), [400, true])
  // Express 4 leaves an empty object.
  const four = await serve(t, express4, express4.json())
  t.deepEqual(await status(four, 'text/plain'), [400, true])
  const unparsed = await serve(t, express5)
  for (const type of ['application/json', 'Application/JSON;charset="utf-8"']) {
    t.deepEqual(await status(unparsed, type), [500, false], type)
  }
})

test('without protectMcp in front nobody passes the guard', async (t) => {
  const resource = await serveMcp(t, () =>
    express5().use(express5.json(), guardTools({ write: requireScope('Task.Write') }), (_req, res) =>
      res.end('reached')
    )
  )
  t.is((await post(resource, undefined, call('write'))).status, 401)
  t.is(await (await post(resource, undefined, call('read'))).text(), 'reached')
})

test('what guards nothing is refused at construction', (t) => {
  for (const guards of [undefined, null, {}, [], 'write', { write: undefined }, { write: 'Task.Write' }, new Map()]) {
    t.throws(() => guardTools(guards), { instanceOf: AuthError, code: 'ERR_CONFIG', message: /guardTools/ })
  }
})

test('tools in a second argument, which would be ignored, are a mistake', (t) => {
  t.throws(() => guardTools({ read: requireScope('Task.Read') }, { write: requireScope('Task.Write') }), {
    code: 'ERR_CONFIG',
    message: 'guardTools: expected one argument, { tool: guard }, got more'
  })
})

test("a promise's resolve as next reaches no tool without its guard", async (t) => {
  const resource = await serveMcp(t, (url) => {
    const auth = protectMcp(mcpOptions(authority, url, { responses: 'next' }))
    const guards = guardTools({ write: requireScope('Task.Write') })
    const app = express5().set('env', 'test')
    return app.use(express5.json(), async (req, res) => {
      await new Promise((resolve) => auth(req, res, resolve))
      await new Promise((resolve) => guards(req, res, resolve))
      res.end('reached')
    })
  })
  const reader = authority.issueToken({ delegated: true, scopes: ['Task.Read'] })
  t.is((await post(resource, reader, call('write'))).status, 403)
  t.is((await post(resource, undefined, call('read'))).status, 401)
  t.is((await fetch(resource)).status, 401)
  t.is((await post(resource, reader, call('read'))).status, 200)
})

test('in a batch, a guard of the application that passes on what is falsy leads to the next guard', async (t) => {
  const reader = authority.issueToken({ delegated: true, scopes: ['Task.Read'] })
  const writer = authority.issueToken({ delegated: true, scopes: ['Task.Write'] })
  for (const express of [express5, express4]) {
    for (const passed of [[], [undefined], [null], [false], [0], ['']]) {
      const resource = await serveMcp(t, (url) => {
        const audit = (_req, _res, next) => next(...passed)
        const app = express().set('env', 'test')
        app.use(protectMcp(mcpOptions(authority, url)), express.json())
        app.use(guardTools({ audit, write: requireScope('Task.Write') }))
        return app.use((_req, res) => res.end('reached'))
      })
      const batch = [call('audit'), call('write')]
      t.is((await post(resource, reader, batch)).status, 403, JSON.stringify(passed))
      t.is((await post(resource, writer, batch)).status, 200, JSON.stringify(passed))
    }
  }
})
