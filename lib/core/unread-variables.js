'use strict'

/**
 * A variable that nobody reads.
 *
 * @typedef {{ option: string, name: string, restricts: boolean, hint: string, text: string, advice: string }} Unread
 */

/**
 * Other names for restrictions. Not ENTRA_SCOPES, which `protectMcp` reads.
 *
 * @type {Record<string, string[]>}
 */
const NEAR_NAMES = {
  allowedTenants: ['ENTRA_ALLOWED_TENANT', 'ENTRA_ALLOWED_TENANT_IDS'],
  allowedClients: ['ENTRA_ALLOWED_CLIENT', 'ENTRA_ALLOWED_CLIENT_IDS'],
  requiredRoles: ['ENTRA_REQUIRED_ROLE', 'ENTRA_ROLES'],
  requiredScopes: ['ENTRA_REQUIRED_SCOPE']
}

/**
 * Options without a variable, with a value as it is written. A variable with the name of one, ENTRA_REQUIRED_ROLES, would
 * be ignored, and its author believe that it applies.
 */
const WITHOUT_VARIABLE = Object.entries({
  authorities: '[…]',
  issuer: "'…'",
  allowedTenants: "['…']",
  allowedClients: "['…']",
  requiredRoles: "['…']",
  requiredScopes: "['…']",
  algorithms: "['…']",
  clockTolerance: '…',
  maxTokenLength: '…',
  boundTokens: "'…'",
  clientCertificateHeader: "'…'",
  optional: '…',
  getToken: '…',
  responses: "'…'",
  logger: '…',
  resourceMetadata: '{ … }',
  initialKeys: '…',
  jwks: '…',
  jwksUri: "'…'",
  tokenCache: '…'
}).map(([option, value]) => {
  const name = option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  // Those that restrict who is accepted.
  const restricts = /^(?:allowed|required|issuer)/.test(option)
  // Other programs read AZURE_… too: only those are certain to be meant for this one that name a restriction.
  const names = restricts ? [`ENTRA_${name}`, `AZURE_${name}`, ...(NEAR_NAMES[option] ?? [])] : [`ENTRA_${name}`]
  const code = `createCheckAuthToken({ ${option}: ${value} })`
  return { option, names, restricts, hint: `set the option ${option} in the code (${code})` }
})

/**
 * Variables that are set and named like an option that has none. The application's own code may read them, also after this, so that
 * they are never more than a warning.
 *
 * @param {Record<string, unknown>} given options, which inherit nothing: a variable with the name of one of them is the
 *   application's own
 * @param {(name: string) => boolean} isSet
 * @returns {Unread[]}
 */
function unreadVariables(given, isSet) {
  // Each authority has restrictions of its own.
  if (given.authorities !== undefined) return []
  return WITHOUT_VARIABLE.flatMap(({ names, ...about }) => {
    const found = given[about.option] === undefined ? names.filter(isSet) : []
    const effect = about.restricts ? ': it restricts nothing' : ''
    return found.map((name) => ({
      ...about,
      name,
      text: `${name} is set, but entra-jwt-verify does not read it${effect}`,
      advice: `${about.hint}; if your own code reads this variable, ignore this`
    }))
  })
}

module.exports = { unreadVariables }
