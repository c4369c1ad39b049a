'use strict'

const { firstSet } = require('../../core/environment')
const { configError, kindOf } = require('../../core/errors')
const { isPlainObject, plainMembers } = require('../../core/options')
const { ownOnly } = require('../../core/own-only')
const { IDENTIFIER, isIdentifier } = require('../../http/resource-metadata')

/** @import { Options } from '../../..' */

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
    throw configError('keepStreams', `expected true or false, got ${kindOf(keepStreams)}`)
  }
  const more = ownOnly(/** @type {Record<string, unknown>} */ (resourceMetadata))
  const option = textOf(resource) ?? textOf(more.resource)
  const url = option ?? variable('ENTRA_RESOURCE')
  if (url === undefined) {
    const { nearest } = require('../../spelling')
    const misspelt = Object.keys(rest)
      .map((name) => name.slice(0, 60))
      .find((name) => nearest(name, ['resource']))
    if (misspelt !== undefined) throw configError('options', `${misspelt} is not an option; did you mean resource?`)
    throw configError(
      'resource',
      'not set; set ENTRA_RESOURCE or the option resource to the URL of the MCP server that clients use'
    )
  }
  if (!isIdentifier(url)) {
    const name = resource === undefined && option !== undefined ? 'resourceMetadata.resource' : 'resource'
    const source = option === undefined ? { variable: 'ENTRA_RESOURCE' } : {}
    throw configError(name, `expected ${IDENTIFIER}, got ${kindOf(url)}`, source)
  }
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
