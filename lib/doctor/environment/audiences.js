'use strict'

const { BELONGS, entries, whole } = require('./belongs')
/** @type {typeof import('../../../native')} */
const native = require('../../native')
const { failed } = require('../steps')

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
  const scope = option === 'audience' ? entries(option, value).find((entry) => entry.endsWith('/.default')) : undefined
  if (scope === undefined) return undefined
  const uris = new Set(all.map((entry) => entry.replace(/\/\.default$/, '')))
  const hint = `remove /.default, which is for clients: set it to ${[...uris].join(',')}`
  return failed(NAME, `${name} has a scope in it`, hint)
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
