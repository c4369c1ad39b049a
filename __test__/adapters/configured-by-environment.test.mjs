// checkAuthToken, which the environment configures, and its verifier.
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { root } from '../../scripts/process.mjs'
import { runConfigured, variablesFor } from '../helpers/environment.mjs'

/** As `runConfigured`, with the lines that were printed. */
function run(code, variables, entry) {
  const { status, stdout, stderr } = runConfigured(code, variables, entry)
  return { status, stdout: stdout.split('\n'), stderr }
}

const CALL = `
  const call = (authorization) => new Promise((resolve) => {
    const req = { headers: { authorization } }
    const res = { setHeader() {}, getHeader() {}, end(body) { resolve(this.statusCode + ' ' + body) } }
    entra.checkAuthToken(req, res, () => resolve('passed ' + req.auth.clientId))
  });`

test('not configured: the verifier is ERR_CONFIG, requests are 500, and loading the package is neither', (t) => {
  const code = `${CALL}
    for (let times = 0; times < 2; times++) {
      try { entra.checkAuthToken.verifier } catch (error) { console.log(error.code, error instanceof entra.AuthError) }
    }
    console.log(await call('Bearer x'))
    console.log(await call(undefined))`
  const { status, stdout, stderr } = run(code)
  t.is(status, 0, stderr)
  t.deepEqual(stdout, [
    'ERR_CONFIG true',
    'ERR_CONFIG true',
    '500 Internal Server Error, checkAuthToken is not configured',
    '500 Internal Server Error, checkAuthToken is not configured'
  ])
  t.is(stderr.match(/Error in checkAuthToken/g).length, 1)
  t.regex(stderr, /ENTRA_TENANT_ID/)
  t.regex(stderr, /hint: '.*`npx entra-jwt-verify doctor` says what is wrong with the environment'/)
})

test('configured: the verifier is the one that the middleware uses', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const variables = variablesFor(authority)
  const code = `${CALL}
    const { verifier } = entra.checkAuthToken
    console.log(verifier instanceof entra.Verifier, entra.checkAuthToken.verifier === verifier)
    try { verifier.verifySync(process.env.TOKEN) } catch (error) { console.log(error.code) }
    try { await verifier.verify('x') } catch (error) { console.log(error.code) }
    console.log(Object.keys(entra.checkAuthToken).length, 'resourceMetadata' in entra.checkAuthToken)`
  // No authority can be asked while spawnSync waits: this process is the authority.
  const { status, stdout, stderr } = run(code, { ...variables, TOKEN: authority.issueToken() })
  t.is(status, 0, stderr)
  t.deepEqual(stdout, ['true true', 'ERR_KEYS_UNAVAILABLE', 'ERR_TOKEN_MALFORMED', '0 false'])
})

test('configured later: the first request after that passes', (t) => {
  const code = `${CALL}
    console.log(await call('Bearer x'))
    process.env.AZURE_TENANT_ID = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
    process.env.AZURE_CLIENT_ID = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
    console.log(await call('Bearer x'))
    process.env.AZURE_TENANT_ID = ''
    console.log(await call('Bearer x'))
    console.log(typeof entra.checkAuthToken.verifier.verify)`
  const malformed = '500 Internal Server Error, jwt malformed'
  t.deepEqual(run(code).stdout, [
    '500 Internal Server Error, checkAuthToken is not configured',
    malformed,
    malformed,
    'function'
  ])
})

test('the verifier cannot be replaced', (t) => {
  const code = `'use strict'
    try { entra.checkAuthToken.verifier = { verify: () => ({}) } } catch (error) { console.log(error.constructor.name) }
    try { Object.defineProperty(entra.checkAuthToken, 'verifier', { value: {} }) } catch (error) { console.log(error.constructor.name) }`
  t.deepEqual(run(`(() => { ${code} })()`).stdout, ['TypeError', 'TypeError'])
})

/** By entry: code that answers a request without a framework, as `status body` or `passed`. */
const CALLS = {
  'fetch.js': `
    const call = async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization }
      const handler = entra.withAuth((request, auth) => new Response(auth.clientId))
      const answers = []
      const request = new Request('http://localhost/', { headers })
      const { auth, response } = await entra.checkAuthToken(request)
      for (const answer of [response ?? new Response(auth.clientId), await handler(request)]) {
        answers.push(answer.status + ' ' + await answer.text())
      }
      return answers[0] === answers[1] ? answers[0] : answers.join(' but ')
    }`,
  'hono.js': `
    const { Hono } = require('hono')
    const app = new Hono()
    app.use(entra.checkAuthToken)
    app.get('/', (c) => c.text(c.var.auth.clientId))
    const call = async (authorization) => {
      const answer = await app.request('/', { headers: authorization === undefined ? {} : { authorization } })
      return answer.status + ' ' + await answer.text()
    }`
}

for (const [entry, call] of Object.entries(CALLS)) {
  test(`${entry}: not configured is a 500 for each request, and configured later it is not`, async (t) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    const variables = variablesFor(authority)
    const code = `${call}
      for (let times = 0; times < 2; times++) {
        try { entra.checkAuthToken.verifier } catch (error) { console.log(error.code, error instanceof entra.AuthError) }
      }
      console.log(await call('Bearer x'))
      console.log(await call(undefined))
      Object.assign(process.env, ${JSON.stringify(variables)})
      console.log(await call('Bearer x'))
      console.log(await call(undefined))
      console.log(entra.checkAuthToken.verifier instanceof entra.Verifier)
      console.log(entra.checkAuthToken.verifier === require(${JSON.stringify(root)}).checkAuthToken.verifier)`
    const { status, stdout, stderr } = run(code, {}, entry)
    t.is(status, 0, stderr)
    const unconfigured = '500 Internal Server Error, checkAuthToken is not configured'
    t.deepEqual(stdout, [
      ...['ERR_CONFIG true', 'ERR_CONFIG true', unconfigured, unconfigured],
      ...['500 Internal Server Error, jwt malformed', '401 Unauthorized', 'true', 'true']
    ])
    t.regex(stderr, /ENTRA_TENANT_ID/)
  })
}
