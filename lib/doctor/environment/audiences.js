'use strict'

const { BELONGS, entries, whole } = require('./belongs')
/** @type {typeof import('../../../native')} */
const native = require('../../native')
const { failed, warning } = require('../steps')

/** @import { Rule } from './values' */

const NAME = 'environment'

/** What no token has as audience. @type {Rule} */
function audience({ name, value, option }) {
  const all = option === 'audience' ? entries(option, value) : []
  if (all.includes('*')) {
    return failed(NAME, `${name} is *, which no token has: there is no wildcard`, `set it to ${BELONGS.audience}`)
  }
  const isEncoded = all.some((entry) => /%(?:20|2f|3a)/i.test(entry))
  if (isEncoded) {
    const plain = all.map((entry) => entry.replace(/%20/g, '').replace(/%3a/gi, ':').replace(/%2f/gi, '/'))
    return failed(NAME, `${name} is URL-encoded`, whole('write it as the portal shows it', option, plain))
  }
  if (all.some((entry) => /^api:(?!\/\/)/i.test(entry))) {
    const right = all.map((entry) => entry.replace(/^api:\/*/i, 'api://'))
    return failed(NAME, `${name} has an App ID URI without two slashes`, whole('write api://', option, right))
  }
  if (!all.some((entry) => entry.endsWith('/.default'))) return namedScope(name, all)
  const uris = new Set(all.map((entry) => entry.replace(/\/\.default$/, '')))
  const hint = `remove /.default, which is for clients: set it to ${[...uris].join(',')}`
  return failed(NAME, `${name} has a scope in it`, hint)
}

/** The end of a scope, after the App ID URI: `Task.Read`, `Files.ReadWrite.All`, and the names that the portal proposes. */
const SCOPE = /^((?:api|https):\/\/.+)\/(?:[A-Z]\w*(?:\.[A-Z]\w*)+|user_impersonation|access_as_user)$/

/**
 * A scope where an audience belongs. An App ID URI may end like one.
 *
 * @param {string} name
 * @param {string[]} all the entries
 */
function namedScope(name, all) {
  const scope = all.find((entry) => SCOPE.test(entry))
  if (scope === undefined) return undefined
  const uris = new Set(all.map((entry) => entry.replace(SCOPE, '$1')))
  const hint = `leave out the name of the scope, which is for clients: set it to ${[...uris].join(',')}; unless this is the whole App \
ID URI (App registrations, the API, Expose an API)`
  return warning(NAME, `${name} has what looks like a scope in it, ${scope}`, hint)
}

/** Tokens of such a service would pass: of everybody who may call it. @type {Rule} */
function ofMicrosoft({ name, value, option }) {
  if (option !== 'audience' && option !== 'clientId') return undefined
  const service = entries(option, value)
    .map(native.microsoftService)
    .find((found) => found !== null)
  return service
    ? failed(NAME, `${name} names ${service}, a service of Microsoft's own`, `set it to ${BELONGS[option]}`)
    : undefined
}

module.exports = { audience, ofMicrosoft }
