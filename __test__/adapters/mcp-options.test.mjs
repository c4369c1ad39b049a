// Options of protectMcp, their environment variables, and what it warns of when it starts.
import test from 'ava'
import { AuthError } from 'entra-jwt-verify'
import { guardTools, protectMcp, requireRole } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { parseChallenge } from '../helpers/challenge.mjs'
import { runConfigured, variablesFor } from '../helpers/environment.mjs'
import { callNow, polluted } from '../helpers/pollution.mjs'
import { warningsAbout } from '../helpers/warnings.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const API = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'

const given = { tenantId: TENANT, clientId: API, logger: false }

/** The challenge and the metadata of a protection, without a server. */
async function answersOf(auth) {
  const answer = (handler, req) =>
    new Promise((resolve) => {
      const headers = {}
      const res = {
        setHeader: (name, value) => Object.assign(headers, { [name]: value }),
        getHeader() {},
        end: (body) => resolve({ headers, body })
      }
      handler({ headers: {}, method: 'GET', url: '/', ...req }, res, () => resolve('passed'))
    })
  const { headers } = await answer(auth)
  const { body } = await answer((req, res) => auth.resourceMetadata(req, res))
  return { challenge: parseChallenge(headers['WWW-Authenticate']), document: JSON.parse(body) }
}

test('protectMcp that is passed instead of called, or has a second argument, says so', (t) => {
  t.throws(() => protectMcp({ headers: {} }, { setHeader() {} }, () => t.fail('passed')), {
    code: 'ERR_CONFIG',
    message: /^protectMcp: it creates the middleware: write app\.use\(protectMcp\(\{ resource: … \}\)\)$/
  })
  t.throws(() => protectMcp({ resource: 'https://api.example/mcp' }, { requiredRoles: ['Admin'] }), {
    code: 'ERR_CONFIG',
    message: /^protectMcp: expected one argument/
  })
})

test('scopes get the App ID URI, of which there may be one of its own', async (t) => {
  const resource = 'https://api.example/mcp'
  for (const [audience, uri] of [
    [undefined, `api://${API}`],
    [[API, resource], resource],
    [[API, 'api://tasks', resource], 'api://tasks']
  ]) {
    const { challenge, document } = await answersOf(
      protectMcp({ ...given, resource, audience, scopes: ['Task.Read', 'Task.Write'] })
    )
    t.is(challenge.scope, `${uri}/Task.Read ${uri}/Task.Write`)
    t.deepEqual(document.scopes_supported, challenge.scope.split(' '))
  }
})

test('a URL is taken as its text, and more for the metadata stands beside it', async (t) => {
  const more = {
    name: 'Tasks',
    documentation: 'https://api.example/docs',
    authorizationServers: ['https://issuer.example']
  }
  const { document } = await answersOf(
    protectMcp({ ...given, resource: new URL('https://API.example/mcp'), resourceMetadata: more })
  )
  t.deepEqual(document, {
    resource: 'https://api.example/mcp',
    authorization_servers: more.authorizationServers,
    bearer_methods_supported: ['header'],
    resource_name: 'Tasks',
    resource_documentation: more.documentation
  })
  // As the other entries have it.
  const resourceMetadata = { resource: 'https://api.example/a', scopes: ['b'] }
  t.like((await answersOf(protectMcp({ ...given, resourceMetadata }))).document, {
    resource: 'https://api.example/a',
    scopes_supported: [`api://${API}/b`]
  })
  const { document: both } = await answersOf(
    protectMcp({ ...given, resourceMetadata, resource: 'https://api.example/c' })
  )
  t.is(both.resource, 'https://api.example/c')
})

test('what cannot be used is ERR_CONFIG at construction, and says what', (t) => {
  for (const [wrong, message] of [
    [{}, /option resource: not set; set ENTRA_RESOURCE/],
    [{ resource: null }, /option resource: /],
    [{ resource: undefined, resorce: 'https://api.example/mcp' }, /resorce is not an option; did you mean resource\?$/],
    [{ resource: '' }, /^option resource: expected an https URL/],
    [{ resource: 5 }, /^option resource: expected an https URL.*got a number/],
    [{ resource: {} }, /^option resource: expected an https URL.*got an object/],
    [{ resource: 'api.example/mcp' }, /^option resource: expected an https URL/],
    [{ resource: 'http://api.example/mcp' }, /^option resource: expected an https URL/],
    [{ resource: 'https://api.example/mcp#a' }, /^option resource: expected an https URL/],
    [{ resource: 'https://a:b@api.example/mcp' }, /^option resource: expected an https URL/],
    [
      { resourceMetadata: { resource: 'api.example' }, resource: undefined },
      /^option resourceMetadata\.resource: expected an https URL/
    ],
    [{ scopes: 'Task.Read' }, /scopes: expected an array/],
    [{ scopes: [5] }, /scopes: expected an array.*got a number at index 0$/],
    [{ scopes: ['Task.Read', 'Task.Write Task.Delete'] }, /scopes: .*one per string.*got white space at index 1$/],
    [{ scopes: ['Task.Read', ''] }, /scopes: .*got an empty string at index 1$/],
    [{ resourceMetadata: { scopes: ['Task.Read Task.Write'] } }, /resourceMetadata\.scopes: .*one per string/],
    [{ keepStreams: 'yes' }, /keepStreams: expected true or false, got a string/],
    [{ resourceMetadata: 'https://api.example' }, /resourceMetadata: expected a plain object, got a string/],
    [{ resourceMetadata: [] }, /resourceMetadata: expected a plain object, got an array/],
    [{ resourceMetadata: { names: 'a' } }, /resourceMetadata: expected only /],
    [{ scope: ['Task.Read'] }, /^options: scope is not an option; did you mean scopes, .* or requiredScopes, /],
    [{ metadataUrl: 'https://api.example' }, /metadataUrl/],
    [{ tenantId: 'x y' }, /tenantId/]
  ]) {
    const options =
      'resource' in wrong || Object.keys(wrong).length === 0 ? wrong : { resource: 'https://api.example/mcp', ...wrong }
    const error = t.throws(() => protectMcp({ ...given, ...options }), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    t.regex(error.message, message)
  }
  for (const options of ['https://api.example/mcp', 5, null, [], new URL('https://api.example/mcp')]) {
    t.throws(() => protectMcp(options), { instanceOf: AuthError, code: 'ERR_CONFIG' })
  }
})

test('an error about what only this entry has leads to its page', (t) => {
  const set = { ...given, resource: 'https://api.example/mcp' }
  for (const action of [
    () => protectMcp(given),
    () => protectMcp({ ...given, resource: 'api.example/mcp' }),
    () => protectMcp({ ...set, scopes: ['a b'] }),
    () => protectMcp({ ...set, scope: 'a' }),
    () => protectMcp({ ...set, keepStreams: 1 }),
    () => protectMcp({ headers: {} }, {}, () => {}),
    () => protectMcp(set, { requiredRoles: ['Admin'] }),
    () => guardTools({}),
    () => guardTools({ tool: 5 })
  ]) {
    t.regex(t.throws(action, { code: 'ERR_CONFIG' }).hint, /; see docs\/mcp\.md$/, String(action))
  }
  t.regex(t.throws(() => requireRole(''), { code: 'ERR_CONFIG' }).hint, /; see docs\/authorization\.md$/)
  t.regex(t.throws(() => protectMcp({ ...set, tenantId: 'x y' })).hint, /; see docs\/options\.md$/)
})

test('a polluted prototype sets no option of protectMcp', (t) => {
  const evil = 'https://evil.example/mcp'
  const set = { ...given, resource: 'https://api.example/mcp' }
  const told = (options) => {
    const auth = protectMcp(options)
    return { url: auth.metadataUrl, document: callNow(auth.resourceMetadata).body, rejected: callNow(auth).headers }
  }
  const expected = told(set)
  for (const members of [
    { resource: evil },
    { href: evil },
    { resourceMetadata: { resource: evil, authorizationServers: [evil], url: evil } },
    { authorizationServers: [evil], url: evil, name: 'evil' },
    { scopes: ['Evil'] },
    { responses: 'classic' },
    { clockTolerance: 300, keepStreams: 'not a boolean' }
  ]) {
    for (const options of [set, { ...set, resourceMetadata: {} }]) {
      t.deepEqual(
        polluted(members, () => told(options)),
        expected,
        Object.keys(members).join()
      )
    }
  }
  // What is missing stays missing.
  t.throws(() => polluted({ resource: evil }, () => protectMcp(given)), { message: /resource: not set/ })
})

test('it is the middleware, and does not let itself be called like what makes it', (t) => {
  const auth = protectMcp({ ...given, resource: 'https://api.example/mcp' })
  t.is(auth.length, 3)
  t.throws(() => auth(), { code: 'ERR_CONFIG', message: /app\.use\(checkAuthToken\)/ })
  t.is(auth.metadataUrl, 'https://api.example/.well-known/oauth-protected-resource/mcp')
})

const warningsOf = (mentioned) => warningsAbout(mentioned, 'ENTRA_JWT_VERIFY_MCP_RESOURCE')

test('warns once where Entra gives no token for the resource, or the token is not accepted', async (t) => {
  for (const [resource, more, expected] of [
    ['https://a1.example/mcp', {}, /not an accepted audience.*AADSTS9010010.*ENTRA_AUDIENCE/],
    ['https://a2.example/mcp', { audience: API }, /not an accepted audience/],
    ['https://a3.example/mcp', { audience: [API, 'https://a3.example'] }, /not an accepted audience/],
    ['https://a4.example/mcp', { audience: ['https://a4.example/mcp'] }, undefined],
    ['https://a5.example/mcp/', { audience: [API, 'https://a5.example/mcp/'] }, /ends with a slash/],
    ['https://a6.example/mcp', { audience: [API, 'https://a6.example/mcp'] }, undefined],
    ['https://a7.example/mcp', { audience: ['https://a7.example/mcp/', API.toUpperCase()] }, undefined],
    ['https://a8.example', { audience: [API, 'https://a8.example'] }, undefined]
  ]) {
    for (let times = 0; times < 2; times++) protectMcp({ ...given, ...more, resource })
    const said = await warningsOf(resource)
    if (expected === undefined) t.deepEqual(said, [], resource)
    else {
      t.is(said.length, 1, resource)
      t.regex(said[0], expected)
    }
  }
  // Without the resource in the text.
  t.is((await warningsOf('does not have the client id of the API')).length, 1)
})

test('another issuer writes the resource into aud: warns where that is not accepted', async (t) => {
  const jwks = { keys: [] }
  const base = { issuer: 'https://issuer.example', jwks: { keys: [await key()] }, logger: false }
  t.throws(() => protectMcp({ ...base, jwks, audience: 'a', resource: 'https://b0.example/mcp' }), {
    code: 'ERR_CONFIG'
  })
  protectMcp({ ...base, audience: 'a', resource: 'https://b1.example/mcp' })
  t.regex((await warningsOf('https://b1.example/mcp')).join(), /not an accepted audience.*write it into aud/)
  protectMcp({ ...base, audience: 'https://b2.example/mcp', resource: 'https://b2.example/mcp' })
  t.deepEqual(await warningsOf('https://b2.example/mcp'), [])
})

async function key() {
  const { publicKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['verify', 'sign']
  )
  const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  return { kid: 'a', use: 'sig', kty, n, e }
}

const CALL = `
  const call = (req) => new Promise((resolve) => {
    const res = { setHeader(name, value) { if (/^www/i.test(name)) this.challenge = value }, getHeader() {},
      end(body) { resolve([this.statusCode, body, this.challenge].join(' ')) } }
    entra.checkAuthToken({ headers: {}, method: 'GET', url: '/mcp', ...req }, res, () => resolve('passed'))
  });`

test('checkAuthToken is configured by the environment', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const code = `${CALL}
    console.log(await call())
    Object.assign(process.env, ${JSON.stringify(variablesFor(authority))})
    console.log(await call())
    Object.assign(process.env, { ENTRA_RESOURCE: 'https://api.example/mcp', ENTRA_SCOPES: 'Task.Read, Task.Write' })
    console.log(await call())
    console.log(await call({ url: '/.well-known/oauth-protected-resource/mcp' }))
    console.log(entra.checkAuthToken.verifier instanceof entra.Verifier)`
  const { status, stdout, stderr } = runConfigured(code, {}, 'mcp.js')
  t.is(status, 0, stderr)
  const uri = `api://${authority.api.clientId}`
  const lines = stdout.split('\n')
  // As with a configuration: JSON.
  const unconfigured = '500 {"error":"server_error","error_description":"internal error"} '
  t.deepEqual(lines.slice(0, 3), [
    unconfigured,
    unconfigured,
    `401 {"error":"unauthorized"} Bearer scope="${uri}/Task.Read ${uri}/Task.Write", resource_metadata="https://api.example/.well-known/oauth-protected-resource/mcp"`
  ])
  t.true(lines[3].startsWith('200 {"resource":"https://api.example/mcp"'), lines[3])
  t.is(lines[4], 'true')
})

test('a variable that is no URL of a server is named', (t) => {
  const code = `
    try { entra.protectMcp({ audience: '${API}' }) } catch (error) { console.log(error.message, error.hint) }`
  const variables = { ENTRA_TENANT_ID: TENANT, ENTRA_RESOURCE: 'api.example/mcp' }
  const { stdout, stderr } = runConfigured(code, variables, 'mcp.js')
  t.regex(
    stdout,
    /^option resource: from ENTRA_RESOURCE: expected an https URL.*, got a string correct ENTRA_RESOURCE;/,
    stderr
  )
})

test('an option wins over its variable', (t) => {
  const code = `
    const auth = entra.protectMcp({ resource: 'https://option.example/mcp', audience: ['${API}', 'https://option.example/mcp'] })
    console.log(auth.metadataUrl)
    console.log(entra.protectMcp({ audience: '${API}' }).metadataUrl)`
  const variables = { ENTRA_TENANT_ID: TENANT, ENTRA_RESOURCE: 'https://variable.example/mcp' }
  const { status, stdout, stderr } = runConfigured(code, variables, 'mcp.js')
  t.is(status, 0, stderr)
  t.deepEqual(stdout.split('\n'), [
    'https://option.example/.well-known/oauth-protected-resource/mcp',
    'https://variable.example/.well-known/oauth-protected-resource/mcp'
  ])
  t.regex(stderr, /ENTRA_JWT_VERIFY_MCP_RESOURCE.*variable\.example/)
  t.notRegex(stderr, /option\.example/)
})
