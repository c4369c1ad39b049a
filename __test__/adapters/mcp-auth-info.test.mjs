// What a tool sees of its caller: the SDK's AuthInfo, which is the verified token itself.
import { inspect } from 'node:util'
import test from 'ava'
import { AuthError, requireRole, VerifiedToken } from 'entra-jwt-verify'
import { authOf, protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express from 'express'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { CALLER, handle, mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: CALLER } }

/** What a tool gets as its last argument when it is called with a token, and what is behind the middleware as `req.auth`. */
async function seenWith(t, token, options) {
  const seen = {}
  const resource = await serveMcp(t, (url) => {
    const app = express()
    app.use(protectMcp({ ...mcpOptions(authority, url), ...options }))
    app.use((req, _res, next) => {
      seen.auth = req.auth
      next()
    })
    app.post('/mcp', express.json(), (req, res) =>
      handle(req, res, {
        seen: (extra) => {
          seen.extra = extra
        }
      })
    )
    return app
  })
  const answer = await post(resource, token, CALL)
  t.is(answer.status, 200)
  await answer.text()
  return { ...seen, resource }
}

test('of an application that acts for itself', async (t) => {
  const token = authority.issueToken({ roles: ['Task.Read'] })
  const { extra, auth, resource } = await seenWith(t, token)
  const { authInfo } = extra
  t.is(authInfo, auth)
  t.is(authInfo.token, token)
  t.is(authInfo.clientId, authority.client.clientId)
  t.deepEqual(authInfo.scopes, [])
  t.is(authInfo.expiresAt, authInfo.claims.exp)
  t.true(authInfo.resource instanceof URL)
  t.is(authInfo.resource.href, resource)
  t.deepEqual(authInfo.extra, {
    tenantId: authority.tenantId,
    objectId: authInfo.claims.oid,
    roles: ['Task.Read'],
    isAppOnly: true,
    isAgent: false
  })
})

test('of a user: no name, no address', async (t) => {
  const token = authority.issueToken({
    delegated: true,
    scopes: ['Task.Read', 'Task.Write'],
    claims: { name: 'A Name', email: 'a@b.example', preferred_username: 'a@b.example' }
  })
  const { authInfo } = (await seenWith(t, token)).extra
  t.deepEqual(authInfo.scopes, ['Task.Read', 'Task.Write'])
  t.like(authInfo.extra, { isAppOnly: false, roles: [], objectId: authInfo.claims.oid })
  t.truthy(authInfo.extra.objectId)
  for (const shown of [JSON.stringify(authInfo.extra), JSON.stringify(authInfo), inspect(authInfo)]) {
    t.notRegex(shown, /A Name|a@b\.example|ey[\w-]{20}/)
  }
})

test('it is frozen, and a URL that is changed is not that of the next reader', async (t) => {
  const { authInfo } = (await seenWith(t, authority.issueToken({ roles: ['a'] }))).extra
  t.true(Object.isFrozen(authInfo.extra) && Object.isFrozen(authInfo.extra.roles) && Object.isFrozen(authInfo.scopes))
  t.is(authInfo.extra, authInfo.extra)
  const { href } = authInfo.resource
  authInfo.resource.pathname = '/other'
  t.is(authInfo.resource.href, href)
  for (const name of ['token', 'clientId', 'scopes', 'expiresAt', 'resource', 'extra']) {
    t.throws(
      () => {
        authInfo[name] = undefined
      },
      { instanceOf: TypeError },
      name
    )
  }
})

test('it is the proof that guards and authOf ask for; what looks like it is not', async (t) => {
  const { extra, auth } = await seenWith(t, authority.issueToken({ roles: ['Task.Read'] }))
  t.true(auth instanceof VerifiedToken)
  for (const context of [extra, extra.authInfo, { auth }, { authInfo: auth }]) t.is(authOf(context), auth)
  const copies = [{ ...auth }, Object.create(auth), new Proxy(auth, {}), { token: auth.token, roles: ['Task.Read'] }]
  for (const authInfo of [...copies, undefined, null, auth.token]) {
    for (const context of [{ authInfo }, { auth: authInfo }, authInfo]) {
      const error = t.throws(() => authOf(context), { instanceOf: AuthError, code: 'ERR_TOKEN_MISSING' })
      t.is(error.status, 401)
    }
    const answered = await new Promise((resolve) => {
      const res = { setHeader() {}, getHeader() {}, end: () => resolve(res.statusCode) }
      requireRole('Task.Read')({ auth: authInfo, headers: {} }, res, () => resolve('passed'))
    })
    t.is(answered, 401)
  }
  t.throws(() => new auth.constructor(Symbol('internal'), 'a.b.c', {}, {}, undefined), { instanceOf: TypeError })
})

test('of an issuer other than Entra the client may be unknown: then it is an empty text, which no guard takes for one', async (t) => {
  const foreign = await startForeignAuthority(t)
  const { auth } = await seenWith(t, await foreign.issueToken({ azp: undefined, client_id: undefined }), {
    tenantId: undefined,
    clientId: undefined,
    authorityHost: undefined,
    authority: foreign.url,
    audience: AUDIENCE
  })
  t.is(auth.clientId, '')
})

test('authenticate and verify give the same', async (t) => {
  const { verifier } = protectMcp(mcpOptions(authority, 'https://api.example/mcp'))
  const token = authority.issueToken()
  const headers = { authorization: `Bearer ${token}` }
  for (const auth of [
    await verifier.verify(token),
    await verifier.authenticate({ headers }),
    verifier.verifySync(token)
  ]) {
    t.is(auth.resource.href, 'https://api.example/mcp')
    t.is(auth.extra.tenantId, authority.tenantId)
  }
})
