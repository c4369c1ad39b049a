'use strict'

const { configError } = require('../core/errors')

/** Members that are accepted, and what each has to be. `resource` is required. */
const MEMBERS = {
  resource: isIdentifier,
  url: isIdentifier,
  scopes: (value) => Array.isArray(value) && value.every(isText),
  name: isText,
  documentation: (value) => isText(value) && URL.canParse(value)
}

/**
 * OAuth 2.0 Protected Resource Metadata (RFC 9728): where a client that was refused learns whom to ask for a token.
 * MCP clients need it.
 *
 * @returns {{ url: string, handler: Function }}
 */
function resourceMetadata({ resourceMetadata: given, authority }) {
  check(given)
  const document = JSON.stringify({
    resource: given.resource,
    authorization_servers: [authority],
    bearer_methods_supported: ['header'],
    // Section 3.2: lists without values are left out.
    scopes_supported: given.scopes?.length ? given.scopes : undefined,
    resource_name: given.name,
    resource_documentation: given.documentation
  })
  const url = given.url === undefined ? wellKnown(new URL(given.resource)) : new URL(given.url).href
  return { url, handler: (_req, res) => serve(res, document) }
}

function check(given) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw configError('resourceMetadata', `accepted is an object with ${Object.keys(MEMBERS).join(', ')}`)
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(MEMBERS, name)) {
      throw configError('resourceMetadata', `it has only ${Object.keys(MEMBERS).join(', ')}`)
    }
  }
  for (const [name, isAccepted] of Object.entries(MEMBERS)) {
    const value = given[name]
    if (name === 'resource' ? !isAccepted(value) : value !== undefined && !isAccepted(value)) {
      throw configError(
        `resourceMetadata.${name}`,
        'accepted are https URLs without credentials or fragment, and texts'
      )
    }
  }
}

/** Section 1.2: an https URL without a fragment; http only on this machine, for development. */
function isIdentifier(value) {
  if (!isText(value) || !URL.canParse(value)) return false
  const { protocol, hostname, hash, username, password } = new URL(value)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback)
  return isSecure && hash === '' && username === '' && password === ''
}

function isText(value) {
  return typeof value === 'string' && value !== ''
}

/** Section 3.1: the well-known path goes between the host and the path and query of the resource. */
function wellKnown({ origin, pathname, search }) {
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`
}

function serve(res, document) {
  res.statusCode = 200
  res.setHeader('Content-Type', 'application/json')
  // Public by its nature, and read by pages of other origins.
  res.setHeader('Access-Control-Allow-Origin', '*')
  res.setHeader('Cache-Control', 'max-age=3600')
  res.setHeader('Content-Length', Buffer.byteLength(document))
  res.end(document)
}

module.exports = { resourceMetadata }
