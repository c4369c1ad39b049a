// The MCP SDK's client for a user: it asks Entra for the scopes that the challenge names, and for more when a guard names more.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import test from 'ava'
import { guardTools, protectMcp, requireScope } from 'entra-jwt-verify/mcp'
import express from 'express'
import { CALLER, callerOf, handle, mcpOptions, serveMcp } from '../helpers/mcp.mjs'
import { start } from '../helpers/start.mjs'

const SCOPES = ['Task.Read', 'Task.Write']

/** What a program keeps that users sign in to. It was registered by hand, and has no secret. */
class SignIn {
  redirectUrl = 'http://127.0.0.1:33418/callback'
  clientMetadata = { redirect_uris: [this.redirectUrl] }
  asked = []
  #clientId
  #tokens
  #verifier

  constructor(clientId) {
    this.#clientId = clientId
  }

  clientInformation = () => ({ client_id: this.#clientId })
  tokens = () => this.#tokens
  saveTokens = (tokens) => {
    this.#tokens = tokens
  }
  codeVerifier = () => this.#verifier
  saveCodeVerifier = (verifier) => {
    this.#verifier = verifier
  }
  redirectToAuthorization = (url) => {
    this.asked.push(url)
  }

  /** The browser of the user, who is signed in and consents: what it brings back. */
  async returned() {
    const { headers } = await fetch(this.asked.at(-1), { redirect: 'manual' })
    return Object.fromEntries(new URL(headers.get('location')).searchParams)
  }
}

/** An application with a program for users, and a server of which one tool wants a scope of its own. */
async function setUp(t, { appIdUri, resource: path, ...options } = {}) {
  const apps = [{ scopes: SCOPES, appIdUri, accessTokenVersion: 2 }, { name: 'program' }]
  const { authority } = await start(t, { apps })
  const seen = []
  const resource = await serveMcp(t, (url) => {
    const app = express()
    app.use(protectMcp(mcpOptions(authority, path ?? url, { ...options })))
    const guards = guardTools({ [CALLER]: requireScope('Task.Write') })
    return app.post('/mcp', express.json(), guards, (req, res) =>
      handle(req, res, { seen: (extra) => seen.push(extra) })
    )
  })
  return { authority, resource, seen, provider: new SignIn(authority.apps[1].clientId) }
}

function clientOf(t, resource, authProvider, options) {
  const client = new Client({ name: 'test', version: '1.0.0' })
  client.onerror = () => {}
  t.teardown(() => client.close())
  const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider, ...options })
  return { client, transport }
}

test('sign-in and step-up', async (t) => {
  const { authority, resource, seen, provider } = await setUp(t)
  const first = clientOf(t, resource, provider)
  await t.throwsAsync(first.client.connect(first.transport), { instanceOf: UnauthorizedError })
  const uri = authority.api.appIdUri
  const [signIn] = provider.asked
  t.like(Object.fromEntries(signIn.searchParams), {
    scope: `${uri}/Task.Read`,
    resource,
    code_challenge_method: 'S256',
    client_id: authority.apps[1].clientId
  })
  await first.transport.finishAuth((await provider.returned()).code)

  const { client, transport } = clientOf(t, resource, provider)
  await client.connect(transport)
  await client.listTools()
  // The tool wants more than the user was asked for.
  await t.throwsAsync(callerOf(client), { instanceOf: UnauthorizedError })
  t.is(provider.asked.length, 2)
  t.is(provider.asked[1].searchParams.get('scope'), `${uri}/Task.Write`)
  t.is(seen.length, 0)
  await transport.finishAuth((await provider.returned()).code)
  t.is(await callerOf(client), authority.apps[1].clientId)
  t.deepEqual(seen[0].authInfo.scopes, ['Task.Write'])
  t.false(seen[0].authInfo.extra.isAppOnly)
})

test('an API whose App ID URI is the resource, as docs/mcp.md has it', async (t) => {
  const resource = 'https://api.example/mcp'
  const { authority, resource: served, provider } = await setUp(t, { appIdUri: resource, resource })
  const toServer = (url, init) => fetch(String(url).replace('https://api.example', new URL(served).origin), init)
  const first = clientOf(t, resource, provider, { fetch: toServer })
  await t.throwsAsync(first.client.connect(first.transport), { instanceOf: UnauthorizedError })
  t.is(provider.asked[0].searchParams.get('scope'), `${resource}/Task.Read`)
  await first.transport.finishAuth((await provider.returned()).code)
  const { client, transport } = clientOf(t, resource, provider, { fetch: toServer })
  await client.connect(transport)
  t.is((await client.listTools()).tools.length, 1)
  t.is(authority.requestsTo('token').length, 1)
})

test('an API that has another App ID URI: Entra refuses, whatever the scope', async (t) => {
  const resource = 'https://api.example/mcp'
  const { resource: served, provider } = await setUp(t, { appIdUri: 'api://tasks', resource })
  const toServer = (url, init) => fetch(String(url).replace('https://api.example', new URL(served).origin), init)
  const { client, transport } = clientOf(t, resource, provider, { fetch: toServer })
  await t.throwsAsync(client.connect(transport), { instanceOf: UnauthorizedError })
  const { error, error_description } = await provider.returned()
  t.is(error, 'invalid_target')
  t.regex(error_description, /^AADSTS9010010: /)
})
