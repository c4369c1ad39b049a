'use strict'

const { firstSet } = require('../../core/environment')
const { configError, kindOf } = require('../../core/errors')
const { isPlainObject, plainMembers } = require('../../core/options')
const { ownOnly } = require('../../core/own-only')
const { IDENTIFIER, isIdentifier } = require('../../http/resource-metadata')

/** @import { Options } from '../../..' */

/** Of the documentation, for the options that only this entry has. */
const PAGE = 'docs/mcp.md'

/**
 * The options that only `protectMcp` has. An explicit option wins over its variable.
 *
 * @param {unknown} [options]
 */
function readOptions(options = {}) {
  const set = plainMembers(options).filter(([, value]) => (value ?? undefined) !== undefined)
  const given = ownOnly(Object.fromEntries(set))
  const { resource, scopes, keepStreams = false, resourceMetadata = {}, responses = 'rfc6750', ...rest } = given
  if (!isPlainObject(resourceMetadata)) {
    throw configError('resourceMetadata', `expected a plain object, got ${kindOf(resourceMetadata)}`)
  }
  if (typeof keepStreams !== 'boolean') {
    throw configError('keepStreams', `expected true or false, got ${kindOf(keepStreams)}`, { page: PAGE })
  }
  const more = ownOnly(/** @type {Record<string, unknown>} */ (resourceMetadata))
  const option = textOf(resource) ?? textOf(more.resource)
  const url = option ?? variable('ENTRA_RESOURCE')
  if (url === undefined) {
    const { nearest } = require('../../spelling')
    const misspelt = Object.keys(rest)
      .map((name) => name.slice(0, 60))
      .find((name) => nearest(name, ['resource']))
    if (misspelt !== undefined)
      throw configError('options', `${misspelt} is not an option; did you mean resource?`, { page: PAGE })
    throw configError(
      'resource',
      'not set; set ENTRA_RESOURCE or the option resource to the URL of the MCP server that clients use',
      { page: PAGE }
    )
  }
  if (!isIdentifier(url)) {
    const name = resource === undefined && option !== undefined ? 'resourceMetadata.resource' : 'resource'
    const source = { page: PAGE, ...(option === undefined && { variable: 'ENTRA_RESOURCE' }) }
    throw configError(name, `expected ${IDENTIFIER}, got ${kindOf(url)}`, source)
  }
  if ('scope' in rest) {
    const question = 'did you mean scopes, which clients request, or requiredScopes, which every token needs?'
    throw configError('options', `scope is not an option; ${question}`, { page: PAGE })
  }
  if (scopes !== undefined) assertScopes(scopes)
  const document = { ...more, resource: url, scopes: scopes ?? more.scopes ?? listOf(variable('ENTRA_SCOPES')) }
  return {
    resource: url,
    keepStreams,
    /** Whether the application named another place for the metadata. */
    isElsewhere: more.url !== undefined,
    clockTolerance: typeof given.clockTolerance === 'number' ? given.clockTolerance : 0,
    options: /** @type {Options} */ ({ ...rest, responses, resourceMetadata: document })
  }
}

/**
 * With white space in a scope, clients would request others than were meant.
 *
 * @param {unknown} list the option `scopes`
 */
function assertScopes(list) {
  const expected = 'expected an array of scopes, one per string, without white space'
  if (!Array.isArray(list)) throw configError('scopes', `${expected}, got ${kindOf(list)}`, { page: PAGE })
  for (const [index, scope] of list.entries()) {
    const given = typeof scope === 'string' ? stringOf(scope) : kindOf(scope)
    if (given !== undefined) throw configError('scopes', `${expected}, got ${given} at index ${index}`, { page: PAGE })
  }
}

/**
 * What is wrong with a string that has to be one scope.
 *
 * @param {string} scope
 */
function stringOf(scope) {
  if (scope === '') return 'an empty string'
  return /\s/.test(scope) ? 'white space' : undefined
}

/**
 * Converts a URL to a string.
 *
 * @param {unknown} value
 */
function textOf(value) {
  if (typeof value !== 'object' || value === null) return value
  const { href } = /** @type {{ href?: unknown }} */ (value)
  return typeof href === 'string' ? href : value
}

/** @param {string} name */
function variable(name) {
  return firstSet([name, name.toLowerCase()], process.env)?.value
}

/** @param {string | undefined} text */
function listOf(text) {
  return text?.split(/[\s,]+/).filter((part) => part !== '')
}

module.exports = { readOptions }
