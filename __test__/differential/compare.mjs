// One token, judged by us, the model and the peers.
import { isDeepStrictEqual } from 'node:util'
import { createVerifier } from 'entra-jwt-verify'
import { classOf } from './classification.mjs'
import { authoritiesOf, configurations } from './configurations.mjs'
import { plain } from './model/json.mjs'
import { judgeByOneOf } from './model/judge.mjs'
import { policyOf } from './model/policy.mjs'
import { peersOf } from './peers.mjs'
import { ruleOf } from './rules.mjs'

/** One token of so many is explained as well: it takes as long as all the rest. */
const EXPLAINED = 16

/**
 * @typedef {{ verify: (token: string, now: number) => import('entra-jwt-verify').VerifiedToken, explain?: any }} Subject
 * @typedef {{ kind: string, detail: unknown }} Problem
 * @typedef {object} Comparison
 * @property {string[]} broken ids of the rules that the token breaks
 * @property {string[]} classes of disagreements that are explained, `peer: class`
 * @property {Problem[]} problems what nothing explains
 */

/** name → verifier, the model's policies and the peers, which know no more than one authority; made once. */
const benches = new Map(
  Object.entries(configurations).map(([name, options]) => {
    const policies = authoritiesOf(options).map(policyOf)
    const peers = policies.length > 1 ? {} : peersOf(policies[0])
    return [name, { verifier: createVerifier(options), policies, peers }]
  })
)

/**
 * @param {import('./grammar.mjs').Sample} sample
 * @param {(name: string, token: string, now: number) => any} [verify] in place of our verifier
 * @returns {Promise<Comparison>}
 */
export async function compare({ seed, configuration, token, now }, verify = verifyWithOurs) {
  const { verifier, policies, peers } = benches.get(configuration)
  const judgement = judgeByOneOf(token, policies, now)
  const { broken, header, payload, policy } = judgement
  const problems = []
  const verdict = outcome(() => verify(configuration, token, now))
  const expected = broken.length > 0 ? ruleOf(broken[0]).code : 'valid'
  if (verdict.code !== expected) problems.push({ kind: 'the model', detail: { expected, got: verdict.code, broken } })
  else if (verdict.token) problems.push(...readProblems(verdict.token, judgement))

  if (verify === verifyWithOurs) {
    problems.push(...secondSight(verifier, token, now, verdict))
    if (seed % EXPLAINED === 0) problems.push(...(await explainProblems(verifier, token, now, verdict)))
  }

  const classes = []
  const facts = { token, policy, now, header, payload, broken }
  for (const [peer, judgeByPeer] of Object.entries(peers)) {
    const peerVerdict = await judgeByPeer(token, now)
    const isAccepted = peerVerdict.error === undefined
    if (isAccepted === (expected === 'valid')) continue
    const explanation = classOf(peer, peerVerdict, facts)
    const direction = isAccepted ? 'accepts' : 'refuses'
    if (explanation === undefined) {
      problems.push({ kind: `${peer} ${direction}`, detail: { error: peerVerdict.error, expected, broken } })
    } else classes.push(`${peer} ${direction}: ${explanation}`)
  }
  return { broken, classes, problems }
}

function verifyWithOurs(configuration, token, now) {
  return benches.get(configuration).verifier.verifySync(token, { currentDate: new Date(now * 1000) })
}

/** `valid` with the token, or the code that was thrown. */
function outcome(action) {
  try {
    return { code: 'valid', token: action() }
  } catch (error) {
    return { code: error.code ?? `${error}` }
  }
}

/** What the application reads is what was judged. */
function readProblems(token, { header, payload, caller }) {
  const read = {
    header: token.header,
    claims: token.claims,
    tenantId: token.tenantId,
    clientId: token.clientId,
    roles: token.roles,
    scopes: token.scopes,
    expiresAt: token.expiresAt,
    isAppOnly: token.isAppOnly
  }
  const expected = { header: plain(header), claims: plain(payload), ...caller }
  return Object.keys(read)
    .filter((name) => !isSame(read[name], expected[name]))
    .map((name) => ({ kind: `the model, ${name}`, detail: { expected: expected[name], got: read[name] } }))
}

/** Whether two values are the same JSON, with members in the same order; claims inherit from an object of their own. */
function isSame(one, other) {
  return isDeepStrictEqual(JSON.stringify(one), JSON.stringify(other))
}

/** A token that was verified is remembered; one that was refused is not. Either way the next verdict is the same. */
function secondSight(verifier, token, now, first) {
  const second = outcome(() => verifier.verifySync(token, { currentDate: new Date(now * 1000) }))
  const isStable = second.code === first.code && isSame(second.token?.claims, first.token?.claims)
  return isStable ? [] : [{ kind: 'the second sight', detail: { first: first.code, second: second.code } }]
}

async function explainProblems(verifier, token, now, { code }) {
  const explanation = await verifier.explain(token, { currentDate: new Date(now * 1000) })
  const firstFailed = explanation.checks.find(({ status }) => status === 'failed')
  const said = explanation.verdict === 'valid' ? 'valid' : explanation.code
  const isSameVerdict = said === code && (firstFailed?.code ?? 'valid') === code
  return isSameVerdict ? [] : [{ kind: 'explain', detail: { verify: code, explain: said, failed: firstFailed } }]
}
