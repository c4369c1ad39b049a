'use strict'

const { isGuid } = require('../../core/guid')
const { referenceIn } = require('../../core/text/reference')
const { secretIn } = require('../../core/secret')
const { about, failed, warning } = require('../steps')

/**
 * @import { Variable, VariableOption } from '../../core/environment'
 * @import { Step } from '../steps'
 */

/** @typedef {Variable & { option: VariableOption }} Read a variable that was read */

const NAME = 'environment'

/** Placeholders from tutorials. */
const PLACEHOLDER =
  /^<.*>$|^\{[^}]*\}$|^your[-_ ]|^x{4,}|^0{8}-0{4}-0{4}-0{4}-0{12}$|enter[-_ ].*here|^(?:changeme|replace[-_ ]?me|todo|tbd|none|null|undefined)$|^(?:tenant|client|directory|application)[-_ ]?(?:id|guid)$/i

const GUID_IN = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i

/**
 * The content of each variable, as the portal calls it.
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

/** Microsoft hosts that are sometimes mistaken for an authority. */
const NO_AUTHORITIES =
  /^(?:portal\.azure\.com|entra\.microsoft\.com|management\.azure\.com|graph\.microsoft\.com|graph\.windows\.net|[\w-]+\.vault\.azure\.net|[\w-]+\.azurewebsites\.net)$/i

/**
 * Probable mistakes in values; the first for each variable.
 *
 * @param {Read[]} variables
 * @returns {Step[]}
 */
function examineValues(variables) {
  return variables.flatMap((variable) => {
    for (const rule of [ownName, encoded, secret, reference, quotes, whiteSpace, placeholder, id, host, audience]) {
      const step = rule(variable)
      if (step) return [about(variable.option, step)]
    }
    return []
  })
}

/** @typedef {(variable: Read) => Step | undefined} Rule */

/** @type {Rule} */
function ownName({ name, value }) {
  if (!value.toUpperCase().startsWith(`${name}=`)) return undefined
  return failed(NAME, `${name} has its own name in its value`, 'set it to what stands behind the equals sign alone')
}

/** An id or a URL in base64. @type {Rule} */
function encoded({ name, value }) {
  if (!/^[\w+/-]{16,}={0,2}$/.test(value) || isGuid(String(value))) return undefined
  const plain = Buffer.from(value, 'base64').toString('latin1').trim()
  if (!isGuid(String(plain)) && !/^(?:api|https?):\/\/[ -~]+$/.test(plain)) return undefined
  const hint = 'set it to the value before that; in a Kubernetes secret, data is base64 and stringData is not'
  return failed(NAME, `${name} is encoded with base64`, hint)
}

/** @type {Rule} */
function secret({ name, value, option }) {
  const found = entries(option, value)
    .map(secretIn)
    .find((each) => each !== undefined)
  if (!found) return undefined
  const what = found.isClientSecret ? 'a client secret' : 'a secret or a token'
  const hint = `set it to ${BELONGS[option]}. A verifier needs no secret; replace this one if others have seen it here`
  return failed(NAME, `${name} holds what looks like ${what} (${found.cut})`, hint)
}

/** @type {Rule} */
function reference({ name, value, option }) {
  const found = entries(option, value)
    .map(referenceIn)
    .find((each) => each !== undefined)
  if (!found) return undefined
  const shown = found.name === undefined ? '' : `, ${found.name}`
  return failed(
    NAME,
    `${name} is a reference that was not replaced by its value${shown}`,
    `have it replaced by ${found.by}`
  )
}

/** @type {Rule} */
function quotes({ name, value, option }) {
  const quoted = /^["'`\u2018-\u201f\u00ab].*|.*["'`\u2018-\u201f\u00bb]$/s
  if (option === 'audience' && /^\s*\[.*\]\s*$/s.test(value)) {
    return failed(NAME, `${name} is a JSON array`, 'write its entries without brackets and quotes, separated by commas')
  }
  if (!entries(option, value).some((entry) => quoted.test(entry))) return undefined
  const where = option === 'audience' && value.includes(',') ? 'an entry' : 'its value'
  return failed(NAME, `${name} has quotes around ${where}`, 'remove them; `docker --env-file` keeps them, for example')
}

/** @type {Rule} */
function whiteSpace({ name, value, option }) {
  const hidden = /\p{Cf}/u.exec(value)?.[0].codePointAt(0)
  if (hidden !== undefined) {
    const code = `U+${hidden.toString(16).toUpperCase().padStart(4, '0')}`
    return failed(
      NAME,
      `${name} has an invisible character in it (${code})`,
      'type the value, or copy it from somewhere else'
    )
  }
  if (/\s#/.test(value)) {
    return failed(
      NAME,
      `${name} has a comment behind its value`,
      'remove it; `docker --env-file` keeps comments, for example'
    )
  }
  // White space around the entries of a list is removed.
  if (option === 'audience') return separators(name, value)
  if (value !== value.trim()) {
    return failed(NAME, `${name} begins or ends with white space`, 'remove it (a Windows CR line ending counts)')
  }
  return /\s/.test(value) && !PLACEHOLDER.test(value)
    ? failed(NAME, `${name} has white space in it`, `set it to ${BELONGS[option]}`)
    : undefined
}

/**
 * @param {string} name
 * @param {string} value
 */
function separators(name, value) {
  const isSeparated = entries('audience', value).some((entry) => /[;|\s]/.test(entry) && !PLACEHOLDER.test(entry))
  return isSeparated
    ? failed(NAME, `${name} has entries that are not separated by commas`, 'write commas between its entries')
    : undefined
}

/** @type {Rule} */
function placeholder({ name, value, option }) {
  const isInBraces = /^\{.*\}$/.test(value) && GUID_IN.test(value)
  if (isInBraces || !entries(option, value).some((entry) => PLACEHOLDER.test(entry))) return undefined
  return failed(NAME, `${name} is a placeholder`, `set it to ${BELONGS[option]}`)
}

/** @type {Rule} */
function id({ name, value, option }) {
  if (option !== 'tenantId' && option !== 'clientId') return undefined
  const isId = isGuid(String(value))
  if (isId) return undefined
  const guid = GUID_IN.exec(value)?.[0]
  const set = guid ? `set it to ${guid}, if that is ${BELONGS[option]}` : `set it to ${BELONGS[option]}`
  if (/^api:\/\//i.test(value)) {
    const hint =
      option === 'clientId' ? `${set}; the App ID URI belongs in ENTRA_AUDIENCE` : `set it to ${BELONGS[option]}`
    return (option === 'clientId' ? warning : failed)(NAME, `${name} is an App ID URI, where an id belongs`, hint)
  }
  if (/^https?:\/\//i.test(value)) {
    const also = option === 'tenantId' ? '; the URL of an authority belongs in ENTRA_AUTHORITY' : ''
    return failed(NAME, `${name} is an address, where an id belongs`, `${set}${also}`)
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
 * @param {string} name
 * @param {string} value
 */
function tenant(name, value) {
  if (/\./.test(value) || ['common', 'organizations', 'consumers'].includes(value)) return undefined
  const hint = `set it to ${BELONGS.tenantId}, or to a domain that the tenant has verified, such as contoso.onmicrosoft.com`
  return failed(NAME, `${name} is neither an id nor a domain`, hint)
}

/**
 * @param {string} name
 * @param {string} value
 * @param {number} digits
 */
function nearlyGuid(name, value, digits) {
  if (digits === 32)
    return failed(NAME, `${name} is a GUID in another form`, 'write it with hyphens and without braces: 8-4-4-4-12')
  const message = `${name} is not a whole GUID: it has ${digits} digits, and 32 belong there`
  return failed(NAME, message, `copy it again${value.length > 36 ? ', and nothing else with it' : ''}`)
}

/** @type {Rule} */
function host({ name, value, option }) {
  if (option !== 'authorityHost' && option !== 'authority') return undefined
  if (/^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|$)/.test(value)) {
    return failed(NAME, `${name} has no scheme in front of the host`, `set it to an origin such as https://${value}`)
  }
  // With an @, the host is ambiguous.
  if (!/^https?:\/\/[^@]*$/i.test(value) || !URL.canParse(value)) return undefined
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
  return option === 'authorityHost' && pathname !== '/' ? withPath(name, origin, pathname) : undefined
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

/** @type {Rule} */
function audience({ name, value, option }) {
  const scope = option === 'audience' ? entries(option, value).find((entry) => entry.endsWith('/.default')) : undefined
  if (scope === undefined) return undefined
  const uri = scope.slice(0, -'/.default'.length)
  return failed(NAME, `${name} has a scope in it`, `remove /.default, which is for clients: set it to ${uri}`)
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

module.exports = { examineValues }
