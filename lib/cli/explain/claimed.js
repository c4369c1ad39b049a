'use strict'

const { isAuthError } = require('../../core/errors')
const { isGuid } = require('../../core/guid')
const { PUBLIC_CLOUD } = require('../../core/options')
const { createVerifier } = require('../../http/verifier')
const { decoded } = require('../text/jwt')

/** @import { Finding } from '../../..' */

/**
 * The claims of a token, if there is no configuration to verify it: none of them is verified.
 *
 * @typedef {object} Claimed
 * @property {string} [issuer] whose it is
 * @property {string} [tenant]
 * @property {string} [audience] whom it is for
 * @property {string} [client] who asked for it
 * @property {boolean} isAppOnly whether that was for itself
 * @property {number} [expires] seconds since 1970
 * @property {Record<string, string>} variables that would accept such a token; none where it is not one for an API of one's own
 */

/**
 * Findings that are compatible with a token for the user's own API. Any other finding is not: a token for Microsoft
 * Graph or another service, an id token, a token that was not signed by a key of an authority.
 */
const MAY_BE_OURS = [
  'other-resource',
  'audience-form',
  'audience-is-a-scope',
  'token-for-the-client',
  'other-version',
  'custom-signing-keys',
  'rolled-key',
  'unknown-key',
  'clock-skew',
  'expired-token',
  'early-token'
]

/** An id that no tenant and no application has: a verifier needs one of each. */
const NOBODY = 'ffffffff-ffff-4fff-bfff-ffffffffffff'

/**
 * @param {string} token
 * @returns {Promise<{ claimed: Claimed, findings: Finding[] } | undefined>} nothing for a token that cannot be read
 */
async function claimedBy(token) {
  const [head, payload] = token.split('.')
  const [header, claims] = [decoded(head), decoded(payload)]
  if (header === undefined || claims === undefined) return undefined
  const claimed = { ...named(claims), variables: variablesFor(header, claims) }
  const findings = isGuid(claimed.tenant) ? await recognisedAs(token, claimed.tenant, claimed.variables) : []
  const isOther = findings.some(({ name, checks }) => checks.length > 0 && !MAY_BE_OURS.includes(name))
  return {
    claimed: isOther ? { ...claimed, variables: {} } : claimed,
    findings: isOther ? findings.filter(({ name }) => !MAY_BE_OURS.includes(name)) : []
  }
}

/** @param {Record<string, unknown>} claims */
function named({ iss, tid, aud, exp, scp, azp, appid }) {
  const text = (/** @type {unknown} */ value) => (typeof value === 'string' && value !== '' ? value : undefined)
  const [issuer, tenant, audience, client] = [iss, tid, aud, azp ?? appid].map(text)
  return {
    ...(issuer && { issuer }),
    ...(tenant && { tenant }),
    ...(audience && { audience }),
    ...(client && { client }),
    ...(typeof exp === 'number' && { expires: exp }),
    isAppOnly: client !== undefined && scp === undefined
  }
}

/**
 * @param {Record<string, unknown>} header
 * @param {Record<string, unknown>} claims
 * @returns {Record<string, string>}
 */
function variablesFor({ alg }, { iss, tid, aud }) {
  // A signature with a shared secret can only be verified with that secret.
  const isSigned = typeof alg === 'string' && /^[RPE]S/.test(alg)
  if (!isSigned || typeof iss !== 'string' || typeof aud !== 'string' || !/^https:/.test(iss) || !URL.canParse(iss))
    return {}
  const { origin, hostname } = new URL(iss)
  // Trusting another issuer takes more than two variables.
  if (!isGuid(tid) || !iss.includes(tid)) return {}
  const id = aud.replace(/^api:\/\//, '')
  // The issuer of v1 tokens does not identify the cloud.
  const isPublic = origin === PUBLIC_CLOUD || hostname === 'sts.windows.net'
  return {
    ENTRA_TENANT_ID: tid,
    ...(isPublic ? {} : { ENTRA_AUTHORITY_HOST: origin }),
    ...(isGuid(id) ? { ENTRA_CLIENT_ID: id } : { ENTRA_AUDIENCE: aud })
  }
}

/**
 * The core's findings for a text without a configuration, from a verifier that accepts no token and fetches no keys.
 *
 * @param {string} text
 * @param {string} [tenantId]
 * @param {Record<string, string>} [variables] of the authority
 * @returns {Promise<Finding[]>}
 */
async function recognisedAs(text, tenantId = NOBODY, { ENTRA_AUTHORITY_HOST: authorityHost } = {}) {
  try {
    const options = { tenantId, clientId: NOBODY, ...(authorityHost && { authorityHost }) }
    const { findings } = await createVerifier({ ...options, jwksUri: false }).explain(text)
    return findings.map((finding) => ({ ...finding, hint: finding.hint.replaceAll(NOBODY, '<client id of the API>') }))
  } catch (error) {
    // A host that cannot exist.
    if (isAuthError(error)) return []
    throw error
  }
}

module.exports = { claimedBy, recognisedAs }
