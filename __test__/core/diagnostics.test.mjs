// What the channel entra-jwt-verify:verify says of each verdict: code, claim, reason and hint, never the token.
import { channel } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import test from 'ava'
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { authError } = require('../../lib/core/errors.js')
const { publishVerdict } = require('../../lib/core/diagnostics.js')

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  const verifier = createVerifier(options)
  await verifier.preload()
  t.context = { authority, options, verifier }
})
test.after.always((t) => t.context.authority.close())

/** The messages that a synchronous action causes. */
function messagesOf(action) {
  const messages = []
  const verdicts = channel('entra-jwt-verify:verify')
  const listen = (message) => messages.push(message)
  verdicts.subscribe(listen)
  try {
    action()
  } finally {
    verdicts.unsubscribe(listen)
  }
  return messages
}

test('a rejection has code, claim and hint of its error, and no token', (t) => {
  const { authority, options, verifier } = t.context
  const middleware = createCheckAuthToken({ ...options, logger: false })
  for (const [token, claim] of [
    ['junk', undefined],
    [authority.issueToken({ expiresIn: -1 }), 'exp'],
    [authority.issueToken({ audience: 'api://another' }), 'aud'],
    [authority.issueToken({ tenantId: crypto.randomUUID() }), 'tid']
  ]) {
    const error = t.throws(() => verifier.verifySync(token))
    const { code, hint, reason } = error
    t.is(error.claim, claim)
    const [message, ...more] = messagesOf(() => callNow(middleware, { authorization: `Bearer ${token}` }))
    t.deepEqual(message, { verified: false, code, claim, reason, hint, waited: false })
    t.true(hint.length > 10)
    t.deepEqual(more, [])
    if (claim) t.false(JSON.stringify(message).includes(token.split('.')[2]))
  }
})

test('a request without a token is a verdict, one that may pass without is none', (t) => {
  const { options } = t.context
  const call = (more) => () => callNow(createCheckAuthToken({ ...options, logger: false, ...more }))
  t.like(messagesOf(call({}))[0], { verified: false, code: 'ERR_TOKEN_MISSING', claim: undefined })
  t.deepEqual(messagesOf(call({ optional: true })), [])
})

test('a reason is passed on', (t) => {
  const error = authError({ code: 'ERR_TOKEN_CLAIM', message: 'm', hint: 'h', claim: 'exp', reason: 'ill-typed' })
  t.is(error.reason, 'ill-typed')
  const expected = {
    verified: false,
    code: 'ERR_TOKEN_CLAIM',
    claim: 'exp',
    reason: 'ill-typed',
    hint: 'h',
    waited: true
  }
  t.deepEqual(
    messagesOf(() => publishVerdict(error, true)),
    [expected]
  )
})

test('a valid token is a verdict without a code', (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  const [message] = messagesOf(() => verifier.verifySync(token))
  t.like(message, { verified: true, code: undefined, hint: undefined, waited: false })
})
