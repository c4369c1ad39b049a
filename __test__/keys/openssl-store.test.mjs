// Where Node leaves trust to OpenSSL (--use-openssl-ca), the core trusts what https trusts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import roots from '../../lib/core/root-certificates.js'
import { apisOf, assertDiscreet, manyApis, optionsFor, runClient, runNode } from '../helpers/keys-setup.mjs'

const NOTHING = '/nonexistent'

let authority
let apis
let folder
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true, apps: manyApis(20) })
  apis = apisOf(authority)
  folder = await mkdtemp(join(tmpdir(), 'entra-jwt-verify-'))
  await writeFile(join(folder, 'ca.pem'), authority.ca)
})
test.after.always(async () => {
  await authority?.close()
  await rm(folder, { recursive: true })
})

function client(more) {
  const api = apis.pop()
  return {
    options: optionsFor(authority, { api, ca: undefined, ...more }),
    token: authority.issueToken({ audience: api.appIdUri })
  }
}

/** What https says in a process with these arguments: `verified`, or a code. */
async function https(env, nodeArguments) {
  const code = `require('node:https').get(${JSON.stringify(authority.url)}, (response) => {
    response.resume()
    console.log('verified')
  }).on('error', ({ code }) => console.log(code))`
  const { stdout } = await runNode([...nodeArguments, '-e', code], { env })
  return stdout.trim()
}

test('--use-openssl-ca: SSL_CERT_FILE is trusted, by flag and by NODE_OPTIONS; what only looks like the flag is not it', async (t) => {
  const store = { SSL_CERT_FILE: join(folder, 'ca.pem') }
  for (const [nodeArguments, NODE_OPTIONS, trusted] of [
    [['--use-openssl-ca'], '', true],
    [['--use_openssl_ca'], '', true],
    [[], '--use-openssl-ca', true],
    [[], '"--use-openssl-ca"', true],
    [[], '--title="a \\"b" --use-openssl-ca', true],
    [[], '--title="a --use-openssl-ca b"', false],
    [[], '--use-bundled-ca', false],
    [[], '', false]
  ]) {
    const env = { ...store, NODE_OPTIONS }
    const what = `${nodeArguments} ${NODE_OPTIONS}`
    t.is((await https(env, nodeArguments)) === 'verified', trusted, what)
    const { outcome } = await runClient(client(), { env, nodeArguments })
    t.is(outcome, trusted ? 'verified' : 'ERR_KEYS_UNAVAILABLE', what)
  }
})

test('--use-openssl-ca: SSL_CERT_DIR and NODE_EXTRA_CA_CERTS are trusted', async (t) => {
  // By the name under which OpenSSL would look for it; which hash that is, is for OpenSSL to know.
  const directory = await mkdtemp(join(folder, 'certs-'))
  await writeFile(join(directory, '0123abcd.0'), authority.ca)
  const nodeArguments = ['--use-openssl-ca']
  for (const env of [
    { SSL_CERT_FILE: NOTHING, SSL_CERT_DIR: directory },
    { SSL_CERT_FILE: NOTHING, SSL_CERT_DIR: NOTHING, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }
  ]) {
    t.deepEqual(await runClient(client(), { env, nodeArguments }), { outcome: 'verified' })
  }
})

test('an empty list of roots is an error of its own, and `ca` is enough', async (t) => {
  const env = { SSL_CERT_FILE: NOTHING, SSL_CERT_DIR: NOTHING }
  const nodeArguments = ['--use-openssl-ca']
  const { outcome, ...error } = await runClient(client(), { env, nodeArguments })
  t.is(outcome, 'ERR_KEYS_UNAVAILABLE')
  t.is(error.reason, 'no-roots')
  t.regex(error.message, /no certificate authority is trusted/)
  t.regex(error.hint, /--use-openssl-ca.*NODE_EXTRA_CA_CERTS/)
  assertDiscreet(t, error)
  t.deepEqual(await runClient(client({ ca: authority.ca }), { env, nodeArguments }), { outcome: 'verified' })
})

/** Runs a client in a Node that says so about its certificates. */
async function withCertificates(lists, nodeArguments) {
  const preload = join(folder, `${crypto.randomUUID()}.cjs`)
  await writeFile(preload, `require('node:tls').getCACertificates = (type) => (${JSON.stringify(lists)})[type] ?? []`)
  const { outcome } = await runClient(client(), { nodeArguments: [...nodeArguments, '--require', preload] })
  return outcome
}

test('what tls.setDefaultCACertificates set is trusted in place of OpenSSL’s', async (t) => {
  const { ca } = authority
  for (const [flag, lists, trusted] of [
    ['--use-openssl-ca', { default: [], system: [ca] }, true],
    ['--use-openssl-ca', { default: ['extra'], extra: ['extra'], system: [ca] }, true],
    ['--use-openssl-ca', { default: ['replaced'], system: [ca] }, false],
    ['--use-openssl-ca', { default: ['replaced', 'extra'], extra: ['extra'], system: [ca] }, false],
    ['--use-openssl-ca', { default: [ca], system: [] }, true],
    ['--use-bundled-ca', { default: [], system: [ca] }, false],
    ['--use-bundled-ca', { default: [ca], system: [] }, true]
  ]) {
    const outcome = await withCertificates(lists, [flag])
    t.is(outcome, trusted ? 'verified' : 'ERR_KEYS_UNAVAILABLE', `${flag} ${Object.keys(lists)}`)
  }
})

test('a Node that was built so leaves trust to OpenSSL without a flag', (t) => {
  const defines = ['NODE_OPENSSL_CERT_STORE']
  const none = { isFlag: false, isBuild: false }
  for (const [execArgv, NODE_OPTIONS, expected] of [
    [[], undefined, { ...none, isBuild: true }],
    [['--use-bundled-ca'], '', none],
    [[], '--use-bundled-ca', none],
    [[], '--use-openssl-ca', { ...none, isFlag: true }]
  ]) {
    t.deepEqual(roots.opensslStore({ environment: { NODE_OPTIONS }, execArgv, defines }), expected)
  }
  t.deepEqual(roots.opensslStore({ environment: {}, execArgv: [], defines: undefined }), none)
})

test('NODE_OPTIONS is taken apart as Node does it', (t) => {
  for (const [text, parts] of [
    ['', []],
    [' --a  --b=c ', ['--a', '--b=c']],
    ['"--a b" --c="d e"f', ['--a b', '--c=d ef']],
    ['--a="b \\" --c" --d', ['--a=b " --c', '--d']],
    ['--a="\\\\" --b', ['--a=\\', '--b']]
  ]) {
    t.deepEqual(roots.splitArguments(text), parts, text)
  }
})
