// The verifier of the SDK's own requireBearerAuth, whose errors the SDK recognises by class: by other classes in a program that
// imports it than in one that requires it.
import { createRequire } from 'node:module'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import test from 'ava'
import { AuthError } from 'entra-jwt-verify'
import * as imported from 'entra-jwt-verify/mcp'
import express from 'express'
import { parseChallenge } from '../helpers/challenge.mjs'
import { callerOf, connect, credentials, handle, mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'
import { start } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const required = require('entra-jwt-verify/mcp')
const requiredSdk = '@modelcontextprotocol/sdk/server/auth/'

/** A program that imports, and one that requires: the SDK's middleware and this package. */
const PROGRAMS = {
  import: { entry: imported, bearerAuth: requireBearerAuth },
  require: { entry: required, bearerAuth: require(`${requiredSdk}middleware/bearerAuth.js`).requireBearerAuth }
}

test('the SDK has other classes for each, and the entries the same names and guards', (t) => {
  t.not(require(`${requiredSdk}errors.js`).InvalidTokenError, InvalidTokenError)
  const { default: whole, 'module.exports': _, ...names } = { ...imported }
  t.is(whole, undefined)
  t.deepEqual(Object.keys(names).sort(), Object.keys(required).sort())
  const same = Object.keys(required).filter((name) => required[name] === names[name])
  t.deepEqual(
    Object.keys(required).filter((name) => !same.includes(name)),
    ['checkAuthToken', 'createCheckAuthToken', 'protectMcp']
  )
})

for (const [name, { entry, bearerAuth }] of Object.entries(PROGRAMS)) {
  /** An MCP server behind the SDK's middleware. */
  const serve = (t, authority, { options, sdk, guards = [] } = {}) =>
    serveMcp(t, (resource) => {
      const auth = entry.protectMcp(mcpOptions(authority, resource, options))
      const app = express()
      app.use(auth.resourceMetadata)
      const { metadataUrl: resourceMetadataUrl } = auth
      app.use(
        bearerAuth({ verifier: auth, resourceMetadataUrl, expectedResource: new URL(resource), ...sdk }),
        ...guards
      )
      return app.post('/mcp', express.json(), (req, res) => handle(req, res))
    })

  test(`${name}: the SDK's client calls a tool, and guards of this package work behind the SDK's middleware`, async (t) => {
    const { authority } = await start(t, { apps: [{}, { clientSecret: 'secret', roles: ['Task.Read'] }] })
    const guards = [entry.requireRole('Task.Read')]
    const client = await connect(t, await serve(t, authority, { guards }), credentials(authority))
    t.is(await callerOf(client), authority.client.clientId)
    const rejecting = await serve(t, authority, { guards: [entry.requireRole('Other')] })
    const answer = await post(rejecting, authority.issueToken({ roles: ['Task.Read'] }))
    t.is(answer.status, 403)
    t.like(parseChallenge(answer.headers.get('www-authenticate')), { error: 'insufficient_scope' })
  })

  test(`${name}: a bad token is 401, one that is not enough 403, keys that are unavailable 500`, async (t) => {
    const { authority } = await start(t)
    const resource = await serve(t, authority, { options: { requiredRoles: ['Task.Read'] } })
    const good = authority.issueToken({ roles: ['Task.Read'] })
    t.is((await post(resource, good)).status, 200)
    for (const [token, status, error] of [
      ['token', 401, 'invalid_token'],
      [authority.issueToken({ expiresIn: -1 }), 401, 'invalid_token'],
      [authority.issueToken({ tenantId: crypto.randomUUID() }), 401, 'invalid_token'],
      [authority.issueToken({ audience: 'api://another' }), 401, 'invalid_token'],
      [authority.issueToken(), 403, 'insufficient_scope']
    ]) {
      const answer = await post(resource, token)
      t.is(answer.status, status)
      const challenge = parseChallenge(answer.headers.get('www-authenticate'))
      t.is(challenge.error, error)
      t.truthy(challenge.resource_metadata)
      t.is((await answer.json()).error, error)
    }
    const cold = await serve(t, authority, { options: { keys: { timeout: 3.21 } } })
    await authority.stop()
    const answer = await post(cold, authority.issueToken())
    t.is(answer.status, 500)
    t.is(answer.headers.get('www-authenticate'), null)
    t.deepEqual(await answer.json(), { error: 'server_error', error_description: 'the signing keys are unavailable' })
  })

  test(`${name}: what is thrown has the cause, and the operator reads it`, async (t) => {
    const { authority } = await start(t)
    const lines = []
    const logger = { error: (...parts) => lines.push(parts.join(' ')), warn: (line) => lines.push(line) }
    const auth = entry.protectMcp(mcpOptions(authority, 'https://api.example/mcp', { logger }))
    const expired = authority.issueToken({ expiresIn: -1 })
    const error = await t.throwsAsync(auth.verifyAccessToken(expired), {
      name: 'InvalidTokenError',
      message: 'jwt expired'
    })
    t.true(error.cause instanceof AuthError)
    t.is(error.cause.code, 'ERR_TOKEN_EXPIRED')
    t.is(lines.length, 1)
    t.regex(lines[0], /refused 401 ERR_TOKEN_EXPIRED/)
    t.false(lines[0].includes(expired.slice(-40)))
    for (const token of [undefined, null, 5, '', {}]) {
      await t.throwsAsync(auth.verifyAccessToken(token), { name: 'InvalidTokenError' })
    }
  })

  test(`${name}: another resource than the one that was verified for is refused by the SDK`, async (t) => {
    const { authority } = await start(t)
    const resource = await serve(t, authority, { sdk: { expectedResource: new URL('https://other.example/mcp') } })
    t.is((await post(resource, authority.issueToken())).status, 401)
  })
}

test('a token that is bound to a key, of which no connection shows the certificate, is refused', async (t) => {
  const { authority } = await start(t)
  const auth = imported.protectMcp(mcpOptions(authority, 'https://api.example/mcp', { boundTokens: 'mtls' }))
  const token = authority.issueToken({ claims: { cnf: { 'x5t#S256': 'a' } } })
  await t.throwsAsync(auth.verifyAccessToken(token), { name: 'InvalidTokenError' })
})
