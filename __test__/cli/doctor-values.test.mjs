// doctor: values in the environment that are probably mistakes, and values that are none.
import test from 'ava'
import environment from '../../lib/doctor/environment/index.js'
import { temporaryFile } from '../helpers/cli.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const good = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT }
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'

/** The form of a client secret, invented. */
const SECRET = 'Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB'

const steps = (variables, options = {}) => environment.examineEnvironment(options, variables, '/nonexistent')

const TENANT_IS = (value) => ({ AZURE_TENANT_ID: value })
const CLIENT_IS = (value) => ({ AZURE_CLIENT_ID: value })
const AUDIENCE_IS = (value) => ({ AZURE_AUDIENCE: value })
const HOST_IS = (value) => ({ AZURE_AUTHORITY_HOST: value })

for (const [variables, status, message, hint] of [
  // Quotes
  [TENANT_IS(`"${TENANT}"`), 'failed', /AZURE_TENANT_ID has quotes around its value/, /remove them/],
  [TENANT_IS(`\u201c${TENANT}\u201d`), 'failed', /has quotes/, /remove them/],
  [AUDIENCE_IS(`"api://${CLIENT}"`), 'failed', /AZURE_AUDIENCE has quotes around its value/, /remove them/],
  [AUDIENCE_IS(`api://x, "api://${CLIENT}"`), 'failed', /AZURE_AUDIENCE has quotes around an entry/, /remove them/],
  [AUDIENCE_IS(`["api://${CLIENT}"]`), 'failed', /AZURE_AUDIENCE is a JSON array/, /separated by commas/],
  // White space and what is not seen
  [CLIENT_IS(`${CLIENT}\r`), 'failed', /AZURE_CLIENT_ID begins or ends with white space/, /Windows/],
  [CLIENT_IS(`${CLIENT}\u200b`), 'failed', /AZURE_CLIENT_ID has an invisible character in it \(U\+200B\)/, /copy it/],
  [AUDIENCE_IS(`api://${CLIENT}\u200b`), 'failed', /AZURE_AUDIENCE has an invisible character/, /copy it/],
  [
    AUDIENCE_IS('api://a;api://b'),
    'failed',
    /has entries that are not separated by commas/,
    /set it to api:\/\/a,api:\/\/b$/
  ],
  [TENANT_IS(`${TENANT}\u00a0`), 'failed', /begins or ends with white space/, new RegExp(`set it to ${TENANT} \\(`)],
  [
    TENANT_IS(`\ufeff${TENANT}`),
    'failed',
    /an invisible character in it \(U\+FEFF\)/,
    new RegExp(`set it to ${TENANT}$`)
  ],
  [
    TENANT_IS(TENANT.replaceAll('-', '\u2011')),
    'failed',
    /in place of hyphens \(U\+2011\)/,
    new RegExp(`set it to ${TENANT}$`)
  ],
  [AUDIENCE_IS('api://a api://b'), 'failed', /not separated by commas/, /commas/],
  [TENANT_IS(`${TENANT} ${CLIENT}`), 'failed', /AZURE_TENANT_ID has white space in it/, /Directory \(tenant\) ID/],
  // Placeholders and references
  [TENANT_IS('<tenant id>'), 'failed', /AZURE_TENANT_ID is a placeholder/, /Directory/],
  [TENANT_IS('your-tenant-id'), 'failed', /is a placeholder/, /Directory/],
  [TENANT_IS('tenant-id'), 'failed', /is a placeholder/, /Directory/],
  [TENANT_IS('00000000-0000-0000-0000-000000000000'), 'failed', /is a placeholder/, /Directory/],
  [TENANT_IS('aaaabbbb-0000-cccc-1111-dddd2222eeee'), 'failed', /is a placeholder/, /Directory/],
  [AUDIENCE_IS('api://<client id>'), 'failed', /is a placeholder/, /App ID URI/],
  [AUDIENCE_IS('api://your-client-id'), 'failed', /is a placeholder/, /App ID URI/],
  [AUDIENCE_IS('api://$'.concat('{CLIENT_ID}')), 'failed', /is a reference.*\$\{CLIENT_ID\}/, /a shell/],
  [CLIENT_IS('xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'), 'failed', /is a placeholder/, /Application/],
  [CLIENT_IS('undefined'), 'failed', /is a placeholder/, /Application/],
  [
    TENANT_IS('$'.concat('{TENANT_ID}')),
    'failed',
    /is a reference that was not replaced by its value, \$\{TENANT_ID\}/,
    /a shell/
  ],
  [TENANT_IS('$(TENANT_ID)'), 'failed', /is a reference/, /Azure Pipelines/],
  [TENANT_IS('%TENANT_ID%'), 'failed', /is a reference/, /cmd\.exe/],
  [TENANT_IS('#{TenantId}#'), 'failed', /is a reference/, /deployment/],
  [
    CLIENT_IS('@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)'),
    'failed',
    /is a reference/,
    /Key Vault/
  ],
  // Something else than what belongs there
  [CLIENT_IS(TENANT.toUpperCase()), 'failed', /are the same/, /^set AZURE_TENANT_ID to .*portal shows both/],
  [
    AUDIENCE_IS(`api://${TENANT}`),
    'failed',
    /AZURE_AUDIENCE names the tenant/,
    /^set it to the App ID URI.*; or, if it does name the API, set AZURE_TENANT_ID to/
  ],
  [
    CLIENT_IS(`api://${CLIENT}`),
    'failed',
    /AZURE_CLIENT_ID is an App ID URI/,
    new RegExp(`set it to ${CLIENT}.*ENTRA_AUDIENCE`)
  ],
  [CLIENT_IS('api://tasks'), 'warning', /AZURE_CLIENT_ID is an App ID URI/, /ENTRA_AUDIENCE/],
  [
    TENANT_IS(`${TENANT},${CLIENT}`),
    'failed',
    /AZURE_TENANT_ID has several ids/,
    /^set it to organizations, and the option allowedTenants /
  ],
  ...['Task.Read', 'Files.ReadWrite.All', 'user_impersonation'].map((scope) => [
    AUDIENCE_IS(`a, api://${scope}.example/${scope}`),
    'warning',
    /AZURE_AUDIENCE has what looks like a scope in it, api:/,
    new RegExp(`set it to a,api://${scope}.example; unless`)
  ]),
  ...[
    [{ ENTRA_RESSOURCE: 'https://api.example/mcp' }, /ENTRA_RESSOURCE is set, but nothing/, /ENTRA_RESOURCE/],
    [{ ENTRA_SCOPE: 'Task.Read' }, /ENTRA_SCOPE is set, but nothing/, /rename it to ENTRA_SCOPES/]
  ].map(([variables, message, hint]) => [variables, 'warning', message, hint]),
  [
    { ENTRA_RESOURCE: 'http://api.example/mcp' },
    'failed',
    /ENTRA_RESOURCE is not an https URL/,
    /URL of the MCP server/
  ],
  [CLIENT_IS('tasks-api'), 'warning', /AZURE_CLIENT_ID is not a GUID/, /Application \(client\) ID/],
  [CLIENT_IS(`${CLIENT}0`), 'failed', /not a whole GUID: it has 33 digits/, /copy it again/],
  [CLIENT_IS(CLIENT.slice(1)), 'failed', /not a whole GUID: it has 31 digits/, /copy it again/],
  [CLIENT_IS(`{${CLIENT}}`), 'failed', /GUID in another form/, /without braces/],
  [TENANT_IS(TENANT.replaceAll('-', '')), 'failed', /is a GUID in another form/, /with hyphens/],
  [TENANT_IS(`api://${CLIENT}`), 'failed', /AZURE_TENANT_ID is an App ID URI, where an id belongs/, /Directory/],
  [
    TENANT_IS(`https://login.microsoftonline.com/${TENANT}/v2.0`),
    'failed',
    /is an address/,
    new RegExp(`set it to ${TENANT}.*ENTRA_AUTHORITY`)
  ],
  [TENANT_IS('bob@contoso.example'), 'failed', /is a user name/, /domain/],
  [
    AUDIENCE_IS('api://a, api://tasks/.default'),
    'failed',
    /AZURE_AUDIENCE has a scope/,
    /set it to api:\/\/a,api:\/\/tasks$/
  ],
  [TENANT_IS('contoso'), 'failed', /AZURE_TENANT_ID is neither an id nor a domain/, /contoso\.onmicrosoft\.com/],
  [
    TENANT_IS(`AZURE_TENANT_ID=${TENANT}`),
    'failed',
    /has its own name in its value/,
    new RegExp(`set it to ${TENANT}$`)
  ],
  [TENANT_IS(`tenantId: ${TENANT}`), 'failed', /has a name in its value/, new RegExp(`set it to ${TENANT}$`)],
  [TENANT_IS(`${TENANT};`), 'failed', /has more than an id in it/, new RegExp(`^set it to ${TENANT}$`)],
  [TENANT_IS('contoso.onmicrosoft.com/'), 'failed', /is an address/, /^set it to contoso\.onmicrosoft\.com;/],
  [TENANT_IS(`login.microsoftonline.com/${TENANT}`), 'failed', /is an address/, new RegExp(`^set it to ${TENANT}, if`)],
  [TENANT_IS(`${TENANT}  # production`), 'failed', /AZURE_TENANT_ID has a comment behind its value/, /docker/],
  [
    CLIENT_IS(Buffer.from(CLIENT).toString('base64')),
    'failed',
    /AZURE_CLIENT_ID is encoded with base64/,
    new RegExp(`^set it to ${CLIENT} .*stringData`)
  ],
  [
    AUDIENCE_IS(Buffer.from('api://tasks-of-contoso').toString('base64')),
    'failed',
    /encoded with base64/,
    /Kubernetes/
  ],
  // An audience that no token of this API has, or that tokens of others have
  [AUDIENCE_IS('*'), 'failed', /there is no wildcard/, /^set it to the App ID URI/],
  [AUDIENCE_IS(`api%3A%2F%2F${CLIENT}`), 'failed', /is URL-encoded/, new RegExp(`set it to api://${CLIENT}$`)],
  [AUDIENCE_IS(`api:/${CLIENT}`), 'failed', /without two slashes/, new RegExp(`set it to api://${CLIENT}$`)],
  [AUDIENCE_IS('https://management.azure.com/'), 'failed', /names Azure Resource Manager/, /^set it to the App ID URI/],
  [AUDIENCE_IS(`${CLIENT},00000003-0000-0000-c000-000000000000`), 'failed', /names Microsoft Graph/, /^set it to/],
  [CLIENT_IS('cfa8b339-82a2-471a-a3c9-0fc0be7a4093'), 'failed', /names Azure Key Vault/, /^set it to the Application/],
  // Hosts
  [
    HOST_IS('https:login.microsoftonline.com'),
    'failed',
    /has no scheme/,
    /such as https:\/\/login\.microsoftonline\.com$/
  ],
  [
    HOST_IS(`login.microsoftonline.com/${TENANT}/v2.0/.well-known/openid-configuration`),
    'failed',
    /has no scheme/,
    /such as https:\/\/login\.microsoftonline\.com$/
  ],
  [
    HOST_IS('https://login.microsoftonline.com?x=1'),
    'failed',
    /more than a host/,
    /^set it to https:\/\/login\.microsoftonline\.com$/
  ],
  [HOST_IS('AzurePublicCloud'), 'failed', /is no address/, /^set it to the origin of the cloud/],
  [HOST_IS(TENANT), 'failed', /is no address/, /belongs in ENTRA_TENANT_ID$/],
  [HOST_IS('https://contoso.onmicrosoft.com'), 'failed', /gives no tokens/, /unset it/],
  [HOST_IS('https://user:hunter2@login.microsoftonline.com'), 'failed', /looks like a secret/, /^set it to the origin/],
  [
    HOST_IS('login.microsoftonline.com'),
    'failed',
    /has no scheme/,
    /set it to an origin such as https:\/\/login\.microsoftonline\.com$/
  ],
  [
    HOST_IS(`https://login.microsoftonline.com/${TENANT}`),
    'failed',
    /has a path/,
    /set it to https:\/\/login\.microsoftonline\.com;/
  ],
  [
    HOST_IS('https://login.example/x/.well-known/openid-configuration'),
    'failed',
    /address of metadata/,
    /ENTRA_AUTHORITY/
  ],
  [HOST_IS('https://portal.azure.com'), 'failed', /portal\.azure\.com, which gives no tokens/, /unset it/],
  [HOST_IS('https://graph.microsoft.com'), 'failed', /gives no tokens/, /unset it/],
  [HOST_IS('http://login.microsoftonline.com'), 'failed', /begins with http:/, /set it to https:\/\/login/],
  // The way
  [{ HTTP_PROXY: 'http://proxy' }, 'warning', /HTTP_PROXY is set and HTTPS_PROXY is not/, /HTTPS_PROXY/],
  [{ all_proxy: 'http://proxy' }, 'warning', /ALL_PROXY is set and HTTPS_PROXY is not/, /HTTPS_PROXY/],
  [
    { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'https://a.example' },
    'warning',
    /NO_PROXY .* match no host: https:\/\/a\.example$/,
    /write domain/
  ],
  [
    { https_proxy: 'http://proxy', no_proxy: 'a;b, *c, u:p@d' },
    'warning',
    /match no host: a;b, \*c, \(not shown\)$/,
    /write/
  ],
  [{ NODE_EXTRA_CA_CERTS: '/nonexistent' }, 'failed', /NODE_EXTRA_CA_CERTS cannot be read/, /readable/],
  [{ NODE_EXTRA_CA_CERTS: temporaryFile('ca.der', '\x30\x82') }, 'failed', /has no certificate in PEM/, /openssl x509/],
  [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'warning', /NODE_TLS_REJECT_UNAUTHORIZED/, /unset it/]
]) {
  test(`a mistake: ${JSON.stringify(variables).slice(0, 100)}`, (t) => {
    const found = steps({ ...good, ...variables })
    t.is(found.length, 1, JSON.stringify(found))
    t.is(found[0].status, status)
    t.regex(found[0].message, message)
    t.regex(found[0].hint, hint)
  })
}

for (const variables of [
  {},
  AUDIENCE_IS(`api://${CLIENT},https://tasks.example`),
  AUDIENCE_IS(` api://${CLIENT} , ${CLIENT}\r\n`),
  AUDIENCE_IS(`api://${CLIENT}/tasks,https://tasks.example/v1.0`),
  { ENTRA_RESOURCE: 'https://api.example/mcp', ENTRA_SCOPES: 'Task.Read' },
  { entra_resource: 'http://localhost:3000/mcp', entra_scopes: 'Task.Read' },
  TENANT_IS('contoso.onmicrosoft.com'),
  TENANT_IS('organizations'),
  TENANT_IS('common'),
  HOST_IS('https://login.microsoftonline.us'),
  HOST_IS('http://127.0.0.1:8443'),
  HOST_IS('http://localhost:8443/'),
  { HTTP_PROXY: 'http://proxy', HTTPS_PROXY: 'http://proxy' },
  { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*.corp.example, keys.example:443 10.0.0.0/8' },
  { NO_PROXY: 'https://not.in.force' },
  { NODE_EXTRA_CA_CERTS: temporaryFile('ca.pem', CERTIFICATE) },
  { NODE_TLS_REJECT_UNAUTHORIZED: '1' }
]) {
  test(`no mistake: ${JSON.stringify(variables).slice(0, 100)}`, (t) => {
    t.deepEqual(
      steps({ ...good, ...variables }).map(({ status }) => status),
      ['passed']
    )
  })
}

test('an option that is given takes the variable out of force', (t) => {
  t.deepEqual(
    steps({ ...good, AZURE_TENANT_ID: '"x"' }, { tenantId: TENANT }).map(({ status }) => status),
    ['passed']
  )
})

test('a secret is never shown, wherever it stands', (t) => {
  for (const name of [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_AUDIENCE',
    'AZURE_AUTHORITY_HOST',
    'ENTRA_AUTHORITY'
  ]) {
    for (const value of [
      SECRET,
      'br+8R9XC+97p24aP8iSZaIgl16CKOxUjpcVlG41WXnM=',
      `eyJhbGciOiJSUzI1NiJ9.eyJ4IjoxfQ.${'aB1'.repeat(9)}`
    ]) {
      const found = steps({ ...good, [name]: value })
      const told = found.find(({ message }) => message.startsWith(`${name} holds what looks like`))
      t.regex(told.message, new RegExp(`\\(${value.slice(0, 3).replace('+', '\\+')}…, ${value.length} characters\\)`))
      t.is(told.status, 'failed')
      t.false(JSON.stringify(found).includes(value.slice(0, 8)), name)
    }
  }
  t.regex(steps({ ...good, AZURE_TENANT_ID: SECRET })[0].message, /looks like a client secret/)
})

test('an authority that is set twice is said to be, with what to unset', (t) => {
  const variables = { ...good, ENTRA_AUTHORITY: 'https://login.example/x', ENTRA_TENANT_ID: TENANT }
  const [{ status, message, hint }] = steps(variables)
  t.is(status, 'failed')
  t.regex(message, /ENTRA_AUTHORITY is set, and ENTRA_TENANT_ID too/)
  t.regex(hint, /^unset ENTRA_TENANT_ID/)
  // Those of Azure's yield to it.
  t.is(steps({ ...good, ENTRA_AUTHORITY: 'https://login.example/x' })[0].status, 'passed')
})

test('the address of an endpoint is no authority', (t) => {
  for (const path of ['oauth2/v2.0/token', 'oauth2/v2.0/authorize', 'discovery/v2.0/keys']) {
    const [{ message, hint }] = steps({ ENTRA_AUTHORITY: `https://login.microsoftonline.com/${TENANT}/${path}` })
    t.regex(message, /is the address of an endpoint/)
    t.is(hint, `set it to https://login.microsoftonline.com/${TENANT}/v2.0`)
  }
})
