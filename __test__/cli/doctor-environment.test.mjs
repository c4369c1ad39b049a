// doctor: the environment, and the proxy that it names.
import test from 'ava'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import environment from '../../lib/doctor/environment.js'
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
  const [step, ...others] = steps({ ...good, AZURE_AUTHORITY_HOST: 'https://user:hunter2@login.example' })
  t.deepEqual(others, [])
  t.is(step.status, 'passed')
  t.is(step.message, `AZURE_TENANT_ID=${TENANT}, AZURE_CLIENT_ID=${CLIENT}, AZURE_AUTHORITY_HOST=https://login.example`)
  t.is(steps(good, { tenantId: 'a', clientId: 'b' })[0].message, 'no ENTRA_ or AZURE_ variable is in force')
})

test('a variable that another one replaces is not looked at', (t) => {
  const whole = { ENTRA_AUTHORITY: `https://login.microsoftonline.com/${TENANT}/v2.0`, ENTRA_CLIENT_ID: CLIENT }
  const [step, ...others] = steps({ ...whole, AZURE_TENANT_ID: 'your-tenant-id' })
  t.deepEqual([step.status, others], ['passed', []])
  t.notRegex(step.message, /AZURE_TENANT_ID/)
  t.notRegex(steps(whole, { tenantId: TENANT })[0].message, /ENTRA_AUTHORITY/)
})

test('no password of a malformed host is shown', (t) => {
  for (const [host, shown] of [
    ['https://login.example/', 'https://login.example'],
    ['https://user:hunter2@login.example:8443/a', 'https://login.example:8443/a'],
    ['login.example', 'login.example'],
    ['https://user:hunt/er2@login.example', '(not shown: not a URL)'],
    ['https://user:80/hunter2@login.example', '(not shown: may hold a password)'],
    ['https://user?hunter2@login.example', '(not shown: may hold a password)'],
    ['user:hunter2@login.example', '(not shown: not a URL)'],
    ['https://user:hunter2', '(not shown: not a URL)']
  ]) {
    const [{ message }] = steps({ AZURE_AUTHORITY_HOST: host })
    t.is(message, `AZURE_AUTHORITY_HOST=${shown}`)
  }
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
    [
      { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'https://a.example' },
      'warning',
      /NO_PROXY .* match no host: https:\/\/a\.example$/
    ],
    [{ https_proxy: 'http://proxy', no_proxy: 'a;b, *c, u:p@d' }, 'warning', /match no host: a;b, \*c, \(not shown\)$/],
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
    { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*.corp.example, keys.example:443 10.0.0.0/8' },
    { NO_PROXY: 'https://not.in.force' },
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
    [refusing.url, /the proxy refuses the authority's host \(403\)/, /allowed/],
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
