'use strict'

/** @import { Requirement } from './requirements' */

// Loaded by those that use guards.
const requirements = () => require('./requirements')

/**
 * All guards, in the form of one framework.
 *
 * @template Guard
 * @param {(requirement: Requirement) => Guard} guard makes a requirement what the framework calls in front of a route
 */
function guardsOf(guard) {
  return {
    /** @param {Record<string, unknown>} claims */
    claimsChallenge: (claims) => guard(require('./claims-challenge').claimsChallenge(claims)),
    /** @param {string[]} anyOf */
    requireRole: (...anyOf) => guard(requirements().requireRole(...anyOf)),
    /** @param {string[]} anyOf */
    requireScope: (...anyOf) => guard(requirements().requireScope(...anyOf)),
    /** @param {{ scopes: string[], roles: string[] }} anyOf */
    requireScopeOrRole: (anyOf) => guard(requirements().requireScopeOrRole(anyOf)),
    /** @param {string[]} ids */
    requireClient: (...ids) => guard(requirements().requireClient(...ids)),
    /** @param {Parameters<typeof import('./requirements').requireGroup>} idsAndOptions */
    requireGroup: (...idsAndOptions) => guard(requirements().requireGroup(...idsAndOptions)),
    /** @param {string} id */
    requireAuthContext: (id) => guard(requirements().requireAuthContext(id)),
    /** @param {unknown[]} none */
    requireAppOnly: (...none) => guard(requirements().requireAppOnly(...none)),
    /** @param {unknown[]} none */
    requireDelegated: (...none) => guard(requirements().requireDelegated(...none))
  }
}

module.exports = { guardsOf, requirements }
