'use strict'

const { ExternalContextCreator, Inject, Injectable, ModulesContainer, Optional } = require('../common')
const { PROTECTION } = require('../guard')
const { checkConfigurations } = require('./configurations')
const { checkFields } = require('./fields')
const { checkGraphqlTypes } = require('./graphql-types')
const { globalGuardsOf, hasGlobalGuard, startWithOurs } = require('./guards')
const { checkPlaces } = require('./places')

/** @import { ModuleRef } from './container' */

const OTHER_COPY =
  'entra-jwt-verify/nest loads another copy of @nestjs/core than the application, and cannot check whether guards run where they ' +
  'have to, nor tell global guards which handlers are public: install one copy (npm ls @nestjs/core).'

/**
 * Looks through Nest's container when the application starts, and keeps it from starting if a guard or a requirement would have no
 * effect. It is made before Nest and the application add global guards, so that one of ours can be the first. A provider of its own,
 * because Nest runs no hook of one that depends on the request, as the options may.
 */
class StartCheck {
  #modules
  #creator

  /**
   * @param {ReadonlyMap<string, any> | undefined} modules nothing where the application has another copy of `@nestjs/core`
   * @param {any} creator of the contexts of resolvers
   */
  constructor(modules, creator) {
    this.#modules = modules
    this.#creator = creator
    startWithOurs(creator)
  }

  onModuleInit() {
    if (this.#modules === undefined) {
      require('../../../core/warning').warnOnce('ENTRA_JWT_VERIFY_NEST_COPIES', OTHER_COPY)
      return
    }
    const modules = /** @type {ModuleRef[]} */ ([...this.#modules.values()])
    checkConfigurations(modules, PROTECTION)
    checkFields(modules, hasGlobalGuard(modules, globalGuardsOf(this.#creator)))
    checkPlaces(modules, this.#creator)
  }

  onApplicationBootstrap() {
    // @nestjs/graphql knows all its types only when it has been initialised.
    checkGraphqlTypes()
  }
}
Injectable()(StartCheck)

for (const [index, type] of [ModulesContainer, ExternalContextCreator].entries()) {
  Inject(type)(StartCheck, undefined, index)
  Optional()(StartCheck, undefined, index)
}

module.exports = { StartCheck }
