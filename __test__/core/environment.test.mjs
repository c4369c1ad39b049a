// The environment: which variable stands for an option, and what the platforms set for themselves.
import test from 'ava'
import options from '../../lib/core/options.js'
import environment from '../../lib/doctor/environment/index.js'

const { configure } = options
const [ONE, TWO] = ['7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11', '8d1e6c2f-405b-4c1f-8b64-203070100b22']
const core = (given, variables) => JSON.parse(configure(given, variables).core)

test('ENTRA_ wins over AZURE_, an option over both, and an empty variable is none', (t) => {
  for (const [given, variables, expected, read] of [
    [{}, { ENTRA_CLIENT_ID: ONE, AZURE_CLIENT_ID: TWO }, ONE, { clientId: 'ENTRA_CLIENT_ID' }],
    [{}, { ENTRA_CLIENT_ID: '', AZURE_CLIENT_ID: TWO }, TWO, { clientId: 'AZURE_CLIENT_ID' }],
    [{}, { entra_client_id: ONE, AZURE_CLIENT_ID: TWO }, ONE, { clientId: 'ENTRA_CLIENT_ID' }],
    [{ clientId: TWO }, { ENTRA_CLIENT_ID: ONE }, TWO, {}]
  ]) {
    const configuration = configure(given, variables)
    t.is(JSON.parse(configuration.core).clientId, expected)
    t.deepEqual(configuration.variables, read)
  }
})

test('ENTRA_AUTHORITY is a whole authority: what the platform says of tenant and host does not stand beside it', (t) => {
  const authority = `https://contoso.ciamlogin.com/${ONE}`
  const of = (given, variables) => {
    const { authority, tenantId, authorityHost } = core(given, { ENTRA_AUTHORITY: 'https://a.example', ...variables })
    return [authority, tenantId, authorityHost]
  }
  t.deepEqual(of({}, { ENTRA_AUTHORITY: authority, AZURE_TENANT_ID: TWO, AZURE_AUTHORITY_HOST: 'h' }), [
    authority,
    undefined,
    undefined
  ])
  t.deepEqual(of({ tenantId: ONE }), [undefined, ONE, undefined])
  // Two of ours contradict each other: the core says so.
  t.deepEqual(of({}, { ENTRA_TENANT_ID: TWO }), ['https://a.example', TWO, undefined])
})

test('where a platform has set AZURE_CLIENT_ID, it is told that this is not the API', (t) => {
  const platform = { AZURE_CLIENT_ID: ONE, AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/token' }
  const warning = (given, variables) => configure(given, variables).warning
  t.regex(warning({}, platform), /AZURE_CLIENT_ID.*AZURE_FEDERATED_TOKEN_FILE.*ENTRA_CLIENT_ID/s)
  t.regex(warning({}, { AZURE_CLIENT_ID: ONE, IDENTITY_ENDPOINT: 'http://x' }), /IDENTITY_ENDPOINT/)
  for (const [given, variables] of [
    [{}, { AZURE_CLIENT_ID: ONE }],
    [{}, { ...platform, ENTRA_CLIENT_ID: TWO }],
    [{}, { ...platform, AZURE_AUDIENCE: 'api://a' }],
    [{ clientId: ONE }, platform],
    [{ audience: ONE }, platform]
  ]) {
    t.is(warning(given, variables), undefined)
  }
  const steps = environment.examineEnvironment({}, { AZURE_TENANT_ID: TWO, ...platform })
  t.deepEqual(
    steps.map(({ status }) => status),
    // What else the platform's variables say.
    ['warning', 'passed']
  )
  t.regex(steps[0].message, /AZURE_FEDERATED_TOKEN_FILE/)
})

test('doctor shows the variable that was read', (t) => {
  const [step] = environment.examineEnvironment(
    {},
    { ENTRA_TENANT_ID: ONE, AZURE_TENANT_ID: TWO, AZURE_CLIENT_ID: TWO }
  )
  t.is(step.message, `ENTRA_TENANT_ID=${ONE}, AZURE_CLIENT_ID=${TWO}`)
})
