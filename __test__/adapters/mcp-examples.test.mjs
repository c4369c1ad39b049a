// The servers that docs/mcp.md shows, and examples/mcp, started as processes and called by the SDK's client.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { root } from '../../scripts/process.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { text } from '../helpers/facts.mjs'
import { callerOf, connect, credentials, post } from '../helpers/mcp.mjs'
import { until } from '../helpers/start.mjs'

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** An authority whose API is registered as docs/mcp.md says, and the variables of the server. */
async function registered(t, resource, more) {
  const apps = [
    { appIdUri: resource, accessTokenVersion: 2 },
    { clientSecret: 'a secret', ...more }
  ]
  const authority = await startTestAuthority({ quiet: true, apps })
  t.teardown(() => authority.close())
  const variables = {
    ENTRA_TENANT_ID: authority.tenantId,
    ENTRA_CLIENT_ID: authority.api.clientId,
    ENTRA_AUDIENCE: `${authority.api.clientId},${resource}`,
    ENTRA_AUTHORITY_HOST: authority.url
  }
  return { authority, variables }
}

/** Starts a server until the test ends; resolves to what it prints when it answers on its port. */
async function running(t, args, env, port) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (output += part))
  t.teardown(() => child.kill())
  let isListening = false
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => (isListening = true),
      () => t.is(child.exitCode, null, output)
    )
  await until(() => isListening, ask)
  return () => output
}

const RESOURCE = 'https://api.example/mcp'

/** Servers that the page shows, by the entry that they use; each answers at RESOURCE and listens on port 3000. */
const SERVERS = [...text('docs/mcp.md').matchAll(/```js\n(import [\s\S]*?)```/g)].map(([, code]) => [
  `docs/mcp.md: ${/'entra-jwt-verify\/(\w+)'/.exec(code)[1]}`,
  code
])

test('they are found', (t) => {
  t.deepEqual(
    SERVERS.map(([name]) => name),
    ['docs/mcp.md: mcp', 'docs/mcp.md: hono', 'docs/mcp.md: fastify']
  )
})

for (const [name, code] of SERVERS) {
  test(`${name}: its lines warn of nothing, and the SDK's client calls the tool`, async (t) => {
    const { authority, variables } = await registered(t, RESOURCE)
    t.true(code.includes(`resource: '${RESOURCE}'`))
    const port = await freePort()
    const own = code.replace(/\b3000\b/, port)
    t.not(own, code)
    const output = await running(t, ['--input-type=module', '--eval', own], variables, port)
    // A proxy in front of it would do this.
    const toServer = (url, init) => fetch(String(url).replace('https://api.example', `http://127.0.0.1:${port}`), init)
    const client = await connect(t, RESOURCE, credentials(authority), { fetch: toServer })
    t.is(await callerOf(client), authority.client.clientId)
    const { status, headers } = await post(`http://127.0.0.1:${port}/mcp`)
    t.is(status, 401)
    t.deepEqual(parseChallenge(headers.get('www-authenticate')), {
      scope: `${RESOURCE}/Task.Read`,
      resource_metadata: 'https://api.example/.well-known/oauth-protected-resource/mcp'
    })
    t.is(output(), '')
  })
}

test('without the registration that it names, Entra gives no token', async (t) => {
  const { authority } = await registered(t, 'https://other.example/mcp')
  const answer = await fetch(`${authority.url}/${authority.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: authority.client.clientId,
      client_secret: 'a secret',
      scope: `${authority.api.clientId}/.default`,
      resource: RESOURCE
    })
  })
  t.is(answer.status, 400)
  t.regex((await answer.json()).error_description, /^AADSTS9010010: /)
})

for (const [name, roles, answered] of [
  ['without the role for one of the tools', [], /^complete-task: .* 403 /m],
  ['with it', ['Task.Write.All'], /^complete-task: \{"completedBy":"[\da-f-]{36}"\}$/m]
]) {
  test(`examples/mcp: server and client, ${name}`, async (t) => {
    const port = await freePort()
    const resource = `http://127.0.0.1:${port}/mcp`
    const { authority, variables } = await registered(t, resource, { roles })
    const env = { ...variables, PORT: String(port), ENTRA_RESOURCE: resource, ENTRA_SCOPES: 'Task.Read' }
    await running(t, [join(root, 'examples', 'mcp', 'server.mjs')], env, port)
    t.is(await (await fetch(`http://127.0.0.1:${port}/health`)).text(), 'ok')
    const asked = promisify(execFile)(process.execPath, [join(root, 'examples', 'mcp', 'client.mjs'), resource], {
      timeout: 60_000,
      env: {
        ...process.env,
        CLIENT_ID: authority.client.clientId,
        CLIENT_SECRET: 'a secret',
        SCOPE: `${resource}/.default`,
        ISSUER: `${authority.url}/${authority.tenantId}/v2.0`
      }
    })
    const { stdout } = await asked
    t.true(stdout.includes(`"clientId":"${authority.client.clientId}"`), stdout)
    t.regex(stdout, answered)
  })
}
