// Continuous access evaluation: what a client is told that has to come back with other claims.
import test from 'ava'
import { AuthError, claimsChallenge, createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { recorder, serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const CLAIMS = { access_token: { acrs: { essential: true, value: 'c1' }, xms_note: { value: 'Grüße ✓' } } }

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** A route that every request has to step up for. */
async function stepUp(t, { responses, express = express5, claims = CLAIMS, options } = {}) {
  const { authority } = t.context
  const app = express()
  app.use(createCheckAuthToken({ ...optionsFor(authority), logger: false, responses, ...options }))
  app.get('/', claimsChallenge(claims), (_req, res) => res.send('passed'))
  return serve(t, app)
}

const decode = (claims) => JSON.parse(Buffer.from(claims, 'base64').toString())

/** The token of a client that declared cp1, in either of the two forms. */
const declared = [
  { xms_cc: ['cp1'] },
  { xms_cc: ['other', 'cp1'] },
  { xms_cc: 'cp1' },
  { xms_cc: ['CP1'] },
  { xms_cc: 'Cp1' }
]
const undeclared = [
  {},
  { xms_cc: [] },
  { xms_cc: [1, null] },
  { xms_cc: ['cp10'] },
  { xms_cc: 'cp10' },
  { xms_cc: null }
]

for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
  for (const responses of ['rfc6750', 'next']) {
    test(`${name}, ${responses}: a client that declared cp1 gets 401 and the claims to ask for`, async (t) => {
      const send = await stepUp(t, { responses, express })
      for (const claims of declared) {
        const answer = await send(`Bearer ${t.context.authority.issueToken({ claims })}`)
        t.is(answer.status, 401, JSON.stringify(claims))
        const challenge = parseChallenge(answer.headers.get('www-authenticate'))
        t.is(challenge.error, 'insufficient_claims')
        t.is(challenge.realm, t.context.authority.tenantId)
        t.deepEqual(decode(challenge.claims), CLAIMS)
      }
    })
  }

  test(`${name}: any other client gets 403 and no claims`, async (t) => {
    for (const responses of ['classic', 'rfc6750', 'next']) {
      const send = await stepUp(t, { responses, express })
      for (const claims of undeclared) {
        const answer = await send(`Bearer ${t.context.authority.issueToken({ claims })}`)
        t.is(answer.status, 403, `${responses} ${JSON.stringify(claims)}`)
        t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), {
          error: 'insufficient_scope',
          error_description: 'insufficient claims'
        })
        if (responses === 'classic') t.is(answer.body, 'Forbidden')
      }
    }
  })
}

test('classic: a client that declared cp1 gets 401 as well, since it acts on nothing else', async (t) => {
  const send = await stepUp(t, { responses: 'classic' })
  for (const claims of declared) {
    const answer = await send(`Bearer ${t.context.authority.issueToken({ claims })}`)
    t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'])
    const challenge = parseChallenge(answer.headers.get('www-authenticate'))
    t.is(challenge.error, 'insufficient_claims')
    t.deepEqual(decode(challenge.claims), CLAIMS)
  }
})

test('rfc6750: the body names the same error as the challenge', async (t) => {
  const send = await stepUp(t, { responses: 'rfc6750' })
  const answer = await send(`Bearer ${t.context.authority.issueToken({ claims: declared[0] })}`)
  t.is(JSON.parse(answer.body).error, 'insufficient_claims')
})

test('next: the error handler gets an AuthError with the challenge', async (t) => {
  const { authority } = t.context
  const middleware = createCheckAuthToken({ ...optionsFor(authority), responses: 'next' })
  let error
  const app = express5()
  app.use(middleware, claimsChallenge(CLAIMS))
  app.use((caught, _req, res, _next) => {
    error = caught
    res.end()
  })
  await (await serve(t, app))(`Bearer ${authority.issueToken({ claims: declared[0] })}`)
  t.true(error instanceof AuthError)
  t.like(error, { code: 'ERR_TOKEN_POLICY', status: 401, claim: 'acrs' })
  t.deepEqual(decode(parseChallenge(error.headers['WWW-Authenticate']).claims), CLAIMS)
})

test('the client is sent to the authority that issued the token', async (t) => {
  const { authority } = t.context
  const send = await stepUp(t, { responses: 'rfc6750' })
  const answer = await send(`Bearer ${authority.issueToken({ version: 2, claims: declared[0] })}`)
  t.is(
    parseChallenge(answer.headers.get('www-authenticate')).authorization_uri,
    `${authority.url}/${authority.tenantId}/oauth2/v2.0/authorize`
  )
})

test('also with a v1 token, whose issuer names no authority', async (t) => {
  // A service in China or in the US Government cloud would send its clients to the public cloud.
  const { authority } = t.context
  const send = await stepUp(t, { responses: 'rfc6750' })
  const answer = await send(`Bearer ${authority.issueToken({ version: 1, claims: declared[0] })}`)
  t.is(
    parseChallenge(answer.headers.get('www-authenticate')).authorization_uri,
    `${authority.url}/${authority.tenantId}/oauth2/v2.0/authorize`
  )
})

test('an authority of several tenants, a policy and another issuer have their own address', async (t) => {
  const { authority } = t.context
  const uri = async (options, token) => {
    const send = await stepUp(t, { responses: 'rfc6750', options })
    const { authorization_uri, realm } = parseChallenge((await send(`Bearer ${token}`)).headers.get('www-authenticate'))
    return [authorization_uri, realm]
  }
  const token = authority.issueToken({ version: 2, claims: declared[0] })
  t.deepEqual(await uri({ tenantId: 'organizations', allowedTenants: '*' }, token), [
    `${authority.url}/organizations/oauth2/v2.0/authorize`,
    ''
  ])
  const path = '/contoso.onmicrosoft.com/B2C_1_susi'
  const foreign = await startForeignAuthority(t, { path: `${path}/v2.0` })
  const none = { tenantId: undefined, clientId: undefined, authorityHost: undefined, audience: AUDIENCE }
  t.deepEqual(await uri({ ...none, authority: foreign.url }, await foreign.issueToken({ xms_cc: ['cp1'] })), [
    `${foreign.origin}${path}/oauth2/v2.0/authorize`,
    'contoso.onmicrosoft.com'
  ])
})

test('an issuer that is no URL is not thrown at', async (t) => {
  const foreign = await startForeignAuthority(t)
  foreign.metadata.issuer = 'my-issuer'
  const options = { tenantId: undefined, clientId: undefined, authorityHost: undefined, audience: AUDIENCE }
  const verifier = createVerifier({ ...options, issuer: 'my-issuer', jwksUri: foreign.jwksUri })
  const auth = await verifier.verify(await foreign.issueToken({ ver: '2.0', xms_cc: ['cp1'] }))
  const { status, passed } = callNow(claimsChallenge(CLAIMS), { auth })
  t.deepEqual([status, passed], [401, []])
})

test('a handler may decide for itself when to step up', async (t) => {
  const { authority } = t.context
  const challenge = claimsChallenge(CLAIMS)
  const app = express5()
  app.use(createCheckAuthToken({ ...optionsFor(authority), responses: 'rfc6750' }))
  app.get('/', (req, res, next) =>
    req.auth.claims.acrs?.includes('c1') ? res.send('passed') : challenge(req, res, next)
  )
  const send = await serve(t, app)
  t.is((await send(`Bearer ${authority.issueToken({ claims: { xms_cc: ['cp1'] } })}`)).status, 401)
  t.is((await send(`Bearer ${authority.issueToken({ claims: { xms_cc: ['cp1'], acrs: ['c1'] } })}`)).body, 'passed')
})

test('without the middleware in front it is 401, and nothing is thrown', async (t) => {
  const app = express5()
  app.get('/', claimsChallenge(CLAIMS), (_req, res) => res.send('passed'))
  const answer = await (await serve(t, app))(`Bearer ${t.context.authority.issueToken()}`)
  t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'])
})

test('what is asked for is what it was when the challenge was made', async (t) => {
  const claims = { access_token: { acrs: { essential: true, value: 'c1' } } }
  const send = await stepUp(t, { responses: 'rfc6750', claims })
  claims.access_token.acrs.value = 'c2'
  const answer = await send(`Bearer ${t.context.authority.issueToken({ claims: declared[0] })}`)
  t.is(decode(parseChallenge(answer.headers.get('www-authenticate')).claims).access_token.acrs.value, 'c1')
})

test('a refusal is not logged', async (t) => {
  const logger = recorder()
  const send = await stepUp(t, { responses: 'rfc6750', options: { logger } })
  for (const claims of [declared[0], undeclared[0]]) await send(`Bearer ${t.context.authority.issueToken({ claims })}`)
  t.deepEqual(logger.entries, [])
})

test('what is no claims request is refused at construction', (t) => {
  // A request of a framework, where the guard is passed instead of called, is an instance of a class.
  class Request {
    access_token = CLAIMS.access_token
  }
  for (const wrong of [undefined, null, '', '{}', 5, true, [], [CLAIMS], () => CLAIMS, new Request()]) {
    t.throws(() => claimsChallenge(wrong), { instanceOf: AuthError, code: 'ERR_CONFIG' }, String(wrong))
  }
})

test('nor is what has no JSON', (t) => {
  const circular = {}
  circular.self = circular
  for (const wrong of [circular, { a: 1n }, { toJSON: () => undefined }]) {
    t.throws(() => claimsChallenge(wrong), { instanceOf: AuthError, code: 'ERR_CONFIG' })
  }
})
