'use strict'

const { variableNames } = require('../../core/environment')
const { isGuid } = require('../../core/guid')
const { distance } = require('../../spelling')

/** @import { VariableOption } from '../../core/environment' */

/** Prefixes that frameworks, platforms and other libraries use. */
const AROUND = new Set(
  'AZURE AZUREAD AD AAD ADAL ENTRA ENTRAID MSAL MICROSOFT MICROSOFTENTRA MS MSFT ARM AZUREADB2C B2C NEXT NUXT PUBLIC VITE REACT EXPO \
GATSBY NG TF VAR SPRING CLOUD ACTIVEDIRECTORY OAUTH OAUTH2 OIDC OPENID AUTH AUTHENTICATION SSO IDENTITY PROFILE CREDENTIAL \
SERVER BACKEND API'.split(' ')
)

/**
 * Names without these prefixes, by the option that is meant.
 *
 * @type {Record<VariableOption, string[]>}
 */
const MEANT = {
  tenantId: ['TENANT', 'TENANTID', 'APPTENANTID', 'TENANTGUID', 'TENANTNAME', 'DIRECTORYID', 'DIRECTORYTENANTID'],
  clientId: ['CLIENT', 'CLIENTID', 'APPID', 'APPLICATIONID', 'APPCLIENTID', 'CLIENTAPPID', 'APPLICATIONCLIENTID'],
  audience: ['AUDIENCE', 'AUDIENCES', 'VALIDAUDIENCE', 'APPIDURI', 'IDENTIFIERURI', 'AUD'],
  authorityHost: ['AUTHORITYHOST', 'INSTANCE', 'LOGINENDPOINT'],
  authority: ['AUTHORITY', 'AUTHORITYURL', 'METADATAURL']
}

/** Names with one of these words have another purpose: a secret, a certificate, another object. */
const ELSE = /SECRET|PASSWORD|CERT|KEY|TOKEN|(?<!PRO)FILE|PATH|OBJECT|PRINCIPAL|SUBSCRIPTION|MANAGED|SCOPE|VAULT/

/**
 * Maximum number of changes between a misspelt and a correct name: a letter added, missing, replaced, or swapped with
 * the next.
 */
const MAX_CHANGES = 2

/**
 * The option that was probably meant by a variable that is not read, or `undefined`.
 *
 * @param {string} name
 * @returns {VariableOption | undefined}
 */
function optionMeant(name) {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/ACTIVE[_-]DIRECTORY/, 'ACTIVEDIRECTORY')
    .split(/[^A-Z\d]+/)
  const compact = words.join('')
  if (ELSE.test(compact)) return undefined
  const known = /** @type {VariableOption[]} */ (Object.keys(MEANT))
  const misspelt = known.find((option) =>
    variableNames(option).some((each) => distance(compact, each.replaceAll('_', '')) <= MAX_CHANGES)
  )
  if (misspelt) return misspelt
  const rest = words.filter((word) => !AROUND.has(word)).join('')
  // A name without a prefix or suffix must be complete (TENANT_ID): TENANT alone may belong to another program.
  const isBare = rest === compact
  return known.find((option) => MEANT[option].includes(rest) && (!isBare || /^(?:TENANT|CLIENT)ID$/.test(rest)))
}

/**
 * Whether the value fits the option, which shows that the variable was meant to set it; without a value only the name
 * counts.
 *
 * @param {VariableOption} option
 * @param {string | undefined} value
 */
function fits(option, value) {
  if (value === undefined) return true
  if (option === 'clientId') return isGuid(value.trim())
  if (option === 'tenantId')
    return isGuid(value.trim()) || /^[\w-]+(?:\.[\w-]+)+$|^(?:common|organizations|consumers)$/.test(value.trim())
  if (option === 'audience') return /^api:\/\/|^https:\/\//.test(value.trim()) || isGuid(value.trim())
  return /^https:\/\//.test(value.trim())
}

module.exports = { fits, optionMeant }
