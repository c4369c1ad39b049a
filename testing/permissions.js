'use strict'

const { kindOf, optionError } = require('./errors')
const { isGuid } = require('./guid')

/**
 * Delegated permissions as in `scp`. A test with another form would prove nothing: no token has it.
 *
 * @param {string} where the option
 * @param {unknown} given
 */
function assertScopes(where, given) {
  for (const scope of stringsIn(where, given)) {
    if (scope.includes(' '))
      throw optionError(`${where}: expected scopes without spaces, each on its own, got '${scope}'`)
    const at = scope.lastIndexOf('/')
    const [resource, name] = [scope.slice(0, Math.max(at, 0)), scope.slice(at + 1)]
    if (!resource.includes('://') && !isGuid(resource) && name !== '.default') continue
    const right = name === '' || name === '.default' ? 'a scope such as Task.Read' : `'${name}'`
    throw optionError(`${where}: expected ${right}, the form in scp, got '${scope}', the form that clients request`)
  }
}

/**
 * App roles: a list, or for registered applications and users one for each API.
 *
 * @param {string} where the option
 * @param {unknown} given
 */
function assertRoles(where, given) {
  const isByResource = typeof given === 'object' && given !== null && !Array.isArray(given)
  for (const roles of isByResource ? Object.values(given) : [given]) stringsIn(where, roles)
}

/**
 * @param {string} where the option
 * @param {unknown} given
 * @returns {string[]}
 */
function stringsIn(where, given) {
  if (!Array.isArray(given)) throw optionError(`${where}: expected an array of strings, got ${kindOf(given)}`)
  const at = given.findIndex((text) => typeof text !== 'string' || text === '')
  if (at >= 0)
    throw optionError(`${where}: expected an array of non-empty strings, got ${kindOf(given[at])} at index ${at}`)
  return given
}

module.exports = { assertRoles, assertScopes, stringsIn }
