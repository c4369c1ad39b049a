// createVerifier: verify, verifySync, preload, and the keys behind them.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import { AuthError, createVerifier, VerifiedToken, Verifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'

async function start(t, settings) {
  const authority = await startTestAuthority({ quiet: true, ...settings })
  t.teardown(() => authority.close())
  const options = {
    tenantId: authority.tenantId,
    clientId: authority.api.clientId,
    authorityHost: authority.url,
    ca: authority.ca
  }
  return { authority, options, verifier: (more) => createVerifier({ ...options, ...more }) }
}

const keyFetches = (authority) => authority.requestsTo('keys').length

test('verify resolves to the verified token', async (t) => {
  const { authority, verifier } = await start(t)
  const token = authority.issueToken({ version: 2, roles: ['Task.Read'] })
  const verified = await verifier().verify(token)
  t.true(verified instanceof VerifiedToken)
  t.is(verified.token, token)
  t.is(verified.header.alg, 'RS256')
  t.is(verified.claims.azp, authority.client.clientId)
})

test('a whole header in place of the token is rejected, and the hint says what to pass', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  for (const scheme of ['Bearer', 'bearer']) {
    const error = await t.throwsAsync(one.verify(`${scheme} ${authority.issueToken()}`), {
      code: 'ERR_TOKEN_MALFORMED'
    })
    t.regex(error.hint, /^pass the token alone, without the word Bearer.*verifier\.authenticate\(request\)$/)
  }
  const other = await t.throwsAsync(one.verify('Bearer'), { code: 'ERR_TOKEN_MALFORMED' })
  t.notRegex(other.hint, /pass the token alone/)
})

test('keys are asked for with the client id, once for everybody', async (t) => {
  const { authority, verifier } = await start(t)
  const [one, other] = [verifier(), verifier()]
  const tokens = Array.from({ length: 50 }, () => authority.issueToken())
  await Promise.all(tokens.flatMap((token) => [one.verify(token), other.verify(token)]))
  t.is(keyFetches(authority), 1)
  t.is(authority.requestsTo('keys')[0].query.appid, authority.api.clientId)
})

test('worker threads share the keys', async (t) => {
  const { authority, options, verifier } = await start(t)
  await verifier().verify(authority.issueToken())
  const keep = verifier()
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { createVerifier } = require(${JSON.stringify(new URL('../../index.js', import.meta.url).pathname)})
    parentPort.postMessage(createVerifier(workerData.options).verifySync(workerData.token).tenantId)`
  const worker = new Worker(code, { eval: true, workerData: { options, token: authority.issueToken() } })
  t.deepEqual(await once(worker, 'message'), [authority.tenantId])
  t.is(keyFetches(authority), 1)
  t.truthy(keep)
})

test('verifySync works once the keys are there, and says so while they are not', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const token = authority.issueToken()
  t.throws(() => one.verifySync(token), { instanceOf: AuthError, code: 'ERR_KEYS_UNAVAILABLE' })
  await one.preload()
  t.is(one.verifySync(token).tenantId, authority.tenantId)
  t.is(keyFetches(authority), 1)
})

test('preload rejects when the keys cannot be fetched, and names the cause but no address', async (t) => {
  const { authority, verifier } = await start(t)
  await authority.stop()
  const error = await t.throwsAsync(verifier().preload(), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.regex(error.message, /refused/)
  t.notRegex(error.message, /127\.0\.0\.1|http/)
  t.regex(error.headers['Retry-After'], /^\d+$/)
  t.is(error.status, 503)
})

test('preload fetches again although keys are at hand', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  await one.preload()
  t.is(keyFetches(authority), 2)
})

test('over HTTPS the authority must be trusted: with `ca` it is', async (t) => {
  const { authority, options, verifier } = await start(t, { tls: true })
  t.is((await verifier().verify(authority.issueToken())).tenantId, authority.tenantId)
  const distrustful = createVerifier({ ...options, ca: undefined })
  const error = await t.throwsAsync(distrustful.verify(authority.issueToken()), { code: 'ERR_KEYS_UNAVAILABLE' })
  t.regex(error.message, /UnknownIssuer/)
})

test('unknown keys cause one fetch, then none for a pause; known keys go on', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.verify(authority.issueToken())
  const unknown = () => authority.issueToken({ header: { kid: crypto.randomUUID() } })
  for (let i = 0; i < 20; i++) await t.throwsAsync(one.verify(unknown()), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
  // The pause begins with a second, and this machine may be slow.
  t.true(keyFetches(authority) >= 2 && keyFetches(authority) <= 4)
  await t.notThrowsAsync(one.verify(authority.issueToken()))
})

test('a key that was rotated in a moment ago is fetched; one that vanished stays', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const old = authority.issueToken()
  await one.verify(old)
  authority.withdrawKey(authority.keys.find((key) => key.signing).kid)
  await authority.rotateKeys()
  await t.notThrowsAsync(one.verify(authority.issueToken()))
  await t.notThrowsAsync(one.verify(old))
})

test('with retention 0 each answer replaces the keys', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ keys: { retention: 0 } })
  const old = authority.issueToken()
  await one.verify(old)
  authority.withdrawKey(authority.keys.find((key) => key.signing).kid)
  await authority.rotateKeys()
  await one.verify(authority.issueToken())
  await t.throwsAsync(one.verify(old), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
})

test('static keys need no network', async (t) => {
  const { authority, options } = await start(t)
  const jwks = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).json()
  await authority.stop()
  const before = keyFetches(authority)
  const one = createVerifier({ ...options, jwks })
  t.is(one.verifySync(authority.issueToken()).tenantId, authority.tenantId)
  await one.preload()
  await t.throwsAsync(one.verify(authority.issueToken({ header: { kid: 'x' } })), { code: 'ERR_TOKEN_KEY_UNKNOWN' })
  t.is(keyFetches(authority), before)
})

test('currentDate moves the instant of judgement, not the keys', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  const token = authority.issueToken()
  await one.verify(token)
  const hours = (n) => new Date(Date.now() + n * 3_600_000)
  t.throws(() => one.verifySync(token, { currentDate: hours(2) }), {
    code: 'ERR_TOKEN_EXPIRED',
    message: 'jwt expired'
  })
  t.throws(() => one.verifySync(token, { currentDate: hours(-2) }), { code: 'ERR_TOKEN_NOT_ACTIVE' })
  t.notThrows(() => one.verifySync(token, { currentDate: hours(0.5) }))
  for (const currentDate of [new Date(Number.NaN), 1, '2020-01-01', null]) {
    await t.throwsAsync(one.verify(token, { currentDate }), { code: 'ERR_CONFIG' })
  }
  t.is(keyFetches(authority), 1)
})

test('clockTolerance is for exp and nbf', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier({ clockTolerance: 60 })
  const nbf = Math.floor(Date.now() / 1000) + 30
  await t.notThrowsAsync(one.verify(authority.issueToken({ expiresIn: -30 })))
  await t.notThrowsAsync(one.verify(authority.issueToken({ claims: { nbf } })))
  await t.throwsAsync(one.verify(authority.issueToken({ expiresIn: -61 })), { code: 'ERR_TOKEN_EXPIRED' })
  await t.throwsAsync(one.verify(authority.issueToken({ claims: { nbf: nbf + 60 } })), { code: 'ERR_TOKEN_NOT_ACTIVE' })
})

test('what is no string, or a string that is no token, is malformed or missing', async (t) => {
  const { authority, verifier } = await start(t)
  const one = verifier()
  await one.preload()
  const token = authority.issueToken()
  for (const wrong of [undefined, null, 1, {}, [token], new Object(token), Symbol('token'), () => token, 1n]) {
    await t.throwsAsync(one.verify(wrong), { code: 'ERR_TOKEN_MALFORMED' })
    t.throws(() => one.verifySync(wrong), { code: 'ERR_TOKEN_MALFORMED' })
  }
  // U+0141 is `A` to whoever keeps only the low byte
  const wide = token.replace(/A/, '\u0141')
  t.not(wide, token)
  for (const text of [
    'x',
    wide,
    `${token}\0`,
    ` ${token}`,
    `${token}\u{1F600}`,
    'x'.repeat(1_000_000),
    'é'.repeat(20_000)
  ]) {
    await t.throwsAsync(one.verify(text), { code: 'ERR_TOKEN_MALFORMED' })
  }
  await t.throwsAsync(one.verify(''), { code: 'ERR_TOKEN_MISSING' })
  await t.notThrowsAsync(one.verify(token))
})

test('an error says what happened, where, and what to do', async (t) => {
  const { authority, verifier } = await start(t)
  const error = await t.throwsAsync(verifier().verify(authority.issueToken({ audience: 'api://another' })), {
    instanceOf: AuthError
  })
  t.is(error.name, 'AuthError')
  t.is(error.code, 'ERR_TOKEN_AUDIENCE')
  t.is(error.claim, 'aud')
  t.is(error.status, 401)
  t.regex(error.hint, /ENTRA_AUDIENCE/)
  t.regex(error.stack, /AuthError: jwt audience invalid/)
})

test('only createVerifier makes verifiers', (t) => {
  t.throws(() => new Verifier(), { code: 'ERR_CONFIG' })
  t.throws(() => new Verifier({}), { code: 'ERR_CONFIG' })
})
