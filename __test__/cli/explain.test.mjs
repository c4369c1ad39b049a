// npx entra-jwt-verify explain: where the token comes from, what is printed, how it ends.
import test from 'ava'
import { cli, environmentOf, temporaryFile } from '../helpers/cli.mjs'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { start } from '../helpers/start.mjs'

const TENANT = '8d1e6c2f-405b-4c1f-8b64-203070100b22'

async function setUp(t, settings) {
  const { authority, options } = await start(t, settings)
  const env = { ...environmentOf(authority), LC_ALL: 'C.UTF-8' }
  return { authority, options, env, explain: (args, more) => cli(['explain', ...args], { env, ...more }) }
}

test('the token is an argument, or comes from standard input with - or without', async (t) => {
  const { authority, explain } = await setUp(t)
  const token = authority.issueToken({ roles: ['a'] })
  for (const [args, input] of [
    [[token], ''],
    [['-'], token],
    [['-'], `${token}\n`],
    [[], `  ${token}\r\n`],
    [[], `Bearer ${token}\n`],
    [['--at', new Date().toISOString(), token], ''],
    [['Bearer', token], ''],
    [[`Authorization: Bearer ${token}`], ''],
    [[temporaryFile('answer.json', JSON.stringify({ access_token: token, token_type: 'Bearer' }))], ''],
    [[temporaryFile('powershell.txt', Buffer.from(`\ufeff${token}\r\n`, 'utf16le'))], ''],
    [[temporaryFile('swapped.txt', Buffer.from(`\ufeff${token}`, 'utf16le').swap16())], '']
  ]) {
    const { status, stdout, stderr } = await explain(args, { input })
    t.is(status, 0, stderr)
    t.regex(stdout, /^✓ valid\n/)
  }
})

test('of a valid token, what guards require is checked if a flag names it', async (t) => {
  const { authority, explain } = await setUp(t)
  const input = authority.issueToken({ roles: ['Task.Read'] })
  const plain = await explain(['-'], { input })
  t.regex(plain.stdout, /If a guard answers 403.*--required-role/s)
  const met = await explain(['--required-role', 'Task.Read', '-'], { input })
  t.regex(met.stdout, /^✓ valid\n/)
  t.notRegex(met.stdout, /guard/)
  const unmet = await explain(['--required-role', 'Task.Write', '-'], { input })
  t.is(unmet.status, 1)
  t.notRegex(unmet.stdout, /guard/)
})

test('where the token was found is said, and what would have spoiled it refuses the text', async (t) => {
  const { authority, explain } = await setUp(t)
  const token = authority.issueToken({ roles: ['a'] })
  const answer = JSON.stringify({ token_type: 'Bearer', expires_in: 1, access_token: token })
  const taken = await explain(['-'], { input: answer })
  t.regex(taken.stdout, /^✓ valid\n {2}from {4}access_token in the token endpoint's answer\n/)
  const file = temporaryFile('answer.json', answer)
  t.true((await explain([file])).stdout.replace(/\n +/g, '').includes(`from    the file ${file}`))
  const quoted = await explain(['-'], { input: `"${token}"` })
  t.is(quoted.status, 1)
  t.regex(
    quoted.stdout,
    /^✗ refused {2}ERR_TOKEN_MALFORMED: jwt malformed\n {2}it is {3}a token, but in quotes; the token itself is valid\n {2}do {6}send it as/
  )
  // What is wrong with the token itself comes first.
  const expired = await explain(['-'], { input: `"${authority.issueToken({ expiresIn: -60 })}"` })
  t.is(expired.status, 1)
  t.regex(expired.stdout, /^✗ refused {2}ERR_TOKEN_EXPIRED/)
  t.regex(expired.stdout, /\n! also {2}a token, but in quotes\n/)
  const { input } = JSON.parse((await explain(['--json', '-'], { input: `Authorization: Bearer "${token}"` })).stdout)
  t.deepEqual(input, { taken: ['the Authorization header of a request'], damage: ['in quotes'] })
})

test('a text that is no token is refused with what it is, whatever the configuration', async (t) => {
  const { env, explain } = await setUp(t)
  const input = JSON.stringify({ error: 'invalid_client', error_description: 'AADSTS7000222: expired' })
  for (const variables of [env, { LC_ALL: 'C.UTF-8' }]) {
    const { status, stdout } = await explain(['-'], { input, env: variables })
    t.is(status, 1)
    t.regex(stdout, /^✗ refused {2}ERR_TOKEN_MALFORMED.*\n {2}it is {3}an error of the token endpoint, AADSTS7000222/)
    t.regex(stdout, /\n {2}do {6}make a new one/)
    t.notRegex(stdout, /segment|not reached/)
  }
})

test('a refused token ends with 1 and says what was expected, what was found and what to do', async (t) => {
  const { authority, explain } = await setUp(t)
  const { status, stdout, stderr } = await explain(['-'], {
    input: authority.issueToken({ audience: 'api://another' })
  })
  t.is(status, 1)
  t.is(stderr, '')
  t.regex(
    stdout,
    /^✗ refused {2}ERR_TOKEN_AUDIENCE: jwt audience invalid\n {2}it is {3}an app-only token for another API, or for this one by a name that is not configured\n/
  )
  t.regex(stdout, /\n {2}found {3}api:\/\/another\n {2}wanted {2}any of .*\n {2}do {6}/)
  t.regex(
    stdout,
    /\n✗ audience {6}ERR_TOKEN_AUDIENCE: it looks like an app-only token for another API, or for this one\n +by a name that is not configured\n/
  )
  t.regex(stdout, /\n✓ 14 checks passed {2}form, header,/)
  t.notRegex(stdout, /✓ signature/)
  const all = await explain(['--all', '-'], { input: authority.issueToken({ audience: 'api://another' }) })
  t.regex(all.stdout, /\n✓ signature\n/)
  t.regex(all.stdout, /\n✓ algorithm {5}RS256\n/)
})

test('checks that are not reached say why', async (t) => {
  const { authority, explain } = await setUp(t)
  const { stdout } = await explain([authority.issueToken({ header: { kid: 'x' } })])
  t.regex(stdout, /\n· not reached: signature {2}there is no key to verify it with\n/)
})

test('what to do is said once, however many checks one mistake fails', async (t) => {
  const { authority, explain } = await setUp(t)
  const token = authority.issueToken({ audience: 'https://graph.microsoft.com', header: { nonce: 'n' } })
  const { stdout } = await explain([token])
  t.is(stdout.match(/^✗ (?!refused)\w+ +ERR_/gm).length, 2)
  t.is(stdout.match(/^ +do /gm).length, 1)
})

test('a token without a role is valid, with a warning', async (t) => {
  const { authority, explain } = await setUp(t)
  const { status, stdout } = await explain([authority.issueToken({ roles: [] })])
  t.is(status, 0)
  t.regex(stdout, /\n! warning {2}an app-only token without a role.*\n {2}do {6}.*requiredRoles/)
})

test('--json is the explanation of the API', async (t) => {
  const { authority, options, explain } = await setUp(t)
  const { createVerifier } = await import('entra-jwt-verify')
  for (const token of [authority.issueToken({ roles: ['a'] }), authority.issueToken({ expiresIn: -60 }), 'x']) {
    const at = new Date()
    const { status, stdout } = await explain(['--json', '--at', at.toISOString(), token])
    const explanation = await createVerifier(options).explain(token, { currentDate: at })
    const { variables, input, environment, findings, ...explained } = JSON.parse(stdout)
    const { findings: found, ...rest } = JSON.parse(JSON.stringify(explanation))
    t.deepEqual(
      { ...explained, checks: explained.checks.map(({ name, status }) => [name, status]) },
      {
        ...rest,
        checks: rest.checks.map(({ name, status }) => [name, status])
      }
    )
    if (token !== 'x') t.deepEqual(explained.checks, rest.checks)
    t.deepEqual([Object.keys(variables).length, input.taken, environment], [3, [], []])
    // Of a text that is no token, this program knows more.
    if (token === 'x') t.is(findings[0].name, 'no-token')
    else t.deepEqual(findings, found)
    t.is(status, explanation.verdict === 'valid' ? 0 : 1)
  }
})

test('nobody can tell without keys or configuration: 2', async (t) => {
  const { authority, env, explain } = await setUp(t)
  const token = authority.issueToken()
  for (const [variables, code] of [
    [{ ...env, AZURE_TENANT_ID: '' }, 'ERR_CONFIG'],
    [{ ...env, AZURE_TENANT_ID: 'contoso' }, 'ERR_CONFIG']
  ]) {
    const { status, stdout } = await cli(['explain', token], { env: variables })
    t.is(status, 2)
    t.regex(stdout, new RegExp(`^[!] cannot tell {2}${code}: .*tenantId`))
    const json = await cli(['explain', '--json', token], { env: variables })
    t.is(json.status, 2)
    const { verdict, code: told, hint, checks } = JSON.parse(json.stdout)
    t.deepEqual([verdict, told, typeof hint, checks], ['unknown', code, 'string', []])
  }
  await authority.stop()
  const { status, stdout } = await explain([token])
  t.is(status, 2)
  t.regex(stdout, /^! cannot tell {2}ERR_KEYS_UNAVAILABLE: .*refused.*\n {2}`npx entra-jwt-verify doctor`/s)
})

test('keys that cannot be fetched come before what else a token is, and whose it is before them', async (t) => {
  const { authority, explain } = await setUp(t)
  const vault = authority.issueToken({ audience: 'https://vault.azure.net' })
  const google = authority.issueToken({ claims: { iss: 'https://accounts.google.com' } })
  await authority.stop()
  const { status, stdout } = await explain([vault])
  t.is(status, 2)
  t.regex(stdout, /^! cannot tell {2}ERR_KEYS_UNAVAILABLE: .*\n {2}do {6}.*\n/)
  t.regex(
    stdout.replace(/\n +/g, ' '),
    /`npx entra-jwt-verify doctor`.*\n✗ audience +ERR_TOKEN_AUDIENCE: it looks like a token for Azure Key Vault, not for this API .* do +have the client/s
  )
  // Not again as a note.
  t.is(stdout.split('a token for Azure Key Vault').length, 2)
  t.notRegex(stdout, /^ {2}(?:it is|found|wanted)/m)
  const foreign = await explain([google])
  t.is(foreign.status, 2)
  t.regex(foreign.stdout, /^! cannot tell {2}ERR_KEYS_UNAVAILABLE: .*\n {2}it is {3}a token of Google/)
  t.notRegex(foreign.stdout, /entra-jwt-verify doctor/)
  // The check of the key keeps the reason of its own.
  const { checks } = JSON.parse((await explain(['--json', google])).stdout)
  t.notRegex(checks.find(({ name }) => name === 'key').hint, /get the token from/)
})

test('what was found and wanted is the issuer, where that says whose a token is', async (t) => {
  const { authority, explain } = await setUp(t)
  const token = authority.issueToken({ header: { kid: 'x' }, claims: { iss: 'https://contoso.eu.auth0.com/' } })
  const { stdout } = await explain([token])
  t.regex(stdout, /\n {2}it is {3}a token of Auth0.*\n {2}found {3}https:\/\/contoso\.eu\.auth0\.com\//)
  const unknown = authority.issueToken({ claims: { iss: 'https://login.contoso.example/' } })
  const { stdout: said } = await explain([unknown])
  t.regex(said, /\n✗ issuer +ERR_TOKEN_ISSUER: it looks like a token of another issuer,\s+https:\/\/login\.contoso/)
})

test('a text that is no token has no checks of a token, however many dots it has', async (t) => {
  const { explain } = await setUp(t)
  for (const text of [
    'System.Security.SecureString',
    '{"error":"invalid_grant","error_description":"AADSTS70008: a.b"}'
  ]) {
    const { status, stdout } = await explain(['-'], { input: text })
    t.is(status, 1)
    t.notRegex(stdout, /wanted|✗ header|check passed/)
    const { checks } = JSON.parse((await explain(['--json', '-'], { input: text })).stdout)
    t.deepEqual(
      [checks[0].status, new Set(checks.slice(1).map((each) => each.status))],
      ['failed', new Set(['not-reached'])]
    )
  }
})

test('wrong usage ends with 2, and repeats no token', async (t) => {
  const { authority, explain } = await setUp(t)
  const token = authority.issueToken()
  const file = temporaryFile('keys.json', 'not JSON')
  for (const [args, mention] of [
    [['--nope', token], /--nope/],
    [['--tenant-id'], /tenant-id/],
    [[token, token], /expected one token/],
    [['--at', 'tomorrow', token], /--at/],
    [['--jwks', file, token], /not JSON/],
    [['--jwks', `${file}.missing`, token], /ENOENT/],
    [['--ca', `${file}.missing`, token], /ENOENT/],
    [['missing.json'], /missing\.json cannot be read: ENOENT/],
    [[], /no token on standard input/],
    [['-'], /no token on standard input/]
  ]) {
    const { status, stdout, stderr } = await explain(args)
    t.is(status, 2, args[0])
    t.is(stdout, '')
    t.regex(stderr, mention)
    t.regex(stderr, /--help/)
    t.false(stderr.includes(token.split('.')[1]))
  }
  const { status } = await explain(['-'], { input: 'x'.repeat(17_000_000) })
  t.is(status, 2)
})

test('neither the token nor a part of it is printed', async (t) => {
  const { authority, explain } = await setUp(t)
  for (const overrides of [{}, { expiresIn: -1 }, { header: { kid: 'x' } }, { audience: 'x', delegated: true }]) {
    const token = authority.issueToken(overrides)
    for (const args of [[], ['--json']]) {
      const { stdout, stderr } = await explain([...args, token])
      for (const segment of token.split('.')) t.false((stdout + stderr).includes(segment))
    }
  }
})

test('flags set options, and win over the environment', async (t) => {
  const { authority, env, explain } = await setUp(t, { otherTenants: [TENANT] })
  const jwks = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).text()
  const issue = (overrides) => authority.issueToken({ roles: ['a'], ...overrides })
  const other = issue({ tenantId: TENANT })
  const app = issue({ audience: 'api://b' })
  for (const [args, token, code] of [
    [[], app, 'ERR_TOKEN_AUDIENCE'],
    [['--audience', 'api://a', '--audience', 'api://b'], app, undefined],
    [[], other, 'ERR_TOKEN_TENANT'],
    [['--tenant-id', TENANT], other, undefined],
    [['--allowed-tenant', authority.tenantId, '--allowed-tenant', TENANT], other, undefined],
    [['--tenant-id', 'common', '--allowed-tenant', '*'], other, undefined],
    [['--issuer', `https://sts.windows.net/${authority.tenantId}/`], issue({ version: 2 }), 'ERR_TOKEN_ISSUER'],
    [['--client-id', TENANT], issue({}), 'ERR_TOKEN_AUDIENCE'],
    [['--allowed-client', TENANT], issue({}), 'ERR_TOKEN_POLICY'],
    [['--allowed-client', TENANT, '--allowed-client', authority.client.clientId], issue({}), undefined],
    [['--required-role', 'b'], issue({}), 'ERR_TOKEN_POLICY'],
    [['--required-role', 'b', '--required-role', 'a'], issue({}), undefined],
    [['--required-scope', 'a'], issue({}), 'ERR_TOKEN_POLICY'],
    [['--clock-tolerance', '300'], issue({ expiresIn: -30 }), undefined],
    [['--clock-tolerance', 'much'], issue({}), 'ERR_CONFIG'],
    [['--algorithm', 'RS512'], issue({}), 'ERR_TOKEN_ALGORITHM'],
    [['--algorithm', 'RS512', '--algorithm', 'RS256'], issue({}), undefined],
    [['--max-token-length', '300'], issue({}), 'ERR_TOKEN_MALFORMED'],
    [['--at', '2020-01-01'], issue({}), 'ERR_TOKEN_NOT_ACTIVE'],
    [['--at', '1577836800'], issue({}), 'ERR_TOKEN_NOT_ACTIVE'],
    [['--authority-host', 'http://127.0.0.1:1'], issue({}), 'ERR_KEYS_UNAVAILABLE'],
    [['--authority-host', 'http://127.0.0.1:1', '--jwks', temporaryFile('keys.json', jwks)], issue({}), undefined],
    [['--jwks-uri', 'http://127.0.0.1:1/keys'], issue({}), 'ERR_KEYS_UNAVAILABLE'],
    [['--authority', authority.url, '--audience', 'a'], issue({}), 'ERR_KEYS_UNAVAILABLE'],
    [['--timeout', '0'], issue({}), 'ERR_CONFIG'],
    [['--proxy', 'nothing'], issue({}), 'ERR_CONFIG']
  ]) {
    const { stdout, stderr } = await explain(['--json', ...args, token], { env })
    t.is(JSON.parse(stdout || '{}').code, code, `${args.join(' ')} ${stderr}`)
  }
})

test('over HTTPS --ca makes the authority trusted, as NODE_EXTRA_CA_CERTS does', async (t) => {
  const { authority, env, explain } = await setUp(t, { tls: true })
  const token = authority.issueToken()
  const ca = temporaryFile('ca.pem', authority.ca)
  t.is((await explain([token])).status, 2)
  t.is((await explain(['--ca', ca, token])).status, 0)
  t.is((await explain([token], { env: { ...env, NODE_EXTRA_CA_CERTS: ca } })).status, 0)
})

test('a proxy from the environment is used, unless --no-proxy says otherwise', async (t) => {
  const { authority, env, explain } = await setUp(t, { tls: true })
  const ca = temporaryFile('ca.pem', authority.ca)
  const variables = { ...env, HTTPS_PROXY: 'http://user:hunter2@127.0.0.1:1' }
  const { status, stdout } = await explain(['--ca', ca, authority.issueToken()], { env: variables })
  t.is(status, 2)
  t.notRegex(stdout, /hunter2/)
  t.is((await explain(['--no-proxy', '--ca', ca, authority.issueToken()], { env: variables })).status, 0)
})

test('a pipe gets plain text, FORCE_COLOR colours it and NO_COLOR does not', async (t) => {
  const { env, explain } = await setUp(t)
  const isColoured = async (variables) =>
    (await explain(['x'], { env: { ...env, ...variables } })).stdout.includes('\x1b[')
  t.false(await isColoured({}))
  t.true(await isColoured({ FORCE_COLOR: '1' }))
  t.false(await isColoured({ FORCE_COLOR: '0' }))
  t.false(await isColoured({ NO_COLOR: '1' }))
})

test('--help and --version answer, anything else is told what there is', async (t) => {
  const help = await cli(['explain', '--help'])
  t.is(help.status, 0)
  for (const flag of ['--tenant-id', '--audience', '--at', '--json', 'Exit status']) t.true(help.stdout.includes(flag))
  t.is((await cli(['--help'])).status, 0)
  t.regex((await cli(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  for (const args of [[], ['nothing'], ['constructor']]) {
    const { status, stdout, stderr } = await cli(args)
    t.deepEqual([status, stdout], [2, ''])
    t.regex(stderr, /explain <token/)
  }
})

test('explain says which variables configure it, where a token is refused', async (t) => {
  const { authority, env: all } = await setUp(t)
  const { AZURE_CLIENT_ID, ...env } = all
  const named = { ...env, ENTRA_CLIENT_ID: AZURE_CLIENT_ID, AZURE_CLIENT_ID: authority.tenantId }
  const run = (token, ...args) => cli(['explain', ...args, '-'], { env: named, input: token })
  const refused = await run(authority.issueToken({ expiresIn: -1 }))
  t.regex(refused.stdout, /Configured by .*AZURE_TENANT_ID.*ENTRA_CLIENT_ID/)
  t.notRegex((await run(authority.issueToken())).stdout, /Configured by/)
  const { variables } = JSON.parse((await run(authority.issueToken(), '--json')).stdout)
  t.like(variables, { tenantId: 'AZURE_TENANT_ID', clientId: 'ENTRA_CLIENT_ID' })
  const platform = { ...env, AZURE_CLIENT_ID, IDENTITY_ENDPOINT: 'http://127.0.0.1' }
  const warned = await cli(['explain', '-'], { env: platform, input: authority.issueToken() })
  t.regex(
    warned.stdout.replace(/\s+/g, ' '),
    /! warning AZURE_CLIENT_ID is the accepted audience, but IDENTITY_ENDPOINT/
  )
})

test('without a configuration it says what the token says of itself, and which variables accept it', async (t) => {
  const { authority } = await setUp(t)
  const { tenantId, api, client } = authority
  const run = async (overrides, ...args) => {
    const { status, stdout } = await cli(['explain', ...args, '-'], {
      env: { LC_ALL: 'C.UTF-8' },
      input: authority.issueToken(overrides)
    })
    t.is(status, 2)
    return stdout
  }
  const ours = await run({ roles: ['a'] })
  t.regex(
    ours,
    new RegExp(`\\n {2}whose {3}https://sts\\.windows\\.net/${tenantId}/\\n {2}for {5}api://${api.clientId}\\n`)
  )
  t.regex(ours, new RegExp(`\\n {2}client {2}${client.clientId}, for itself\\n {2}until {3}20.* \\(in \\d+ min\\)\\n`))
  t.regex(ours, new RegExp(`\\n {2}set {5}ENTRA_TENANT_ID=${tenantId}\\n {2}set {5}ENTRA_CLIENT_ID=${api.clientId}\\n`))
  t.notRegex(ours, /correct the option/)
  const custom = await run({ audience: 'https://tasks.example' })
  t.regex(custom, /\n {2}set {5}ENTRA_AUDIENCE=https:\/\/tasks\.example\n/)
  const { claimed } = JSON.parse(await run({ delegated: true, scopes: ['a'] }, '--json'))
  t.like(claimed, { tenant: tenantId, isAppOnly: false, variables: { ENTRA_CLIENT_ID: api.clientId } })
  // What is for a service of Microsoft's, for nobody's API, of another issuer or signed with a shared secret, is not to be accepted.
  for (const overrides of [
    { audience: 'https://graph.microsoft.com', header: { nonce: 'x' } },
    { audience: 'https://management.azure.com/' },
    { idToken: true },
    { claims: { iss: 'https://auth.example/', tid: undefined } },
    { claims: { iss: `http://login.microsoftonline.com/${tenantId}/v2.0` } },
    { header: { alg: 'HS256' } }
  ]) {
    const told = await run(overrides)
    t.notRegex(told, / set {5}/, JSON.stringify(overrides))
    t.regex(told, / whose /)
  }
})

test('of several authorities it says which one judged the token', async (t) => {
  const { authority } = await start(t)
  const foreign = await startForeignAuthority(t)
  const entries = [
    { tenantId: authority.tenantId, authorityHost: authority.url, clientId: authority.api.clientId },
    { authority: foreign.url, audience: AUDIENCE }
  ]
  const args = ['--authorities', temporaryFile('authorities.json', JSON.stringify(entries))]
  const { status, stdout } = await cli(['explain', ...args, '-'], { input: await foreign.issueToken() })
  t.is(status, 0)
  t.true(stdout.includes(`by      ${foreign.url}`), stdout)
})
