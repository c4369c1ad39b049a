// Hints name the variables that configured the process: this package's, or those of Azure's environments.
import { createRequire } from 'node:module'
import test from 'ava'
import { warningsAbout } from '../helpers/warnings.mjs'

const require = createRequire(import.meta.url)
const { configure } = require('../../lib/core/options.js')
const verifier = require('../../lib/core/verifier.js')
const TENANT = '3b7e5a90-61cf-4f2d-9a18-d0c4e7b21f55'
const CLIENT = '9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2'
const HINT = 'check ENTRA_TENANT_ID and ENTRA_AUTHORITY_HOST (option tenantId), or set ENTRA_AUTHORITY'

const hintIn = (environment, options = {}) => configure(options, environment).hints?.(HINT) ?? HINT

test('a variable that was read is named, and its siblings likewise', (t) => {
  t.is(
    hintIn({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT }),
    'check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST (option tenantId), or set ENTRA_AUTHORITY'
  )
})

test('hints stay as they are without variables of Azure', (t) => {
  t.is(hintIn({}, { tenantId: TENANT, clientId: CLIENT }), HINT)
  t.is(hintIn({ ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT }), HINT)
  // Set, but not in force.
  t.is(hintIn({ ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT, AZURE_TENANT_ID: TENANT }), HINT)
  t.is(hintIn({ AZURE_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT }, { tenantId: TENANT }), HINT)
})

test('what is not set is not named by Azure, where both kinds are read or the platform sets them for itself', (t) => {
  const mended = HINT.replace('ENTRA_TENANT_ID', 'AZURE_TENANT_ID')
  t.is(hintIn({ AZURE_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT }), mended)
  t.is(hintIn({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, IDENTITY_ENDPOINT: 'http://127.0.0.1' }), mended)
})

test('an option that cannot be used is told with the variable that it was read from', (t) => {
  const failure = (environment, options = {}) =>
    t.throws(() => verifier.compileCore(configure(options, environment)), { code: 'ERR_CONFIG' })
  const good = { ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT }
  for (const [variables, option, variable] of [
    [{ ...good, ENTRA_CLIENT_ID: 'your-client-id' }, 'clientId', 'ENTRA_CLIENT_ID'],
    [{ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: 'your-client-id' }, 'clientId', 'AZURE_CLIENT_ID'],
    [{ ...good, ENTRA_TENANT_ID: 'a_b' }, 'tenantId', 'ENTRA_TENANT_ID'],
    [{ ...good, ENTRA_AUDIENCE: ',' }, 'audience', 'ENTRA_AUDIENCE'],
    [{ ...good, ENTRA_AUTHORITY_HOST: 'ftp://login.example' }, 'authorityHost', 'ENTRA_AUTHORITY_HOST']
  ]) {
    const { message, hint } = failure(variables)
    t.true(message.startsWith(`option ${option}: from ${variable}: expected `), message)
    t.is(hint, `correct ${variable}; see docs/options.md`)
  }
  const own = failure(good, { clientId: 'your-client-id' })
  t.regex(own.message, /^option clientId: expected /)
  t.is(own.hint, 'correct the option clientId; see docs/options.md')
  // What is missing was read from nowhere.
  const missing = failure({ ENTRA_TENANT_ID: TENANT })
  t.regex(missing.message, /^option audience: (?!from)/)
  t.is(missing.hint, 'set ENTRA_CLIENT_ID (option clientId) or ENTRA_AUDIENCE (option audience); see docs/options.md')
  t.is(failure({}).hint, 'set ENTRA_TENANT_ID (option tenantId); see docs/options.md')
  t.is(failure({ AZURE_CLIENT_ID: CLIENT }).hint, 'set AZURE_TENANT_ID (option tenantId); see docs/options.md')
  t.is(failure({}, { authorities: [{ clientId: CLIENT }] }).hint, 'correct the option tenantId; see docs/options.md')
})

test('several tenants in a variable: the hint says what to set for one and for several', (t) => {
  const failure = (environment) =>
    t.throws(() => verifier.compileCore(configure({}, environment)), { code: 'ERR_CONFIG' })
  const good = { ENTRA_TENANT_ID: 'common', ENTRA_CLIENT_ID: CLIENT }
  t.regex(
    failure(good).hint,
    /^set ENTRA_TENANT_ID \(option tenantId\) to the id of .*option allowedTenants in the code/
  )
  t.regex(failure({ AZURE_TENANT_ID: 'common', AZURE_CLIENT_ID: CLIENT }).hint, /^set AZURE_TENANT_ID /)
  const { message, hint } = failure({ ...good, ENTRA_TENANT_ID: `${TENANT},${CLIENT}` })
  t.is(message, 'option tenantId: from ENTRA_TENANT_ID: expected one tenant, got 2 ids')
  t.regex(hint, /^set ENTRA_TENANT_ID \(option tenantId\) to organizations, and the option allowedTenants /)
})

test('a variable for an option that has none is in a warning, and in the hint if the option is missing', async (t) => {
  const compile = (environment, options = {}) => verifier.compileCore(configure(options, environment))
  const good = { ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT }
  const told = (name) => warningsAbout(`${name} is set`, 'ENTRA_JWT_VERIFY_VARIABLE')
  for (let time = 0; time < 2; time++) compile({ ...good, ENTRA_REQUIRED_ROLES: 'Task.Read' })
  t.deepEqual(await told('ENTRA_REQUIRED_ROLES'), [
    'ENTRA_REQUIRED_ROLES is set, but entra-jwt-verify does not read it: it restricts nothing. Set the option requiredRoles in the code ' +
      "(createCheckAuthToken({ requiredRoles: ['…'] })); if your own code reads this variable, ignore this."
  ])
  // The application reads it, or sets everything itself.
  compile({ ...good, ENTRA_REQUIRED_SCOPES: 'Task.Read' }, { requiredScopes: ['Task.Read'] })
  compile({ ENTRA_ALLOWED_CLIENTS: CLIENT }, { tenantId: TENANT, clientId: CLIENT })
  t.deepEqual(await told('ENTRA_REQUIRED_SCOPES'), [])
  t.deepEqual(await told('ENTRA_ALLOWED_CLIENTS'), [])

  const several = { ...good, ENTRA_TENANT_ID: 'organizations', ENTRA_ALLOWED_TENANTS: TENANT }
  const { message, hint } = t.throws(() => compile(several), { code: 'ERR_CONFIG' })
  t.regex(message, /^option allowedTenants: not set/)
  t.regex(
    hint,
    /^set the option allowedTenants in the code \(createCheckAuthToken\(\{ allowedTenants: \['…'\] \}\)\); ENTRA_ALLOWED_TENANTS is set/
  )
})

test('the audience of a service of Microsoft is in a warning that names the service, once', async (t) => {
  const compile = (options, environment = {}) => verifier.compileCore(configure(options, environment))
  const told = (mentioned) => warningsAbout(mentioned, 'ENTRA_JWT_VERIFY_AUDIENCE')
  const text = (name, service, right) =>
    `${name}: tokens for ${service} are accepted, so everyone who gets a token for that service could call this API. ` +
    `Set it to ${right} of this API.`
  const URI_OR_ID = 'the App ID URI or the client id'
  const options = { tenantId: TENANT, clientId: CLIENT }

  for (let time = 0; time < 2; time++) {
    compile({ ...options, audience: [CLIENT, 'https://management.azure.com/'], logger: false })
  }
  t.deepEqual(await told('Resource Manager'), [text('option audience', 'Azure Resource Manager', URI_OR_ID)])
  compile({ tenantId: TENANT, clientId: '00000003-0000-0000-c000-000000000000' })
  t.deepEqual(await told('Graph'), [text('option clientId', 'Microsoft Graph', 'the client id')])
  compile({}, { ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCE: `${CLIENT}, https://vault.azure.net` })
  t.deepEqual(await told('Key Vault'), [text('ENTRA_AUDIENCE', 'Azure Key Vault', URI_OR_ID)])
  compile({ authorities: [options, { tenantId: CLIENT, audience: 'https://storage.azure.com' }] })
  t.deepEqual(await told('Storage'), [text('option audience', 'Azure Storage', URI_OR_ID)])

  // The client id is not accepted where there is an audience; doctor reports it itself; another issuer may have such an audience.
  const sql = 'https://database.windows.net'
  compile({ ...options, audience: 'api://tasks', clientId: '022907d3-0f1b-48f7-badc-1ba6abab6d66' })
  verifier.compileCore({ ...configure({ ...options, audience: sql }, {}), isExamined: true })
  compile({ issuer: 'https://issuer.example/', jwksUri: 'https://issuer.example/keys', audience: sql })
  compile({ ...options, audience: ['api://tasks', 'https://api.contoso.example'] })
  t.deepEqual(await told('SQL'), [])
  t.is((await told('')).length, 4)
})
