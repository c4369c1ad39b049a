// Scopes as clients ask for them: with the App ID URI in front, and named in a 401.
import test from 'ava'
import { createCheckAuthToken, requireScope, requireScopeOrRole } from 'entra-jwt-verify'
import express5 from 'express'
import { serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { start } from '../helpers/start.mjs'

const RESOURCE = 'https://mcp.example.com/mcp'

async function application(t, options, ...guards) {
  const app = express5()
  const middleware = createCheckAuthToken({ logger: false, responses: 'rfc6750', ...options })
  if (middleware.resourceMetadata) app.get('/metadata', middleware.resourceMetadata)
  app.use(middleware, ...guards)
  app.get('/', (_req, res) => res.send('passed'))
  return serve(t, app)
}

const challengeOf = (answer) => parseChallenge(answer.headers.get('www-authenticate'))

test('a challenge names scopes as Entra understands them', async (t) => {
  const { authority, options } = await start(t)
  const id = authority.api.clientId
  for (const [more, expected] of [
    [{}, `api://${id}/Task.Read api://${id}/Task.Write`],
    [{ audience: 'https://tasks.example/' }, 'https://tasks.example/Task.Read https://tasks.example/Task.Write'],
    [{ clientId: undefined, audience: id }, `api://${id}/Task.Read api://${id}/Task.Write`]
  ]) {
    for (const guard of [
      requireScope('Task.Read', 'Task.Write'),
      requireScopeOrRole({ scopes: ['Task.Read', 'Task.Write'], roles: ['x'] })
    ]) {
      const send = await application(t, { ...options, ...more }, guard)
      const token = authority.issueToken({ audience: more.audience?.replace(/\/$/, '') ?? id })
      const answer = await send(`Bearer ${token}`)
      t.is(answer.status, 403)
      t.is(challengeOf(answer).scope, expected)
    }
  }
})

test('a 401 names the scopes of the resource, whatever is wrong with the token', async (t) => {
  const { authority, options } = await start(t)
  const uri = `api://${authority.api.clientId}`
  const scopes = ['mcp.read', `${uri}/mcp.write`, 'offline_access']
  const send = await application(t, { ...options, resourceMetadata: { resource: RESOURCE, scopes } })
  const expected = `${uri}/mcp.read ${uri}/mcp.write offline_access`
  for (const authorization of [undefined, 'Bearer x', `Bearer ${authority.issueToken({ expiresIn: -1 })}`]) {
    const answer = await send(authorization)
    t.is(answer.status, 401)
    t.is(challengeOf(answer).scope, expected)
  }
  const without = await application(t, { ...options, resourceMetadata: { resource: RESOURCE } })
  t.is(challengeOf(await without()).scope, undefined)
})

test('the scopes of another issuer have no App ID URI', async (t) => {
  const authority = await startForeignAuthority(t)
  const options = { authority: authority.url, audience: AUDIENCE }
  const send = await application(t, options, requireScope('read'))
  const answer = await send(`Bearer ${await authority.issueToken()}`)
  t.is(challengeOf(answer).scope, 'read')
  t.is((await send(`Bearer ${await authority.issueToken({ scope: 'write read' })}`)).status, 200)
})

test('a scope as clients ask for it is no scope that a token has', async (t) => {
  for (const scope of [
    'api://tasks/Task.Read',
    'https://tasks.example/Task.Read',
    'api://tasks/.default',
    '.default',
    '/.default',
    'api://tasks/'
  ]) {
    t.throws(() => requireScope(scope), { code: 'ERR_CONFIG', message: /requireScope.*expected.*got/ }, scope)
    t.throws(() => requireScopeOrRole({ scopes: [scope], roles: ['a'] }), { code: 'ERR_CONFIG' }, scope)
  }
  t.throws(() => requireScope('api://tasks/Task.Read'), { message: /'Task\.Read'/ })
  for (const scope of ['Task.Read', 'a/b', 'https:read']) t.notThrows(() => requireScope(scope), scope)
})
