// MSAL for Python and azure-identity get tokens from the test authority in each of their ways, and call a protected application.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCheckAuthToken } from '../../../../index.js'
import { createClientCertificate, startTestAuthority } from '../../../../testing/index.js'
import { check, skip, versions } from '../report.mjs'

const python = fileURLToPath(new URL('../python', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-python-'))

/** The ways that are to fail. */
const REFUSALS = {
  'msal wrong secret': /AADSTS7000215/,
  'msal on-behalf-of no user': /AADSTS7000114/,
  'identity wrong secret': /AADSTS7000215/
}

const OF_APPLICATION = { roles: ['Task.Read'], scopes: [] }
const OF_USER = { roles: [], scopes: ['Task.Read'], user: 'Megan Bowen' }

try {
  const interpreter = install()
  if (interpreter) await run(interpreter)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The interpreter of an environment of its own with the clients, if there is a Python and a registry. */
function install() {
  const bin = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'python')
  const requirements = join(python, 'requirements.txt')
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', join(folder, 'venv')],
    [bin, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  ]) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status === 0) continue
    skip('Python clients', `${command} ${args[1]}: ${error?.code ?? stderr.trim().split('\n').at(-1)}`)
    return undefined
  }
  return bin
}

/** @param {string} interpreter */
async function run(interpreter) {
  const certificate = await createClientCertificate()
  const authority = await startTestAuthority({
    quiet: true,
    tls: true,
    user: { userName: 'megan@tenant.example', name: 'Megan Bowen' },
    apps: [
      { name: 'API', appIdUri: 'api://tasks', scopes: ['Task.Read'], accessTokenVersion: 2 },
      { name: 'secret', clientSecret: 'secret', roles: ['Task.Read'] },
      { name: 'certificate', certificates: [certificate.cert], roles: ['Task.Read'] },
      {
        name: 'workload',
        federatedCredentials: [{ subject: 'system:serviceaccount:default:worker' }],
        roles: ['Task.Read']
      },
      { name: 'middle', appIdUri: 'api://middle', clientSecret: 'secret' },
      { name: 'public' }
    ]
  })
  const api = await protectedApi(authority)
  const idOf = (name) => authority.apps.find((app) => app.name === name).clientId
  const file = (name, content) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const federatedToken = authority.federatedToken({ client: idOf('workload') })
  const settings = {
    url: authority.url,
    tenantId: authority.tenantId,
    secret: idOf('secret'),
    secretValue: 'secret',
    certificateClient: idOf('certificate'),
    certificate,
    certificatePath: file('client.pem', `${certificate.cert}${certificate.key}`),
    workload: idOf('workload'),
    federatedToken,
    federatedTokenPath: file('federated-token', federatedToken),
    middle: idOf('middle'),
    userAssertion: authority.issueToken({
      audience: 'api://middle',
      client: idOf('public'),
      scopes: ['user_impersonation']
    }),
    appAssertion: authority.issueToken({ audience: 'api://middle', client: idOf('secret') }),
    public: idOf('public')
  }
  try {
    const results = await outputOf(interpreter, settings, file('ca.pem', authority.ca))
    for (const { name, token, error } of results) {
      await check(`Python: ${name}`, async () => {
        const refusal = REFUSALS[name]
        if (refusal) return assert.match(error ?? 'a token', refusal)
        assert.equal(error, undefined)
        assert.deepEqual(await api.call(token), /on-behalf-of|code/.test(name) ? OF_USER : OF_APPLICATION)
      })
    }
    await check('Python: every way was tried', () => assert.equal(results.length, 15))
  } finally {
    api.close()
    await authority.close()
  }
}

/** @param {import('../../../../testing/index').TestAuthority} authority */
async function protectedApi(authority) {
  const checkAuthToken = createCheckAuthToken(authority.options)
  const server = createServer((req, res) =>
    checkAuthToken(req, res, () =>
      res.end(JSON.stringify({ roles: req.auth.roles, scopes: req.auth.scopes, user: req.auth.claims.name }))
    )
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    async call(token) {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers })
      return response.ok ? response.json() : response.status
    },
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** What the Python program prints: versions, and what came of each way. */
async function outputOf(interpreter, settings, ca) {
  // The trust of `requests`, on which both clients are built.
  const env = { ...process.env, REQUESTS_CA_BUNDLE: ca }
  const child = spawn(interpreter, [join(python, 'clients.py'), JSON.stringify(settings)], { env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [status] = await once(child, 'close')
  assert.equal(status, 0, stderr)
  const [first = '', ...lines] = stdout.trim().split('\n')
  versions(
    Object.fromEntries(
      first
        .slice(2)
        .split(', ')
        .map((text) => text.split(' '))
    )
  )
  return lines.map((line) => JSON.parse(line))
}
