// `entra-jwt-verify token`: an access token as a service gets it, and nothing else on standard output.
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { createClientCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import { cli, temporaryFile } from '../helpers/cli.mjs'
import { startForwardProxy } from '../helpers/forward-proxy.mjs'
import { claimsOf } from '../helpers/testing-http.mjs'

const SCOPE = 'api://tasks/.default'

let authority
let tls
let certificate
test.before(async () => {
  certificate = await createClientCertificate()
  const apps = [
    { name: 'API', appIdUri: 'api://tasks' },
    { name: 'secret', clientSecret: 'a secret: $&' },
    { name: 'certificate', certificates: [certificate.cert] },
    { name: 'workload', federatedCredentials: [{ subject: 'worker' }] }
  ]
  authority = await startTestAuthority({ quiet: true, apps })
  tls = await startTestAuthority({ quiet: true, tls: true, apps })
})
test.after.always(() => Promise.all([authority?.close(), tls?.close()]))

const app = (name, of = authority) => of.apps.find((registered) => registered.name === name)

/** What makes a client of an authority. */
const clientOf = (name, variables, of = authority) => ({
  AZURE_TENANT_ID: of.tenantId,
  AZURE_CLIENT_ID: app(name, of).clientId,
  AZURE_AUTHORITY_HOST: of.url,
  ...variables
})

const bySecret = (of) => clientOf('secret', { AZURE_CLIENT_SECRET: 'a secret: $&' }, of)

/** Gets a token; resolves to its claims. */
async function claims(t, args, env) {
  const { status, stdout, stderr } = await cli(['token', ...args], { env })
  t.is(status, 0, stderr)
  t.is(stderr, '')
  t.regex(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  return claimsOf(stdout)
}

/** What is said where there is no token; nothing is on standard output, and no secret anywhere. */
async function refusal(t, args, env) {
  const { status, stdout, stderr } = await cli(['token', ...args], { env })
  t.is(stdout, '')
  for (const secret of ['a secret: $&', 'PRIVATE KEY', 'another secret']) t.false(stderr.includes(secret), stderr)
  return { status, stderr }
}

test('a client secret in place of an id is neither sent nor printed', async (t) => {
  const secret = 'Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB'
  for (const [args, env, name] of [
    [[], { ENTRA_CLIENT_ID: secret }, 'ENTRA_CLIENT_ID'],
    [['--scope', secret], {}, '--scope']
  ]) {
    const { status, stderr } = await refusal(t, args, { ...bySecret(), ...env })
    t.is(status, 2)
    t.true(
      stderr.includes(`${name}: expected an id, got what looks like a client secret (Q7x…, 42 characters)`),
      stderr
    )
    t.false(stderr.includes(secret))
  }
})

test('by a secret, for the API that the environment names or that is asked for', async (t) => {
  const env = bySecret()
  t.like(await claims(t, ['--scope', SCOPE], env), { aud: 'api://tasks', appid: app('secret').clientId, appidacr: '1' })
  t.is((await claims(t, [], { ...env, ENTRA_AUDIENCE: ` ${app('API').clientId}, api://tasks` })).aud, 'api://tasks')
  const { clientId } = app('API')
  const byId = await refusal(t, [], { ...env, ENTRA_CLIENT_ID: clientId })
  // The API's App ID URI is another one, which Entra says.
  t.deepEqual([byId.status, /AADSTS\d+/.exec(byId.stderr)[0]], [1, 'AADSTS500011'])
  // The tenant and the cloud of the API are the client's, unless it has its own.
  const { AZURE_TENANT_ID: ENTRA_TENANT_ID, AZURE_AUTHORITY_HOST: ENTRA_AUTHORITY_HOST, ...rest } = env
  t.is((await claims(t, ['--scope', SCOPE], { ...rest, ENTRA_TENANT_ID, ENTRA_AUTHORITY_HOST })).aud, 'api://tasks')
  const flags = [
    '--tenant-id',
    ENTRA_TENANT_ID,
    '--client-id',
    app('secret').clientId,
    '--authority-host',
    authority.url
  ]
  const { AZURE_CLIENT_SECRET } = env
  t.is(
    (await claims(t, ['--scope', SCOPE, ...flags], { AZURE_CLIENT_SECRET, AZURE_TENANT_ID: 'x' })).aud,
    'api://tasks'
  )
})

test('a token for a service of Microsoft is requested without a warning about what an API accepts', async (t) => {
  const { status, stderr } = await refusal(t, ['--scope', 'https://vault.azure.net/.default'], bySecret())
  t.is(status, 1)
  t.notRegex(stderr, /Warning/)
})

test('by a certificate, whose key may be encrypted', async (t) => {
  const path = temporaryFile('client.pem', `${certificate.cert}${certificate.key}`)
  const env = clientOf('certificate', { AZURE_CLIENT_CERTIFICATE_PATH: path })
  t.is((await claims(t, ['--scope', SCOPE], env)).appidacr, '2')
  t.is((await claims(t, ['--scope', SCOPE], { ...env, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true' })).appidacr, '2')
  t.is((await claims(t, ['--scope', SCOPE, '--certificate', path], clientOf('certificate'))).appidacr, '2')

  const { createPrivateKey } = await import('node:crypto')
  const encrypted = createPrivateKey(certificate.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'another secret'
  })
  const locked = temporaryFile('locked.pem', `${certificate.cert}${encrypted}`)
  const lockedEnv = { ...env, AZURE_CLIENT_CERTIFICATE_PATH: locked }
  t.is(
    (await claims(t, ['--scope', SCOPE], { ...lockedEnv, AZURE_CLIENT_CERTIFICATE_PASSWORD: 'another secret' }))
      .appidacr,
    '2'
  )
  t.regex((await refusal(t, ['--scope', SCOPE], lockedEnv)).stderr, /AZURE_CLIENT_CERTIFICATE_PASSWORD/)
})

test('a certificate that cannot be used is said to be that', async (t) => {
  const other = await createClientCertificate()
  for (const [content, expected] of [
    [certificate.cert, /expected a PEM file with a certificate and its private key/],
    [certificate.key, /expected a PEM file/],
    [`${certificate.cert}${other.key}`, /an RSA key that belongs to the certificate/],
    [Buffer.from('3082', 'hex'), /openssl pkcs12 -in client\.pfx/]
  ]) {
    const path = temporaryFile('client.pem', content)
    const env = clientOf('certificate', { AZURE_CLIENT_CERTIFICATE_PATH: path })
    const { status, stderr } = await refusal(t, ['--scope', SCOPE], env)
    t.is(status, 2)
    t.regex(stderr, expected)
  }
  const missing = clientOf('certificate', { AZURE_CLIENT_CERTIFICATE_PATH: '/nowhere/client.pem' })
  t.regex((await refusal(t, ['--scope', SCOPE], missing)).stderr, /\/nowhere\/client\.pem cannot be read: ENOENT/)
  const unregistered = temporaryFile('client.pem', `${other.cert}${other.key}`)
  const refused = await refusal(
    t,
    ['--scope', SCOPE],
    clientOf('certificate', { AZURE_CLIENT_CERTIFICATE_PATH: unregistered })
  )
  t.is(refused.status, 1)
  t.regex(refused.stderr, /AADSTS700027/)
})

test('by a federated token, as AKS sets it up', async (t) => {
  const path = temporaryFile('token', `${authority.federatedToken({ client: app('workload').clientId })}\n`)
  const env = clientOf('workload', { AZURE_FEDERATED_TOKEN_FILE: path })
  t.is((await claims(t, ['--scope', SCOPE], env)).appid, app('workload').clientId)
  t.is((await claims(t, ['--scope', SCOPE, '--federated-token-file', path], clientOf('workload'))).appidacr, '2')
  const other = temporaryFile('token', authority.federatedToken({ client: app('workload').clientId, subject: 'other' }))
  const { status, stderr } = await refusal(t, ['--scope', SCOPE], { ...env, AZURE_FEDERATED_TOKEN_FILE: other })
  t.is(status, 1)
  t.regex(stderr, /AADSTS700213.*'other'/)
  const empty = await refusal(t, ['--scope', SCOPE], { ...env, AZURE_FEDERATED_TOKEN_FILE: temporaryFile('token', '') })
  t.deepEqual([empty.status, /token is empty/.test(empty.stderr)], [2, true])
})

test('a refusal has Entra’s number and what to do, without its trace ids', async (t) => {
  const env = bySecret()
  for (const [args, variables, code] of [
    [['--scope', SCOPE], { AZURE_CLIENT_SECRET: 'another secret' }, 'AADSTS7000215'],
    [['--scope', 'api://nobody/.default'], {}, 'AADSTS500011'],
    [['--scope', SCOPE], { AZURE_CLIENT_ID: '99999999-2222-4333-8444-555555555555' }, 'AADSTS700016'],
    [['--scope', SCOPE], { AZURE_TENANT_ID: '99999999-2222-4333-8444-555555555555' }, 'AADSTS90002']
  ]) {
    const { status, stderr } = await refusal(t, args, { ...env, ...variables })
    const [what, todo, ...more] = stderr.trim().split('\n')
    t.is(status, 1, code)
    t.true(what.startsWith(`entra-jwt-verify token: ${code}: `), what)
    t.regex(todo, /^What to do: \w/)
    t.deepEqual(more, [])
    t.notRegex(stderr, /Trace ID/)
  }
})

test('what is missing is named', async (t) => {
  const env = bySecret()
  const without = (name) => Object.fromEntries(Object.entries(env).filter(([other]) => other !== name))
  for (const [args, variables, expected] of [
    [[], env, /--scope api:\/\/<client id of the API>\/\.default, or set ENTRA_AUDIENCE/],
    [['--scope', 'api://tasks'], env, /expected <App ID URI of the API>\/\.default/],
    [
      ['--scope', SCOPE],
      without('AZURE_CLIENT_SECRET'),
      /no client credentials are set: set AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or/
    ],
    [['--scope', SCOPE], without('AZURE_CLIENT_ID'), /AZURE_CLIENT_ID, or give --client-id/],
    [['--scope', SCOPE], without('AZURE_TENANT_ID'), /AZURE_TENANT_ID, or give --tenant-id/],
    [
      ['--scope', SCOPE],
      { ...env, AZURE_TENANT_ID: 'common' },
      /the tenant is common: an application gets tokens of one tenant/
    ],
    [['--scope', SCOPE], { ...env, AZURE_AUTHORITY_HOST: 'http://login.example' }, /: AZURE_AUTHORITY_HOST: expected /],
    [['--scope', SCOPE, '--authority-host', 'login.example'], env, /: --authority-host: expected /],
    [['--scope', SCOPE], { ...env, AZURE_TENANT_ID: 'contoso' }, /: AZURE_TENANT_ID: expected .*, got "contoso"/],
    [
      ['--scope', SCOPE],
      { ...without('AZURE_TENANT_ID'), ENTRA_TENANT_ID: 'contoso' },
      /: ENTRA_TENANT_ID: expected .*, got "contoso"/
    ],
    [['--scope', SCOPE, '--tenant-id', 'contoso'], env, /: --tenant-id: expected .*, got "contoso"/],
    [
      ['--scope', SCOPE],
      { ...without('AZURE_CLIENT_SECRET'), ENTRA_CLIENT_SECRET: 'another secret' },
      /no client credentials are set: set AZURE_CLIENT_SECRET \(this command does not read ENTRA_CLIENT_SECRET\), /
    ],
    [['--scope', SCOPE, '--client-secret', 'another secret'], env, /Unknown option '--client-secret'/],
    [['--scope', SCOPE, 'x'], env, /takes no arguments/]
  ]) {
    const { status, stderr } = await refusal(t, args, variables)
    t.is(status, 2, stderr)
    t.regex(stderr, expected)
  }
  const help = await cli(['token', '--help'])
  t.deepEqual([help.status, help.stdout.startsWith('Usage: entra-jwt-verify token ')], [0, true])
})

test('trusts the roots of Node and --ca, and goes through the proxy', async (t) => {
  const env = bySecret(tls)
  const ca = temporaryFile('ca.pem', tls.ca)
  const untrusted = await refusal(t, ['--scope', SCOPE], env)
  t.is(untrusted.status, 2)
  t.regex(untrusted.stderr, /127\.0\.0\.1:\d+ cannot be reached: .*(?:VERIFY|CERT|SIGNED)/)
  t.is((await claims(t, ['--scope', SCOPE, '--ca', ca], env)).aud, 'api://tasks')
  t.is((await claims(t, ['--scope', SCOPE], { ...env, NODE_EXTRA_CA_CERTS: ca })).aud, 'api://tasks')

  const proxy = await startForwardProxy(t, { credentials: 'user:password' })
  const proxied = { ...env, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: ca }
  t.is((await claims(t, ['--scope', SCOPE], proxied)).aud, 'api://tasks')
  t.deepEqual(proxy.targets, [new URL(tls.url).host])
  t.is((await claims(t, ['--scope', SCOPE, '--no-proxy'], proxied)).aud, 'api://tasks')
  t.is((await claims(t, ['--scope', SCOPE], { ...proxied, NO_PROXY: '127.0.0.1' })).aud, 'api://tasks')
  t.is(proxy.targets.length, 1)
  const refused = await refusal(t, ['--scope', SCOPE, '--proxy', `http://${proxy.host}`], proxied)
  t.is(refused.status, 2)
  t.regex(refused.stderr, /407|credentials/)
  t.false(refused.stderr.includes('password@'))
})

/** A server that answers as told, and keeps what it was asked. */
async function platform(t, answer) {
  const asked = []
  const server = createServer(async (request, response) => {
    asked.push({ url: new URL(request.url, 'http://host'), headers: request.headers, body: await text(request) })
    const { status = 200, headers = {}, body } = answer(request, asked)
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${server.address().port}`, asked }
}

test('by the managed identity of App Service, Functions and Container Apps, old and new', async (t) => {
  const access_token = authority.issueToken()
  const { url, asked } = await platform(t, () => ({ body: { access_token, expires_on: '1' } }))
  await claims(t, ['--scope', SCOPE], {
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER: 'h',
    AZURE_CLIENT_ID: 'user'
  })
  await claims(t, ['--scope', SCOPE], { MSI_ENDPOINT: `${url}/MSI/token`, MSI_SECRET: 's' })
  await claims(t, ['--scope', SCOPE], { MSI_ENDPOINT: `${url}/cloud-shell` })
  await claims(t, ['--scope', SCOPE, '--managed-identity', '--client-id', 'user'], {
    AZURE_POD_IDENTITY_AUTHORITY_HOST: url,
    AZURE_CLIENT_SECRET: 'not for this'
  })
  const [current, old, shell, machine] = asked
  t.is(
    `${current.url.pathname}${current.url.search}`,
    '/msi/token?api-version=2019-08-01&resource=api%3A%2F%2Ftasks&client_id=user'
  )
  t.is(current.headers['x-identity-header'], 'h')
  t.is(old.url.search, '?api-version=2017-09-01&resource=api%3A%2F%2Ftasks')
  t.is(old.headers.secret, 's')
  t.deepEqual([shell.body, shell.headers.metadata], ['resource=api%3A%2F%2Ftasks', 'true'])
  t.is(machine.url.pathname, '/metadata/identity/oauth2/token')
  t.deepEqual([machine.url.searchParams.get('client_id'), machine.headers.metadata], ['user', 'true'])
})

test('Azure Arc proves itself by a file of its agent, and only by that', async (t) => {
  const folder = '/var/opt/azcmagent/tokens'
  const access_token = authority.issueToken()
  let file = ''
  const { url, asked } = await platform(t, ({ headers }) =>
    headers.authorization === 'Basic the key'
      ? { body: { access_token } }
      : { status: 401, headers: { 'WWW-Authenticate': `Basic realm=${file}` }, body: {} }
  )
  const env = { IDENTITY_ENDPOINT: `${url}/token`, IMDS_ENDPOINT: url }
  for (file of ['/etc/passwd', `${folder}/../x.key`, `${folder}/x.txt`, 'x.key']) {
    const { status, stderr } = await refusal(t, ['--scope', SCOPE], env)
    t.is(status, 2)
    t.regex(stderr, /named a file that is not a key of its agent/)
  }
  t.true(asked.every(({ headers }) => headers.authorization === undefined))
  // The folder belongs to root.
  if (process.platform === 'win32' || process.getuid() !== 0) return
  mkdirSync(folder, { recursive: true })
  file = `${folder}/entra-jwt-verify-test.key`
  writeFileSync(file, 'the key')
  t.teardown(() => rmSync(file))
  t.is((await claims(t, ['--scope', SCOPE], env)).tid, authority.tenantId)
})

test('a platform without an identity, or without an answer, is told apart', async (t) => {
  const { url } = await platform(t, () => ({
    status: 400,
    body: { error: 'invalid_request', error_description: 'Identity not found' }
  }))
  const refused = await refusal(t, ['--scope', SCOPE], { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'h' })
  t.deepEqual([refused.status, /Identity not found/.test(refused.stderr)], [1, true])
  const silent = await refusal(t, ['--scope', SCOPE], {
    IDENTITY_ENDPOINT: 'http://127.0.0.1:1/x',
    IDENTITY_HEADER: 'h'
  })
  t.is(silent.status, 2)
  t.regex(silent.stderr, /the identity service of this host cannot be reached: ECONNREFUSED/)
  const fabric = { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'h', IDENTITY_SERVER_THUMBPRINT: 'x' }
  t.regex((await refusal(t, ['--scope', SCOPE], fabric)).stderr, /Service Fabric is not supported/)
  t.regex((await refusal(t, ['--scope', SCOPE], { MSI_ENDPOINT: 'file:///x' })).stderr, /is not a URL/)
})

test('what an authority says cannot act on a terminal, and a secret that it repeats is not shown', async (t) => {
  const { url } = await platform(t, () => ({
    status: 400,
    body: { error: 'x', error_description: 'AADSTS70002: \u001b[2Jyour secret is another secret\u202e' }
  }))
  const env = { ...bySecret(), AZURE_CLIENT_SECRET: 'another secret', AZURE_AUTHORITY_HOST: url }
  const { status, stderr } = await refusal(t, ['--scope', SCOPE], env)
  t.is(status, 1)
  t.true(stderr.includes('AADSTS70002: \\u{1b}[2Jyour secret is …\\u{202e}'), stderr)
})

test('an answer without a token is no token', async (t) => {
  for (const [status, body] of [
    [200, {}],
    [200, { access_token: '' }],
    [200, { access_token: 1 }],
    [302, { access_token: 'x' }],
    [500, 'no JSON']
  ]) {
    const { url } = await platform(t, () => ({ status, body, headers: { Location: 'http://127.0.0.1:1/' } }))
    t.is((await refusal(t, ['--scope', SCOPE], { ...bySecret(), AZURE_AUTHORITY_HOST: url })).status, 1)
  }
})
