// With prototypes polluted by the name of any option or variable, nothing changes: an option is what was given.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import {
  createCheckAuthToken,
  createVerifier,
  requireAuthContext,
  requireClient,
  requireDelegated,
  requireGroup,
  requireRole,
  requireScope,
  requireScopeOrRole
} from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { callNow, polluted } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { configure } = require('../../lib/core/options.js')

const OTHER = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
const ATTACKER = { name: 'attacker', clientId: OTHER, clientSecret: 'secret' }

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true, otherTenants: [crypto.randomUUID()] })
  // Of the same tenant, and for the same API.
  const evil = await startTestAuthority({
    quiet: true,
    tenantId: authority.tenantId,
    apps: [{ clientId: authority.api.clientId }, ATTACKER]
  })
  const keeper = createVerifier(optionsFor(authority))
  await keeper.preload()
  t.context = { authority, evil, keeper, values: valuesOf(evil) }
})
test.after.always((t) => Promise.all([t.context.authority.close(), t.context.evil.close()]))

/** What an attacker would like each option to be, and what breaks if it is read from a prototype. */
function valuesOf(evil) {
  const evilToken = evil.issueToken()
  return {
    authorities: [{ tenantId: evil.tenantId, clientId: evil.api.clientId, authorityHost: evil.url }],
    tenantId: OTHER,
    clientId: OTHER,
    audience: 'api://attacker',
    authorityHost: evil.url,
    authority: `${evil.url}/${evil.tenantId}/v2.0`,
    allowedTenants: '*',
    allowedClients: [OTHER],
    requiredRoles: ['Attacker'],
    requiredScopes: ['Attacker'],
    issuer: 'https://attacker.example',
    algorithms: ['PS256'],
    clockTolerance: 300,
    maxTokenLength: 256,
    boundTokens: 'ignore',
    clientCertificateHeader: 'x-attacker',
    initialKeys: { keys: evil.keys.map(({ jwk }) => jwk) },
    jwks: { keys: evil.keys.map(({ jwk }) => jwk) },
    jwksUri: `${evil.url}/${evil.tenantId}/discovery/keys`,
    keys: { timeout: 60 },
    tokenCache: 5,
    ca: 'attacker',
    proxy: 'http://127.0.0.1:9',
    responses: (_error, _req, _res, next) => next(),
    optional: true,
    getToken: () => evilToken,
    resourceMetadata: { resource: 'https://attacker.example' },
    logger: { error: () => {}, warn: () => {} }
  }
}

/** Members of options, by the path in which they stand. */
const MEMBERS = {
  keys: { refreshInterval: 1, retention: 0, cooldown: 1, timeout: 60 },
  resourceMetadata: {
    resource: 'https://attacker.example',
    url: 'https://attacker.example/metadata',
    scopes: ['attacker'],
    authorizationServers: ['https://attacker.example'],
    name: 'attacker',
    documentation: 'https://attacker.example'
  }
}

function variablesOf(evil) {
  const upper = {
    ENTRA_TENANT_ID: OTHER,
    ENTRA_CLIENT_ID: OTHER,
    ENTRA_AUDIENCE: 'api://attacker',
    ENTRA_AUTHORITY_HOST: evil.url,
    ENTRA_AUTHORITY: `${evil.url}/${evil.tenantId}/v2.0`,
    AZURE_TENANT_ID: OTHER,
    AZURE_CLIENT_ID: OTHER,
    AZURE_AUDIENCE: 'api://attacker',
    AZURE_AUTHORITY_HOST: evil.url,
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '*'
  }
  const lower = Object.entries(upper).map(([name, value]) => [name.toLowerCase(), value])
  return { ...upper, ...Object.fromEntries(lower) }
}

/** Each name for itself, then all of them. */
const oneByOneAndAll = (values) => [...Object.entries(values).map(([name, value]) => ({ [name]: value })), values]

test('the names here are all there are', (t) => {
  const declarations = readFileSync(new URL('../../index.d.ts', import.meta.url), 'utf8')
  const bodyOf = (name) => new RegExp(`^export interface ${name} \\{\\n([\\s\\S]+?)^\\}`, 'm').exec(declarations)[1]
  const body = bodyOf('AuthorityOptions') + bodyOf('Options extends AuthorityOptions')
  const namesAt = (indentation, text) => [...text.matchAll(new RegExp(`^ {${indentation}}(\\w+)\\??:`, 'gm'))]
  const names = (indentation, text) => namesAt(indentation, text).map(([, name]) => name)
  t.deepEqual(names(2, body).sort(), Object.keys(t.context.values).sort())
  for (const [option, members] of Object.entries(MEMBERS)) {
    const [, named] = new RegExp(`^ {2}${option}\\?: (\\w+) \\| undefined`, 'm').exec(body) ?? []
    const [, inline] = new RegExp(`^ {2}${option}\\?:\\n([\\s\\S]+?)^ {4}\\| undefined`, 'm').exec(body) ?? []
    t.deepEqual(named ? names(2, bodyOf(named)) : names(8, inline), Object.keys(members), option)
  }
  const files = ['options.js', 'proxies.js', 'root-certificates.js']
  const source = files.map((file) => readFileSync(new URL(`../../lib/core/${file}`, import.meta.url), 'utf8')).join()
  const variables = [...source.matchAll(/'([A-Z]+_[A-Z_]+)'/g)].map(([, name]) => name)
  const covered = Object.keys(variablesOf(t.context.evil))
  t.true(variables.length > 5)
  // What decides which certificates Node trusts, and what a platform sets, has tests of its own.
  const others = [
    'AZURE_FEDERATED_TOKEN_FILE',
    'IDENTITY_ENDPOINT',
    'MSI_ENDPOINT',
    'NODE_EXTRA_CA_CERTS',
    'NODE_OPTIONS',
    'NODE_OPENSSL_CERT_STORE',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR'
  ]
  for (const name of variables) t.true(others.includes(name) || covered.includes(name), name)
})

test('a configuration is the same, whatever Object.prototype has', (t) => {
  const { authority, evil, values } = t.context
  const names = {
    ...values,
    ...MEMBERS.keys,
    ...MEMBERS.resourceMetadata,
    ...variablesOf(evil),
    toJSON: () => '"evil"'
  }
  const given = [
    {},
    { tenantId: authority.tenantId, clientId: authority.api.clientId },
    {
      ...optionsFor(authority),
      ca: undefined,
      allowedTenants: [authority.tenantId],
      allowedClients: [authority.client.clientId],
      requiredRoles: ['Task.Read'],
      keys: { timeout: 5 },
      resourceMetadata: { resource: 'https://api.example' }
    }
  ]
  for (const options of given) {
    const expected = JSON.stringify(configure(options, {}))
    for (const members of oneByOneAndAll(names)) {
      for (const enumerable of [true, false]) {
        const configuration = polluted(members, () => configure(options, {}), { enumerable })
        t.is(JSON.stringify(configuration), expected, `${Object.keys(members)} ${enumerable}`)
      }
    }
  }
})

/** Codes of what one verifier says of a good token and of those that something is wrong with. */
function codesOf(verifier, tokens) {
  const codes = []
  for (const token of tokens) {
    try {
      codes.push(verifier.verifySync(token, {}).clientId)
    } catch (error) {
      codes.push(error.code)
    }
  }
  return codes
}

test('what is accepted is the same: tokens of another authority are rejected, and restrictions hold', (t) => {
  const { authority, evil, values } = t.context
  const { clientId } = authority.client
  const roles = ['Task.Read']
  const tokens = [
    authority.issueToken({ roles }),
    evil.issueToken({
      roles,
      audience: authority.api.appIdUri,
      kid: authority.keys[0].kid,
      key: evil.keys[0].privateKey
    }),
    authority.issueToken({ roles, audience: 'api://attacker' }),
    authority.issueToken({ roles, tenantId: OTHER }),
    authority.issueToken({ roles, claims: { appid: OTHER } }),
    authority.issueToken({ roles: ['Attacker'] }),
    authority.issueToken({ roles, expiresIn: -60 }),
    authority.issueToken({ roles, algorithm: 'PS256' })
  ]
  const expected = [
    clientId,
    'ERR_TOKEN_SIGNATURE',
    'ERR_TOKEN_AUDIENCE',
    'ERR_TOKEN_TENANT',
    'ERR_TOKEN_POLICY',
    'ERR_TOKEN_POLICY',
    'ERR_TOKEN_EXPIRED',
    'ERR_TOKEN_ALGORITHM'
  ]
  const options = { ...optionsFor(authority), allowedClients: [clientId], requiredRoles: roles }
  const names = {
    ...values,
    ...MEMBERS.keys,
    ...variablesOf(evil),
    toJSON: () => ({}),
    currentDate: new Date(Date.now() - 3_600_000)
  }
  for (const members of oneByOneAndAll(names)) {
    for (const enumerable of [true, false]) {
      const codes = polluted(members, () => codesOf(createVerifier(options), tokens), { enumerable })
      t.deepEqual(codes, expected, `${Object.keys(members)} ${enumerable}`)
    }
  }
})

test('how requests are answered is the same', (t) => {
  const { authority, evil, values } = t.context
  const names = { ...values, ...MEMBERS.resourceMetadata, ...variablesOf(evil), toJSON: () => ({ evil: true }) }
  const expired = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
  const answers = (more) => {
    const middleware = createCheckAuthToken({ ...optionsFor(authority), logger: false, ...more })
    return [undefined, 'Bearer', expired].map((authorization) => {
      const { status, body, headers, passed } = callNow(middleware, { authorization })
      return [status, body, headers['WWW-Authenticate'], passed.length]
    })
  }
  for (const responses of ['classic', 'rfc6750']) {
    const expected = answers({ responses })
    t.is(expected[0][0], 401)
    for (const members of oneByOneAndAll(names)) {
      const got = polluted(members, () => answers({ responses }))
      t.deepEqual(got, expected, `${responses} ${Object.keys(members)}`)
    }
  }
})

test('a guard decides by what the token says', async (t) => {
  const { authority } = t.context
  const { tenantId } = authority
  const claims = {
    roles: ['Admin'],
    scp: 'Admin',
    tid: OTHER,
    azp: OTHER,
    appid: OTHER,
    groups: [OTHER],
    ver: '2.0',
    exp: 1
  }
  const lists = { roles: ['Admin'], scopes: ['Admin'], scp: 'Admin', groups: [OTHER], acrs: ['c1'] }
  const caller = { caller: { clientId: OTHER, scopes: 'Admin', isAppOnly: false }, clientId: OTHER, isAppOnly: false }
  const names = { ...lists, ...caller, claims, header: { alg: 'none' }, length: 0, hasgroups: false }
  const guards = [
    requireRole('Admin'),
    requireScope('Admin'),
    requireScopeOrRole({ scopes: ['Admin'], roles: ['Admin'] }),
    requireClient(OTHER),
    requireGroup(OTHER),
    requireAuthContext('c1'),
    requireDelegated()
  ]
  for (const tokenCache of [1000, false]) {
    const verifier = createVerifier({ ...optionsFor(authority), tokenCache })
    await verifier.preload()
    for (const members of oneByOneAndAll(names)) {
      // New to the verifier: nothing of it is decoded yet.
      const token = authority.issueToken({ claims: { jti: crypto.randomUUID() } })
      for (const [index, guard] of guards.entries()) {
        const { passed, tenant, client } = polluted(members, () => {
          const auth = verifier.verifySync(token)
          const outcome = callNow(guard, { auth })
          return { passed: outcome.passed.length, tenant: auth.tenantId, client: auth.clientId }
        })
        t.is(passed, 0, `${Object.keys(members)}, guard ${index}`)
        t.deepEqual([tenant, client], [tenantId, authority.client.clientId], `${Object.keys(members)}`)
      }
    }
  }
})

test('the metadata of the resource is what the options say', (t) => {
  const { authority } = t.context
  const create = () =>
    createCheckAuthToken({
      ...optionsFor(authority),
      resourceMetadata: { resource: 'https://api.example', scopes: ['Task.Read'] }
    })
  const expected = callNow(create().resourceMetadata).body
  const scope = `api://${authority.api.clientId}/Task.Read`
  t.like(JSON.parse(expected), { resource: 'https://api.example', scopes_supported: [scope] })
  for (const prototype of [Object.prototype, Array.prototype]) {
    const toJSON = () => ({ resource: 'https://attacker.example' })
    t.is(polluted({ toJSON }, () => callNow(create().resourceMetadata), { prototype }).body, expected)
  }
})

test('lists have the elements that were given, whatever Array.prototype has', (t) => {
  const { authority } = t.context
  const { clientId } = authority.client
  const options = { ...optionsFor(authority), allowedClients: [clientId], requiredRoles: ['Task.Read'] }
  const tokens = [
    authority.issueToken({ roles: ['Task.Read'] }),
    authority.issueToken({ roles: ['Attacker'] }),
    authority.issueToken({ roles: ['Task.Read'], claims: { appid: OTHER } })
  ]
  const expected = [clientId, 'ERR_TOKEN_POLICY', 'ERR_TOKEN_POLICY']
  for (const members of [{ 0: 'Attacker' }, { 1: 'Attacker' }, { 1: OTHER }, { toJSON: () => ['Attacker', OTHER] }]) {
    const codes = polluted(members, () => codesOf(createVerifier(options), tokens), { prototype: Array.prototype })
    t.deepEqual(codes, expected, JSON.stringify(members))
  }
  polluted(
    { 0: 'Task.Read' },
    () => {
      // biome-ignore lint/suspicious/noSparseArray: that is the case.
      t.throws(() => createVerifier({ ...options, requiredRoles: [,] }), { code: 'ERR_CONFIG' })
    },
    { prototype: Array.prototype }
  )
})

test('a caller without a client does not inherit one', async (t) => {
  const foreign = await startForeignAuthority(t)
  const verifier = createVerifier({ authority: foreign.url, audience: AUDIENCE })
  const auth = await verifier.verify(await foreign.issueToken({}))
  const { passed } = polluted({ clientId: OTHER }, () => callNow(requireClient(OTHER), { auth }))
  t.deepEqual(passed, [])
})

test('a guard that rejects says what it would say', async (t) => {
  const auth = await createVerifier(optionsFor(t.context.authority)).verify(t.context.authority.issueToken())
  for (const guard of [requireRole('Other'), requireClient(OTHER)]) {
    const expected = callNow(guard, { auth })
    const got = polluted({ scopes: true, requirement: true, auth: true }, () => callNow(guard, { auth }))
    t.deepEqual([got.status, got.body, got.passed], [expected.status, expected.body, expected.passed])
  }
})

test('a guard has what it was given', (t) => {
  t.throws(() => polluted({ onOverage: async () => true }, () => requireGroup(OTHER, {})), { code: 'ERR_CONFIG' })
  for (const members of [{ scopes: ['a'] }, { roles: ['a'] }]) {
    for (const given of [{}, { scopes: ['a'] }, { roles: ['a'] }]) {
      t.throws(() => polluted(members, () => requireScopeOrRole(given)), { code: 'ERR_CONFIG' })
    }
  }
})

/** Runs code in a process whose Object.prototype is polluted before this package is loaded. */
function runPolluted(members, code, variables = {}) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^AZURE_|_PROXY$|^NODE_EXTRA/i.test(name))
  )
  const script = `
    const members = JSON.parse(process.argv[1])
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(Object.prototype, name, { __proto__: null, value, configurable: true, writable: true })
    }
    const entra = require(${JSON.stringify(require.resolve('../../index.js'))})
    ${code}`
  const child = spawnSync(process.execPath, ['-e', script, JSON.stringify(members)], {
    env: { ...env, ...variables },
    encoding: 'utf8',
    timeout: 20_000
  })
  return { status: child.status, stdout: child.stdout.trim(), stderr: child.stderr.trim() }
}

test('polluted before this package is loaded: it is loaded, and nothing configures it but options and environment', (t) => {
  const { authority, evil, values } = t.context
  const code = `
    const res = { setHeader() {}, getHeader() {}, end(body) { console.log(this.statusCode, body) } }
    const request = { headers: { __proto__: null, authorization: 'Bearer x' } }
    entra.checkAuthToken(request, res, () => console.log('passed'))
    entra.requireRole('Admin')(request, res, () => console.log('passed'))
    try { entra.createVerifier({}) } catch (error) { console.log(error.code) }`
  const jsonValues = JSON.parse(JSON.stringify(values))
  const everything = {
    ...jsonValues,
    ...MEMBERS.resourceMetadata,
    ...variablesOf(evil),
    responses: 'next',
    getToken: 5
  }
  for (const members of [
    everything,
    { optional: true },
    { responses: 'next' },
    { logger: 5 },
    { authority: evil.url }
  ]) {
    const { status, stdout } = runPolluted(members, code)
    const expected = ['500 Internal Server Error, checkAuthToken is not configured', '401 Unauthorized', 'ERR_CONFIG']
    t.deepEqual([status, stdout.split('\n')], [0, expected], Object.keys(members).join())
  }
  const configured = { AZURE_TENANT_ID: authority.tenantId, AZURE_CLIENT_ID: authority.api.clientId }
  t.is(runPolluted(everything, code, configured).stdout.split('\n')[0], '500 Internal Server Error, jwt malformed')
})

test('a certificate that only Object.prototype names is not trusted', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'attacker.pem')
  writeFileSync(file, 'attacker')
  const code = `
    const { rootCertificates } = require(${JSON.stringify(require.resolve('../../lib/core/root-certificates.js'))})
    console.log(rootCertificates().includes('attacker'))`
  t.is(runPolluted({ NODE_EXTRA_CA_CERTS: file }, code).stdout, 'false')
})
