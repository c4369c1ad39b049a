// npx entra-jwt-verify doctor: what it looks at, what it finds, how it ends.
import test from 'ava'
import { createServerCertificate } from 'entra-jwt-verify/testing'
import { selfSigned } from '../helpers/certificates.mjs'
import { cli, environmentOf, temporaryFile } from '../helpers/cli.mjs'
import { startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { startOtherClock } from '../helpers/other-clock.mjs'
import { start } from '../helpers/start.mjs'

const ESCAPE = '\u001b'
const TENANT = '8d1e6c2f-405b-4c1f-8b64-203070100b22'

/** Runs it, and tells the statuses by name; several steps of one name are one list. */
async function examine(env, args = []) {
  const { status, stdout, stderr } = await cli(['doctor', '--json', ...args], { env })
  const { healthy, steps } = JSON.parse(stdout)
  const of = (name) => steps.filter((step) => step.name === name)
  const statuses = Object.fromEntries(
    [...new Set(steps.map(({ name }) => name))].map((name) => [
      name,
      of(name)
        .map((step) => step.status)
        .join(' ')
    ])
  )
  return { status, stderr, healthy, statuses, step: (name) => of(name).at(-1), text: stdout }
}

async function setUp(t, settings) {
  const { authority } = await start(t, settings)
  return { authority, env: environmentOf(authority) }
}

test('all checks pass over HTTP: there is no name and no TLS to look at', async (t) => {
  const { authority, env } = await setUp(t)
  const { status, healthy, statuses, step } = await examine(env)
  t.deepEqual([status, healthy], [0, true])
  t.deepEqual(statuses, {
    environment: 'passed',
    configuration: 'passed',
    dns: 'skipped',
    proxy: 'skipped',
    tls: 'skipped',
    metadata: 'passed',
    clock: 'passed',
    'key-set': 'passed',
    keys: 'passed'
  })
  t.regex(step('environment').message, new RegExp(`AZURE_TENANT_ID=${authority.tenantId}`))
  t.regex(step('metadata').message, new RegExp(`${authority.url}/${authority.tenantId}/v2.0`))
  t.regex(step('key-set').message, /2 keys can be used, 0 are skipped/)
  t.regex(step('keys').message, /2 keys, fetched \d+ s ago/)
})

test('all checks pass over HTTPS, with the CA as a flag or in the environment', async (t) => {
  const { authority, env } = await setUp(t, { tls: true })
  const ca = temporaryFile('ca.pem', authority.ca)
  for (const { statuses, step, status } of [
    await examine(env, ['--ca', ca]),
    await examine({ ...env, NODE_EXTRA_CA_CERTS: ca })
  ]) {
    t.is(status, 0)
    t.is(statuses.tls, 'passed')
    t.regex(step('tls').message, /TLSv1\.3, certificate of entra-jwt-verify throw-away test CA.* until 2/)
  }
})

test('the name is looked up', async (t) => {
  const { authority, env } = await setUp(t)
  const named = { ...env, AZURE_AUTHORITY_HOST: authority.url.replace('127.0.0.1', 'localhost') }
  const { step } = await examine(named)
  t.regex(step('dns').message, /^localhost is .*(?:127\.0\.0\.1|::1)/)
  const { status, statuses, step: other } = await examine({ ...env, AZURE_AUTHORITY_HOST: 'https://login.invalid' })
  t.is(status, 1)
  t.deepEqual(
    [statuses.dns, statuses.tls, statuses.metadata, statuses.keys],
    ['failed', undefined, 'skipped', 'failed']
  )
  t.regex(other('dns').message, /login\.invalid cannot be resolved/)
  t.regex(other('dns').hint, /check the spelling of AZURE_AUTHORITY_HOST/)
})

test('for people it is a line for each step, and the root cause at the end with what follows from it', async (t) => {
  const { authority, env } = await setUp(t)
  const utf8 = { ...env, LC_ALL: 'C.UTF-8' }
  const well = await cli(['doctor'], { env: utf8 })
  t.is(well.status, 0)
  t.regex(well.stdout, /^✓ environment {4}AZURE_/)
  t.regex(well.stdout, /\n\n✓ all checks passed\n$/)
  await authority.stop()
  const wrong = await cli(['doctor'], { env: utf8 })
  t.is(wrong.status, 1)
  t.regex(
    wrong.stdout,
    /\n✗ metadata {7}.*\n\n✗ some checks failed; the root cause: metadata\n {2}it is .*ECONNREFUSED\n {2}do .*nothing listens.*\n {2}key-set and keys follow only from that\.\n$/s
  )
  t.false(wrong.stdout.includes(ESCAPE))
  const coloured = await cli(['doctor'], { env: { ...utf8, FORCE_COLOR: '1' } })
  t.true(coloured.stdout.includes(`${ESCAPE}[31m✗ metadata`))
  const ascii = await cli(['doctor'], { env: { ...env, LC_ALL: 'C' } })
  t.regex(ascii.stdout, /\nx some checks failed/)
  t.notRegex(ascii.stdout, /[^\n -~]/)
})

test('an authority that is down is told, with what to do', async (t) => {
  const { authority, env } = await setUp(t)
  await authority.stop()
  const { status, statuses, step } = await examine(env)
  t.is(status, 1)
  t.deepEqual(
    [statuses.metadata, statuses.clock, statuses['key-set'], statuses.keys],
    ['failed', 'skipped', 'failed', 'failed']
  )
  t.regex(step('metadata').message, /ECONNREFUSED/)
  t.regex(step('keys').message, /signing keys unavailable: .*refused/)
  const https = await examine({ ...env, AZURE_AUTHORITY_HOST: authority.url.replace('http:', 'https:') })
  t.regex(https.step('tls').message, /cannot be reached: ECONNREFUSED/)
  t.regex(https.step('tls').hint, /firewall/)
})

test('an authority that does not answer is not waited for', async (t) => {
  const { authority, env } = await setUp(t)
  authority.fail('hang')
  const { status, step } = await examine(env, ['--timeout', '0.5'])
  t.is(status, 1)
  for (const name of ['metadata', 'key-set', 'keys']) t.regex(step(name).message, /no answer within 0\.5 s/)
})

test('answers that are no documents are told', async (t) => {
  const { authority, env } = await setUp(t)
  for (const [kind, metadata, keySet] of [
    ['html', /the answer is an HTML page \("Sign in/, /the answer is an HTML page/],
    ['no-keys', /./, /none of the 0 keys/],
    ['oversized', /larger than/, /larger than/],
    [503, /answered 503/, /answered 503/],
    [302, /answered 302/, /answered 302/],
    ['cut-body', /./, /ECONNRESET|aborted/]
  ]) {
    authority.fail(kind)
    const { status, step } = await examine(env)
    t.is(status, 1, String(kind))
    t.regex(step('metadata').message, metadata)
    t.regex(step('key-set').message, keySet)
    t.is(step('keys').status, 'failed')
  }
})

test('a certificate that is not trusted is told, with who signed it', async (t) => {
  const { env } = await setUp(t, { tls: true })
  const { status, statuses, step } = await examine(env)
  t.is(status, 1)
  t.deepEqual([statuses.tls, statuses.metadata, statuses.keys], ['failed', 'skipped', 'failed'])
  t.regex(step('tls').message, /certificate of entra-jwt-verify throw-away test CA/)
  t.regex(step('tls').hint, /NODE_EXTRA_CA_CERTS/)
})

test('NODE_TLS_REJECT_UNAUTHORIZED does not make it trusted, and is warned of', async (t) => {
  const { env } = await setUp(t, { tls: true })
  const { status, statuses, step } = await examine({ ...env, NODE_TLS_REJECT_UNAUTHORIZED: '0' })
  t.is(status, 1)
  t.deepEqual([statuses.environment, statuses.tls], ['warning', 'failed'])
  t.regex(step('environment').message, /NODE_TLS_REJECT_UNAUTHORIZED/)
})

test('a certificate that is expired, or for another host, is told as such', async (t) => {
  const hours = (n) => new Date(Date.now() + n * 3_600_000)
  for (const [settings, hint] of [
    [{ notBefore: hours(-2), notAfter: hours(-1) }, /clock.*renew/],
    [{ notBefore: hours(1), notAfter: hours(2) }, /clock/],
    [{ names: ['login.example'] }, /another host/]
  ]) {
    const tls = await createServerCertificate(settings)
    const { env } = await setUp(t, { tls })
    const { status, step } = await examine(env, ['--ca', temporaryFile('ca.pem', tls.ca)])
    t.is(status, 1)
    t.regex(step('tls').hint, hint)
  }
})

test('a tenant that does not exist is what Entra says it is', async (t) => {
  const { env } = await setUp(t)
  const { status, step } = await examine({ ...env, AZURE_TENANT_ID: TENANT })
  t.is(status, 1)
  t.regex(step('metadata').message, /answered 400 AADSTS90002: there is no such tenant/)
  t.regex(step('metadata').hint, /check AZURE_TENANT_ID/)
})

test('a clock that differs is told, and the age of a cached answer is no difference', async (t) => {
  const { authority, env } = await setUp(t)
  for (const [settings, status, said] of [
    [{}, 'passed', /^this host's clock is \d/],
    [{ ahead: -30, age: 30 }, 'passed', /^this host's clock is \d/],
    [{ ahead: -30 }, 'warning', /(29|30|31) s ahead of/],
    [{ ahead: 600 }, 'failed', /(599|600|601) s behind/],
    [{ ahead: -600 }, 'failed', /(599|600|601) s ahead of/]
  ]) {
    const url = await startOtherClock(t, authority, settings)
    const { step, status: exit } = await examine({ ...env, AZURE_AUTHORITY_HOST: url })
    t.is(step('clock').status, status)
    t.regex(step('clock').message, said)
    t.is(exit, status === 'failed' ? 1 : 0)
  }
})

test('metadata of another issuer is not what the configuration expects', async (t) => {
  const { authority, env } = await setUp(t)
  const change = (document) => document.replace(/"issuer":"[^"]*"/, '"issuer":"https://attacker.example/\\u001b[2J"')
  const url = await startOtherClock(t, authority, { change })
  const { status, step } = await examine({ ...env, AZURE_AUTHORITY_HOST: url })
  t.is(status, 1)
  t.regex(step('metadata').message, /got https:\/\/attacker\.example/)
})

test('what a server says cannot act on a terminal, nor read otherwise than it is, also as JSON', async (t) => {
  const { authority, env } = await setUp(t)
  const evil = JSON.stringify(
    'https://attacker.example/\u001b[2J\u009b31m\u202e\u2066\u200b\u0085\u0000\u2028\u2029\ud800'
  )
  const change = (document) => document.replace(/"issuer":"[^"]*"/, `"issuer":${evil}`)
  const url = await startOtherClock(t, authority, { change })
  for (const args of [[], ['--json']]) {
    const { stdout } = await cli(['doctor', ...args], { env: { ...env, AZURE_AUTHORITY_HOST: url } })
    t.regex(stdout, /attacker\.example/)
    t.notRegex(stdout.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
    t.notRegex(stdout, /\\u/)
  }
})

test('a password in a host that is malformed is shown nowhere', async (t) => {
  const { env } = await setUp(t)
  for (const host of ['https://u:hunter2@login.example', 'https://u:hunt/er2@login.example', 'https://u:hunter2']) {
    for (const args of [[], ['--json']]) {
      const { status, stdout, stderr } = await cli(['doctor', ...args], { env: { ...env, AZURE_AUTHORITY_HOST: host } })
      t.is(status, 1)
      t.notRegex(stdout + stderr, /hunter2|hunt\/er2/)
    }
  }
})

test('metadata is held to the rules of the core: its jwks_uri, and for whom it speaks', async (t) => {
  const authority = await startForeignAuthority(t)
  const elsewhere = await startForeignAuthority(t)
  const args = ['--authority', authority.url, '--audience', 'https://api.example']
  for (const [change, said] of [
    [{ jwks_uri: elsewhere.jwksUri.replace('127.0.0.1', '0.0.0.0') }, /jwks_uri is not an https URL/],
    [{ jwks_uri: elsewhere.jwksUri.replace('127.0.0.1', '[::ffff:127.0.0.1]') }, /jwks_uri is not an https URL/],
    [{ jwks_uri: 'http://login.example/keys' }, /jwks_uri is not an https URL/],
    [{ issuer: 'https://attacker.example' }, /issuer is not the authority's/],
    [{ issuer: `${authority.url}/{tenantid}` }, /issuer is not the authority's/]
  ]) {
    authority.metadata = { issuer: authority.url, jwks_uri: elsewhere.jwksUri, ...change }
    const { status, statuses, step } = await examine({}, args)
    t.is(status, 1)
    t.is(statuses.metadata, 'failed')
    t.regex(step('metadata').message, said)
    // Nobody goes where the core would not go.
    t.is(statuses['key-set'], undefined)
    t.deepEqual(elsewhere.requests, [])
    t.regex(step('keys').message, said)
  }
  authority.metadata = { issuer: authority.url, jwks_uri: elsewhere.jwksUri }
  t.is((await examine({}, args)).status, 0)
})

test('a certificate that Node accepts and the core does not fails, with the reason', async (t) => {
  const { key, cert } = await selfSigned({ names: [], commonName: 'localhost', isAuthority: false })
  const { authority, env } = await setUp(t, { tls: { key, cert, ca: cert } })
  const url = authority.url.replace('127.0.0.1', 'localhost')
  const more = ['--ca', temporaryFile('ca.pem', cert), '--no-proxy']
  const { statuses, step } = await examine({ ...env, AZURE_AUTHORITY_HOST: url }, more)
  t.is(statuses.tls, 'failed')
  t.regex(step('tls').message, /names no host in its subjectAltName/)
  t.regex(step('keys').message, /names no host in its subjectAltName/)
})

test('where only one of the two key endpoints is there, it is the one that is read', async (t) => {
  const { authority, env } = await setUp(t)
  const change = (document, path) => (/\/discovery\/keys/.test(path) ? undefined : document)
  const url = await startOtherClock(t, authority, { change })
  const { status, statuses, step } = await examine({ ...env, AZURE_AUTHORITY_HOST: url })
  t.is(status, 0)
  t.is(statuses['key-set'], 'passed')
  t.regex(step('key-set').message, /\/discovery\/v2\.0\/keys: \d+ keys can be used/)
})

test('keys that are skipped are counted, with the reason', async (t) => {
  const { authority, env } = await setUp(t)
  await authority.addKey({ modulusLength: 1024 })
  const { status, step } = await examine(env)
  t.is(status, 0)
  t.is(step('key-set').status, 'warning')
  t.regex(step('key-set').message, /2 keys can be used, 1 are skipped: RSA of less than 2048 bits/)
})

test('several tenants have a key set for each version of tokens', async (t) => {
  const { env } = await setUp(t)
  const { status, statuses, step } = await examine({ ...env, AZURE_TENANT_ID: 'organizations' }, [
    '--allowed-tenant',
    '*'
  ])
  t.is(status, 0)
  t.is(statuses['key-set'], 'passed passed')
  t.regex(step('keys').message, /has 2 keys/)
})

test('a domain is resolved through the metadata', async (t) => {
  const { authority, env } = await setUp(t)
  const { status, step } = await examine({ ...env, AZURE_TENANT_ID: 'test-authority.example' })
  t.is(status, 0)
  t.regex(step('metadata').message, new RegExp(authority.tenantId))
})

test('another authority is asked where its keys are', async (t) => {
  const authority = await startForeignAuthority(t)
  const args = ['--authority', authority.url, '--audience', 'https://api.example']
  const { status, step } = await examine({}, args)
  t.is(status, 0)
  t.regex(step('key-set').message, /\/keys: 1 keys can be used/)
  authority.metadata = { ...authority.metadata, issuer: 'https://attacker.example' }
  const wrong = await examine({}, args)
  t.is(wrong.status, 1)
  t.regex(wrong.step('keys').message, /issuer is not the authority's/)
})

test('static keys are counted, and nothing is asked', async (t) => {
  const { authority, env } = await setUp(t)
  const jwks = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).text()
  const before = authority.requests.length
  const { status, statuses, step } = await examine(env, ['--jwks', temporaryFile('keys.json', jwks)])
  t.is(status, 0)
  t.deepEqual(statuses, { environment: 'passed', configuration: 'passed', network: 'skipped', keys: 'passed' })
  t.regex(step('keys').message, /2 keys can be used/)
  t.is(authority.requests.length, before)
})

test('keys from another URL need no metadata', async (t) => {
  const { authority, env } = await setUp(t)
  const { status, statuses } = await examine(env, [
    '--jwks-uri',
    `${authority.url}/${authority.tenantId}/discovery/keys`
  ])
  t.is(status, 0)
  t.is(statuses.metadata, 'skipped')
  t.is(authority.requestsTo('metadata').length, 0)
})

test('--help answers, wrong usage ends with 2', async (t) => {
  const help = await cli(['doctor', '--help'])
  t.is(help.status, 0)
  t.regex(help.stdout, /Exit status/)
  for (const args of [['argument'], ['--nope'], ['--at', '2020-01-01']]) {
    const { status, stdout, stderr } = await cli(['doctor', ...args])
    t.deepEqual([status, stdout], [2, ''])
    t.regex(stderr, /--help/)
  }
})

test('of several authorities each is examined by itself, and its steps name it', async (t) => {
  const { authority } = await start(t)
  const foreign = await startForeignAuthority(t)
  const { tenantId, url: authorityHost, api } = authority
  const entries = [
    { tenantId, authorityHost, clientId: api.clientId },
    { authority: foreign.url, audience: 'a' }
  ]
  const args = ['--authorities', temporaryFile('authorities.json', JSON.stringify(entries))]
  // Variables say nothing about authorities that are written out.
  const env = { ENTRA_TENANT_ID: TENANT }
  const good = await cli(['doctor', '--json', ...args], { env })
  const { healthy, steps } = JSON.parse(good.stdout)
  t.true(healthy, good.stdout)
  const names = [`${authorityHost}/${tenantId}/v2.0`, foreign.url]
  t.deepEqual([...new Set(steps.map((step) => step.authority))], [undefined, ...names])
  for (const name of names) {
    const keys = steps.find((step) => step.authority === name && step.name === 'keys')
    t.is(keys.status, 'passed', name)
  }
  foreign.status = 503
  const bad = await cli(['doctor', ...args], { env })
  t.is(bad.status, 1)
  const [, ofForeign] = bad.stdout.split(`\n${foreign.url}\n`)
  t.true(ofForeign.includes('503'), bad.stdout)
  t.false(bad.stdout.split(`\n${foreign.url}\n`)[0].includes('✗'), bad.stdout)
  const confused = [entries[0], entries[0]]
  const refused = await cli(['doctor', '--authorities', temporaryFile('same.json', JSON.stringify(confused))])
  t.is(refused.status, 1)
  t.true(refused.stdout.includes('authorities at 0 and 1'), refused.stdout)
})
