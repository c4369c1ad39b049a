'use strict'

const {
  addVariables,
  hintsOf,
  platformWarning,
  proxyVariable,
  variablesWithoutEffect,
  withoutVariables
} = require('./environment')
const { authError, configError, isAuthError, kindOf } = require('./errors')
const { ownOnly } = require('./own-only')

const PUBLIC_CLOUD = 'https://login.microsoftonline.com'

// Loaded by those that have a proxy.
const proxies = () => require('./proxies')

/** Levels of arrays and objects in options: a key set has four. */
const MAX_DEPTH = 8

/** @type {import('./proxies').ProxySettings} */
const NO_PROXY = { url: undefined, noProxy: undefined }

/** Options that JavaScript reads; the core reads the others, and rejects a name that it does not know. */
const OWN_OPTIONS = /** @type {const} */ ([
  'clientCertificateHeader',
  'getToken',
  'logger',
  'optional',
  'resourceMetadata',
  'responses'
])

/** Those of them that are values of the application, with functions in them: not copied. */
const LIVE_OPTIONS = ['getToken', 'logger', 'optional', 'responses']

/** Options that are lists. */
const LISTS = [
  'algorithms',
  'allowedClients',
  'allowedTenants',
  'audience',
  'authorities',
  'requiredRoles',
  'requiredScopes'
]

/** The engine's own, whatever `Date` is while a test fakes the time. */
const { getTime } = Date.prototype

/**
 * What names one of the authorities.
 *
 * @typedef {object} Named
 * @property {unknown} authority the option of this name
 * @property {readonly unknown[] | undefined} audiences accepted ones; `undefined`: the default
 * @property {unknown} clientId the option of this name
 */

/**
 * @typedef {object} Configuration
 * @property {string} core options of the core as JSON
 * @property {string | undefined} noProxy what the proxy is not for, JSON: see `proxies.js`
 * @property {readonly Named[]} authorities what names each authority, unchecked
 * @property {unknown} boundTokens the option of this name
 * @property {Record<string, string>} variables the environment variables that were read, by the options that they stand for
 * @property {import('./environment').Hints | undefined} hints hints with the names of those variables, if they are other ones
 * @property {string | undefined} warning what is probably a mistake in the environment
 * @property {ReturnType<typeof variablesWithoutEffect>} ignored variables that seem to set an option, and do not
 * @property {boolean} [isExamined] whether doctor reports these mistakes, so that a process warning would repeat them
 * @property {{ [name in typeof OWN_OPTIONS[number]]?: unknown }} own options that JavaScript reads, unchecked
 */

/**
 * Reads options, once and by own properties only, and adds those from the environment. An explicit option wins; an
 * empty variable counts as not set.
 *
 * @param {unknown} [options]
 * @param {Record<string, string | undefined>} [environment]
 * @returns {Configuration}
 */
function configure(options = {}, environment = process.env) {
  const given = copyOf(options)
  const all = ownOnly(given)
  const own = takeOwn(given)
  const read = addVariables(given, environment)
  // An application that sets all options itself may have variables with any name.
  const ignored = read.length > 0 ? variablesWithoutEffect(all, environment) : []
  /** @type {Record<string, string>} */
  const variables = Object.create(null)
  for (const { option, name } of read) variables[option] = name
  if (variables.audience) given.audience = commaSeparated(given.audience)
  // With static keys, and those of the application, nothing is fetched.
  const areSeveral = given.authorities !== undefined
  const isFetched = areSeveral || (given.jwks === undefined && given.jwksUri !== false)
  const isProxied = given.proxy !== undefined || (isFetched && proxyVariable('HTTPS_PROXY', environment) !== undefined)
  const { url, noProxy } = isProxied ? proxies().proxySettings(given.proxy, environment) : NO_PROXY
  given.proxy = url

  const { boundTokens } = given
  const authorities = authoritiesOf(given)
  const warning = given.audience === undefined ? platformWarning(variables, environment) : undefined
  const hints = areSeveral ? withoutVariables : hintsOf(variables, environment)
  return { core: JSON.stringify(given), noProxy, authorities, boundTokens, own, variables, hints, warning, ignored }
}

/**
 * What names each authority. The core checks what is given.
 *
 * @param {Record<string, any>} given
 * @returns {Named[]}
 */
function authoritiesOf(given) {
  const { authorities } = given
  const all = Array.isArray(authorities)
    ? Array.from(authorities, (own) => ownOnly({ ...given, ...ofOwn(own) }))
    : [given]
  return all.map(({ authority, audience, clientId }) => ({
    authority,
    audiences: audience === undefined ? undefined : [audience].flat(),
    clientId
  }))
}

/**
 * The options of one entry of `authorities`. `null` counts as not set.
 *
 * @param {unknown} own
 */
function ofOwn(own) {
  return Object.fromEntries(Object.entries(Object(own)).filter(([, value]) => value !== null))
}

/**
 * A copy of the options without a prototype, so that neither `Object.prototype` nor a `toJSON` can change it. `null`
 * and `undefined` count as not set.
 *
 * @param {unknown} options
 * @returns {Record<string, any>}
 */
function copyOf(options) {
  const given = Object.create(null)
  for (const [name, value] of plainMembers(options)) {
    if (value === undefined || value === null) continue
    given[name] = LIVE_OPTIONS.includes(name) ? value : guarded(name, () => coreValue(name, value))
  }
  return given
}

/**
 * The value of an option of the core.
 *
 * @param {string} name of the option
 * @param {unknown} value
 */
function coreValue(name, value) {
  if (name === 'jwks') assertMaybeKeySet(value)
  try {
    return jsonValue(name, value, 0)
  } catch (error) {
    throw unknownOption(name) ?? error
  }
}

/**
 * Refuses what other libraries take as a key set: a URL, or a function such as jose's `createRemoteJWKSet` returns.
 *
 * @param {unknown} value
 */
function assertMaybeKeySet(value) {
  const isUrl = Object.prototype.toString.call(value) === '[object URL]'
  if (typeof value === 'object' && !Array.isArray(value) && !isUrl) return
  const given = isUrl ? 'a URL' : kindOf(value)
  const problem = `expected a key set { keys: […] }, got ${given}; a URL belongs in jwksUri`
  throw configError('jwks', `${problem}; for Entra, leave out both: keys are fetched automatically`)
}

/**
 * The error of the core, which has the list of names, if there is no option of a name.
 *
 * @param {string} name
 */
function unknownOption(name) {
  const failure = require('../native').compile(JSON.stringify({ [name]: true }))
  const isUnknown = 'message' in failure && /^options: .* is not an option/s.test(failure.message)
  return isUnknown ? authError(failure) : undefined
}

/**
 * The members of options, which have to be a plain object.
 *
 * @param {unknown} options
 */
function plainMembers(options) {
  return guarded('options', () => {
    if (isPlainObject(options)) return ownMembers(options, 'options')
    const kind = kindOf(options)
    const given =
      kind === 'an object' ? 'an instance of a class, or one that inherits; spread it: { ...options }' : kind
    throw configError('options', `expected a plain object, got ${given}`)
  })
}

/**
 * Reads a value of the application. If a getter or proxy throws, the error names the option.
 *
 * @template T
 * @param {string} name of the option
 * @param {() => T} action
 * @returns {T}
 */
function guarded(name, action) {
  try {
    return action()
  } catch (error) {
    throw isAuthError(error) ? error : configError(name, 'reading it threw an exception', { cause: error })
  }
}

/** @param {Record<string, unknown>} given */
function takeOwn(given) {
  /** @type {Configuration['own']} */
  const own = Object.create(null)
  for (const name of OWN_OPTIONS) {
    own[name] = given[name]
    given[name] = undefined
  }
  return own
}

/**
 * A copy of a value, without prototypes, that can be converted to JSON.
 *
 * @param {string} name of the option
 * @param {unknown} value
 * @param {number} depth
 * @param {string} [place] in the option, for a message
 * @returns {unknown}
 */
function jsonValue(name, value, depth, place = '') {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  // A PEM file that was read without an encoding.
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  const isList = Array.isArray(value)
  if (!isList && !isPlainObject(value)) throw configError(name, `${place}${notJson(name, value)}`)
  if (depth === MAX_DEPTH) throw configError(name, `expected at most ${MAX_DEPTH} levels, got more or a cycle`)
  const copy = isList ? [] : {}
  Object.setPrototypeOf(copy, null)
  for (const [key, member] of isList ? elements(value, name) : ownMembers(value, name)) {
    if (member !== undefined || isList) {
      const within = isList ? `at index ${key}: ` : place
      Object.defineProperty(copy, key, { value: jsonValue(name, member, depth + 1, within), enumerable: true })
    }
  }
  return copy
}

/**
 * What is wrong with a value that cannot be converted to JSON.
 *
 * @param {string} name of the option
 * @param {unknown} value
 */
function notJson(name, value) {
  if (typeof value === 'number') return `expected a finite number, got ${value}`
  const kind = kindOf(value)
  if (typeof value === 'object') {
    const collection = LISTS.includes(name) ? collectionOf(value) : undefined
    if (collection !== undefined) return `expected an array, got ${collection}`
    if (kind === 'an object') return 'expected plain objects, got an instance of a class'
  }
  return `expected ${value === undefined ? 'a value' : 'plain values such as strings'}, got ${kind}`
}

/**
 * A set or a map in place of an array, and how to make an array of it.
 *
 * @param {unknown} value
 */
function collectionOf(value) {
  const { types } = require('node:util')
  if (types.isSet(value)) return 'a Set: pass [...set]'
  return types.isMap(value) ? 'a Map: pass [...map.keys()] or [...map.values()]' : undefined
}

/**
 * The members of a plain object, each read once.
 *
 * @param {object} object
 * @param {string} name of the option, for a message
 * @returns {Array<[string, unknown]>}
 */
function ownMembers(object, name) {
  return Reflect.ownKeys(object).map((key) => {
    const isVisible = typeof key === 'string' && Object.prototype.propertyIsEnumerable.call(object, key)
    if (!isVisible)
      throw configError(name, `expected enumerable properties with string names, got ${shownKey(key)}, which is hidden`)
    return [key, guarded(name === 'options' ? key : name, () => Reflect.get(object, key))]
  })
}

/**
 * @param {readonly unknown[]} list
 * @param {string} name of the option, for a message
 * @returns {Array<[string, unknown]>}
 */
function elements(list, name) {
  // An array also has the property `length`.
  if (Reflect.ownKeys(list).length !== list.length + 1) {
    throw configError(name, 'expected an array without holes and without other properties')
  }
  return Array.from({ length: list.length }, (_, index) => [String(index), list[index]])
}

/**
 * Whether an object is a plain one, of this realm or another: its prototype is `Object.prototype` or null.
 *
 * @param {unknown} value
 * @returns {value is object}
 */
function isPlainObject(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))
}

/** @param {string | symbol} key */
function shownKey(key) {
  return typeof key === 'symbol' ? 'a symbol' : key.slice(0, 60)
}

/** @param {string} text */
function commaSeparated(text) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/**
 * JSON of plain values, without calling a `toJSON`, not even one of `Object.prototype`.
 *
 * @param {string} name for a message
 * @param {unknown} value
 */
function jsonOf(name, value) {
  return JSON.stringify(jsonValue(name, value, 0))
}

/**
 * The member of an object that must have no other; `undefined` if it is not set.
 *
 * @param {unknown} options
 * @param {string} name of the member
 * @returns {string | undefined}
 */
function textMember(options, name) {
  if (options === undefined || options === null) return undefined
  let text
  for (const [given, value] of plainMembers(options)) {
    if (given !== name) throw configError(given.slice(0, 60), `expected only ${name}`)
    text = value
  }
  if (text === undefined || typeof text === 'string') return text
  throw configError(name, `expected a string, got ${kindOf(text)}`)
}

const ONLY_THE_TIME = 'expected only { currentDate }; set other options in createVerifier()'

/**
 * The instant of `{ currentDate }` in seconds since 1970, or `undefined`.
 *
 * @param {unknown} options of `verify`, `verifySync` and `explain`
 */
function secondsOf(options) {
  if (options === undefined || options === null) return undefined
  let date
  for (const [name, value] of plainMembers(options)) {
    if (name !== 'currentDate') throw configError(name.slice(0, 60), ONLY_THE_TIME)
    date = value
  }
  if (date === undefined) return undefined
  const milliseconds = timeOf(date)
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) {
    throw configError('currentDate', `expected a valid Date, got ${kindOf(date)}`)
  }
  if (milliseconds < 0) throw configError('currentDate', 'expected a date from 1970 on')
  return milliseconds / 1000
}

/** @param {unknown} date */
function timeOf(date) {
  try {
    // Of any realm; methods of a subclass are not called.
    return getTime.call(/** @type {Date} */ (date))
  } catch {
    return undefined
  }
}

module.exports = {
  PUBLIC_CLOUD,
  configure,
  guarded,
  isPlainObject,
  jsonOf,
  ownMembers,
  plainMembers,
  secondsOf,
  textMember
}
