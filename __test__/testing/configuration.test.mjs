// What configures the application under test.
import test from 'ava'
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { runConfigured } from '../helpers/environment.mjs'

async function start(t, options) {
  const authority = await startTestAuthority({ quiet: true, ...options })
  t.teardown(() => authority.close())
  return authority
}

test('options configure a verifier for the API, whatever its App ID URI, version and transport', async (t) => {
  for (const more of [
    {},
    { tls: true },
    { apps: [{ appIdUri: 'https://api.example/tasks', accessTokenVersion: 2 }, { clientSecret: 'x' }] }
  ]) {
    const authority = await start(t, more)
    const verifier = createVerifier(authority.options)
    for (const version of [1, 2]) {
      const auth = await verifier.authenticate({
        headers: { authorization: authority.bearer({ version, roles: ['A'] }) }
      })
      t.deepEqual([auth.tenantId, auth.clientId, auth.roles], [authority.tenantId, authority.client.clientId, ['A']])
    }
    t.is(typeof createCheckAuthToken({ ...authority.options, responses: 'rfc6750' }), 'function')
  }
})

test('env() configures a process', async (t) => {
  const authority = await start(t)
  t.deepEqual(Object.keys(authority.env()), [
    'ENTRA_TENANT_ID',
    'ENTRA_CLIENT_ID',
    'ENTRA_AUDIENCE',
    'ENTRA_AUTHORITY_HOST'
  ])
  const token = authority.issueToken({ roles: ['A'] })
  // The process is not asked by this one, which waits for it: static keys.
  const jwks = JSON.stringify({ keys: authority.keys.map(({ jwk }) => jwk) })
  const { stdout, stderr } = runConfigured(
    `console.log((await entra.createVerifier({ jwks: ${jwks} }).verify('${token}')).roles.join())`,
    authority.env()
  )
  t.deepEqual([stdout, stderr], ['A', ''])
})
