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
    /**
     * @param {Record<string, unknown>} claims
     * @param {unknown[]} more
     */
    claimsChallenge: (claims, ...more) =>
      guard(alone('claimsChallenge', require('./claims-challenge').claimsChallenge(claims), more)),
    /** @param {string[]} anyOf */
    requireRole: (...anyOf) => guard(requirements().requireRole(...anyOf)),
    /** @param {string[]} anyOf */
    requireScope: (...anyOf) => guard(requirements().requireScope(...anyOf)),
    /**
     * @param {{ scopes: string[], roles: string[] }} anyOf
     * @param {unknown[]} more
     */
    requireScopeOrRole: (anyOf, ...more) =>
      guard(alone('requireScopeOrRole', requirements().requireScopeOrRole(anyOf), more)),
    /** @param {string[]} ids */
    requireClient: (...ids) => guard(requirements().requireClient(...ids)),
    /** @param {Parameters<typeof import('./requirements').requireGroup>} idsAndOptions */
    requireGroup: (...idsAndOptions) => guard(requirements().requireGroup(...idsAndOptions)),
    /**
     * @param {string} id
     * @param {unknown[]} more
     */
    requireAuthContext: (id, ...more) =>
      guard(alone('requireAuthContext', requirements().requireAuthContext(id), more)),
    /** @param {unknown[]} none */
    requireAppOnly: (...none) => guard(requirements().requireAppOnly(...none)),
    /** @param {unknown[]} none */
    requireDelegated: (...none) => guard(requirements().requireDelegated(...none))
  }
}

/**
 * @param {string} name of a guard that takes one argument
 * @param {Requirement} requirement
 * @param {unknown[]} more what it got besides
 */
function alone(name, requirement, more) {
  if (more.length > 0) require('./misuse').assertOneArgument(name, more, 'one argument')
  return requirement
}

module.exports = { guardsOf, requirements }
