import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { createServerCertificate, startTestAuthority } from 'entra-jwt-verify/testing'
import { request } from '../helpers/testing-http.mjs'

const run = promisify(execFile)
const TESTING = fileURLToPath(new URL('../../testing', import.meta.url))

async function start(t, options) {
  const authority = await startTestAuthority({ quiet: true, ...options })
  t.teardown(() => authority.close())
  return authority
}

function keysUrl({ url, tenantId }) {
  return `${url}/${tenantId}/discovery/keys`
}

test('close() ends at once with connections that hang, and cuts them', async (t) => {
  const authority = await start(t)
  authority.fail('hang')
  const hanging = request(keysUrl(authority))
  const silent = net.connect(new URL(authority.url).port, '127.0.0.1')
  silent.on('error', () => undefined)
  await once(silent, 'connect')
  while (authority.requests.length === 0) await new Promise(setImmediate)

  const before = performance.now()
  await Promise.all([authority.close(), t.throwsAsync(hanging, { code: 'ECONNRESET' })])
  t.true(performance.now() - before < 10_000)
  if (!silent.closed) await once(silent, 'close')
  await t.throwsAsync(request(keysUrl(authority)), { code: 'ECONNREFUSED' })
  await t.notThrowsAsync(authority.close())
})

test('close() ends a connection that hangs in its TLS handshake', async (t) => {
  const authority = await start(t, { tls: true })
  const silent = net.connect(new URL(authority.url).port, '127.0.0.1')
  silent.on('error', () => undefined)
  await once(silent, 'connect')
  await t.throwsAsync(request(keysUrl(authority)), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await authority.close()
  if (!silent.closed) await once(silent, 'close')
  t.pass()
})

test('after close() nothing keeps the process alive, and start() is refused', async (t) => {
  const script = `
    const { startTestAuthority } = require(${JSON.stringify(TESTING)})
    const http = require('node:http')
    startTestAuthority().then(async (authority) => {
      const url = authority.url + '/common/discovery/keys'
      const ask = () => http.get(url).on('error', () => {})
      const seen = async (count) => { while (authority.requests.length < count) await new Promise(setImmediate) }
      authority.fail('slow-body'); ask(); await seen(1)
      authority.fail('hang'); ask(); await seen(2)
      authority.recover(); authority.delay(3_600_000); ask(); await seen(3)
      await authority.close()
      await authority.start().catch(({ code }) => console.log(code))
    })`
  const { stdout, stderr } = await run(process.execPath, ['-e', script], { timeout: 30_000 })
  t.is(stdout.trim(), 'ERR_TESTING_CLOSED')
  const lines = stderr.trim().split('\n')
  t.is(lines.length, 1)
  t.regex(lines[0], /http:\/\/127\.0\.0\.1:\d+\. Never for production/)
})

test('stop() is an outage, start() ends it: the same URL, the same keys', async (t) => {
  const authority = await start(t)
  const { url } = authority
  const before = await (await request(keysUrl(authority))).json()
  await authority.stop()
  await t.throwsAsync(request(keysUrl(authority)), { code: 'ECONNREFUSED' })
  t.is(typeof authority.issueToken(), 'string')
  await authority.start()
  await authority.start()
  t.is(authority.url, url)
  t.deepEqual(await (await request(keysUrl(authority))).json(), before)
})

test('listens on the port that was asked for, once', async (t) => {
  const first = await start(t)
  const port = Number(new URL(first.url).port)
  await t.throwsAsync(startTestAuthority({ quiet: true, port }), { code: 'EADDRINUSE' })
  await first.close()
  const second = await start(t, { port })
  t.is(second.url, first.url)
})

test('with tls, the returned CA is what a client has to trust, for localhost and for 127.0.0.1', async (t) => {
  const authority = await start(t, { tls: true })
  const { ca } = authority
  t.is((await request(keysUrl(authority), { ca })).status, 200)
  t.is((await request(keysUrl(authority).replace('127.0.0.1', 'localhost'), { ca })).status, 200)
  t.is((await start(t)).ca, undefined)
})

test('a certificate may be expired, not yet valid, or of another host', async (t) => {
  const cases = [
    [{ notBefore: new Date('2020-01-01'), notAfter: new Date('2020-01-02') }, 'CERT_HAS_EXPIRED'],
    [{ notBefore: new Date(Date.now() + 3_600_000) }, 'CERT_NOT_YET_VALID'],
    [{ names: ['other.example'] }, 'ERR_TLS_CERT_ALTNAME_INVALID']
  ]
  for (const [options, code] of cases) {
    const tls = await createServerCertificate(options)
    const authority = await start(t, { tls })
    t.is(authority.ca, tls.ca)
    await t.throwsAsync(request(keysUrl(authority), { ca: authority.ca }), { code })
  }
})

test('options that are unknown or unusable are refused', async (t) => {
  const mistakes = [
    { tenant: 'x' },
    { tenantId: 'contoso' },
    { otherTenants: ['x'] },
    { apps: [] },
    { apps: [{ clientId: 'x' }] },
    { apps: [{ clientSecret: '' }] },
    { apps: [{ accessTokenVersion: 3 }] },
    { apps: [{ secret: 'x' }] },
    { apps: [{ roles: 'x' }] },
    { apps: [{ roles: { 'api://tasks': 'x' } }] },
    { apps: [{ scopes: ['api://tasks/Task.Read'] }] },
    { user: { roles: 'x' } },
    { tls: { pfx: 'x' } }
  ]
  for (const options of mistakes) {
    await t.throwsAsync(startTestAuthority(options), { code: 'ERR_TESTING_OPTION' }, JSON.stringify(options))
  }
  await t.throwsAsync(createServerCertificate({ host: 'x' }), { code: 'ERR_TESTING_OPTION' })
})

test('needs no other package, for TLS neither', async (t) => {
  // A copy where no node_modules folder is above it.
  const folder = await mkdtemp(path.join(os.tmpdir(), 'testing-alone-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(TESTING, path.join(folder, 'testing'), { recursive: true })
  const script = `
    require('./testing').startTestAuthority({ quiet: true, tls: true }).then(async (authority) => {
      console.log(typeof authority.issueToken(), authority.keys.length)
      await authority.close()
    })`
  const { NODE_PATH: _, ...env } = process.env
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder, env, timeout: 30_000 })
  t.is(stdout.trim(), 'string 2')
})

test('starts with less processor time than two keys of OpenSSL’s own making take', async (t) => {
  const processorTime = `
    const { user, system } = process.cpuUsage()
    console.log(user + system)`
  const ours = `
    const { startTestAuthority } = require(${JSON.stringify(TESTING)})
    startTestAuthority({ quiet: true }).then(async (authority) => {
      authority.issueToken()
      ${processorTime}
      await authority.close()
    })`
  const openssl = `
    const { generateKeyPairSync } = require('node:crypto')
    for (let count = 0; count < 2; count++) generateKeyPairSync('rsa', { modulusLength: 2048 })
    ${processorTime}`
  // Primes are found by luck, and other tests run beside this one: both several times, in turns.
  const sums = { ours: 0, openssl: 0 }
  for (let count = 0; count < 5; count++) {
    sums.ours += Number((await run(process.execPath, ['-e', ours])).stdout)
    sums.openssl += Number((await run(process.execPath, ['-e', openssl])).stdout)
  }
  t.true(sums.ours < sums.openssl, JSON.stringify(sums))
})

test('is disposed of by `await using`', async (t) => {
  const authority = await start(t)
  await authority[Symbol.asyncDispose]()
  await t.throwsAsync(request(keysUrl(authority)), { code: 'ECONNREFUSED' })
})
