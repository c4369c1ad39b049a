// Each kind of refusal, as the MCP specification wants it: the status and challenge of RFC 6750, and where to get a token.
import test from 'ava'
import { createCheckAuthToken, protectMcp, requireRole, requireScope, requireScopeOrRole } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { parseChallenge } from '../helpers/challenge.mjs'
import { mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'
import { refusals } from '../helpers/refusals.mjs'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

const FRAMEWORKS = {
  'Express 5': (...handlers) => express5().use(...handlers, (_req, res) => res.end('reached')),
  'Express 4': (...handlers) => express4().use(...handlers, (_req, res) => res.end('reached')),
  'node:http': (auth) => (req, res) => auth(req, res, () => res.end('reached'))
}

/** What every challenge has beside what RFC 6750 says. */
const whereToGetOne = (resource) => ({
  scope: `${authority.api.appIdUri}/Task.Read`,
  resource_metadata: new URL('/.well-known/oauth-protected-resource/mcp', resource).href
})

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  test(`${name}: each refusal`, async (t) => {
    const resource = await serveMcp(t, (url) => framework(protectMcp(mcpOptions(authority, url))))
    for (const [kind, { authorization, rfc6750 }] of Object.entries(refusals(authority))) {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await fetch(resource, { method: 'POST', headers })
      t.is(answer.status, rfc6750.status, kind)
      t.deepEqual(await answer.json(), rfc6750.body, kind)
      const challenge = parseChallenge(answer.headers.get('www-authenticate'))
      const { scope, resource_metadata } = whereToGetOne(resource)
      // Only a 401 is answered by getting a token.
      const more = rfc6750.status === 401 ? { scope, resource_metadata } : { resource_metadata }
      t.deepEqual(challenge, { ...parseChallenge(rfc6750.challenge), ...more }, kind)
    }
    t.is(await (await post(resource, authority.issueToken())).text(), 'reached')
  })
}

const serve = (t, ...guards) =>
  serveMcp(t, (url) => FRAMEWORKS['Express 5'](protectMcp(mcpOptions(authority, url)), ...guards))

test('step-up: a guard behind it names the scopes that the client has to ask for', async (t) => {
  const uri = authority.api.appIdUri
  for (const [guard, scope] of [
    [requireScope('Task.Write'), `${uri}/Task.Write`],
    [requireScope('Task.Write', 'Task.Delete'), `${uri}/Task.Write ${uri}/Task.Delete`],
    [requireScopeOrRole({ scopes: ['Task.Write'], roles: ['Task.Write.All'] }), `${uri}/Task.Write`],
    [requireRole('Admin'), undefined]
  ]) {
    const resource = await serve(t, guard)
    const answer = await post(resource, authority.issueToken({ delegated: true, scopes: ['Task.Read'] }))
    t.is(answer.status, 403)
    const { error, error_description, ...more } = parseChallenge(answer.headers.get('www-authenticate'))
    t.is(error, 'insufficient_scope')
    const { resource_metadata } = whereToGetOne(resource)
    t.deepEqual(more, scope === undefined ? { resource_metadata } : { scope, resource_metadata })
  }
})

test('guards let pass who meets them', async (t) => {
  const resource = await serve(t, requireScope('Task.Write'))
  t.is((await post(resource, authority.issueToken({ delegated: true, scopes: ['Task.Write'] }))).status, 200)
  const withRole = await serve(t, requireRole('Admin'))
  t.is((await post(withRole, authority.issueToken({ roles: ['Admin'] }))).status, 200)
  t.is((await post(withRole, authority.issueToken({ roles: ['Other'] }))).status, 403)
})

test('scopes are what clients ask for, not what they need to have', async (t) => {
  const resource = await serve(t)
  t.is((await post(resource, authority.issueToken({ delegated: true, scopes: ['Other'] }))).status, 200)
  const required = await serveMcp(t, (url) =>
    FRAMEWORKS['Express 5'](protectMcp(mcpOptions(authority, url, { requiredScopes: ['Task.Read'] })))
  )
  t.is((await post(required, authority.issueToken({ delegated: true, scopes: ['Other'] }))).status, 403)
})

test('responses: the application may choose another way, as with the other entries', async (t) => {
  t.is(createCheckAuthToken, protectMcp)
  const classic = await serveMcp(t, (url) =>
    FRAMEWORKS['Express 5'](createCheckAuthToken(mcpOptions(authority, url, { responses: 'classic' })))
  )
  const answer = await post(classic, 'token')
  t.deepEqual([answer.status, await answer.text()], [500, 'Internal Server Error, jwt malformed'])
  const own = await serveMcp(t, (url) => {
    const responses = (error, _req, res) => res.status(418).set(error.headers).end(error.code)
    return FRAMEWORKS['Express 5'](createCheckAuthToken(mcpOptions(authority, url, { responses })))
  })
  const teapot = await post(own)
  t.deepEqual([teapot.status, await teapot.text()], [418, 'ERR_TOKEN_MISSING'])
  t.is(parseChallenge(teapot.headers.get('www-authenticate')).resource_metadata, whereToGetOne(own).resource_metadata)
})
