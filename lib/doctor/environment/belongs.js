'use strict'

const { fits } = require('./names')

/** @import { VariableOption } from '../../core/environment' */

/**
 * What belongs into each variable, as the portal calls it.
 *
 * @type {Record<VariableOption, string>}
 */
const BELONGS = {
  tenantId: 'the Directory (tenant) ID (App registrations, the API, Overview)',
  clientId: 'the Application (client) ID of the API (App registrations, the API, Overview)',
  audience: 'the App ID URI of the API (App registrations, the API, Expose an API), or its client id',
  authorityHost: 'the origin of the cloud, such as https://login.microsoftonline.com',
  authority: 'the URL of the authority, such as https://login.microsoftonline.com/<tenant id>/v2.0'
}

/**
 * An order with the whole value to set, where it is certain what was meant.
 *
 * @param {string} order
 * @param {VariableOption} option
 * @param {string[]} texts the entries of the value
 */
function whole(order, option, texts) {
  const meant = texts.map((text) => text.trim()).filter((text) => text !== '')
  return meant.length > 0 && meant.every((text) => fits(option, text))
    ? `${order}: set it to ${meant.join(',')}`
    : order
}

/**
 * The entries of a value: several in a list.
 *
 * @param {VariableOption} option
 * @param {string} value
 */
function entries(option, value) {
  return option === 'audience' ? value.split(',').map((entry) => entry.trim()) : [value]
}

/** A GUID somewhere in a text. */
const GUID_IN = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i

module.exports = { BELONGS, GUID_IN, entries, whole }
