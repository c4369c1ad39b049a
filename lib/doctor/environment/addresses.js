'use strict'

const { BELONGS } = require('./belongs')
const { isGuid } = require('../../core/guid')
const { failed } = require('../steps')

/** @import { Rule } from './values' */

const NAME = 'environment'

/** Hosts of Microsoft's that are no authority, and that are sometimes taken for one. */
const NO_AUTHORITIES =
  /^(?:portal\.azure\.com|entra\.microsoft\.com|management\.azure\.com|graph\.microsoft\.com|graph\.windows\.net|login\.live\.com|[\w-]+\.onmicrosoft\.com|[\w-]+\.vault\.azure\.net|[\w-]+\.azurewebsites\.net)$/i

/** Something else where an address belongs. @type {Rule} */
function host({ name, value, option }) {
  if (option !== 'authorityHost' && option !== 'authority') return undefined
  const bare = /^(?:https?:)?\/{0,2}([\w-]+(?:\.[\w-]+)+(?::\d+)?)(\/.*)?$/i.exec(value)
  if (bare && !/^https?:\/\//i.test(value)) {
    const [, origin, path = ''] = bare
    const right =
      option === 'authority' ? `set it to https://${origin}${path}` : `set it to an origin such as https://${origin}`
    return failed(NAME, `${name} has no scheme in front of the host`, right)
  }
  // With an @ in it, it is not certain what the host is.
  if (value.includes('@')) {
    return failed(NAME, `${name} has a user name or a password in it`, `set it to ${BELONGS[option]}`)
  }
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    const also =
      isGuid(value) || /^(?:common|organizations|consumers)$/i.test(value) ? '; this belongs in ENTRA_TENANT_ID' : ''
    return failed(NAME, `${name} is no address`, `set it to ${BELONGS[option]}${also}`)
  }
  const { origin, hostname, pathname, protocol } = new URL(value)
  if (NO_AUTHORITIES.test(hostname)) {
    return failed(NAME, `${name} names ${hostname}, which gives no tokens`, `set it to ${BELONGS[option]}, or unset it`)
  }
  if (protocol === 'http:' && /\./.test(hostname) && !/^127\.|^localhost$/.test(hostname)) {
    return failed(
      NAME,
      `${name} begins with http://, over which no keys are fetched`,
      `set it to ${origin.replace('http', 'https')}`
    )
  }
  if (option === 'authority') return endpoint(name, origin, pathname)
  if (pathname !== '/') return withPath(name, origin, pathname)
  return /[?#]/.test(value) ? failed(NAME, `${name} has more than a host in it`, `set it to ${origin}`) : undefined
}

/**
 * The URL of an endpoint, in place of the authority that has it.
 *
 * @param {string} name
 * @param {string} origin
 * @param {string} pathname
 */
function endpoint(name, origin, pathname) {
  const [, before] = /^(\/.+?)\/(?:oauth2|discovery)\//.exec(pathname) ?? []
  return before === undefined
    ? undefined
    : failed(
        NAME,
        `${name} is the address of an endpoint, where the authority belongs`,
        `set it to ${origin}${before}/v2.0`
      )
}

/**
 * @param {string} name
 * @param {string} origin
 * @param {string} pathname
 */
function withPath(name, origin, pathname) {
  if (pathname.includes('/.well-known/')) {
    const hint = `put it in ENTRA_AUTHORITY and unset ${name}, or set this to ${origin}`
    return failed(NAME, `${name} is the address of metadata, where an origin belongs`, hint)
  }
  const hint = `set it to ${origin}; a tenant belongs in ENTRA_TENANT_ID, a whole authority in ENTRA_AUTHORITY`
  return failed(NAME, `${name} has a path behind the host`, hint)
}

module.exports = { host }
