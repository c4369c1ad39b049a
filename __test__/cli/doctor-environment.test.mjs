// doctor: the environment, and the proxy that it names.
import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import environment from '../../lib/doctor/environment/index.js'
import { cli, environmentOf, temporaryFile } from '../helpers/cli.mjs'
import { startForwardProxy } from '../helpers/forward-proxy.mjs'
import { start } from '../helpers/start.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const good = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT }

const steps = (variables, options = {}) => environment.examineEnvironment(options, variables)

async function examine(env, args = []) {
  const { status, stdout } = await cli(['doctor', '--json', ...args], { env })
  const { steps } = JSON.parse(stdout)
  return { status, stdout, step: (name) => steps.find((step) => step.name === name) }
}

test('the variables in force are shown', (t) => {
  const [step, ...others] = steps({ ...good, AZURE_AUTHORITY_HOST: 'https://login.example/' })
  t.deepEqual(others, [])
  t.is(step.status, 'passed')
  t.is(step.message, `AZURE_TENANT_ID=${TENANT}, AZURE_CLIENT_ID=${CLIENT}, AZURE_AUTHORITY_HOST=https://login.example`)
  t.is(steps(good, { tenantId: 'a', clientId: 'b' })[0].message, 'no ENTRA_ or AZURE_ variable is set')
})

test('what is not set is said, with what the portal calls it', async (t) => {
  const tenant = 'ENTRA_TENANT_ID to the Directory (tenant) ID (App registrations, the API, Overview)'
  const api = 'ENTRA_CLIENT_ID to the Application (client) ID of the API (App registrations, the API, Overview)'
  for (const [env, args, hint] of [
    [{}, [], `set ${tenant} and ${api}`],
    [{ ENTRA_TENANT_ID: TENANT }, [], `set ${api}`],
    [{ ENTRA_AUTHORITY: `https://login.microsoftonline.com/${TENANT}/v2.0` }, [], `set ${api}`],
    [{ ENTRA_AUDIENCE: 'api://tasks' }, [], `set ${tenant}`],
    [{}, ['--client-id', CLIENT], `set ${tenant}`],
    [{ ENTRA_CLIENT_ID: CLIENT }, ['--tenant-id', 'x y'], 'correct the option tenantId; see docs/options.md']
  ]) {
    const { step } = await examine(env, args)
    t.is(step('configuration').hint, hint, JSON.stringify([env, args]))
  }
})

test('a variable that another one replaces is not looked at', (t) => {
  const whole = { ENTRA_AUTHORITY: `https://login.microsoftonline.com/${TENANT}/v2.0`, ENTRA_CLIENT_ID: CLIENT }
  const [step, ...others] = steps({ ...whole, AZURE_TENANT_ID: 'your-tenant-id' })
  t.deepEqual([step.status, others], ['passed', []])
  t.notRegex(step.message, /AZURE_TENANT_ID/)
  t.notRegex(steps(whole, { tenantId: TENANT })[0].message, /ENTRA_AUTHORITY/)
})

test('no password of a malformed host is shown', (t) => {
  for (const host of [
    'https://user:hunter2@login.example:8443',
    'https://user:hunt/er2@login.example',
    'https://user:80/hunter2@login.example',
    'https://user?hunter2@login.example',
    'user:hunter2@login.example',
    'https://user:hunter2'
  ]) {
    for (const variables of [{ AZURE_AUTHORITY_HOST: host }, { AZURE_TENANT_ID: host }, { AZURE_AUDIENCE: host }]) {
      const [{ status, message, hint }] = steps(variables)
      if (!variables.AZURE_AUDIENCE) t.is(status, 'failed', host)
      t.notRegex(`${message} ${hint}`, /hunt|er2/, host)
    }
  }
})

test('what the core refuses is told in its words', async (t) => {
  const { status, step } = await examine({ AZURE_TENANT_ID: 'contoso', AZURE_CLIENT_ID: CLIENT })
  t.is(status, 1)
  t.is(step('configuration').status, 'failed')
  t.regex(step('configuration').message, /option tenantId: from AZURE_TENANT_ID: expected .*, got "contoso"/)
  t.is(step('keys'), undefined)
})

async function setUp(t) {
  const { authority } = await start(t, { tls: true })
  const env = { ...environmentOf(authority), NODE_EXTRA_CA_CERTS: temporaryFile('ca.pem', authority.ca) }
  return { authority, env }
}

test('through a proxy everything is examined but the name', async (t) => {
  const { authority, env } = await setUp(t)
  const proxy = await startForwardProxy(t, { credentials: 'user:hunter2' })
  const { status, stdout, step } = await examine({ ...env, HTTPS_PROXY: proxy.url })
  t.is(status, 0)
  t.is(step('dns').status, 'skipped')
  for (const name of ['proxy', 'tls', 'metadata', 'clock', 'key-set', 'keys']) t.is(step(name).status, 'passed', name)
  t.is(step('proxy').message, `http://${proxy.host} connects to ${new URL(authority.url).host}`)
  t.notRegex(stdout, /hunter2/)
  // One for each step that needs a connection: the tunnel itself, TLS, metadata, key set, and the verifier's own.
  t.deepEqual(proxy.targets, Array(5).fill(new URL(authority.url).host))
})

test('metadata and keys are read through the proxy, which alone knows the name', async (t) => {
  const tls = await createServerCertificate({ names: ['login.only-proxy.example'] })
  const { authority } = await start(t, { tls })
  const proxy = await startForwardProxy(t, { resolve: new URL(authority.url).port })
  const env = { ...environmentOf(authority), AZURE_AUTHORITY_HOST: 'https://login.only-proxy.example' }
  const { step } = await examine({
    ...env,
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: temporaryFile('ca.pem', tls.ca)
  })
  // The metadata names the authority's own address; the point is who was asked for it.
  t.is(step('metadata').status, 'failed')
  t.regex(step('metadata').message, /got https/)
  t.is(step('key-set').status, 'passed')
  t.is(step('keys').status, 'passed')
  t.deepEqual(new Set(proxy.targets), new Set(['login.only-proxy.example:443']))
  t.is(authority.requestsTo('metadata').length, 1)
  t.is(authority.requestsTo('keys').length, 2)
})

test('a proxy that wants credentials, refuses or is not there is told as such', async (t) => {
  const { env } = await setUp(t)
  const closed = await startForwardProxy(t, { credentials: 'user:hunter2' })
  const refusing = await startForwardProxy(t, { refuse: 403 })
  for (const [HTTPS_PROXY, message, hint] of [
    [`http://user:wrong@${closed.host}`, /does not accept the user name or the password \(407\)/, /credentials/],
    [refusing.url, /the proxy refuses the authority's host \(403\)/, /allow the host/],
    ['http://user:hunter2@127.0.0.1:1', /ECONNREFUSED/, /HTTPS_PROXY/]
  ]) {
    const { status, stdout, step } = await examine({ ...env, HTTPS_PROXY })
    t.is(status, 1)
    t.regex(step('proxy').message, message)
    t.regex(step('proxy').hint, hint)
    t.is(step('keys').status, 'failed')
    t.notRegex(stdout, /hunter2|wrong@/)
  }
})

test('a proxy is not used for hosts in NO_PROXY, nor with --no-proxy', async (t) => {
  const { env } = await setUp(t)
  const proxied = { ...env, HTTPS_PROXY: 'http://127.0.0.1:1' }
  for (const { status, step } of [
    await examine({ ...proxied, NO_PROXY: 'example.com, 127.0.0.0/8' }),
    await examine(proxied, ['--no-proxy'])
  ]) {
    t.is(status, 0)
    t.is(step('proxy').status, 'skipped')
    t.is(step('tls').status, 'passed')
  }
})

test('where NO_PROXY takes the host away from the proxy and the direct way is blocked, it is named', async (t) => {
  const proxy = await startForwardProxy(t)
  const env = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, HTTPS_PROXY: proxy.url }
  for (const [host, NO_PROXY, name] of [
    ['https://127.0.0.1:1', '127.0.0.0/8', 'tls'],
    ['https://127.0.0.1:1', '*', 'tls'],
    ['https://login.invalid', '.invalid', 'dns']
  ]) {
    const { status, step } = await examine({ ...env, AZURE_AUTHORITY_HOST: host, NO_PROXY }, ['--timeout', '2'])
    t.is(status, 1)
    t.regex(step(name).hint, /take the host out of NO_PROXY/)
    t.notRegex(step(name).hint, /set HTTPS_PROXY/)
    if (name === 'tls') t.regex(step('proxy').message, /NO_PROXY lists/)
  }
  t.deepEqual(proxy.asked, [])
})

test('a configuration for External ID is called that', async (t) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = temporaryFile(
    'keys.json',
    JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] })
  )
  for (const [host, message] of [
    ['https://contoso.ciamlogin.com', /^tokens of External ID, https:/],
    ['https://login.microsoftonline.com', /^tokens of https:/]
  ]) {
    const { step } = await examine({ ...good, AZURE_AUTHORITY_HOST: host }, ['--jwks', keys])
    t.regex(step('configuration').message, message)
  }
})
