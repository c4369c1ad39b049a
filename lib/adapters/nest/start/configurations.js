'use strict'

const { mistake } = require('../mistake')

/** @import { ModuleRef, Provider } from './container' */

/**
 * Finds configurations that Nest would use in another way than they look.
 *
 * @param {readonly ModuleRef[]} modules
 * @param {unknown} token of what the guard verifies with
 * @throws {import('../../../..').AuthError} `ERR_CONFIG`
 */
function checkConfigurations(modules, token) {
  const configured = modules.filter(({ providers }) => providers.get(token)?.isAlias === false)
  for (const { providers } of configured) checkScope(/** @type {Provider} */ (providers.get(token)))
  checkGlobals(configured.filter(({ isGlobal }) => isGlobal).map(({ providers }) => providers.get(token)))
}

/** @param {Provider} protection */
function checkScope(protection) {
  if (protection.isDependencyTreeStatic?.() !== false || protection.isDependencyTreeDurable?.()) return
  throw mistake(
    'EntraAuthModule.forRootAsync: its options depend on the request: every request would get a verifier with an empty cache of keys',
    'inject no request-scoped provider: the options are the same for all requests. For several tenants, set allowedTenants or ' +
      'authorities'
  )
}

/**
 * A module that has not imported one of them gets that which was imported first.
 *
 * @param {(Provider | undefined)[]} protections
 */
function checkGlobals([first, ...others]) {
  const isSame = (/** @type {Provider | undefined} */ other) => other?.instance && other.instance === first?.instance
  if (others.every(isSame)) return
  throw mistake(
    'EntraAuthModule: expected one global configuration, got several: the order of imports would decide which one a guard uses',
    'import EntraAuthModule.forRoot() once, in the root module; for another configuration, set isGlobal: false in it, and import it ' +
      'in the modules that need it'
  )
}

module.exports = { checkConfigurations }
