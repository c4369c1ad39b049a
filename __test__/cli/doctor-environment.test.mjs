// doctor: the environment, and the proxy that it names.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import proxies from '../../lib/core/no-proxy.js'
import environment from '../../lib/doctor/environment.js'
import { cli, environmentOf, temporaryFile } from '../helpers/cli.mjs'
import { startForwardProxy } from '../helpers/forward-proxy.mjs'
import { optionsFor, start, verdict } from '../helpers/start.mjs'

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
  const [step, ...others] = steps({ ...good, AZURE_AUTHORITY_HOST: 'https://user:hunter2@login.example' })
  t.deepEqual(others, [])
  t.is(step.status, 'passed')
  t.is(step.message, `AZURE_TENANT_ID=${TENANT}, AZURE_CLIENT_ID=${CLIENT}, AZURE_AUTHORITY_HOST=https://login.example`)
  t.is(steps(good, { tenantId: 'a', clientId: 'b' })[0].message, 'no AZURE_ variable is in force')
})

test('values that are probably mistakes are told, with what to do', (t) => {
  for (const [variables, status, message] of [
    [{ AZURE_TENANT_ID: `"${TENANT}"` }, 'failed', /AZURE_TENANT_ID has quotes/],
    [{ AZURE_CLIENT_ID: `${CLIENT}\r` }, 'failed', /AZURE_CLIENT_ID begins or ends with white space/],
    [{ AZURE_TENANT_ID: '<tenant id>' }, 'failed', /AZURE_TENANT_ID is a placeholder/],
    [{ AZURE_TENANT_ID: 'your-tenant-id' }, 'failed', /AZURE_TENANT_ID is a placeholder/],
    [{ AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000000' }, 'failed', /AZURE_TENANT_ID is a placeholder/],
    [{ AZURE_CLIENT_ID: TENANT.toUpperCase() }, 'failed', /are the same/],
    [{ AZURE_CLIENT_ID: 'api://tasks' }, 'warning', /AZURE_CLIENT_ID is not a GUID/],
    [{ AZURE_AUDIENCE: 'api://a, api://tasks/.default' }, 'failed', /AZURE_AUDIENCE has a scope/],
    [{ HTTP_PROXY: 'http://proxy' }, 'warning', /HTTP_PROXY is set and HTTPS_PROXY is not/],
    [{ all_proxy: 'http://proxy' }, 'warning', /ALL_PROXY is set and HTTPS_PROXY is not/],
    [{ NODE_EXTRA_CA_CERTS: '/nonexistent' }, 'failed', /NODE_EXTRA_CA_CERTS cannot be read/],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'warning', /NODE_TLS_REJECT_UNAUTHORIZED/]
  ]) {
    const found = steps({ ...good, ...variables })
    t.is(found.length, 1, JSON.stringify(variables))
    t.is(found[0].status, status)
    t.regex(found[0].message, message)
    t.true(found[0].hint.length > 10)
  }
})

test('values that are no mistakes are not', (t) => {
  for (const variables of [
    {},
    { AZURE_AUDIENCE: `api://${CLIENT},https://tasks.example` },
    { AZURE_TENANT_ID: 'contoso.onmicrosoft.com' },
    { AZURE_TENANT_ID: 'organizations' },
    { HTTP_PROXY: 'http://proxy', HTTPS_PROXY: 'http://proxy' },
    { NODE_EXTRA_CA_CERTS: import.meta.filename ?? new URL(import.meta.url).pathname },
    { NODE_TLS_REJECT_UNAUTHORIZED: '1' }
  ]) {
    t.deepEqual(
      steps({ ...good, ...variables }).map(({ status }) => status),
      ['passed'],
      JSON.stringify(variables)
    )
  }
  // An option that is given takes the variable out of force.
  t.deepEqual(
    steps({ ...good, AZURE_TENANT_ID: '"x"' }, { tenantId: TENANT }).map(({ status }) => status),
    ['passed']
  )
})

test('what the core refuses is told in its words', async (t) => {
  const { status, step } = await examine({ AZURE_TENANT_ID: 'contoso', AZURE_CLIENT_ID: CLIENT })
  t.is(status, 1)
  t.is(step('configuration').status, 'failed')
  t.regex(step('configuration').message, /option tenantId: given was "contoso"/)
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

test('a proxy that wants credentials, refuses or is not there is told as such', async (t) => {
  const { env } = await setUp(t)
  const closed = await startForwardProxy(t, { credentials: 'user:hunter2' })
  const refusing = await startForwardProxy(t, { refuse: 403 })
  for (const [HTTPS_PROXY, message, hint] of [
    [`http://user:wrong@${closed.host}`, /the proxy answered 407/, /credentials/],
    [refusing.url, /the proxy answered 403/, /^allow this host/],
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

test('NO_PROXY is read as the core reads it', async (t) => {
  const { authority } = await start(t, { tls: true })
  const token = authority.issueToken()
  const options = { ...optionsFor(authority), keys: { timeout: 2 } }
  for (const list of [
    '127.0.0.1',
    '127.0.0.0/8',
    '127.0.0.1/32',
    '127.0.0.2',
    '128.0.0.0/8',
    '*',
    '127.0.0',
    '',
    'x,127.0.0.1'
  ]) {
    // Nothing listens where this proxy is: only without it are there keys.
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1'
    process.env.NO_PROXY = list
    const isDirect =
      (await verdict(createVerifier({ ...options, audience: [authority.api.appIdUri, list || 'a'] }), token)) ===
      'passes'
    t.is(proxies.isExempt(list, '127.0.0.1'), isDirect, list)
  }
  delete process.env.HTTPS_PROXY
  delete process.env.NO_PROXY
})

test('names in NO_PROXY stand for themselves and what is below them', (t) => {
  for (const [list, host, exempt] of [
    ['example.com', 'example.com', true],
    ['example.com', 'login.example.com', true],
    ['.example.com', 'login.example.com', true],
    ['.example.com', 'example.com', true],
    ['EXAMPLE.com', 'example.com', true],
    ['a, example.com', 'example.com', true],
    ['*', 'example.com', true],
    ['example.com', 'notexample.com', false],
    ['login.example.com', 'example.com', false],
    ['*.example.com', 'login.example.com', false],
    ['', 'example.com', false],
    [undefined, 'example.com', false],
    ['::1', '::1', true],
    ['fe80::/10', 'fe80::1', true],
    ['fe80::/10', '::1', false],
    ['10.0.0.0/99', '10.0.0.1', false]
  ]) {
    t.is(proxies.isExempt(list, host), exempt, `${list} ${host}`)
  }
})
