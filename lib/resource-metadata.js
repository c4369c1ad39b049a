'use strict'

const { configError } = require('./errors')

const MEMBERS = ['resource', 'url', 'scopes', 'name', 'documentation']

/**
 * OAuth 2.0 Protected Resource Metadata (RFC 9728): where a client that was refused learns whom to ask for a token.
 * MCP clients need it.
 *
 * @returns {{ url: string, handler: Function } | undefined}
 */
function resourceMetadata({ resourceMetadata: given, authority }) {
  if (given === undefined) return undefined
  const isObject = given !== null && typeof given === 'object' && !Array.isArray(given)
  const unknown = isObject && Object.keys(given).find((name) => !MEMBERS.includes(name))
  if (!isObject || unknown) {
    throw configError('resourceMetadata', `accepted is an object with ${MEMBERS.join(', ')}`)
  }
  const resource = identifier('resourceMetadata.resource', given.resource)
  const document = JSON.stringify({
    resource: given.resource,
    authorization_servers: [authority],
    bearer_methods_supported: ['header'],
    scopes_supported: given.scopes,
    resource_name: given.name,
    resource_documentation: given.documentation
  })
  const url = given.url === undefined ? wellKnown(resource) : identifier('resourceMetadata.url', given.url).href
  return { url, handler: (_req, res) => serve(res, document) }
}

/** Section 3.1: the well-known path goes between the host and the path of the resource. */
function wellKnown(resource) {
  const path = resource.pathname === '/' ? '' : resource.pathname
  return `${resource.origin}/.well-known/oauth-protected-resource${path}`
}

function identifier(option, text) {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.hash) {
    throw configError(option, 'accepted is an https URL without a fragment')
  }
  return url
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
