// Options and environment: who wins, and what a mistake says.
import test from 'ava'
import { AuthError, createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { runConfigured, variablesFor } from '../helpers/environment.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const good = { tenantId: TENANT, audience: 'api://tasks' }

function refusal(t, options) {
  return t.throws(() => createVerifier(options), { instanceOf: AuthError, code: 'ERR_CONFIG' }).message
}

const NO_KEY_SET = (given) =>
  new RegExp(
    `^option jwks: expected a key set { keys: \\[…\\] }, got ${given}; a URL belongs in jwksUri; for Entra, leave out both: keys are fetched`
  )

test('each mistake names the option and what is accepted', (t) => {
  for (const [options, mention] of [
    [{ ...good, tenantId: 'contoso' }, /tenantId: expected .*GUID.*got "contoso"/],
    [{ ...good, tenantId: 5 }, /tenantId: expected .*string, got 5/],
    [{ ...good, audience: [] }, /audience.*array/],
    [{ ...good, audience: '' }, /audience/],
    [{ ...good, authorityHost: 'login.microsoftonline.com' }, /authorityHost.*https:/],
    [{ ...good, authorityHost: 'https://login.microsoftonline.com.' }, /authorityHost/],
    [{ ...good, issuer: `https://login.microsoftonline.com./${TENANT}/v2.0` }, /issuer.*trailing dot/],
    [{ ...good, jwksUri: 'https://login.example./keys' }, /jwksUri/],
    [{ ...good, authorityHost: 'http://login.microsoftonline.com' }, /authorityHost.*loopback/],
    [{ ...good, algorithms: ['HS256'] }, /algorithms: expected .*RS256.*got "HS256"/],
    [{ ...good, algorithms: ['none'] }, /algorithms.*none/],
    [{ ...good, clockTolerance: 301 }, /clockTolerance: expected .*300, got 301/],
    [{ ...good, clockTolerance: Number.NaN }, /clockTolerance.*NaN/],
    [{ ...good, clockTolerance: Number.POSITIVE_INFINITY }, /clockTolerance.*Infinity/],
    [{ ...good, maxTokenLength: 10n }, /maxTokenLength.*bigint/],
    [{ ...good, jwks: { keys: [] } }, /jwks/],
    [{ ...good, jwks: () => good }, NO_KEY_SET('a function')],
    [{ ...good, jwks: 'https://login.example/keys' }, NO_KEY_SET('a string')],
    [{ ...good, jwks: new URL('https://login.example/keys') }, NO_KEY_SET('a URL')],
    [{ ...good, jwks: [] }, NO_KEY_SET('an array')],
    [{ ...good, jwksUri: 'http://example.com/keys' }, /jwksUri.*https/],
    [{ ...good, keys: { timeOut: 5 } }, /keys.*timeOut.*timeout/],
    [{ ...good, keys: { timeout: 0 } }, /timeout/],
    [{ ...good, proxy: 'proxy.example:8080' }, /proxy/],
    [{ ...good, ca: [1] }, /ca/],
    [{ ...good, logger: {} }, /logger.*console/],
    [{ ...good, logger: 'console' }, /logger/],
    [{ ...good, tenentId: TENANT }, /tenentId.*did you mean tenantId\?/],
    [{ ...good, scopes: ['a'] }, /scopes.*did you mean requiredScopes\?/],
    [{ ...good, gettoken: () => 'x' }, /"gettoken" is not an option; did you mean getToken\?/],
    // A name that is not an option is reported as that, whatever its value.
    [{ ...good, isRevoked() {} }, /^options: "isRevoked" is not an option \(options: /],
    [{ ...good, role: new Set(['Task.Read']) }, /^options: "role" is not an option; did you mean requiredRoles\?$/],
    [{ ...good, keys() {} }, /^option keys: expected plain values such as strings, got a function$/],
    [{ ...good, clockSkew: 300 }, /"clockSkew" is not an option; did you mean clockTolerance\?$/],
    [{ ...good, Optional: true }, /did you mean optional\?$/],
    [null, /options.*object/],
    ['options', /options.*object/],
    [[], /options.*object/]
  ]) {
    t.regex(refusal(t, options), mention)
  }
})

test('undefined and null are not given', (t) => {
  t.notThrows(() => createVerifier({ ...good, issuer: undefined, clockTolerance: null, logger: undefined }))
})

test('whose tokens, and for whom, must be known', (t) => {
  const missing = runConfigured('try { entra.createVerifier() } catch (e) { console.log(e.code, e.message) }', {})
  t.regex(missing.stdout, /^ERR_CONFIG .*ENTRA_TENANT_ID/)
  const noAudience = runConfigured('try { entra.createVerifier() } catch (e) { console.log(e.code, e.message) }', {
    AZURE_TENANT_ID: TENANT
  })
  t.regex(noAudience.stdout, /^ERR_CONFIG .*ENTRA_CLIENT_ID/)
  const empty = runConfigured('try { entra.createVerifier() } catch (e) { console.log(e.code) }', {
    AZURE_TENANT_ID: '',
    AZURE_CLIENT_ID: ''
  })
  t.is(empty.stdout, 'ERR_CONFIG')
})

test('the environment configures, and an explicit option wins over it', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const variables = { ...variablesFor(authority), AZURE_AUDIENCE: ' api://first , api://second,' }
  const jwks = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).text()
  const check = (options, audience) => {
    const token = authority.issueToken({ version: 1, audience })
    const code = `try { entra.createVerifier({ ...${options}, jwks: ${jwks} }).verifySync('${token}'); console.log('passes') } catch (e) { console.log(e.code) }`
    return runConfigured(code, variables).stdout
  }
  t.is(check('{}', 'api://first'), 'passes')
  t.is(check('{}', 'api://second'), 'passes')
  t.is(check('{}', ''), 'ERR_TOKEN_AUDIENCE')
  t.is(check(`{ audience: 'api://third' }`, 'api://second'), 'ERR_TOKEN_AUDIENCE')
  t.is(check(`{ audience: 'api://third' }`, 'api://third'), 'passes')
  t.is(check(`{ tenantId: '${TENANT}' }`, 'api://first'), 'ERR_TOKEN_TENANT')
})

test('checkAuthToken without configuration answers 500, says nothing to the caller and everything to the console', (t) => {
  const { status, stdout, stderr } = runConfigured(
    `const res = { headers: {}, setHeader(n, v) { this.headers[n] = v }, end(b) { console.log(this.statusCode, b) } }
     entra.checkAuthToken({ headers: { authorization: 'Bearer x' } }, res, () => console.log('passed'))`,
    {}
  )
  t.is(status, 0)
  t.is(stdout, '500 Internal Server Error, checkAuthToken is not configured')
  t.regex(stderr, /Error in checkAuthToken: .*ENTRA_TENANT_ID/)
})

test('a process that only makes a verifier ends at once, one that verified ends when it is done', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const variables = variablesFor(authority)
  t.deepEqual(runConfigured('entra.createVerifier()', variables), { status: 0, signal: null, stdout: '', stderr: '' })
  const jwks = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).text()
  const verified = runConfigured(
    `entra.createVerifier({ jwks: ${jwks} }).verify('${authority.issueToken()}').then(() => console.log('verified'))`,
    variables
  )
  t.deepEqual(verified, { status: 0, signal: null, stdout: 'verified', stderr: '' })
})

test('secrets in options are never repeated', (t) => {
  for (const options of [
    { ...good, proxy: 'socks5://user:hunter2@proxy' },
    { ...good, jwks: { keys: [{ kty: 'oct', k: 'hunter2', kid: 'a' }] } },
    { ...good, jwksUri: 'https://user:hunter2@keys.example/' },
    { ...good, authorityHost: 'https://user:hunter2@login.example' },
    { ...good, ca: ['hunter2'], proxy: 'hunter2' }
  ]) {
    t.notRegex(refusal(t, options), /hunter2/)
  }
})

test('the middleware has its verifier', (t) => {
  t.is(typeof createCheckAuthToken(good).verifier.verify, 'function')
})
