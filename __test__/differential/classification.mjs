// Disagreements with the peers, explained by a rule (rules.mjs) or by a row of this table; what neither explains fails.
import { ruleOf } from './rules.mjs'

/**
 * A valid token that a peer refuses: who, with what, under which condition, and why we are right.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {('jose' | 'jsonwebtoken')[]} peers
 * @property {RegExp} error
 * @property {(facts: import('./peers.mjs').Facts) => boolean} when
 * @property {string} section
 * @property {string} why
 */

/** @type {Row[]} */
export const stricter = [
  {
    id: 'audience as Entra spells it',
    peers: ['jose', 'jsonwebtoken'],
    error: /unexpected "aud"|jwt audience invalid/,
    when: ({ payload, policy }) => ![payload.get('aud')].flat().some((aud) => policy.audiences.includes(aud)),
    section: 'RFC 7519, 4.1.3: the interpretation of audience values is application specific',
    why: 'an application id is a GUID and compares without case; a trailing slash, and spn: in v1 tokens, are spellings of Entra'
  },
  {
    id: 'tenant in capitals',
    peers: ['jose', 'jsonwebtoken'],
    error: /unexpected "iss"|jwt issuer invalid/,
    when: ({ payload }) => /[A-F]/.test(payload.get('tid')) && payload.get('iss').includes(payload.get('tid')),
    section: 'RFC 9562, 4: the hexadecimal digits of a UUID compare without case',
    why: 'tid and iss have the same spelling, and it is the tenant that is configured'
  },
  {
    id: 'key by thumbprint',
    peers: ['jose', 'jsonwebtoken'],
    error: /multiple matching keys|no such key/,
    when: ({ header }) => !header.has('kid') && header.has('x5t'),
    section: 'RFC 7515, 4.1.7',
    why: 'peers look keys up by kid alone'
  },
  {
    id: 'parts of a second',
    peers: ['jose'],
    error: /"nbf" claim timestamp check failed/,
    when: ({ payload, policy, now }) => Math.floor(now) + policy.clockTolerance < payload.get('nbf'),
    section: 'RFC 7519, 2: a NumericDate may have a fraction',
    why: 'jose rounds the clock down to whole seconds'
  }
]

/**
 * The class of a disagreement, or `undefined` for one that nothing explains.
 *
 * @param {'jose' | 'jsonwebtoken'} peer
 * @param {import('./peers.mjs').PeerVerdict} verdict
 * @param {import('./peers.mjs').Facts} facts
 */
export function classOf(peer, { error }, facts) {
  if (facts.broken.length === 0) {
    return stricter.find((row) => row.peers.includes(peer) && row.error.test(error ?? '') && row.when(facts))?.id
  }
  const asks = (id) => {
    const asked = ruleOf(id)[peer]
    return typeof asked === 'function' ? asked(facts) : asked
  }
  return facts.broken.some(asks) ? undefined : facts.broken[0]
}
