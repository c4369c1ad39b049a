'use strict'

const { URL } = require('node:url')
const { configError, kindOf } = require('../core/errors')
const { isPlainObject, jsonOf, ownMembers } = require('../core/options')
const { qualifiedScope } = require('../core/scope')

/** @import { Answer } from './answers' */

const IDENTIFIER = 'an https URL (http only for a loopback address) without credentials and fragment'

/**
 * The accepted members, their types, and the wording for messages. `resource` is required.
 *
 * @type {Record<string, { accepts: (value: unknown) => boolean, expected: string }>}
 */
const MEMBERS = {
  resource: {
    accepts: isIdentifier,
    expected: IDENTIFIER
  },
  url: {
    accepts: isIdentifier,
    expected: IDENTIFIER
  },
  scopes: {
    // With white space in a scope, clients would request others than were meant.
    accepts: (value) => Array.isArray(value) && Array.from(value).every((scope) => isText(scope) && !/\s/.test(scope)),
    expected: 'an array of scopes, one per string, without white space'
  },
  authorizationServers: {
    accepts: (value) => Array.isArray(value) && value.length > 0 && Array.from(value).every(isIdentifier),
    expected: 'a non-empty array of https URLs'
  },
  name: { accepts: isText, expected: 'a non-empty string' },
  documentation: { accepts: (value) => isText(value) && URL.canParse(value), expected: 'a URL' }
}

/**
 * OAuth 2.0 Protected Resource Metadata (RFC 9728): the document from which a rejected client learns where to get a token.
 * MCP clients need it.
 *
 * @param {unknown} option the option `resourceMetadata`, a copy that inherits nothing
 * @param {readonly { authority: string, appIdUri: string | undefined }[]} identities who issues the tokens
 * @returns {{ url: string, scope: string | undefined, answerTo: (method: unknown) => Answer }} where the document is, which
 *   scopes a client has to ask for, and how a request for the document is answered, by its method
 */
function resourceMetadata(option, identities) {
  const given = read(option)
  // The lists in the copy have no prototype, so not even `map`.
  const scopes = given.scopes && distinct(Array.from(given.scopes).flatMap((scope) => asAskedFor(scope, identities)))
  const document = {
    resource: given.resource,
    authorization_servers: given.authorizationServers ?? distinct(identities.map(({ authority }) => authority)),
    bearer_methods_supported: ['header'],
    // Section 3.2: lists without values are left out.
    scopes_supported: scopes?.length ? scopes : undefined,
    resource_name: given.name,
    resource_documentation: given.documentation
  }
  const url = given.url === undefined ? wellKnown(new URL(given.resource)) : new URL(given.url).href
  return {
    url,
    scope: scopes?.length ? scopes.join(' ') : undefined,
    answerTo: answers(jsonOf('resourceMetadata', document))
  }
}

const METHODS = 'GET, HEAD, OPTIONS'

/**
 * The response with the document, which is public; pages of any origin may read it. If a page sends its own header, as
 * MCP clients do with `MCP-Protocol-Version`, its browser sends a preflight first.
 *
 * @param {string} body
 * @returns {(method: unknown) => Answer}
 */
function answers(body) {
  const origin = { 'Access-Control-Allow-Origin': '*' }
  const document = { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=3600' }
  // The wildcard does not include `Authorization` (Fetch, section 4.8).
  const preflight = {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': '*, Authorization',
    'Access-Control-Max-Age': '3600'
  }
  return (method) => {
    if (method === 'OPTIONS') return { status: 204, headers: { ...origin, ...preflight }, body: '' }
    // A test or a framework may call the handler with an incomplete request.
    const isRead = method === undefined || method === 'GET' || method === 'HEAD'
    if (isRead) return { status: 200, headers: { ...origin, ...document }, body }
    return { status: 405, headers: { ...origin, Allow: METHODS }, body: '' }
  }
}

/**
 * A scope as clients request it from each authority.
 *
 * @param {string} scope
 * @param {readonly { appIdUri: string | undefined }[]} identities
 */
function asAskedFor(scope, identities) {
  return identities.map(({ appIdUri }) => qualifiedScope(scope, appIdUri))
}

/** @param {string[]} texts */
function distinct(texts) {
  return [...new Set(texts)]
}

/**
 * @param {unknown} option
 * @returns {{ resource: string, url?: string, scopes?: string[], authorizationServers?: string[], name?: string, documentation?: string }}
 */
function read(option) {
  if (!isPlainObject(option)) throw configError('resourceMetadata', `expected a plain object, got ${kindOf(option)}`)
  const given = Object.create(null)
  for (const [name, value] of ownMembers(option, 'resourceMetadata')) {
    if (!Object.hasOwn(MEMBERS, name)) {
      throw configError('resourceMetadata', `expected only ${Object.keys(MEMBERS).join(', ')}`)
    }
    if (value !== undefined) given[name] = value
  }
  for (const [name, { accepts, expected }] of Object.entries(MEMBERS)) {
    if ((name === 'resource' || given[name] !== undefined) && !accepts(given[name])) {
      throw configError(`resourceMetadata.${name}`, `expected ${expected}, got ${kindOf(given[name])}`)
    }
  }
  return given
}

/**
 * Section 1.2: an https URL without a fragment; http only on this machine, for development.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
function isIdentifier(value) {
  if (!isText(value) || !URL.canParse(value)) return false
  const { protocol, hostname, hash, username, password } = new URL(value)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback)
  return isSecure && hash === '' && username === '' && password === ''
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isText(value) {
  return typeof value === 'string' && value !== ''
}

/**
 * Section 3.1: the well-known path goes between the host and the path and query of the resource.
 *
 * @param {URL} resource
 */
function wellKnown({ origin, pathname, search }) {
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`
}

module.exports = { IDENTIFIER, isIdentifier, resourceMetadata }
