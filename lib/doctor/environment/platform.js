'use strict'

const { environmentVariable } = require('../../core/environment')
const { passed, warning } = require('../steps')

/** @import { Environment } from '../../core/environment' */
/** @import { Step } from '../steps' */

const NAME = 'platform'

/** Platforms, by a variable that only this platform sets; the more specific ones first. */
const PLATFORMS = /** @type {const} */ ([
  ['WEBSITE_STATICWEBAPP_RESOURCE_ID', 'Azure Static Web Apps'],
  ['CONTAINER_APP_NAME', 'Azure Container Apps'],
  ['FUNCTIONS_WORKER_RUNTIME', 'Azure Functions'],
  ['WEBSITE_SITE_NAME', 'Azure App Service'],
  ['AZURE_FEDERATED_TOKEN_FILE', 'Kubernetes with workload identity (AKS)'],
  ['KUBERNETES_SERVICE_HOST', 'Kubernetes']
])

/**
 * The platform of the process, and its pitfalls.
 *
 * @param {Environment} environment
 * @returns {Step[]}
 */
function examinePlatform(environment) {
  const [variable, platform] = PLATFORMS.find(([each]) => environmentVariable(each, environment)) ?? []
  if (platform === undefined) return []
  if (platform === 'Azure Static Web Apps') {
    return [
      warning(
        NAME,
        `${platform} (${variable}): it puts a token of its own into the header Authorization of its functions`,
        'have the client send the token in another header, and read that with the option getToken'
      )
    ]
  }
  const hasEasyAuth = /^(?:true|1)$/i.test(environmentVariable('WEBSITE_AUTH_ENABLED', environment) ?? '')
  const also = hasEasyAuth
    ? '; its own authentication (Easy Auth) is on, and answers requests without a sign-in itself'
    : ''
  return [passed(NAME, `${platform} (${variable})${also}`)]
}

module.exports = { examinePlatform }
