// Two copies of this package in one process, as npm installs them where versions differ: the guard of one does not take the
// token of the other for proof, and says once why it rejects every request.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { optionsFor } from '../helpers/start.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A second copy, with the same addon. */
function copyOf(t) {
  const copy = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-copy-'))
  t.teardown(() => rmSync(copy, { recursive: true }))
  for (const name of ['index.js', 'hono.js', 'lib', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  const { stdout } = spawnSync('find', [root, '-maxdepth', '1', '-name', '*.node'], { encoding: 'utf8' })
  for (const file of stdout.trim().split('\n').filter(Boolean)) symlinkSync(file, join(copy, file.slice(root.length)))
  return copy
}

/** Sends requests through the middleware of one copy and the guards of another; prints what was answered. */
const SCRIPT = `
  const [middlewareOf, guardsOf, given] = process.argv.slice(1)
  const { options, token } = JSON.parse(given)
  const one = require(middlewareOf)
  const other = require(guardsOf)
  const middleware = one.createCheckAuthToken({ ...options, logger: false })
  const { clientId } = one.createVerifier(options).verifySync(token)
  const guards = [other.requireAppOnly(), other.requireClient(clientId), other.requireAppOnly(),
    other.claimsChallenge({ access_token: {} })]
  for (const guard of guards) {
    const req = { headers: { authorization: 'Bearer ' + token } }
    const res = { setHeader() {}, getHeader() {}, end(body) { console.log(this.statusCode, body) } }
    middleware(req, res, () => guard(req, res, () => console.log('passed')))
  }
  console.log(other.VerifiedToken === one.VerifiedToken)`

/** The same under Hono, with one guard. */
const HONO = `
  const [middlewareOf, guardsOf, given] = process.argv.slice(1)
  const { options, token } = JSON.parse(given)
  const { Hono } = require(${JSON.stringify(createRequire(import.meta.url).resolve('hono'))})
  const app = new Hono()
  app.use(require(middlewareOf + '/hono.js').createCheckAuthToken({ ...options, logger: false }))
  app.get('/', require(guardsOf + '/hono.js').requireAppOnly(), (c) => c.text('passed'))
  const send = async () => app.request('/', { headers: { authorization: 'Bearer ' + token } })
  const print = async () => console.log(await (await send()).text())
  print().then(print)`

function run(authority, middlewareOf, guardsOf, script = SCRIPT) {
  const options = { ...optionsFor(authority), jwks: { keys: authority.keys.map(({ jwk }) => jwk) } }
  const given = JSON.stringify({ options, token: authority.issueToken() })
  const child = spawnSync(process.execPath, ['-e', script, middlewareOf, guardsOf, given], { encoding: 'utf8' })
  return { lines: child.stdout.trim().split('\n'), stderr: child.stderr, status: child.status }
}

test('another copy: each request is rejected, and one warning says why', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const copy = copyOf(t)
  for (const [one, other] of [
    [root, copy],
    [copy, root]
  ]) {
    const { lines, stderr, status } = run(authority, one, other)
    t.is(status, 0, stderr)
    t.deepEqual(lines, [...Array(4).fill('401 Unauthorized'), 'false'])
    const warnings = stderr.match(/EntraJwtVerifyWarning/g)
    t.is(warnings?.length, 1, stderr)
    t.regex(stderr, /ENTRA_JWT_VERIFY_COPIES.*another copy of entra-jwt-verify.*npm ls entra-jwt-verify/)
  }
})

test('the same copy: requests pass, and nothing is said', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const { lines, stderr } = run(authority, root, root)
  t.deepEqual(lines.slice(0, 3), ['passed', 'passed', 'passed'])
  t.is(lines.at(-1), 'true')
  t.notRegex(stderr, /EntraJwtVerifyWarning/)
})

test('Hono: another copy is rejected with one warning, and the same copy is not', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const { lines, stderr } = run(authority, root, copyOf(t), HONO)
  t.deepEqual(lines, ['Unauthorized', 'Unauthorized'], stderr)
  t.is(stderr.match(/ENTRA_JWT_VERIFY_COPIES/g)?.length, 1, stderr)
  t.true(stderr.includes('c.var.auth was set by another copy of entra-jwt-verify'), stderr)
  const same = run(authority, root, root, HONO)
  t.deepEqual([same.lines, same.stderr], [['passed', 'passed'], ''])
})

test('what is no token of any copy is rejected without that warning', (t) => {
  const code = `
    const { requireAppOnly } = require(process.argv[1])
    const res = { setHeader() {}, getHeader() {}, end(body) { console.log(this.statusCode, body) } }
    for (const auth of [undefined, null, {}, 'auth', { roles: [] }, () => ({}), Object.create({ hasRole: () => true })]) {
      requireAppOnly()({ headers: {}, auth }, res, () => console.log('passed'))
    }`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code, root], { encoding: 'utf8' })
  t.deepEqual(stdout.trim().split('\n'), Array(7).fill('401 Unauthorized'))
  t.notRegex(stderr, /ENTRA_JWT_VERIFY_COPIES/)
})
