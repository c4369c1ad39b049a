'use strict'

const { firstSet } = require('../../core/environment')
const { IDENTIFIER, isIdentifier } = require('../../http/resource-metadata')
const { distance } = require('../../spelling')
const { failed, warning } = require('../steps')

/** @import { Environment } from '../../core/environment' */

const NAME = 'environment'

/** The variables that only `entra-jwt-verify/mcp` reads. */
const OF_MCP = ['ENTRA_RESOURCE', 'ENTRA_SCOPES']

/** Letters that may be wrong in a name that is meant to be another one. */
const MAX_CHANGES = 2

/**
 * Variables of an MCP server that are misspelt or have a value that cannot be used.
 *
 * @param {Environment} environment
 */
function examineMcp(environment) {
  const misspelt = Object.entries(environment).flatMap(([name, value]) => {
    const meant =
      value?.trim() && /^ENTRA_/i.test(name) ? OF_MCP.find((each) => isNear(name.toUpperCase(), each)) : undefined
    if (meant === undefined || firstSet([meant, meant.toLowerCase()], environment)) return []
    return warning(NAME, `${name} is set, but nothing reads this name`, `rename it to ${meant}, which protectMcp reads`)
  })
  const resource = firstSet(['ENTRA_RESOURCE', 'entra_resource'], environment)
  if (resource === undefined || isIdentifier(resource.value)) return misspelt
  const hint = 'set it to the URL of the MCP server that clients use, such as https://api.example/mcp'
  return [...misspelt, failed(NAME, `${resource.name.toUpperCase()} is not ${IDENTIFIER}`, hint)]
}

/**
 * @param {string} name
 * @param {string} meant
 */
function isNear(name, meant) {
  return name !== meant && distance(name, meant) <= MAX_CHANGES
}

module.exports = { examineMcp }
