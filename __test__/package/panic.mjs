// What a panic in the core costs: one request. An addon that panics on request is built for it (feature `test-panic`), beside the one
// that is published, which must not have the feature. `node --test __test__/package/panic.mjs`, after `npm run build`.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { addonFile } from '../../scripts/platform.mjs'
import { root } from '../../scripts/process.mjs'

/** As in src/test_panic.rs. */
const WORD = 'panic-on-purpose'

let folder
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
  for (const part of ['index.js', 'lib', 'testing', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  cpSync(panickingAddon(), join(folder, addonFile))
})
after(() => rmSync(folder, { recursive: true }))

/** With the profile and the features of the Rust tests, so that there is little left to compile. */
function panickingAddon() {
  const command = ['build', '--locked', '--lib', '--profile', 'test', '--all-features', '--message-format', 'json']
  const output = execFileSync('cargo', command, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const isOurs = ({ reason, target }) => reason === 'compiler-artifact' && target.name === 'entra_jwt_verify'
  const artifacts = output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(isOurs)
  return artifacts.flatMap(({ filenames }) => filenames).find((file) => /\.(?:so|dylib|dll)$/.test(file))
}

/** Runs code with `fetching`, `getting` and `options` there in a process of its own; resolves to what it printed, or to how it ended. */
function run(code) {
  const script = `
    const { createCheckAuthToken, createVerifier } = require(${JSON.stringify(folder)})
    const { startTestAuthority } = require(${JSON.stringify(join(folder, 'testing'))})
    const main = async (authority) => {
      const options = { tenantId: authority.tenantId, clientId: authority.api.clientId, authorityHost: authority.url, proxy: false }
      const named = (kid) => authority.issueToken({ header: { kid } })
      ${code}
    }
    startTestAuthority({ quiet: true }).then(async (authority) => {
      console.log(JSON.stringify(await main(authority)))
      await authority.close()
    })`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('close', (code, signal) => {
      resolve(code === 0 ? JSON.parse(stdout) : { code, signal, stderr })
    })
  })
}

test('a panic while a token is checked is a 500, and the next request is served', async () => {
  const answers = await run(`
    const express = require(${JSON.stringify(join(root, 'node_modules', 'express'))})
    const app = express()
    app.use(createCheckAuthToken({ ...options, logger: false }))
    app.get('/', (req, res) => res.send(req.auth.tenantId))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.on('listening', resolve))
    const status = async (token) => {
      const headers = { authorization: 'Bearer ' + token }
      return (await fetch('http://127.0.0.1:' + server.address().port, { headers })).status
    }
    const statuses = []
    const good = authority.issueToken()
    for (const token of [good, 'a.${WORD}.b', good, 'a.${WORD}.b', authority.issueToken({ roles: ['new'] })]) {
      statuses.push(await status(token))
    }
    server.close()
    return statuses`)
  assert.deepEqual(answers, [200, 500, 200, 500, 200])
})

test('a panic in the key cache, under its lock, costs one request too', async () => {
  const outcomes = await run(`
    const verifier = createVerifier(options)
    const outcome = (token) => verifier.verify(token).then(() => 'verified', (error) => error.code)
    const outcomes = []
    for (const token of [named('${WORD}'), authority.issueToken(), named('${WORD}'), named('unknown'), authority.issueToken()]) {
      outcomes.push(await outcome(token))
    }
    return outcomes`)
  assert.deepEqual(outcomes, ['ERR_INTERNAL', 'verified', 'ERR_INTERNAL', 'ERR_TOKEN_KEY_UNKNOWN', 'verified'])
})

test('a panic in a fetch is a fetch that failed', async () => {
  const outcomes = await run(`
    const verifier = createVerifier({ ...options, jwksUri: authority.url + '/${WORD}' })
    const outcome = () => verifier.verify(authority.issueToken()).then(() => 'verified', (error) => [error.code, error.reason])
    return [await Promise.all([outcome(), outcome()]), await createVerifier(options).verify(authority.issueToken()).then(() => 'verified')]`)
  const failed = ['ERR_KEYS_UNAVAILABLE', 'stopped']
  assert.deepEqual(outcomes, [[failed, failed], 'verified'])
})

test('a panic in explain rejects', async () => {
  const outcomes = await run(`
    const verifier = createVerifier(options)
    await verifier.preload()
    const outcome = (token) => verifier.explain(token).then(({ verdict }) => verdict, (error) => error.code)
    return [await outcome(named('${WORD}')), await outcome(authority.issueToken())]`)
  assert.deepEqual(outcomes, ['ERR_INTERNAL', 'valid'])
})

test('the addon that is published does not panic on request', () => {
  assert.ok(readFileSync(join(folder, addonFile)).includes(WORD), 'the word is what the test looks for')
  assert.ok(!readFileSync(join(root, addonFile)).includes(WORD))
})
