'use strict'

const { BELONGS, GUID_IN } = require('./belongs')
const { isGuid } = require('../../core/guid')
const { failed, warning } = require('../steps')

/** @import { Rule } from './values' */

const NAME = 'environment'

/** Something else where an id belongs. @type {Rule} */
function id({ name, value, option }) {
  if (option !== 'tenantId' && option !== 'clientId') return undefined
  const isId = isGuid(String(value))
  if (isId) return undefined
  const guid = GUID_IN.exec(value)?.[0]
  const set = guid ? `set it to ${guid}, if that is ${BELONGS[option]}` : `set it to ${BELONGS[option]}`
  if (/^api:\/\//i.test(value)) {
    const hint =
      option === 'clientId' ? `${set}; the App ID URI belongs in ENTRA_AUDIENCE` : `set it to ${BELONGS[option]}`
    // Another issuer may have such ids, but none is made of a GUID.
    const report = option === 'clientId' && guid === undefined ? warning : failed
    return report(NAME, `${name} is an App ID URI, where an id belongs`, hint)
  }
  if (/^https?:\/\//i.test(value) || (option === 'tenantId' && value.includes('/'))) {
    return failed(
      NAME,
      `${name} is an address, where an id belongs`,
      option === 'tenantId' ? tenantIn(value, set) : set
    )
  }
  const characters = value.replace(/[{}()-]/g, '')
  if (/^[\da-f]{26,40}$/i.test(characters)) return nearlyGuid(name, value, characters.length)
  if (option === 'tenantId' && value.includes('@')) {
    return failed(
      NAME,
      `${name} is a user name, where the tenant belongs`,
      `set it to ${BELONGS.tenantId}, or to the domain`
    )
  }
  if (option === 'tenantId') return tenant(name, value)
  return warning(
    NAME,
    `${name} is not a GUID`,
    'set it to the Application (client) ID of the API; its App ID URI belongs in ENTRA_AUDIENCE'
  )
}

/**
 * @param {string} address
 * @param {string} set what to do where there is no domain in it
 */
function tenantIn(address, set) {
  const domain = GUID_IN.test(address)
    ? undefined
    : /(?<![\w-])[\w-]+\.onmicrosoft\.(?:com|us|de|cn)/i.exec(address)?.[0]
  return `${domain ? `set it to ${domain}` : set}; the URL of an authority belongs in ENTRA_AUTHORITY`
}

/**
 * @param {string} name
 * @param {string} value
 */
function tenant(name, value) {
  if (/^[\w-]+(?:\.[\w-]+)+$/.test(value) || ['common', 'organizations', 'consumers'].includes(value)) return undefined
  const ids = value.split(/[,;]/).map((part) => part.trim())
  if (ids.length > 1 && ids.every(isGuid)) {
    const hint = 'set it to organizations, and the option allowedTenants in the code to an array of these ids'
    return failed(NAME, `${name} has several ids`, hint)
  }
  const [guid, ...others] = value.match(new RegExp(GUID_IN, 'gi')) ?? []
  if (guid !== undefined && others.length === 0) {
    return failed(NAME, `${name} has more than an id in it`, `set it to ${guid}`)
  }
  const hint = `set it to ${BELONGS.tenantId}, or to a domain that the tenant has verified, such as contoso.onmicrosoft.com`
  return failed(NAME, `${name} is neither an id nor a domain`, hint)
}

/**
 * @param {string} name
 * @param {string} value
 * @param {number} digits
 */
function nearlyGuid(name, value, digits) {
  if (digits === 32) {
    const id = value.replace(/[{}()-]/g, '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    return failed(
      NAME,
      `${name} is a GUID in another form`,
      `write it with hyphens and without braces: set it to ${id}`
    )
  }
  const message = `${name} is not a whole GUID: it has ${digits} digits, and 32 belong there`
  return failed(NAME, message, `copy it again${value.length > 36 ? ', and nothing else with it' : ''}`)
}

module.exports = { id }
