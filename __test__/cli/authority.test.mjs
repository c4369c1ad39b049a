// `entra-jwt-verify authority`: what it prints is all that an API and its client need.
import { existsSync } from 'node:fs'
import net from 'node:net'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { cli, cliUntil } from '../helpers/cli.mjs'
import { claimsOf } from '../helpers/testing-http.mjs'

const TENANT = '11111111-2222-4333-8444-555555555555'
const API = '11111111-2222-4333-8444-555555555556'
const windows = process.platform === 'win32'

/** The variables that a text exports, in the order of sh. */
const exported = (text) =>
  Object.fromEntries([...text.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]))

const optionsOf = ({ ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE, ENTRA_AUTHORITY_HOST }) => ({
  tenantId: ENTRA_TENANT_ID,
  clientId: ENTRA_CLIENT_ID,
  audience: ENTRA_AUDIENCE.split(','),
  authorityHost: ENTRA_AUTHORITY_HOST
})

const skipOnWindows = windows ? test.skip : test

skipOnWindows(
  'prints the environment of an API, a token that it accepts, and the request; Ctrl-C ends it',
  async (t) => {
    const { stdout, end } = await cliUntil(/--scope api:\S+\n/, [
      'authority',
      '--role',
      'Task.Read',
      '--role',
      'Task.Write'
    ])
    const variables = exported(stdout)
    const auth = await createVerifier(optionsOf(variables)).verify(variables.TOKEN)
    t.deepEqual(auth.roles, ['Task.Read', 'Task.Write'])
    t.true(stdout.includes('curl -H "Authorization: Bearer $TOKEN" http://localhost:3000/tasks'))
    t.true(stdout.includes('never for production'))
    t.deepEqual(await end('SIGINT'), { status: 0, signal: null, stderr: '' })
  }
)

skipOnWindows('what it prints for a client gets a new token, which explain accepts', async (t) => {
  const { stdout, end } = await cliUntil(/--scope api:\S+\n/, ['authority', '--tls'])
  const env = exported(stdout)
  t.true(existsSync(env.NODE_EXTRA_CA_CERTS))
  const [, scope] = /--scope (\S+)/.exec(stdout)
  const { stdout: token, status, stderr } = await cli(['token', '--scope', scope], { env })
  t.is(status, 0, stderr)
  const explained = await cli(['explain', '-'], { env, input: token })
  t.is(explained.status, 0, explained.stdout)
  t.deepEqual(await end('SIGTERM'), { status: 0, signal: null, stderr: '' })
  t.false(existsSync(env.NODE_EXTRA_CA_CERTS))
})

test('with --json it is for programs, and every choice is in it', async (t) => {
  const { stdout, end } = await cliUntil(/\n\}\n$/, [
    'authority',
    '--json',
    ...['--tenant-id', TENANT, '--client-id', API, '--audience', 'https://api.example/tasks'],
    ...['--scope', 'Task.Read', '--role', 'Approver', '--token-version', '2']
  ])
  const { url, token, environment, client, scope } = JSON.parse(stdout)
  t.like(environment, { ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: API, ENTRA_AUTHORITY_HOST: url })
  t.is(environment.ENTRA_AUDIENCE, `https://api.example/tasks,${API}`)
  t.like(client, { AZURE_TENANT_ID: TENANT, AZURE_AUTHORITY_HOST: url })
  t.is(scope, 'https://api.example/tasks/.default')
  t.like(claimsOf(token), { tid: TENANT, aud: API, ver: '2.0', scp: 'Task.Read', roles: ['Approver'] })
  await end('SIGTERM')
})

test('listens on the port that was asked for; a taken one is an error', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.on('listening', resolve))
  const { port } = taken.address()
  const refused = await cli(['authority', '--port', String(port)])
  t.deepEqual([refused.status, refused.stdout], [2, ''])
  t.regex(refused.stderr, new RegExp(`--port ${port} is taken`))
  await new Promise((resolve) => taken.close(resolve))
  const { stdout, end } = await cliUntil(/\n\}\n$/, ['authority', '--json', '--port', String(port)])
  t.is(JSON.parse(stdout).url, `http://127.0.0.1:${port}`)
  await end('SIGTERM')
})

test('options that cannot be used are named', async (t) => {
  for (const [args, expected] of [
    [['--port', 'x'], /--port: expected a number/],
    [['--port', '99999'], /--port: expected a whole number from 0 to 65535, got 99999/],
    [['--role', ''], /--role: expected an array of non-empty strings/],
    [['--token-version', '3'], /--token-version: expected 1 or 2/],
    [['--tenant-id', 'contoso'], /--tenant-id: expected a GUID, got 'contoso'/],
    [['--client-id', 'x'], /--client-id: expected a GUID, got 'x'/],
    [['--scope', 'api://tasks/Task.Read'], /--scope: expected 'Task\.Read', the form in scp, got 'api:/],
    [['x'], /takes no arguments/],
    [['--rolle', 'x'], /did you mean --role\?/]
  ]) {
    const { status, stderr } = await cli(['authority', ...args])
    t.is(status, 2, args.join(' '))
    t.regex(stderr, expected)
  }
  t.is((await cli(['authority', '--help'])).status, 0)
})
