// The rules, in the order in which they are asked; the first that a token breaks is the verdict. Of each: its code, where it
// comes from, and which of the peers asks it too, so that a peer's acceptance of a token that we refuse is explained, or not.

import { issuersOf } from './peers.mjs'
import { fits } from './signers.mjs'

/**
 * Whether a peer asks the rule: always, never, or under a condition that says when.
 *
 * @typedef {boolean | ((facts: import('./peers.mjs').Facts) => boolean)} Asked
 * @typedef {{ id: string, code: string, section: string, jose: Asked, jsonwebtoken: Asked }} Rule
 */

const ONE_TENANT = ({ policy }) => policy.exactIssuer !== undefined || policy.onlyTenant !== undefined
const ISSUER_IS_NO_OTHER_VERSIONS = (facts) =>
  ONE_TENANT(facts) && !issuersOf(facts.policy).includes(facts.payload.get('iss'))
/** It does not look at x5t: one key of the algorithm is enough. */
const HAS_KID = ({ header }) => header.has('kid')
/** It understands b64, and `true` is what is done anyway. */
const CRIT_IS_NOT_B64_ALONE = ({ header }) =>
  !([header.get('crit')].flat().every((name) => name === 'b64') && header.get('b64') === true)
const NO_KEY_OF_THE_NAME = ({ header, policy }) => !policy.jwks.keys.some(({ kid }) => kid === header.get('kid'))
const NO_KEY_OF_THE_TYPE = ({ header, policy }) =>
  !policy.jwks.keys.some((jwk) => jwk.kid === header.get('kid') && fits(jwk, header.get('alg')))
/** spn: is no spelling of v2, but a peer compares it like any text. */
const NO_SUCH_AUDIENCE = ({ payload, policy }) =>
  ![payload.get('aud')].flat().some((audience) => policy.audiences.includes(audience))
const FLOORED = ({ payload, policy, now }) => Math.floor(now) >= payload.get('exp') + policy.clockTolerance

/** What is asked of the JSON in both header and payload. */
const json = (segment, section) => [
  [`${segment}-alphabet`, 'ERR_TOKEN_MALFORMED', 'RFC 7515, 2', false, true],
  [`${segment}-canonical`, 'ERR_TOKEN_MALFORMED', 'RFC 4648, 3.5', false, false],
  [`${segment}-utf8`, 'ERR_TOKEN_MALFORMED', `RFC 7515, ${section}; RFC 8259, 8.1`, false, false],
  [`${segment}-bom`, 'ERR_TOKEN_MALFORMED', 'RFC 8259, 8.1', false, true],
  [`${segment}-grammar`, 'ERR_TOKEN_MALFORMED', 'RFC 8259, 2', true, true],
  [`${segment}-object`, 'ERR_TOKEN_MALFORMED', `RFC 7515, ${section}`, true, segment === 'header'],
  [`${segment}-duplicate`, 'ERR_TOKEN_MALFORMED', 'RFC 7515, 4; RFC 7519, 4; RFC 8725, 2.4', false, false],
  [`${segment}-depth`, 'ERR_TOKEN_MALFORMED', 'RFC 8259, 9', false, false],
  [`${segment}-surrogate`, 'ERR_TOKEN_MALFORMED', 'RFC 8259, 8.2', false, false],
  [`${segment}-range`, 'ERR_TOKEN_MALFORMED', 'RFC 8259, 6', false, false]
]

/** @type {[id: string, code: string, section: string, jose: Asked, jsonwebtoken: Asked][]} */
const table = [
  ['empty', 'ERR_TOKEN_MISSING', 'RFC 6750, 2.1', true, true],
  ['length', 'ERR_TOKEN_MALFORMED', 'RFC 8725, 3 (resources); maxTokenLength', false, false],
  ['ascii', 'ERR_TOKEN_MALFORMED', 'RFC 7515, 3.1', true, true],
  ['segments', 'ERR_TOKEN_MALFORMED', 'RFC 7515, 7.1; RFC 7519, 6', true, true],
  ['authority', 'ERR_TOKEN_ISSUER', 'RFC 8725, 3.8; docs/authorities.md', false, false],
  ...json('header', '4'),
  ['crit', 'ERR_TOKEN_MALFORMED', 'RFC 7515, 4.1.11', CRIT_IS_NOT_B64_ALONE, false],
  ['b64', 'ERR_TOKEN_MALFORMED', 'RFC 7797, 6', false, false],
  ['encryption', 'ERR_TOKEN_MALFORMED', 'RFC 7516, 4.1.2 and 4.1.3', false, false],
  ['key-reference', 'ERR_TOKEN_MALFORMED', 'RFC 7515, 4.1.4 and 4.1.7', false, true],
  ['algorithm', 'ERR_TOKEN_ALGORITHM', 'RFC 8725, 3.1', true, true],
  ['type', 'ERR_TOKEN_USE', 'RFC 8725, 3.11; RFC 9068, 4', false, false],
  ['nonce', 'ERR_TOKEN_GRAPH', 'Microsoft, "Access tokens": validate only your own', false, false],
  ['key-not-named', 'ERR_TOKEN_KEY_UNKNOWN', 'RFC 7515, 4.1.4', false, true],
  ['key-unknown', 'ERR_TOKEN_KEY_UNKNOWN', 'RFC 7515, 6', HAS_KID, NO_KEY_OF_THE_NAME],
  ['key-unfit', 'ERR_TOKEN_KEY_UNKNOWN', 'RFC 8725, 3.1; RFC 7517, 4.4', HAS_KID, NO_KEY_OF_THE_TYPE],
  ['key-cloud', 'ERR_TOKEN_KEY_UNKNOWN', 'Microsoft.IdentityModel.Validators, IDX40012', false, false],
  ['signature-alphabet', 'ERR_TOKEN_MALFORMED', 'RFC 7515, 2', false, true],
  ['signature-canonical', 'ERR_TOKEN_MALFORMED', 'RFC 4648, 3.5', false, false],
  ['signature', 'ERR_TOKEN_SIGNATURE', 'RFC 7515, 5.2', true, true],
  ...json('payload', '7.2'),
  ['registered-types', 'ERR_TOKEN_CLAIM', 'RFC 7519, 4.1', false, false],
  ['exp-missing', 'ERR_TOKEN_EXPIRED', 'RFC 9068, 2.2', false, false],
  ['expired', 'ERR_TOKEN_EXPIRED', 'RFC 7519, 4.1.4', FLOORED, true],
  ['not-active', 'ERR_TOKEN_NOT_ACTIVE', 'RFC 7519, 4.1.5', true, true],
  ['entra-types', 'ERR_TOKEN_CLAIM', 'Microsoft, "Access token claims reference"', false, false],
  ['issuer-version', 'ERR_TOKEN_ISSUER', 'Microsoft, "Access tokens": versions', false, false],
  ['issuer', 'ERR_TOKEN_ISSUER', 'RFC 8725, 3.8', ISSUER_IS_NO_OTHER_VERSIONS, ISSUER_IS_NO_OTHER_VERSIONS],
  ['tenant-twice', 'ERR_TOKEN_TENANT', 'RFC 8725, 2.4', false, false],
  ['tenant-no-guid', 'ERR_TOKEN_TENANT', 'Microsoft, "Access token claims reference", tid', false, false],
  ['tenant-in-issuer', 'ERR_TOKEN_TENANT', 'Microsoft, "Access tokens": validate the issuer', false, false],
  ['tenant-not-allowed', 'ERR_TOKEN_TENANT', 'RFC 8725, 3.8', false, false],
  ['client-not-named', 'ERR_TOKEN_USE', 'RFC 8725, 3.12', false, false],
  ['app-with-scopes', 'ERR_TOKEN_CLAIM', 'Microsoft, "Access token claims reference", idtyp and scp', false, false],
  ['bound', 'ERR_TOKEN_USE', 'RFC 7800, 3.1; RFC 8705, 3', false, false],
  ['key-issuer', 'ERR_TOKEN_ISSUER', 'Microsoft.IdentityModel.Validators, signing key issuer', false, false],
  ['audience', 'ERR_TOKEN_AUDIENCE', 'RFC 7519, 4.1.3; RFC 8725, 3.9', NO_SUCH_AUDIENCE, NO_SUCH_AUDIENCE],
  ['client-not-allowed', 'ERR_TOKEN_POLICY', 'allowedClients', false, false],
  ['role-missing', 'ERR_TOKEN_POLICY', 'requiredRoles', false, false],
  ['scope-missing', 'ERR_TOKEN_POLICY', 'requiredScopes; RFC 6750, 3.1', false, false]
]

/** @type {Rule[]} */
export const rules = table.map(([id, code, section, jose, jsonwebtoken]) => ({ id, code, section, jose, jsonwebtoken }))

const places = new Map(rules.map(({ id }, place) => [id, place]))

/** @param {string} id */
export function order(id) {
  const place = places.get(id)
  if (place === undefined) throw new Error(`${id} is not in the table of rules`)
  return place
}

/** @param {string} id */
export function ruleOf(id) {
  return rules[order(id)]
}
