// The authority's clock, by the Date of its answers: in stats(), in explain, in what is said about exp and nbf.
import { once } from 'node:events'
import http from 'node:http'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { AUDIENCE, newKey, signToken } from '../helpers/foreign-authority.mjs'

let key
test.before(async () => {
  key = await newKey('key-1')
})

/** A verifier whose authority's clock differs from this host's, which is so many seconds ahead. */
async function ahead(t, seconds, headers) {
  const server = http.createServer((_request, response) => {
    response.sendDate = false
    if (seconds !== undefined) response.setHeader('Date', new Date(Date.now() - seconds * 1000).toUTCString())
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
    response.end(JSON.stringify({ keys: [key.jwk] }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const jwksUri = `http://127.0.0.1:${server.address().port}/keys`
  const verifier = createVerifier({ issuer: 'https://issuer.example', audience: AUDIENCE, jwksUri, proxy: false })
  await verifier.preload()
  return verifier
}

/** A token that is good from `nbf` to `exp`, seconds from now. */
function token(nbf, exp) {
  const now = Math.floor(Date.now() / 1000)
  return signToken(key, { iss: 'https://issuer.example', aud: AUDIENCE, nbf: now + nbf, exp: now + exp })
}

async function hint(t, verifier, bad, code, options) {
  const error = await t.throwsAsync(verifier.verify(await bad, options), { code })
  const { checks } = await verifier.explain(await bad, options)
  const check = checks.find(({ status }) => status === 'failed')
  return [error.hint, check.hint]
}

test('stats() has the seconds that this host is ahead of the authority', async (t) => {
  for (const seconds of [0, 600, -600, 86_400]) {
    const { secondsAheadOfAuthority } = (await ahead(t, seconds)).stats()
    t.true(Math.abs(secondsAheadOfAuthority - seconds) <= 2, `${secondsAheadOfAuthority}, not ${seconds}`)
  }
})

test('without a usable Date nothing is known', async (t) => {
  for (const [seconds, headers] of [
    [undefined, {}],
    [undefined, { Date: 'yesterday' }],
    // Out of a cache on the way.
    [600, { Age: '600' }]
  ]) {
    t.is((await ahead(t, seconds, headers)).stats().secondsAheadOfAuthority, undefined)
  }
})

test('a clock that may be the reason is said, with what it is off by', async (t) => {
  for (const said of await hint(t, await ahead(t, 600), token(-3600, -60), 'ERR_TOKEN_EXPIRED')) {
    t.regex(said, /^this host's clock is 10 min ahead of the authority's/)
  }
  for (const said of await hint(t, await ahead(t, -600), token(60, 3600), 'ERR_TOKEN_NOT_ACTIVE')) {
    t.regex(said, /^this host's clock is 10 min behind the authority's/)
  }
})

test('a clock that cannot be the reason is not', async (t) => {
  const expired = token(-3600, -60)
  const early = token(60, 3600)
  for (const [seconds, bad, code, options] of [
    [5, expired, 'ERR_TOKEN_EXPIRED'],
    [-600, expired, 'ERR_TOKEN_EXPIRED'],
    [600, early, 'ERR_TOKEN_NOT_ACTIVE'],
    // Judged at another instant than this host's.
    [600, token(-60, 60), 'ERR_TOKEN_EXPIRED', { currentDate: new Date(Date.now() + 3_600_000) }]
  ]) {
    for (const said of await hint(t, await ahead(t, seconds), bad, code, options)) {
      t.notRegex(said, /this host's clock is/, `${seconds} ${code}`)
    }
  }
})
