// What a log line says of a token that was rejected: what explain recognises, and its action; worked out only for lines that are
// written, by the keys that are cached, and without a part of the token.
import { createRequire } from 'node:module'
import test from 'ava'
import { createCheckAuthToken, requireClient, requireRole, requireScope, requireScopeOrRole } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import sinon from 'sinon'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { NativeVerifier } = require('../../lib/native.js')

test.beforeEach(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.context = { authority, options: optionsFor(authority) }
})
test.afterEach.always((t) => t.context.authority.close())

/** A middleware with its keys, the lines that it logs, and a way to send it a token. */
async function started(t, more = {}) {
  const lines = { warn: [], error: [] }
  const logger = { warn: (...parts) => lines.warn.push(parts), error: (...parts) => lines.error.push(parts) }
  const middleware = createCheckAuthToken({ ...t.context.options, logger, ...more })
  await middleware.verifier.preload()
  const send = (token) => callNow(middleware, { authorization: `Bearer ${token}` })
  return { lines, middleware, send }
}

/** Counts how often a token is looked at for the log. */
function looks(t) {
  const spy = sinon.spy(NativeVerifier.prototype, 'cause')
  t.teardown(() => spy.restore())
  return spy
}

test.serial('a token for a service of Microsoft is told by name, with the scope to ask for', async (t) => {
  const { authority } = t.context
  const { lines, send } = await started(t)
  send(authority.issueToken({ audience: 'https://vault.azure.net' }))
  const [[line]] = lines.warn
  t.is(
    line,
    'checkAuthToken refused 401 ERR_TOKEN_AUDIENCE: a token for Azure Key Vault, not for this API. ' +
      `Have the client ask for scope=${authority.api.appIdUri}/.default with its client credentials`
  )
})

test.serial('variables that configured the process are named', async (t) => {
  const { authority, options } = t.context
  const { lines, send } = await started(t)
  send(authority.issueToken({ audience: 'api://another' }))
  t.regex(lines.warn[0][0], /set ENTRA_AUDIENCE \(option audience\) to/)
  const saved = process.env.AZURE_CLIENT_ID
  process.env.AZURE_CLIENT_ID = options.clientId
  t.teardown(() => {
    if (saved === undefined) delete process.env.AZURE_CLIENT_ID
    else process.env.AZURE_CLIENT_ID = saved
  })
  const configured = await started(t, { clientId: undefined })
  configured.send(authority.issueToken({ audience: 'api://another' }))
  t.regex(configured.lines.warn[0][0], /set AZURE_AUDIENCE \(option audience\) to/)
})

test.serial(
  'an error that is logged has the hint of what its token is recognised as, and keeps its message',
  async (t) => {
    const { authority } = t.context
    const { lines, send } = await started(t)
    const good = authority.issueToken()
    for (const [token, message, hint] of [
      ['undefined', 'jwt malformed', /^look at the client.*\(it looks like no token at all/],
      [good.slice(0, -40), /jwt malformed|invalid signature/, /whole.*\(it looks like a token that is cut off/],
      [
        authority.issueToken({ claims: { iss: 'https://accounts.google.com' }, algorithm: 'PS256' }),
        'invalid algorithm',
        /Google/
      ]
    ]) {
      lines.error.length = 0
      const other = await started(t)
      other.send(token)
      const [[text, error, ...more]] = other.lines.error
      t.deepEqual([text, more], ['Error in checkAuthToken: ', []])
      t.regex(error.message, new RegExp(message))
      t.regex(error.hint, hint)
      for (const part of token.split('.').filter(({ length }) => length > 20)) t.false(error.hint.includes(part))
    }
    t.deepEqual(lines.error, [])
    t.notThrows(() => send(good))
  }
)

test.serial('the limit is asked before a token is looked at', async (t) => {
  const { authority } = t.context
  const { lines, send } = await started(t)
  const spy = looks(t)
  const rejected = authority.issueToken({ audience: 'api://another' })
  for (let sent = 0; sent < 50; sent++) send(rejected)
  for (let sent = 0; sent < 50; sent++) send('junk')
  // Five for the warning, which could have another text each time, and one for the error.
  t.deepEqual([lines.warn.length, lines.error.length, spy.callCount], [1, 1, 6])
})

test.serial('where nothing is written, no token is looked at', async (t) => {
  const { authority } = t.context
  const rejected = authority.issueToken({ audience: 'api://another' })
  const spy = looks(t)
  for (const more of [{ logger: false }, { logger: { error() {} } }, { responses() {} }]) {
    const { send } = await started(t, more)
    send(rejected)
  }
  const { send } = await started(t)
  send(authority.issueToken())
  t.is(spy.callCount, 0)
})

test.serial('nothing is fetched for a line', async (t) => {
  const { authority } = t.context
  const { lines, send } = await started(t)
  const before = authority.requestsTo('keys').length
  send(authority.issueToken({ audience: 'api://another' }))
  // Rejected by its algorithm, before its key is looked for.
  send(authority.issueToken({ algorithm: 'PS256', header: { kid: 'unknown' } }))
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.deepEqual([lines.warn.length, lines.error.length], [1, 1])
  t.is(authority.requestsTo('keys').length, before)
})

test.serial('a logger gets the name of the finding beside the line', async (t) => {
  const { authority } = t.context
  const objects = []
  const logger = { child() {}, bindings() {}, error() {}, warn: (object) => objects.push(object) }
  const { send } = await started(t, { logger })
  send(authority.issueToken({ audience: 'https://vault.azure.net' }))
  t.like(objects[0], { code: 'ERR_TOKEN_AUDIENCE', finding: 'microsoft-token' })
})

test.serial('a core that throws keeps no request from its answer', async (t) => {
  const { authority } = t.context
  const { lines, send } = await started(t)
  const stub = sinon.stub(NativeVerifier.prototype, 'cause').throws(new Error('broken'))
  t.teardown(() => stub.restore())
  const { status } = send(authority.issueToken({ audience: 'api://another' }))
  t.is(status, 401)
  t.regex(lines.warn[0][0], /ERR_TOKEN_AUDIENCE: jwt audience invalid\./)
})

const granted = [
  [
    'requireRole, an application',
    () => requireRole('Admin'),
    {},
    /an app-only token without the role Admin\. Add the permission/
  ],
  ['requireRole, a user', () => requireRole('Admin'), { delegated: true }, /of a user.*Users and groups/],
  [
    'requireRole, nearly',
    () => requireRole('task.read'),
    { roles: ['Task.Read'] },
    /guard requireRole\) to Task\.Read/
  ],
  ['requireScope, an application', () => requireScope('Task.Read'), {}, /app-only token.*Sign a user in/],
  [
    'requireScope, a user',
    () => requireScope('Task.Read'),
    { delegated: true },
    /without the scope Task\.Read.*api:\/\//
  ],
  [
    'requireScopeOrRole, an application',
    () => requireScopeOrRole({ scopes: ['s'], roles: ['r'] }),
    {},
    /without the role r\./
  ],
  [
    'requireScopeOrRole, a user',
    () => requireScopeOrRole({ scopes: ['s'], roles: ['r'] }),
    { delegated: true },
    /without the scope s\./
  ],
  [
    'requireClient',
    () => requireClient('8d1e6c2f-405b-4c1f-8b64-203070100b22'),
    {},
    /guard requireClient\) to 8d1e6c2f/
  ]
]
for (const [name, guard, overrides, expected] of granted) {
  test.serial(`what a guard asks for is told by who calls: ${name}`, async (t) => {
    const { lines, send } = await started(t)
    const { req } = send(t.context.authority.issueToken(overrides))
    callNow(guard(), { auth: req.auth })
    t.is(lines.warn.length, 1)
    t.regex(lines.warn[0][0], expected)
    t.false(lines.warn[0][0].includes(req.auth.token.split('.')[1]))
  })
}
