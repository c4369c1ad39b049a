// Our verdicts against a model of all rules, jose and jsonwebtoken, on random tokens. `npm run fuzz` is the long version.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { classOf } from './classification.mjs'
import { authoritiesOf, configurations } from './configurations.mjs'
import { sampleOf } from './grammar.mjs'
import { judgeByOneOf } from './model/judge.mjs'
import { policyOf } from './model/policy.mjs'
import { described } from './report.mjs'
import { rules } from './rules.mjs'
import { run } from './run.mjs'

const SECONDS = 20

/** Of the tests that look at the tokens, not at the verdicts: the same in every run. */
const SEED = 1

const policies = new Map(
  Object.entries(configurations).map(([name, options]) => [name, authoritiesOf(options).map(policyOf)])
)

test('the verdicts of verifier, model and peers differ only where a table says why', async (t) => {
  const { tokens, valid, problems } = await run({ seed: Date.now() % 2 ** 32, seconds: SECONDS })
  t.deepEqual(problems.map(described), [])
  t.true(valid > tokens / 4, `${valid} of ${tokens} are valid`)
})

test('there are tokens that break one rule alone, for each rule', (t) => {
  const missing = new Set(rules.map(({ id }) => id))
  for (let seed = SEED; missing.size > 0 && seed < SEED + 20_000; seed++) {
    const { token, configuration, now } = sampleOf(seed)
    const { broken } = judgeByOneOf(token, policies.get(configuration), now)
    if (broken.length === 1) missing.delete(broken[0])
  }
  t.deepEqual([...missing], [])
})

test('a verifier that accepts what it must not, or refuses what it must not, is found', async (t) => {
  const lax = createVerifier({ ...configurations['one tenant'], clockTolerance: 300 })
  const wrong = [
    (_, token, now) => lax.verifySync(token, { currentDate: new Date(now * 1000) }),
    () => {
      throw Object.assign(new Error('never'), { code: 'ERR_TOKEN_SIGNATURE' })
    },
    () => undefined
  ]
  for (const verify of wrong) {
    const { problems } = await run({ seed: SEED, tokens: 2000, verify })
    t.true(problems.some(({ problem }) => problem.kind === 'the model'))
  }
})

test('a disagreement with a peer that no table explains has no class', (t) => {
  const [policy] = policies.get('one tenant')
  const payload = new Map(Object.entries({ aud: policy.audiences[0], iss: 'https://issuer.example', tid: 'x', exp: 0 }))
  const facts = { token: '', policy, now: 1, header: new Map([['kid', 'plain']]), payload }
  const accepted = { error: undefined }
  for (const peer of ['jose', 'jsonwebtoken']) {
    for (const rule of ['signature', 'algorithm', 'expired', 'issuer', 'segments']) {
      t.is(classOf(peer, accepted, { ...facts, broken: [rule] }), undefined, `${peer} ${rule}`)
    }
    // One that it asks is enough.
    t.is(classOf(peer, accepted, { ...facts, broken: ['bound', 'signature'] }), undefined)
    t.is(classOf(peer, accepted, { ...facts, broken: ['bound'] }), 'bound')
    t.is(
      classOf(peer, { error: 'unexpected "aud" claim value; jwt audience invalid' }, { ...facts, broken: [] }),
      undefined
    )
  }
})

test('a token is the same whenever its seed is', (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const [one, other] = [sampleOf(seed), sampleOf(seed)]
    t.deepEqual([one.configuration, one.changes, one.now], [other.configuration, other.changes, other.now])
    // Signatures of ECDSA and PSS are random themselves.
    const unsigned = ({ token }) => token.split('.').slice(0, 2).join('.')
    const isChangedAsAWhole = one.changes.some((change) => /character|cut off|segments|white space around/.test(change))
    if (!isChangedAsAWhole) t.is(unsigned(one), unsigned(other))
  }
})
