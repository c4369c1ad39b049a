// doctor: variables that were meant to configure the process and do not; the platform by its variables.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import environment from '../../lib/doctor/environment/index.js'
import names from '../../lib/doctor/environment/names.js'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const good = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT }

const steps = (variables, { options = {}, directory = '/nonexistent' } = {}) =>
  environment.examineEnvironment(options, variables, directory)

function folderWith(files) {
  const directory = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

test('a name that is nearly right is known by what it means', (t) => {
  for (const [name, option] of [
    ['AZURE_TENNANT_ID', 'tenantId'],
    ['AZURE_TENANT_D', 'tenantId'],
    ['AZRUE_TENANT_ID', 'tenantId'],
    ['AZURE_TENANTID', 'tenantId'],
    ['Azure_Tenant_Id', 'tenantId'],
    ['AZURE-TENANT-ID', 'tenantId'],
    ['TENANT_ID', 'tenantId'],
    ['AAD_TENANT', 'tenantId'],
    ['AzureAd__TenantId', 'tenantId'],
    ['AzureAd:TenantId', 'tenantId'],
    ['NEXT_PUBLIC_AZURE_AD_TENANT_ID', 'tenantId'],
    ['VITE_MSAL_TENANT_ID', 'tenantId'],
    ['SPRING_CLOUD_AZURE_ACTIVE_DIRECTORY_PROFILE_TENANT_ID', 'tenantId'],
    ['AZURE_DIRECTORY_ID', 'tenantId'],
    ['CLIENT_ID', 'clientId'],
    ['AZURE_AD_CLIENT_ID', 'clientId'],
    ['MICROSOFT_CLIENT_ID', 'clientId'],
    ['AZURE_APP_ID', 'clientId'],
    ['AAD_APPLICATION_ID', 'clientId'],
    ['ENTRA_AUDIANCE', 'audience'],
    ['AzureAd__Audience', 'audience'],
    ['AzureAd__Instance', 'authorityHost'],
    ['AZURE_AUTHORITY', 'authority'],
    ['AZURE_CLIENT_SECRET', undefined],
    ['AZURE_CLIENT_CERTIFICATE_PATH', undefined],
    ['AZURE_SUBSCRIPTION_ID', undefined],
    ['GOOGLE_CLIENT_ID', undefined],
    ['FACEBOOK_APP_ID', undefined],
    ['APP_ID', undefined],
    ['TENANT', undefined],
    ['AUDIENCE', undefined],
    ['HOME', undefined]
  ]) {
    t.is(names.optionMeant(name), option, name)
  }
})

test('what such a name sets counts only where nothing else sets the option, and where the value fits', (t) => {
  for (const [variables, status, message] of [
    [
      { TENANT_ID: TENANT, CLIENT_ID: CLIENT },
      'failed',
      /^TENANT_ID and CLIENT_ID are set, but nothing reads these names$/
    ],
    [{ AZURE_TENNANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT }, 'failed', /^AZURE_TENNANT_ID is set/],
    [{ ...good, AzureAd__Audience: 'api://tasks' }, 'warning', /^AzureAd__Audience is set/],
    [
      { AZURE_TENANT_ID: '', AZURE_AD_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT },
      'failed',
      /^AZURE_AD_TENANT_ID is set/
    ]
  ]) {
    const [step] = steps(variables)
    t.is(step.status, status, JSON.stringify(variables))
    t.regex(step.message, message)
    t.false(JSON.stringify(step).includes(TENANT), 'no value is shown')
  }
  for (const variables of [
    { ...good, TENANT_ID: CLIENT, CLIENT_ID: TENANT },
    { ...good, AzureAd__Audience: 'not an audience' },
    { ...good, azure_tenant_id: TENANT }
  ]) {
    t.deepEqual(
      steps(variables).map(({ status }) => status),
      ['passed'],
      JSON.stringify(variables)
    )
  }
  t.notRegex(JSON.stringify(steps({ CLIENT_ID: 'an-id-of-another-provider' })), /CLIENT_ID/)
  t.regex(steps({ TENANT_ID: TENANT })[0].hint, /rename it: TENANT_ID to ENTRA_TENANT_ID/)
})

test('a variable for an option that has none is a warning, because the application may read it itself', (t) => {
  const code = {
    requiredRoles: "requiredRoles: ['…']",
    requiredScopes: "requiredScopes: ['…']",
    allowedTenants: "allowedTenants: ['…']",
    allowedClients: "allowedClients: ['…']",
    issuer: "issuer: '…'",
    clockTolerance: 'clockTolerance: …'
  }
  for (const [variable, option] of [
    ['ENTRA_REQUIRED_ROLES', 'requiredRoles'],
    ['ENTRA_REQUIRED_ROLE', 'requiredRoles'],
    ['ENTRA_ROLES', 'requiredRoles'],
    ['AZURE_REQUIRED_SCOPES', 'requiredScopes'],
    ['ENTRA_REQUIRED_SCOPE', 'requiredScopes'],
    ['entra_allowed_clients', 'allowedClients'],
    ['ENTRA_ALLOWED_CLIENT', 'allowedClients'],
    ['ENTRA_ALLOWED_CLIENT_IDS', 'allowedClients'],
    ['ENTRA_ALLOWED_TENANT', 'allowedTenants'],
    ['ENTRA_ALLOWED_TENANT_IDS', 'allowedTenants'],
    ['ENTRA_ISSUER', 'issuer'],
    ['ENTRA_CLOCK_TOLERANCE', 'clockTolerance']
  ]) {
    const [step, ...more] = steps({ ...good, [variable]: 'value' })
    t.deepEqual(more, [])
    t.is(step.status, 'warning', variable)
    const effect = option === 'clockTolerance' ? '' : ': it restricts nothing'
    t.is(step.message, `${variable.toUpperCase()} is set, but entra-jwt-verify does not read it${effect}`)
    t.is(
      step.hint,
      `set the option ${option} in the code (createCheckAuthToken({ ${code[option]} })); if your own code reads this variable, ignore this`
    )
  }
  for (const [variables, options] of [
    [{ ...good, ENTRA_REQUIRED_ROLES: ' ', AZURE_LOGGER: 'of another program', ENTRA_SCOPES: 'of protectMcp' }, {}],
    [{ ...good, ENTRA_REQUIRED_ROLES: 'A' }, { requiredRoles: ['A'] }]
  ]) {
    t.deepEqual(
      steps(variables, { options }).map(({ status }) => status),
      ['passed']
    )
  }
})

test('a variable that is set and empty is told, unless something else sets the option', (t) => {
  for (const [variables, found] of [
    [{ AZURE_TENANT_ID: '', AZURE_CLIENT_ID: '' }, ['AZURE_TENANT_ID is empty', 'AZURE_CLIENT_ID is empty']],
    [{ ...good, AZURE_CLIENT_ID: ' ' }, ['AZURE_CLIENT_ID is empty']],
    [{ ...good, entra_audience: '' }, ['ENTRA_AUDIENCE is empty']]
  ]) {
    const told = steps(variables).filter(({ status }) => status !== 'passed')
    t.deepEqual(
      told.map(({ message }) => message),
      found
    )
    t.is(told[0].status, found[0].includes('AUDIENCE') ? 'warning' : 'failed')
  }
  for (const variables of [
    { ...good, ENTRA_TENANT_ID: '' },
    { ...good, AZURE_TENANT_ID: '', ENTRA_TENANT_ID: TENANT }
  ]) {
    t.deepEqual(
      steps(variables).map(({ status }) => status),
      ['passed']
    )
  }
})

test('a file with the missing variables that nothing loaded is named, without a value', (t) => {
  const directory = folderWith({
    '.env': `export AZURE_TENANT_ID=${TENANT}\nAZURE_CLIENT_ID = "${CLIENT}"\nCLIENT_SECRET=hunter2\n`,
    '.env.example': 'AZURE_TENANT_ID=\n',
    'local.settings.json': JSON.stringify({ Values: { AzureAd__ClientId: CLIENT } })
  })
  const [first, second, ...others] = steps({}, { directory }).filter(({ status }) => status === 'failed')
  t.is(first.message, '.env in this folder sets AZURE_TENANT_ID and AZURE_CLIENT_ID, and nothing has loaded it')
  t.regex(first.hint, /node --env-file=\.env/)
  t.is(second.message, 'local.settings.json in this folder sets AzureAd__ClientId, and nothing has loaded it')
  t.regex(second.hint, /func start/)
  t.deepEqual(others, [])
  t.notRegex(JSON.stringify([first, second]), /hunter2|7c0d5b1e|4f0c2d36|SECRET/)
  // Nothing is missing, so nothing is looked for.
  t.deepEqual(
    steps(good, { directory }).map(({ status }) => status),
    ['passed']
  )
})

test('what is no list of variables is none', (t) => {
  const directory = folderWith({ '.env': '\u0000\u0001 AZURE_TENANT_ID', 'local.settings.json': 'not JSON' })
  t.deepEqual(
    steps({}, { directory }).filter(({ status }) => status === 'failed'),
    []
  )
})

test('the platform is known by its variables', (t) => {
  for (const [variables, platform] of [
    [{ WEBSITE_SITE_NAME: 'tasks' }, /^Azure App Service \(WEBSITE_SITE_NAME\)$/],
    [
      { WEBSITE_SITE_NAME: 'tasks', FUNCTIONS_WORKER_RUNTIME: 'node' },
      /^Azure Functions \(FUNCTIONS_WORKER_RUNTIME\)$/
    ],
    [{ CONTAINER_APP_NAME: 'tasks', KUBERNETES_SERVICE_HOST: 'x' }, /^Azure Container Apps/],
    [{ AZURE_FEDERATED_TOKEN_FILE: '/x', KUBERNETES_SERVICE_HOST: 'x' }, /^Kubernetes with workload identity \(AKS\)/],
    [{ KUBERNETES_SERVICE_HOST: 'x' }, /^Kubernetes \(/],
    [{ WEBSITE_SITE_NAME: 'x', WEBSITE_AUTH_ENABLED: 'True' }, /Easy Auth\) is on/],
    [{ WEBSITE_STATICWEBAPP_RESOURCE_ID: '/x', WEBSITE_SITE_NAME: 'x' }, /^Azure Static Web Apps .*token of its own/]
  ]) {
    const step = steps({ ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: CLIENT, ...variables }).find(
      ({ name }) => name === 'platform'
    )
    t.regex(step.message, platform)
    t.is(step.status, /Static/.test(step.message) ? 'warning' : 'passed')
  }
  t.is(
    steps(good).find(({ name }) => name === 'platform'),
    undefined
  )
})
