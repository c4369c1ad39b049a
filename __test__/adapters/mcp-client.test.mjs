// The MCP SDK's own client finds out where to get a token, gets one with client credentials and calls a tool that sees who called.
import test from 'ava'
import { protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { callerOf, connect, credentials, handle, mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'
import { start } from '../helpers/start.mjs'

const FRAMEWORKS = {
  'Express 5': (auth) => expressApp(express5, auth),
  'Express 4': (auth) => expressApp(express4, auth),
  'node:http': (auth) => (req, res) => auth(req, res, () => handle(req, res))
}

function expressApp(express, auth) {
  const app = express()
  app.use(auth)
  app.post('/mcp', express.json(), (req, res) => handle(req, res))
  return app
}

const serve = (t, authority, options, framework = FRAMEWORKS['Express 5']) =>
  serveMcp(t, (resource) => framework(protectMcp(mcpOptions(authority, resource, options))))

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  test(`${name}: discovery, token, tool`, async (t) => {
    const { authority } = await start(t)
    const resource = await serve(t, authority, undefined, framework)
    const client = await connect(t, resource, credentials(authority))
    t.is(await callerOf(client), authority.client.clientId)
    const { tenantId } = authority
    // What is asked of the authority: its metadata, a token, and by the server, which started cold, its keys; each once.
    const asked = authority.requests.filter(({ endpoint }) => endpoint !== null).map(({ path }) => path)
    t.deepEqual(asked, [
      `/${tenantId}/v2.0/.well-known/openid-configuration`,
      `/${tenantId}/oauth2/v2.0/token`,
      `/${tenantId}/discovery/keys`
    ])
  })
}

test('tokens of both versions', async (t) => {
  for (const accessTokenVersion of [1, 2]) {
    const apps = [{ accessTokenVersion }, { clientSecret: 'secret' }]
    const { authority } = await start(t, { apps })
    const client = await connect(t, await serve(t, authority), credentials(authority))
    t.is(await callerOf(client), authority.client.clientId)
  }
})

test('many clients at a cold start wait for the same keys', async (t) => {
  const { authority } = await start(t)
  const resource = await serve(t, authority)
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, resource, credentials(authority))))
  const callers = await Promise.all(clients.map(callerOf))
  t.deepEqual([...new Set(callers)], [authority.client.clientId])
  t.is(authority.requestsTo('keys').length, 1)
})

test('a client whose token is rejected gets another one, and says so where that is rejected too', async (t) => {
  const { authority } = await start(t)
  const resource = await serve(t, authority, { requiredRoles: ['Task.Read'] })
  const error = await t.throwsAsync(connect(t, resource, credentials(authority)))
  t.regex(error.message, /403/)
})

test('a token of another tenant, a forged one and one for another API are 401 and do not reach the server', async (t) => {
  const { authority } = await start(t)
  const other = await startTestAuthority({ quiet: true, tenantId: authority.tenantId })
  t.teardown(() => other.close())
  let reached = 0
  const resource = await serveMcp(t, (url) => {
    const auth = protectMcp(mcpOptions(authority, url))
    return (req, res) =>
      auth(req, res, () => {
        reached++
        return handle(req, res)
      })
  })
  const { clientId } = authority.api
  for (const [name, token] of Object.entries({
    'another tenant': authority.issueToken({ tenantId: crypto.randomUUID() }),
    'another key': other.issueToken({ audience: clientId, version: 2 }),
    'another API': authority.issueToken({ audience: 'api://another' }),
    'the longest prefix': authority.issueToken({ audience: `${resource}/more` }),
    expired: authority.issueToken({ expiresIn: -1 }),
    'not a token': 'token'
  })) {
    const answer = await post(resource, token)
    const challenge = answer.headers.get('www-authenticate')
    t.is(answer.status, 401, name)
    t.regex(challenge, /error="invalid_token".*scope="[^"]+".*resource_metadata="[^"]+"/, name)
    t.is((await answer.json()).error, 'invalid_token', name)
  }
  t.is(reached, 0)
  t.is((await post(resource, authority.issueToken())).status, 200)
  t.is(reached, 1)
})

test('while keys are unavailable it is 503, which is no reason to get another token', async (t) => {
  const { authority } = await start(t)
  const resource = await serve(t, authority)
  const token = authority.issueToken()
  await authority.stop()
  const answer = await post(resource, token)
  t.is(answer.status, 503)
  t.is(answer.headers.get('www-authenticate'), null)
  t.true(Number(answer.headers.get('retry-after')) > 0)
})
